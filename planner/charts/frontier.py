"""Which offer: the hours a month that it brings, against the cases that it adds in which a server is too full."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from planner.charts import theme
from planner.planning import Offer
from planner.wording.names import KEYS, Names

HIGH = 1.25 * theme.SIZE
"""Of a line of words [point]."""
PLACES = ((7, -3, "left"), (-7, -3, "right"), (7, 7, "left"), (-7, 7, "right"), (7, -13, "left"), (-7, -13, "right"))
"""Where words may stand beside their mark [point]."""


def frontier(offers: Sequence[Offer], ax: Axes, usually: bool = False, names: Names = KEYS) -> None:
    """Draw the hours a month against the cases added, a line for each mix, with the offers that people speak of.

    Parameters
    ----------
    offers : sequence of Offer
        Of any mix and number.
    ax : Axes
        Where to draw.
    usually : bool
        Whether the hours are those with the usual delays, not those on paper.
    names : Names
        What people call the levels.
    """
    field, best = ("hours_usual", "best_usually") if usually else ("hours_on_paper", "best_on_paper")
    points = {offer: (100 * offer.added, float(getattr(offer, field))) for offer in offers}
    right, top = (1.06 * max(1e-3, *(point[k] for point in points.values())) for k in (0, 1))
    ax.set_xlim(0, right)
    ax.set_ylim(0, 1.12 * top)
    for mix in dict.fromkeys(offer.mix for offer in offers):
        its = [points[offer] for offer in offers if offer.mix == mix]
        ax.plot(*zip((0.0, 0.0), *its, strict=True), color=theme.BEFORE, lw=1.0, gid=f"mix {names.mix(mix)}", zorder=2)
    chosen = [offer for offer in offers if getattr(offer, best)]
    for offer in chosen:
        theme.dot(ax, *points[offer], gid="best", color=theme.MAIN, ms=6.0, mec=theme.PAPER, mew=0.8, zorder=5)
    marked = [offer for offer in offers if offer.mark]
    for offer in marked:
        fill = theme.MAIN if getattr(offer, best) else theme.PAPER
        theme.dot(ax, *points[offer], ms=7.0, mfc=fill, mec=theme.INK, gid=f"mark {offer.accounts}", zorder=6)
    most = max(chosen, key=lambda offer: points[offer][1], default=None)
    said = [*marked, *(offer for offer in (most,) if offer is not None and offer not in marked)]
    _say(
        ax,
        [(points[offer], names.offer(offer.accounts, offer.mix), bool(offer.mark)) for offer in said],
        (right, 1.12 * top),
    )
    ax.set_xlabel("more cases in 100 with a server too full")
    what = "hours a month, as it usually goes" if usually else "hours a month on paper: all join and pay"
    theme.heading(ax, what, "" if usually else "blue: no other brings more and adds less · a line: one mix of levels")


Point = tuple[float, float]


def _say(ax: Axes, words: list[tuple[Point, str, bool]], ends: Point) -> None:
    """Write words beside their points, none over another, over a point, or outside the axes."""
    box = ax.get_window_extent()
    wide = ax.get_position().width * theme.WIDTH * 72
    high = wide * box.height / box.width
    spots = [(x / ends[0] * wide, y / ends[1] * high) for (x, y), _, _ in words]
    taken = [(x - 4, x + 4, y - 4, y + 4) for x, y in spots]
    for own, ((at, said, bold), (x, y)) in enumerate(zip(words, spots, strict=True)):
        long = theme.width(said, bold=bold)
        for right, up, side in PLACES:
            left = x + right if side == "left" else x + right - long
            its = (left, left + long, y + up, y + up + HIGH)
            free = all(_apart(its, other) for k, other in enumerate(taken) if k != own)
            if free and its[0] >= 2 and its[1] <= wide and its[3] <= high + 6:
                taken.append(its)
                weight = "bold" if bold else "normal"
                theme.label(ax, *at, said, offset=(right, up), ha=side, va="bottom", weight=weight)
                break


def _apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Return whether two boxes (left, right, bottom, top) do not touch."""
    return one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
