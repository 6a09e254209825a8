"""The commands that people wait for, as whole cold processes, beside the bars they are to keep.

    python tests/benchmarks/bench_commands.py [RUNS]

Prints the median wall time and peak memory of `planner gate` on a stored plan with a register of ten rows, of
`python -c "import numpy"` (the yardstick of the gate), and of `planner plan` on the pilot scenario. Each run is a
process of its own; the commands take turns, so that a machine that slows down slows all of them.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from planner.store import ledger, register

ROOT = Path(__file__).parents[2]
PILOT = ROOT / "scenarios" / "pilot-5.yaml"
PYTHON = sys.executable


def once(command: list[str], folder: Path) -> tuple[float, float, int]:
    """Return wall seconds, peak megabytes and exit code of one process."""
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.chdir(folder)
        os.execv(command[0], command)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    return wall, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def reading(folder: Path) -> Path:
    """Write a reading that lies in the middle of what the stored plan expects now."""
    plan = json.loads((folder / "out" / PILOT.stem / "plan.json").read_text())
    now = datetime.now(UTC)
    nodes: dict[str, dict[str, float]] = {}
    for week in plan["weeks"]:
        amount = max(week["mean_now"][0], week["low"][0])
        nodes.setdefault(week["node"], {})[week["resource"]] = amount if week["resource"] == "load" else round(amount)
    document = {"schema": "planner.reading/1", "taken_at": now.isoformat(), "source": "benchmark", "nodes": nodes}
    file = folder / "now.json"
    file.write_text(json.dumps(document))
    return file


def kept(folder: Path, rows: int = 10) -> Path:
    """Write a register of so many admissions, each with its decision."""
    path = folder / "register.sqlite"
    register.new(path, datetime.now(UTC))
    text = json.dumps({"verdict": "admit", "reasons": ["it stays within every limit"] * 3})
    entry = ("admit", "level-1", 1, "ops", "", "d" * 64, text)
    with register.open_register(path) as db:
        now = ledger.text_of(datetime.now(UTC))
        ledger.append(db, [(now, entry[0], f"ocn-{n}", *entry[1:]) for n in range(rows)])
    return path


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plan = [PYTHON, "-m", "planner", "plan", str(PILOT)]
        subprocess.run(plan, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        seen = reading(folder)
        gate = [
            PYTHON,
            "-m",
            "planner",
            "gate",
            str(PILOT),
            "--level",
            "level-1",
            "--readings",
            str(seen),
            "--max-age",
            "60",
            "--register",
            str(kept(folder)),
        ]
        numpy = [PYTHON, "-c", "import numpy"]
        for command in (gate, numpy):
            once(command, folder)  # warm the file cache
        pairs = [(once(gate, folder), once(numpy, folder)) for _ in range(runs)]
        plans = [once(plan, folder) for _ in range(max(3, runs // 3))]
    ratio = statistics.median(a[0] / b[0] for a, b in pairs)
    print(f"{'command':28} {'median s':>9} {'peak MB':>8} {'bar':>26}")
    for label, rows, bar in (
        ("import numpy", [b for _, b in pairs], ""),
        ("planner gate, ten rows", [a for a, _ in pairs], f"{ratio:.2f} of <= 1.3 x numpy"),
        ("planner plan, pilot", plans, "<= 10 s"),
    ):
        wall = statistics.median(row[0] for row in rows)
        print(f"{label:28} {wall:9.3f} {max(row[1] for row in rows):8.1f} {bar:>26}")
    print(
        f"gate exit codes: {sorted({a[2] for a, _ in pairs})}; python {sys.version.split()[0]}, {os.cpu_count()} cores"
    )


if __name__ == "__main__":
    main()
