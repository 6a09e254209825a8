"""What the servers say, turned into `model.inputs.observations` and nothing else. Only here a socket is opened."""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from planner import PlannerError

STDIN = Path("/dev/stdin")
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)


class ReadingError(PlannerError):
    """A reading that is missing, malformed or not understood; the message says which and why, in plain words."""


class TableError(ReadingError):
    """A table that cannot be used, and the line that says so.

    `there` = how many of the wanted columns it has, and one more if that is not the reason; 0 = it was not read so far.
    """

    def __init__(self, line: int, problem: str, there: int = 0) -> None:
        self.line, self.problem, self.there = line, problem, there
        super().__init__(f"line {line}: {problem}")


@contextmanager
def boundary(where: str) -> Iterator[None]:
    """Turn any error of the code inside into a `ReadingError` with its type alone: its text may quote what was sent."""
    try:
        yield
    except ReadingError:
        raise
    except Exception as error:
        raise ReadingError(f"{where}: what it holds cannot be understood ({type(error).__name__})") from None


@contextmanager
def naming(where: object) -> Iterator[None]:
    """Put `where` in front of what a `ReadingError` of the code inside says."""
    try:
        yield
    except ReadingError as error:
        raise ReadingError(f"{where}: {error}") from None


@contextmanager
def opened(path: Path, called: str = "") -> Iterator[BinaryIO]:
    """Open a regular file for reading; a pipe or a device is refused, but for the standard input."""
    called = called or str(path)
    flags = _READ if path == STDIN else _READ | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(path, "rb", opener=lambda name, _: os.open(name, flags)) as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if not stat.S_ISREG(mode) and path != STDIN:
                raise ReadingError(f"{called}: cannot be read: wanted a regular file, found {_kind(mode)}")
            yield stream
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = getattr(error, "strerror", None) or "not a file name"
        raise ReadingError(f"{called}: cannot be read: {why}") from None


def contents(path: Path, largest: int, called: str = "") -> tuple[bytes, os.stat_result]:
    """Return all bytes of a file opened as `opened` does, and what the system says of it."""
    with opened(path, called) as stream:
        body, about = stream.read(largest + 1), os.fstat(stream.fileno())
    if len(body) > largest:
        raise ReadingError(f"{called or path}: larger than {largest / 1e6:g} MB")
    return body, about


def utf8(body: bytes) -> str:
    """Return the text that a file holds, without the byte order mark that Windows puts in front; its UTF-16 too."""
    try:
        return body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise ReadingError("not UTF-8 text") from None


def from_json(text: bytes, otherwise: str) -> Any:
    """Return what a JSON text holds; a `ReadingError` says `otherwise`."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ReadingError(otherwise) from None


def _kind(mode: int) -> str:
    """Return what stands where a regular file should."""
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((words for test, words in kinds if test(mode)), "a device")
