"""Which offer: the hours a month that it brings, against the cases that it adds in which a server is too full."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from planner.charts import theme
from planner.planning import Offer
from planner.wording.names import KEYS, Names

HIGH = 1.25 * theme.SIZE
"""Of a line of words [point]."""
COVERED = 2
"""So many points may be covered by words [-]."""
FARTHER = 0.3
"""Each farther place is as bad as covering so much of a point [-]."""
PLACES = (
    (7, -4, "left"), (-7, -4, "right"), (0, 6, "center"), (0, -17, "center"), (7, 6, "left"), (-7, 6, "right"),
    (7, -14, "left"), (-7, -14, "right"), (7, 12, "left"), (-7, 12, "right"), (7, -21, "left"), (-7, -21, "right"),
)  # fmt: skip
"""Where words may stand beside their mark [point]."""

Point = tuple[float, float]


def frontier(offers: Sequence[Offer], ax: Axes, usually: bool = False, names: Names = KEYS) -> None:
    """Draw the hours a month against the cases added, a line for each mix, with the offers that people speak of."""
    field, best = ("hours_usual", "best_usually") if usually else ("hours_on_paper", "best_on_paper")
    points = {offer: (100 * offer.added, float(getattr(offer, field))) for offer in offers}
    right, top = (1.06 * max(1e-3, *(point[k] for point in points.values())) for k in (0, 1))
    ax.set_xlim(0, right)
    ax.set_ylim(0, 1.12 * top)
    for mix in dict.fromkeys(offer.mix for offer in offers):
        its = [points[offer] for offer in offers if offer.mix == mix]
        if usually:
            # so few join that the lines would lie over each other
            ax.plot(*zip(*its, strict=True), ls="", marker="o", ms=3.0, color=theme.BEFORE, gid=f"mix {names.mix(mix)}")
        else:
            line = [(0.0, 0.0), *its]
            ax.plot(*zip(*line, strict=True), color=theme.BEFORE, lw=1.0, gid=f"mix {names.mix(mix)}", zorder=2)
    chosen = [offer for offer in offers if getattr(offer, best)]
    for offer in chosen:
        theme.dot(ax, *points[offer], gid="best", color=theme.MAIN, ms=6.0, mec=theme.PAPER, mew=0.8, zorder=5)
    marked = [offer for offer in offers if offer.mark]
    for offer in marked:
        fill = theme.MAIN if getattr(offer, best) else theme.PAPER
        theme.dot(ax, *points[offer], ms=7.0, mfc=fill, mec=theme.INK, gid=f"mark {offer.accounts}", zorder=6)
    ends = [] if usually else [offer for offer in offers if offer is _last(offers, offer.mix)]
    said = dict.fromkeys((*sorted(chosen, key=lambda offer: -points[offer][1])[:1], *marked, *ends))
    _say(
        ax,
        [(points[offer], _short(offer, names), bool(offer.mark)) for offer in said],
        (right, 1.12 * top),
        list(points.values()) if usually else [],
    )
    ax.set_xlabel("more cases in 100 with a server too full")
    if usually:
        theme.heading(ax, "Hours a month as it usually goes", "the middle case: few join, some leave, some pay late")
    else:
        theme.heading(ax, "Hours a month on paper", "blue: no other brings more and adds less · line: one mix")


def _last(offers: Sequence[Offer], mix: tuple[tuple[str, float], ...]) -> Offer:
    """Return the offer of a mix with the most accounts."""
    return max((offer for offer in offers if offer.mix == mix), key=lambda offer: offer.accounts)


def _short(offer: Offer, names: Names) -> str:
    """Return an offer in words that stand beside a mark."""
    if offer.mark == "fewer at higher levels":
        return f"{offer.accounts} at higher levels"
    return theme.text(names.offer(offer.accounts, offer.mix), 0.5 * theme.INSIDE, bold=bool(offer.mark))


def _say(ax: Axes, words: list[tuple[Point, str, bool]], ends: Point, others: list[Point]) -> None:
    """Write words beside their points: over no others and inside the axes, and over none of the others if they can."""
    box = ax.get_window_extent()
    wide = theme.points(ax, ax.get_position().width)
    high = wide * box.height / box.width
    spots = [(x / ends[0] * wide, y / ends[1] * high) for (x, y), _, _ in words]
    taken = [(x - 4, x + 4, y - 4, y + 4) for x, y in spots]
    free_of = [(x / ends[0] * wide, y / ends[1] * high) for x, y in others]
    for own, ((at, said, bold), (x, y)) in enumerate(zip(words, spots, strict=True)):
        near = [(a - 2, a + 2, b - 2, b + 2) for a, b in free_of if math.hypot(a - x, b - y) > 7]
        long = theme.width(said, bold=bold)
        found = []
        for order, (right, up, side) in enumerate(PLACES):
            left = x + right - {"left": 0.0, "center": 0.5, "right": 1.0}[side] * long
            its = (left, left + long, y + up, y + up + HIGH)
            free = all(_apart(its, other) for k, other in enumerate(taken) if k != own)
            if free and its[0] >= 2 and its[1] <= wide and its[2] >= 0 and its[3] <= high + 6:
                covers = sum(not _apart(its, other) for other in near)
                found.append((covers + FARTHER * order, covers, its, (right, up), side))
        # what nobody spoke of is left out rather than written over the others
        if found and (bold or min(found)[1] <= COVERED):
            _, _, its, offset, side = min(found)
            taken.append(its)
            theme.label(ax, *at, said, offset=offset, ha=side, va="bottom", weight="bold" if bold else "normal")


def _apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Return whether two boxes (left, right, bottom, top) do not touch."""
    return one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
