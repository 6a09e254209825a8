"""The tutorial, followed to the letter in a fresh clone with a fresh home: every command, every edit, every number.

When results change for a reason, write the shown outputs anew by hand, and read what changed:

    .venv/bin/python tests/test_tutorial.py

A page holds `console` blocks (`$ command`, then exactly what it prints, on stdout and stderr alike; `# exit 3` after a
command that does not end with 0) and `diff` blocks (`--- file`, then lines to take out and to put in). `…` alone on a
line stands for any lines, inside a line for any text.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from pathlib import Path

import click
import pytest
from fresh_clone import Clone, fresh_clone
from typed_commands import understood

from planner.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "tutorial.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXIT = re.compile(r"\s+# exit (\d+)$")
ANY = "…"
SAID_BY_OTHERS = ("Matplotlib is building the font cache",)
"""On a slow machine, the first time: nothing that the page could show."""


@dataclass(frozen=True)
class Typed:
    """A command, how it ends, and what the page shows of it."""

    line: str
    code: int
    shown: tuple[str, ...]
    written: str
    """As it stands on the page."""


@dataclass(frozen=True)
class Edit:
    """Lines of a file, each with what takes its place."""

    file: str
    lines: tuple[tuple[str, str], ...]


def steps(page: str) -> Iterator[Typed | Edit]:
    """Yield what the page tells a reader to do, in order."""
    for language, body in FENCE.findall(page):
        if language == "console":
            for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
                first, *shown = part.splitlines()
                code = EXIT.search(first)
                yield Typed(EXIT.sub("", first), int(code[1]) if code else 0, tuple(shown), f"$ {part}")
        elif language == "diff":
            head, *lines = body.splitlines()
            pairs = tuple(zip(lines[::2], lines[1::2], strict=True))
            assert head.startswith("--- "), body
            assert all(out.startswith("-") and into.startswith("+") for out, into in pairs), body
            yield Edit(head[4:], tuple((out[1:], into[1:]) for out, into in pairs))


def pattern(shown: Sequence[str]) -> str:
    """Return the regular expression of what is shown; nothing else than … stands for something else."""
    parts = [r"(?:.*\n)*" if line == ANY else re.escape(line).replace(ANY, ".*") + r"\n" for line in shown]
    return "".join(parts)


def matches(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Return whether a command printed what is shown."""
    return re.fullmatch(pattern(shown), "".join(f"{line}\n" for line in printed)) is not None


def do(clone: Clone, typed: Typed) -> tuple[int, list[str]]:
    """Return how a command ended and the lines it printed."""
    if typed.line.startswith((". ", "cd ", "export ")):
        clone.entered.append(typed.line)
        return 0, []
    done = subprocess.run(
        ["sh", "-c", "\n".join([*clone.entered, typed.line])],
        cwd=clone.folder,
        env=clone.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, [line.rstrip() for line in done.stdout.splitlines() if not line.startswith(SAID_BY_OTHERS)]


def edit(folder: Path, change: Edit) -> None:
    """Make a change of the page; each line must be there, once."""
    file = folder / change.file
    lines = file.read_text(encoding="utf-8").splitlines()
    for out, into in change.lines:
        found = [k for k, line in enumerate(lines) if matches([out], [line])]
        assert len(found) == 1, f"{change.file} has {len(found)} lines like {out}"
        lines[found[0]] = into
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


# ---- the tests -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_who_follows_the_tutorial_sees_what_it_shows(tmp_path: Path) -> None:
    """All differences at once: a reader who meets the first would meet the others too."""
    clone, wrong = fresh_clone(tmp_path), []
    for step in steps(PAGE.read_text(encoding="utf-8")):
        if isinstance(step, Edit):
            edit(clone.folder, step)
            continue
        code, printed = do(clone, step)
        if code != step.code or not matches(step.shown, printed):
            difference = unified_diff(step.shown, printed, "the page shows", "it prints", lineterm="")
            wrong.append("\n".join([f"$ {step.line}  # exit {code}", *difference]))
    assert wrong == [], "\n\n".join(
        [*wrong, "If this is meant: .venv/bin/python tests/test_tutorial.py, and read what changed."]
    )


def test_each_command_would_be_understood() -> None:
    """The quick part of following the page: options and arguments are those that the commands have."""
    lines = [step.line for step in steps(PAGE.read_text(encoding="utf-8")) if isinstance(step, Typed)]
    called = {
        understood(line.removeprefix("planner "))[0] for line in lines if line.startswith("planner ") and line[8] != "-"
    }
    assert called >= set(COMMANDS) - {"event", "observe", "history", "open", "schema"}, (
        "these need servers, meetings, a browser"
    )


def test_every_number_in_the_text_stands_in_a_block_beside_it() -> None:
    """A number in a sentence that no block of its section shows would not be noticed when it changes."""
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        blocks = " ".join(body for _, body in FENCE.findall(section))
        _, _, prose = FENCE.sub("", section).partition("\n")
        prose = re.sub(r"\]\([^)]*\)", "]", prose)
        shown = set(re.findall(r"\d+(?:[.,]\d+)*", blocks))
        loose = [number for number in re.findall(r"(?<![-\w.])\d+(?:[.,]\d+)*", prose) if number not in shown]
        assert loose == [], section.splitlines()[0]


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        (["11 months"], ["11 months"], True),
        (["11 months"], ["12 months"], False),
        (["11 months"], ["11 months", "more"], False),
        (["11 months", "…"], ["11 months", "more", "and more"], True),
        (["since …", "…", "end"], ["since 2021-05-03", "end"], True),
        (["since …"], ["until 2021-05-03"], False),
        (["a.c"], ["abc"], False),
    ],
)
def test_only_what_is_left_out_may_differ(shown: list[str], printed: list[str], same: bool) -> None:
    assert matches(shown, printed) == same


def test_an_edit_that_fits_nowhere_or_twice_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("x: 1\nx: 2\ny: 3\n")
    edit(tmp_path, Edit("a.yaml", (("y: …", "y: 4"),)))
    assert (tmp_path / "a.yaml").read_text() == "x: 1\nx: 2\ny: 4\n"
    for line in ("x: …", "z: 1"):
        with pytest.raises(AssertionError):
            edit(tmp_path, Edit("a.yaml", ((line, ""),)))


def test_an_option_that_does_not_exist_is_found() -> None:
    with pytest.raises(click.NoSuchOption):
        understood("plan mine.yaml --drawz 40")


# ---- by hand: python tests/test_tutorial.py --------------------------------------------------------------------------


def anew(shown: Sequence[str], printed: Sequence[str]) -> list[str]:
    """Return what is shown with the lines that are printed now, what was left out still left out."""
    if matches(shown, printed):
        return list(shown)
    if ANY not in shown:
        return [_kept(old, new) for old, new in zip(shown, printed, strict=False)] + list(printed[len(shown) :])
    parts: list[list[str]] = [[]]
    for line in shown:
        parts = [*parts, []] if line == ANY else [*parts[:-1], [*parts[-1], line]]
    found, at = list[str](), 0
    for number, part in enumerate(parts):
        places = range(at, max(at, len(printed) - len(part)) + 1)
        best = 0 if number == 0 else max(places, key=lambda k: _alike(part, printed[k : k + len(part)]))
        found += [ANY] * (number > 0)
        found += [_kept(old, new) for old, new in zip(part, printed[best : best + len(part)], strict=False)]
        at = best + len(part)
    return found


def _kept(old: str, new: str) -> str:
    return old if matches([old], [new]) else new


def _alike(some: Sequence[str], others: Sequence[str]) -> float:
    return sum(SequenceMatcher(None, a, b).ratio() for a, b in zip(some, others, strict=False))


def test_outputs_written_anew_keep_what_was_left_out() -> None:
    shown = ["room for 3", "…", "since …", "…"]
    printed = ["room for 4", "because", "since 2021-05-03", "end"]
    assert anew(shown, printed) == ["room for 4", "…", "since …", "…"]
    assert anew(["a 1", "b …"], ["a 2", "b 3", "c"]) == ["a 2", "b …", "c"]


def write_anew() -> None:
    """Follow the page and write what each command prints now into it."""
    page, at = PAGE.read_text(encoding="utf-8"), 0
    with tempfile.TemporaryDirectory() as folder:
        clone = fresh_clone(Path(folder))
        for step in steps(page):
            if isinstance(step, Edit):
                edit(clone.folder, step)
                continue
            code, printed = do(clone, step)
            if code != step.code:  # a mistake, no result: what the page shows is to be kept
                raise SystemExit("\n".join([f"$ {step.line}", *printed, f"exit {code}, the page says {step.code}"]))
            end = f"  # exit {code}" if code else ""
            told = "\n".join([f"$ {step.line}{end}", *anew(step.shown, printed), ""])
            at = page.index(step.written, at)
            page = page[:at] + told + page[at + len(step.written) :]
            at += len(told)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    write_anew()
