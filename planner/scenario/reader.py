"""A scenario file, with its bases and the command line's changes, as one frozen record; or everything wrong with it."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

import planner
from planner.scenario import expect, fields, hardware, layers, members, overlay, rules
from planner.scenario import usage as usage_of
from planner.scenario.estimate import Entry, Estimate
from planner.scenario.expect import Expected
from planner.scenario.layers import Change, Layers
from planner.scenario.problem import Origin, Problem, Problems, ScenarioError, TooMany, Unreadable
from planner.scenario.tree import Map, named_from
from planner.scenario.usage import Use
from planner.scenario.validation import Walk, walk

__all__ = ["Change", "Entry", "Estimate", "Expected", "Origin", "Problem", "Scenario", "ScenarioError", "read"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Scenario:
    """What a person wrote, read and checked: nothing in it is still a question of form."""

    file: str
    title: str
    currency: str
    timezone: str
    start: tuple[int, int]
    """(year, month) of month 1."""
    seed: int
    estimates: Mapping[str, Estimate]
    """Every number, defaults included, by dotted path."""
    entries: Mapping[str, Entry]
    """Everything else that is stated: choices, texts, shares, names, profiles; by dotted path."""
    names: Mapping[str, tuple[str, ...]]
    """The author's names in "nodes", "levels", "networks", "sellers", "currencies"."""
    usage: Mapping[str, Use]
    changes: tuple[Change, ...]
    """Base -> file -> command line."""
    expect: Mapping[str, Expected]
    digest: str
    """sha256 of what it says, not of how it is written."""
    undecided: str
    """The same without the decision that people made on it."""
    sources: tuple[tuple[str, str], ...]
    """(path relative to the scenario's folder, sha256) of every file read."""
    base: Path | None
    """The file that this one is based on."""
    told: Mapping[str, str]
    """How many rows were read, used and left out of each table that it names, by file."""
    tree: Map
    """What it says, its bases and all changes laid over one another."""
    sets: tuple[str, ...] | None = ()
    """What was changed since the file was read, each `path=value`; None = it is no file's."""

    def __repr__(self) -> str:
        """Return which file it is, and what was changed since."""
        return f"<Scenario {self.title!r}: {', '.join((self.file, *(self.sets or ())))}>"

    def set(self, path: str, value: object) -> "Scenario":
        """Return the scenario with one entry changed, checked as its file is; nothing is written.

        Parameters
        ----------
        path : str
            The dotted path of the entry, like "offer.accounts".
        value : str or number or list or dict or None
            As one would write it in the file: 10, "24 GBP/h", {"value": "30 GBP/h", "low": "20 GBP/h", "high": "45
            GBP/h"}. A bare number takes the unit that the entry has; None is the word none.

        Raises
        ------
        ScenarioError
            If that is no scenario: each problem in the words of `planner check`.
        """
        return self.changed(f"{path}={overlay.flow(value)}")

    def changed(self, *sets: str) -> "Scenario":
        """Return the scenario with these changes, as `--set` takes them; of those it has, others of the same paths."""
        if self.sets is None:
            raise ValueError("a scenario between two others is no file's: change one of the two")
        paths = {_path(each) for each in sets}
        kept = (each for each in self.sets if _path(each) not in paths)
        made, before = read(Path(self.file), (*kept, *sets)), dict(self.sources)
        if new := [name for name, digest in made.sources if before.get(name, digest) != digest]:
            file = PurePosixPath(os.path.normpath(Path(self.file).parent / new[0])).as_posix()
            raise ScenarioError([Problem(file, 1, 1, "", "the file changed after it was read; wanted: read it again")])
        return made

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return Path(self.file).stem

    @property
    def own_changes(self) -> tuple[Change, ...]:
        """Return what this file and the command line change, without what its base changes."""
        own = f"{Path(self.file).name}:"
        return tuple(each for each in self.changes if each.where == "--set" or each.where.startswith(own))

    @property
    def called(self) -> dict[str, dict[str, str]]:
        """What people call each node, network, level and seller that has a name, by its key."""
        return {
            group: {
                key: str(self.entries[path].value)
                for key in self.names.get(group, ())
                if (path := f"{section}.{key}.called") in self.entries
            }
            for group, section in fields.NAMED.items()
        }


def _path(change: str) -> str:
    return change.partition("=")[0].strip()


def read(path: str | Path, sets: Sequence[str] = (), now: datetime | None = None) -> Scenario:
    """Return a scenario, read with its bases and checked.

    Parameters
    ----------
    path : str or Path
        A scenario file (YAML).
    sets : sequence of str
        Changes as `planner plan --set` takes them: "offer.accounts=10".
    now : datetime or None
        A decision of a later day is then a problem; None = the gate will find it.

    Raises
    ------
    ScenarioError
        If it is no scenario: each problem with file, line and column, what is wrong, wanted and found.
    """
    given: tuple[object, object] = (path, sets)
    if not isinstance(given[0], str | os.PathLike) or isinstance(sets, str) or not isinstance(given[1], Sequence):
        wanted = "wanted the path of a scenario, and its changes as a list of texts such as offer.accounts=10"
        raise ScenarioError([Problem(str(path), 1, 1, "", f"this cannot be read; {wanted}")])
    reading = Layers(Path(path).parent, Problems())
    try:
        root, expected = layers.stack(Path(path), reading, sets)
    except (Unreadable, TooMany):
        raise _error(reading.problems, Path(path)) from None
    return replace(_checked(Path(path), root, expected, reading, now), sets=tuple(sets))


def between(here: Scenario, there: Scenario, paths: Sequence[str]) -> Scenario:
    """Return a scenario, undecided, with another's entries at some paths; a `ScenarioError` where that is none."""
    reading = Layers(Path(here.file).parent, Problems())
    root = here.tree.without(layers.DECISION)  # it was made on one of the two

    def seen_from_here(name: str) -> str:
        return name if name in {"", "--set"} else reading.name(Path(there.file).parent / name)

    for path in paths:
        node = there.tree.at_path(path)
        root = root.without(path) if node is None else root.put(path.split("."), named_from(node, seen_from_here))
    return replace(_checked(Path(here.file), root, None, reading, None), sets=None)


def _checked(path: Path, root: Map, expected: Map | None, reading: Layers, now: datetime | None) -> Scenario:
    """Return the scenario of a tree, or raise all that is wrong with it."""
    problems = reading.problems
    try:
        whole = walk(root, reading)
        members.count(whole, root)
        hardware.infer(whole)
        rules.check(whole, now)
        expectations = expect.read(expected, problems)
    except (Unreadable, TooMany):
        raise _error(problems, path) from None
    if problems.found:
        raise _error(problems, path)
    year, month = str(whole.entries["start"].value).split("-")
    return Scenario(
        file=path.as_posix(),
        title=str(whole.entries["title"].value),
        currency=str(whole.entries["currency"].value),
        timezone=str(whole.entries["timezone"].value),
        start=(int(year), int(month)),
        seed=int(str(whole.entries["seed"].value)),
        estimates=whole.estimates,
        entries=whole.entries,
        names={**whole.context.names, "experience": whole.named_at.get("experience", ())},
        usage=usage_of.uses(whole),
        changes=tuple(reading.changes),
        expect=expectations,
        digest=_digest(whole, reading),
        undecided=_digest(whole, reading, decided=False),
        sources=tuple(sorted(reading.digests.items())),
        base=None if reading.base is None else reading.base.resolve(),
        told=whole.told,
        tree=root,
    )


def _error(problems: Problems, path: Path) -> ScenarioError:
    """Return the error with each problem once, by file and line, files named from where we stand."""
    shown = set[Problem]()
    for problem in problems.found:
        file = PurePosixPath(os.path.normpath(path.parent / problem.file)).as_posix()
        shown.add(problem if problem.file == "--set" else replace(problem, file=file))
    return ScenarioError(sorted(shown))


def _digest(whole: Walk, reading: Layers, *, decided: bool = True) -> str:
    """Return the sha256 of all values, of the files they name and of the version; of no title, source or layout."""
    numbers: dict[str, list[str | None]] = {}
    of_people = () if decided else ("decision.",)
    for path, number in whole.estimates.items():  # to 12 digits: 90 min and 1.5 h are the same
        digits = [None if each is None else f"{each:.12g}" for each in (number.value, number.low, number.high)]
        if not path.startswith(of_people):
            # as_of counts: the register goes on from it
            numbers[path] = [*digits, number.currency, number.as_of]
    silent = ("title", "decision")  # where nobody decided, the digest is what it is without such an entry
    stated = ((path, entry.value) for path, entry in whole.entries.items() if path not in silent)
    words = {path: value for path, value in stated if not path.startswith(of_people)}
    named = sorted(reading.digests[reading.name(path)] for path in whole.profiles)
    said = json.dumps([planner.__version__, numbers, words, named], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
