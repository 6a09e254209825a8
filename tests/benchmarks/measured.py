"""What the benchmarks share: one process from its start to its end, and what code prints in a tree of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PYTHON = sys.executable
os.environ["PYTHONDONTWRITEBYTECODE"] = ""  # whoever uses it has its modules compiled from the second time on


def once(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> tuple[float, float, int]:
    """Return wall seconds, peak megabytes and exit code of one process; of several the peak of the largest."""
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.chdir(folder)
        os.execve(command[0], list(command), {**os.environ, **(environment or {})})
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    return wall, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def printed(code: str, tree: Path, environment: Mapping[str, str] | None = None) -> str:
    """Return what some code prints last, with the package, the tests and the benchmarks of a tree on its path."""
    path = os.pathsep.join(str(tree / part) for part in ("", "tests", "tests/benchmarks"))
    done = subprocess.run(
        [PYTHON, "-c", code],
        cwd=tree,
        env={**os.environ, **(environment or {}), "PYTHONPATH": path},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout.splitlines()[-1]
