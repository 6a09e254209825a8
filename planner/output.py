"""Write output files whole or not at all, and only over files of the same kind; links are not followed."""

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SAMPLE = 4096
"""So much of a file's beginning, and of its end, is looked at to tell its kind [byte]."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that planner writes, and how one is told from everything else."""

    name: str
    mark: re.Pattern[bytes] | None = None
    """Found in the beginning or at the end of each; None = a table, told by its first line."""


PLAN = Kind("a plan that planner wrote", re.compile(rb'\A\{\s*"schema": ?"planner\.plan/'))
READING = Kind("a reading that planner wrote", re.compile(rb'\A\{\s*"schema": ?"planner\.reading/'))
METRICS = Kind("metrics that planner wrote", re.compile(rb"\A# HELP planner_"))
LEARNED = Kind("a scenario that planner calibrate wrote", re.compile(rb"\A# planner calibrate wrote this\b"))
_PAGE = re.compile(rb'\A<!DOCTYPE html>.{0,400}<meta name="generator" content="planner">', re.S)
PAGE = Kind("a page that planner wrote", _PAGE)
_SUMMARY = re.compile(rb"\A## .*\nplanner [^\n]*\n```+\n[^\n]*\bplanner \d[^\n]*\.\n\Z", re.S)
SUMMARY = Kind("a summary that planner wrote", _SUMMARY)
SVG = Kind("a chart that planner wrote", re.compile(rb"\A<\?xml .*<svg .*<dc:title>planner</dc:title>", re.S))
PNG = Kind("a chart that planner wrote", re.compile(rb"\A\x89PNG\r\n\x1a\n.*tEXtSoftware\0planner", re.S))
PDF = Kind("a PDF that planner wrote", re.compile(rb"\A%PDF-.*%planner\n\Z", re.S))
XLSX = Kind("a workbook that planner wrote", re.compile(rb"\APK\x03\x04.*planner\Z", re.S))
TABLE = Kind("a table of these columns that planner wrote")
NEW = Kind("new", re.compile(rb"(?!)"))
"""Nothing may stand there yet."""
LEARNED_MARK = "# planner calibrate wrote this, and replaces it when it learns again: edit a copy\n"

Piece = tuple[Path, str | bytes, Kind]
"""A file, what is to be in it, and its kind."""


class NotReplaced(FileExistsError):
    """Something else stands where a file should be written; it is kept as it is."""


def write(file: Path, content: str | bytes, kind: Kind, mode: int = 0o644, inputs: Iterable[Path | None] = ()) -> None:
    """Write a file whole or not at all; raise `NotReplaced` if an input or another kind of file stands there.

    Its mode [-] says who may read it, whatever the umask.
    """
    write_all([(file, content, kind)], mode, inputs)


def write_all(files: Sequence[Piece], mode: int = 0o644, inputs: Iterable[Path | None] = ()) -> None:
    """Write several files as `write` does: all are on the disk in full before the first takes an old one's place."""
    kept, made = tuple(inputs), list[tuple[Path, Path]]()
    for file, content, kind in files:
        check(file, kind, content, kept)
    try:
        for file, content, _ in files:
            part = beside(file)
            with _by_name(file), open(part, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as new:
                made.append((part, file))
                new.write(_bytes(content))
                new.flush()
                part.chmod(mode)
                os.fsync(new.fileno())  # before it takes the old one's place: the power may go in between
        for part, file in made:
            with _by_name(file):
                part.replace(file)
        for folder in {file.parent for _, file in made}:
            with suppress(OSError):  # not every system can do that for a folder
                sync(folder)
    finally:
        for part, _ in made:
            part.unlink(missing_ok=True)


def check(file: Path, kind: Kind, content: str | bytes = b"", inputs: Iterable[Path | None] = ()) -> None:
    """Refuse to write where something else stands than a file of this kind; `content` is asked for tables alone."""
    try:
        status = file.lstat()
    except FileNotFoundError:
        return
    if why := _why_kept(file, status, kind, _bytes(content), inputs):
        raise NotReplaced(errno.EEXIST, f"{why}, so it is kept as it is: choose another name", str(file))


def chart(stem: Path, svg: str, png: bytes) -> tuple[Piece, Piece]:
    """Return a chart as it is to be written, twice, under one name with two endings."""
    return (stem.with_name(f"{stem.name}.svg"), svg, SVG), (stem.with_name(f"{stem.name}.png"), png, PNG)


def replaceable(file: Path, kind: Kind) -> bool:
    """Return whether a file of this kind may take the place of what stands there."""
    try:
        check(file, kind)
    except NotReplaced:
        return False
    return True


def beside(file: Path, suffix: str = "") -> Path:
    """Return a name in the same folder that nothing has: short, since the file's own may be as long as names can be."""
    return file.with_name(f".planner-{os.urandom(8).hex()}{suffix}")


def _why_kept(file: Path, status: os.stat_result, kind: Kind, new: bytes, inputs: Iterable[Path | None]) -> str:
    """Return why what stands at `file` must stay; "" = it may be replaced."""
    if stat.S_ISLNK(status.st_mode):
        return "this is a link, and what it leads to was not named"
    if not stat.S_ISREG(status.st_mode):
        return "this is a folder" if stat.S_ISDIR(status.st_mode) else "this is no regular file"
    if any(path is not None and _same(file, path) for path in inputs):
        return "this command reads or keeps that very file"
    if kind is NEW:
        return "there is something here already"
    try:
        with file.open("rb") as stream:
            seen = stream.read(SAMPLE)
            if status.st_size > 2 * SAMPLE:
                stream.seek(-SAMPLE, os.SEEK_END)
            seen += stream.read(SAMPLE)
    except OSError as error:
        return f"what is here cannot be read ({error.strerror})"
    first, wanted = (text.partition(b"\n")[0].rstrip(b"\r") for text in (seen, new))
    ours = bool(seen) and first == wanted if kind.mark is None else kind.mark.search(seen) is not None
    return "" if ours else f"what is here is not {kind.name}"


def _same(file: Path, other: Path) -> bool:
    try:
        return file.samefile(other)
    except (OSError, ValueError):
        return False


def _bytes(content: str | bytes) -> bytes:
    # a file's name may hold what has no UTF-8
    return content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")


@contextmanager
def _by_name(file: Path) -> Iterator[None]:
    """Let an error name the file that a person knows."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(file), None
        raise


def sync(folder: Path) -> None:
    """Let the new names in a folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
