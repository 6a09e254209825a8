"""What the servers say, turned into `planner.model.observed` and nothing else. The only place that opens a socket."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A pipe that nobody writes into must not make us wait, and Windows must not turn the ends of lines."""


def opened(path: Path) -> BinaryIO:
    """Return a file open for reading, if it is one: a device has no end, and a pipe may have no beginning.

    Raises
    ------
    OSError
        If it is not there or no file.
    """
    number = os.open(path, _OPEN)
    kind = os.fstat(number).st_mode
    if not stat.S_ISREG(kind):
        os.close(number)
        what = "a folder" if stat.S_ISDIR(kind) else "a device or a pipe, and no file"
        raise OSError(0, f"it is {what}", str(path))
    return os.fdopen(number, "rb")


class ReadingError(Exception):
    """A reading that is missing, malformed or not understood; the message says which and why, in plain words."""


class TableError(ReadingError):
    """A table that cannot be used, and the line that says so."""

    def __init__(self, line: int, problem: str) -> None:
        self.line, self.problem = line, problem
        super().__init__(f"line {line}: {problem}")
