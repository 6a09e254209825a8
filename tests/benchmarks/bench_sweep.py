"""A sweep on two workers beside the same sweep on one: the ratio of their times, and whether the tables are the same.

    python tests/benchmarks/bench_sweep.py [CELLS [TURNS]]

Whole cold processes, taking turns, so that a machine that slows down slows both. The bar: at least 1.6 times as fast,
with the same bytes. Two workers cannot be twice as fast where others want the cores too: the load is printed beside it,
and the processor time of both, which says what the second worker costs on any machine.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from light_scenario import LIGHT  # noqa: E402

BAR = 1.6


def once(folder: Path, workers: int, cells: int, turn: int) -> tuple[float, float, bytes]:
    """Return wall and processor seconds of one sweep, its workers' included, and its table."""
    out = folder / f"{workers}-{turn}"
    words = ["sweep", "light.yaml", "--over", f"offer.accounts=1..{cells}", "--draws", "40", "--workers", str(workers)]
    alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1") | {"PYTHONPATH": str(ROOT)}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "planner", *words, "--out", str(out)],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        env=os.environ | alone,
    )
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, worked, next(out.rglob("*.csv")).read_bytes()


def main() -> None:
    """Measure and print."""
    cells = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    turns = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    pairs: list[list[tuple[float, float, bytes]]] = []
    tables: set[bytes] = set()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "light.yaml").write_text(LIGHT)
        for turn in range(turns):
            pair = [once(folder, workers, cells, turn) for workers in (1, 2)]
            pairs.append(pair)
            tables |= {table for _, _, table in pair}
    ratio = statistics.median(one[0] / two[0] for one, two in pairs)
    for label, k in (("one worker", 0), ("two workers", 1)):
        wall, worked = (statistics.median(pair[k][what] for pair in pairs) for what in (0, 1))
        print(f"{label:12} {wall:7.1f} s for {cells} cells, {worked:.1f} s of processor time")
    print(f"two are {ratio:.2f} times as fast (bar {BAR}); the same bytes: {'yes' if len(tables) == 1 else 'NO'}")
    print(f"python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
