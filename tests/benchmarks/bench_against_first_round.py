"""What people wait for, beside the same at the end of the first round (commit 5d1afe3), as ratios of one run.

    python tests/benchmarks/bench_against_first_round.py [PAIRS]

The old commit is checked out into a temporary worktree; its package and its own benchmarks run there. Both take turns,
so that a machine that slows down slows both, and the ratio is the median over the pairs. `planner plan` is a whole cold
process with report and charts, 4,000 draws beside 500 then, numba's cache warm; the very first run's time is stated.
Prints each ratio beside its bar, and leaves with 1 where one is missed.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from measured import PYTHON, once, printed

ROOT = Path(__file__).parents[2]
THEN = "5d1afe3"
DRAWS, DRAWS_THEN = 4000, 500
PEAK_MB = 400.0
NODES = 5000
NOISE = 1.05
""""No slower": the same within what two runs of one program differ."""
FLEET = f"""
import bench_closed_form as bench
counts, both = bench.fleet({NODES}), bench.laws()
bench.took(counts[:50], both)
print(bench.took(counts, both)[1])
"""
SIMULATION = """
import bench_simulation as bench
world = bench.world(1000)
bench.simulate(world, replications=2, seed=0, weeks=2)
print(bench.seconds(lambda: bench.simulate(world, replications=250, seed=1, weeks=2)))
"""
GATE = """
import inspect
from pathlib import Path
import bench_commands as bench
folder = Path({folder!r})
rows = [10] if len(inspect.signature(bench.kept).parameters) > 1 else []
print(bench.reading(folder), bench.kept(folder, *rows), sep="|")
"""


@dataclass(frozen=True)
class Row:
    """One ratio and its bar."""

    name: str
    now: float
    then: float
    unit: str
    ratio: float
    bar: float | None

    @property
    def missed(self) -> bool:
        """Return whether the ratio is above its bar."""
        return self.bar is not None and self.ratio > self.bar

    def __str__(self) -> str:
        """Return the row of the table."""
        bar = "" if self.bar is None else f"<= {self.bar:.2f}"
        verdict = "" if self.bar is None else ("MISSED" if self.missed else "kept")
        return f"{self.name:58} {self.now:9.3f} {self.then:9.3f} {self.unit:3} {self.ratio:6.2f} {bar:>8} {verdict}"


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """Make a worktree of a commit, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "then"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", "--quiet", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


class Side:
    """The planner of one tree, with a folder and a cache of its own."""

    def __init__(self, tree: Path, folder: Path, draws: int) -> None:
        self.tree, self.folder, self.draws = tree, folder, draws
        self.pilot = tree / "scenarios" / "pilot-5.yaml"
        self.cache = folder / "cache"
        self.without = folder / "without"
        for one in (folder, self.cache, self.without):
            one.mkdir()
        (self.without / "numba.py").write_text('raise ImportError("left out")\n')

    def environment(self, numba: bool = True) -> dict[str, str]:
        """Return what a process of this side has in its environment."""
        path = [*([] if numba else [str(self.without)]), str(self.tree)]
        return {"PYTHONPATH": os.pathsep.join(path), "NUMBA_CACHE_DIR": str(self.cache), "OMP_NUM_THREADS": "1"}

    def plan(self, numba: bool = True) -> tuple[float, float]:
        """Return wall seconds and peak megabytes of the pilot's plan with its report and charts."""
        command = [PYTHON, "-m", "planner", "plan", str(self.pilot), "--draws", str(self.draws)]
        wall, peak, code = once(command, self.folder, self.environment(numba))
        if code:
            raise SystemExit(f"{' '.join(command)} left with {code}, in {self.tree}")
        return wall, peak

    def gate(self) -> list[str]:
        """Return the gate's command on the plan made last, with a reading and a register of its own."""
        said = printed(GATE.format(folder=str(self.folder)), self.tree, {"NUMBA_CACHE_DIR": str(self.cache)})
        reading, register = said.split("|")
        words = ["--level", "level-1", "--max-age", "60", "--readings", reading, "--register", register]
        return [PYTHON, "-m", "planner", "gate", str(self.pilot), *words]

    def seconds(self, code: str) -> float:
        """Return the processor seconds that some code prints."""
        return float(printed(code, self.tree, {"NUMBA_CACHE_DIR": str(self.cache), "OMP_NUM_THREADS": "1"}))


def paired(name: str, pairs: int, now: Callable[[], float], then: Callable[[], float], bar: float | None) -> Row:
    """Return the median ratio of two that take turns."""
    taken = [(now(), then()) for _ in range(pairs)]
    medians = (statistics.median(pair[k] for pair in taken) for k in (0, 1))
    return Row(name, *medians, "s", statistics.median(one / other for one, other in taken), bar)


def rows(now: Side, then: Side, pairs: int) -> Iterator[Row]:
    """Measure everything, a row at a time."""
    first, first_then = now.plan()[0], then.plan()[0]
    yield Row("plan, the very first run, nothing compiled", first, first_then, "s", first / first_then, None)
    peaks: list[float] = []

    def plan_now() -> float:
        wall, peak = now.plan()
        peaks.append(peak)
        return wall

    yield paired(f"plan, {DRAWS:,} draws beside {DRAWS_THEN} then", pairs, plan_now, lambda: then.plan()[0], 1.3)
    yield Row("  its peak memory, beside the bar", max(peaks), PEAK_MB, "MB", max(peaks) / PEAK_MB, 1.0)
    yield paired("the same without numba", pairs, lambda: now.plan(numba=False)[0], lambda: then.plan()[0], 2.6)
    code = [PYTHON, "-c", "import numpy"]
    gates = [(side.gate(), side) for side in (now, then)]

    def gate(which: int) -> float:
        command, side = gates[which]
        return once(command, side.folder, side.environment())[0]

    many = 5 * pairs
    gate(0), gate(1)
    yield paired("gate, beside 'import numpy'", many, lambda: gate(0), lambda: once(code, now.folder)[0], 1.3)
    yield paired("gate", many, lambda: gate(0), lambda: gate(1), None)
    fleet = f"{NODES:,} nodes in closed form"
    yield paired(fleet, pairs, lambda: now.seconds(FLEET), lambda: then.seconds(FLEET), NOISE)
    played = "simulation, rooms and users on one node"
    yield paired(played, pairs, lambda: now.seconds(SIMULATION), lambda: then.seconds(SIMULATION), NOISE)


def main() -> None:
    """Measure, print, and leave with 1 where a bar is missed."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    missed = []
    # also when it is ended from outside the worktree has to go
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(f"{'':58} {'now':>9} {THEN:>9} {'':3} {'ratio':>6} {'bar':>8}")
    with checked_out(THEN) as tree, tempfile.TemporaryDirectory() as folder:
        now, then = Side(ROOT, Path(folder) / "now", DRAWS), Side(tree, Path(folder) / "then", DRAWS_THEN)
        for row in rows(now, then, pairs):
            print(row, flush=True)
            missed += [row.name] if row.missed else []
    print(f"python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
