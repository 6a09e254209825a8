"""Sentences on the hours that were seen: the band's coverage, and where in the prediction they lie."""

from collections.abc import Sequence

from planner.pilot_review.record import Pit
from planner.planning.band_coverage import EXPECTED, Coverage
from planner.wording.names import Names

FEW = 3
"""So many hours outside say nothing by themselves [h]."""
LEANS = 0.1
"""The mean of a PIT is 0.5 ± this where servers were as full as predicted [-]."""
UNEVEN, EVEN = 1.5, 0.5
"""The outer two tenths together have so many times their share where hours differ more, or less, than predicted."""


def counted_hours(count: int) -> str:
    """Return a number of hours [h] in words."""
    return f"{count:,} hour" if count == 1 else f"{count:,} hours"


def kept(one: Coverage) -> bool:
    """Return whether the hours keep to the band as well as may be expected."""
    return one.hours - one.inside <= max(FEW, 2 * (1 - EXPECTED) * one.hours)


def outside(one: Coverage) -> str:
    """Return how many hours lie outside the band, and on which side, in words."""
    parts = [f"{counted_hours(many)} {side}" for many, side in ((one.above, "fuller"), (one.below, "emptier")) if many]
    return " and ".join(parts) or "none"


def covered(found: Sequence[Coverage], names: Names) -> str:
    """Return in a sentence whether the servers kept to the band."""
    if not found:
        return "Nothing is known of the servers' hours, so nothing can be said of the plan's weekly band."
    odd = [one for one in found if not kept(one)]
    worst = min(odd or found, key=lambda one: one.share)
    of = counted_hours(worst.hours)
    if not odd:
        missed = f"where most were missed, {worst.hours - worst.inside:,} of {of} lie outside it"
        return f"The servers kept to the plan's weekly band: {missed}."
    name = names.limit(worst.resource, worst.node)
    return f"The plan's weekly band did not hold for {name}: of {of}, {outside(worst)} than it allows."


def leaning(one: Pit) -> str:
    """Return in a few words how the hours lie beside what was predicted."""
    if one.mean > 0.5 + LEANS:
        return "fuller than predicted"
    if one.mean < 0.5 - LEANS:
        return "emptier than predicted"
    outer = (one.tenths[0] + one.tenths[-1]) * len(one.tenths) / 2
    if outer > UNEVEN:
        return "as full as predicted on average, but with more very full and very empty hours"
    if outer < EVEN:
        return "as full as predicted, and more even"
    return "as full as predicted"


def predicted(found: Sequence[Pit], names: Names) -> str:
    """Return in a sentence how the hours lie beside what was predicted, or nothing."""
    if not found:
        return ""
    said: dict[str, list[str]] = {}
    for one in found:
        said.setdefault(leaning(one), []).append(names.limit(one.resource, one.node))
    if len(said) == 1:
        return f"Hour by hour the servers were {next(iter(said))}."
    parts = [f"{', '.join(which)} {how}" for how, which in said.items()]
    return f"Hour by hour: {'; '.join(parts)}."


def nodes_of(found: Sequence[Pit]) -> list[Pit]:
    """Return one resource of each node: its users where they were counted, else the first."""
    best: dict[str, Pit] = {}
    for one in found:
        if one.node not in best or one.resource == "users":
            best[one.node] = one
    return list(best.values())
