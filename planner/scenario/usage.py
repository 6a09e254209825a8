"""Who does what: the entries of `usage` for each level, what is special before what is general."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from planner.model.inputs import pages
from planner.model.inputs.capacity import Floats
from planner.model.inputs.pages import Step
from planner.scenario import week
from planner.scenario.estimate import Estimate
from planner.scenario.schema import ACCOUNT, MEETING
from planner.scenario.validation import Walk

T = TypeVar("T")
Shapes = dict[tuple[object, object, float], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class KindUse:
    """One kind of meeting of a level."""

    name: str
    share: Estimate | None
    """None = the only kind."""
    numbers: Mapping[str, Estimate]
    steps: tuple[Step, ...]
    """The pages of cameras in larger meetings."""
    shape: Floats
    """Relative arrival rate, ndarray of shape (2016,), mean 1 [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """What an account of a level does."""

    level: str
    numbers: Mapping[str, Estimate]
    kinds: tuple[KindUse, ...]


def uses(walk: Walk) -> dict[str, Use]:
    """Return what an account of each level does: a kind's own numbers, else the level's, else everyone's."""
    shapes: Shapes = {}
    return {level: _use(walk, level, shapes) for level in walk.context.names["levels"]}


def _use(walk: Walk, level: str, shapes: Shapes) -> Use:
    places = [f"usage.{level}.", "usage.everyone."]
    numbers = _pick(walk.estimates, places, [name for name in ACCOUNT if name not in MEETING])
    start = next((f"{place}kinds" for place in places if walk.named_at.get(f"{place}kinds")), "")
    kinds = [_kind(walk, name, [f"{start}.{name}.", *places], numbers, shapes) for name in walk.named_at.get(start, ())]
    return Use(level, numbers, tuple(kinds) or (_kind(walk, "", places, numbers, shapes),))


def _kind(walk: Walk, name: str, places: list[str], account: Mapping[str, Estimate], shapes: Shapes) -> KindUse:
    entries = _pick(walk.entries, places, ("profile", "starts", "page_size_large"))
    profile, starts = entries["profile"].value, entries["starts"].value
    shift = account["shift"].value or 0.0
    assert isinstance(profile, tuple)
    assert isinstance(starts, tuple)
    key = (profile, starts, shift)
    if key not in shapes:
        shapes[key] = week.shape(profile, starts, shift)
    share = walk.estimates[f"{places[0]}share"] if name else None
    steps = pages.steps(str(entries["page_size_large"].value)) if "page_size_large" in entries else ()
    return KindUse(name, share, _pick(walk.estimates, places, MEETING), steps, shapes[key])


def _pick(entries: Mapping[str, T], places: list[str], names: Iterable[str]) -> dict[str, T]:
    """Return for each name what stands at the first of the places that has it."""
    where = {name: next((place + name for place in places if place + name in entries), "") for name in names}
    return {name: entries[path] for name, path in where.items() if path}
