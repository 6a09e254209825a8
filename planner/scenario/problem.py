"""What is wrong with a scenario, and where: gathered, so that a person sees all of it at once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from planner import PlannerError


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """The place in a file where something is written; lines and columns count from 1."""

    file: str
    """Relative to the scenario's folder, or "--set" (its line is then the number of the option)."""
    line: int
    col: int

    def __str__(self) -> str:
        """Return file:line, or "--set" alone."""
        return self.file if self.file == "--set" else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, at one place."""

    file: str
    line: int
    col: int
    path: str
    """The dotted path of the entry; empty where the file as a whole is meant."""
    what: str
    """What is wrong, what is wanted, what was found."""
    write: str = ""
    """What was meant, as it is to be written; "" = nobody can know."""

    def __str__(self) -> str:
        """Return `file:line:col path: what`."""
        place = f"{self.file}:{self.line}:{self.col}"
        return f"{place} {self.path}: {self.what}" if self.path else f"{place}: {self.what}"


class ScenarioError(PlannerError, ValueError):
    """A scenario that cannot be used; `problems` holds every reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type["ScenarioError"], tuple[tuple[Problem, ...]]]:
        """Return what rebuilds it, so that a sweep's worker can hand it back."""
        return ScenarioError, (self.problems,)


class Unreadable(Exception):
    """There is no tree; what is wrong has been noted."""


class TooMany(Exception):
    """So many problems that more would not help."""


@dataclass(slots=True)
class Problems:
    """The problems found so far."""

    most: int = 100
    found: list[Problem] = field(default_factory=list)
    quiet: bool = False
    """Whether what was found is not to be repeated: it may be a secret in the place of a scenario."""

    def add(
        self, origin: Origin, path: str, wrong: str, wanted: str = "", found: str | None = None, write: str = ""
    ) -> None:
        """Note one problem; raise `TooMany` at the last one that is worth showing."""
        what = f"{wrong}; wanted {wanted}" if wanted else wrong
        if found is not None and not self.quiet:
            what += f"; found {quoted(found)}" + (f": write {write}" if write else "")
        self.found.append(Problem(origin.file, origin.line, origin.col, _printable(path), _printable(what), write))
        if len(self.found) >= self.most:
            raise TooMany

    def refuse(self, origin: Origin, path: str, wrong: str, wanted: str = "", found: str | None = None) -> Unreadable:
        """Note one problem after which no tree can be had, and return what is to be raised."""
        self.add(origin, path, wrong, wanted, found)
        return Unreadable()

    def hint(self, words: str) -> None:
        """Add a hint to the last problem."""
        self.found[-1] = replace(self.found[-1], what=f"{self.found[-1].what}; {words}")


def quoted(text: str) -> str:
    """Return a text as it can stand in a message: short, in quotes."""
    if not text:
        return "nothing"
    return f"'{text if len(text) <= 60 else text[:57] + '…'}'"


def _printable(text: str) -> str:
    """Return a text with everything escaped that moves a cursor or turns the direction of reading."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def did_you_mean(text: str, known: Collection[str]) -> str:
    """Return a hint, such as " (did you mean 'users'?)", or nothing."""
    lower = {name.lower(): name for name in reversed(list(known))}
    close = get_close_matches(text[:60].lower(), lower, n=1, cutoff=0.6)
    return f" (did you mean '{lower[close[0]]}'?)" if close else ""
