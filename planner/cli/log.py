"""The gate's log: each verdict as one line of JSON, added to a file that the system's own tools rotate."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli import BadInput

if TYPE_CHECKING:
    from planner.cli.verdict import Answer

BEGINS = b'{"schema":"planner.decision/1"'


def opened(file: Path) -> Callable[["Answer"], None]:
    """Return what adds a verdict to the log at `file`, which is begun where there is none."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        log = os.open(file, flags, 0o600)
    except (OSError, ValueError) as error:
        raise BadInput(f"--log {file}: {getattr(error, 'strerror', None) or 'this is not a name of a file'}") from None
    begun = os.pread(log, len(BEGINS), 0) if stat.S_ISREG(os.fstat(log).st_mode) else b"?"
    if begun not in (b"", BEGINS):
        os.close(log)
        raise BadInput(f"--log {file}: something else stands there, which is kept: name another file")

    def add(answer: "Answer") -> None:
        head = answer.head
        said = answer.decision.as_json() | {
            "recorded": answer.recorded,
            "register": None if head is None else {"rows": head.rows, "head": head.hash},
        }
        line = json.dumps(said, ensure_ascii=True, separators=(",", ":")) + "\n"
        size = os.fstat(log).st_size
        if size and os.pread(log, 1, size - 1) != b"\n":
            line = f"\n{line}"  # a full disk has cut the last one off: this one is not to be lost with it
        # one write to a file opened for appending: lines of two verdicts at once never mix
        if os.write(log, line.encode("ascii")) != len(line):
            raise OSError(0, "the disk is full", str(file))
        os.fsync(log)

    return add
