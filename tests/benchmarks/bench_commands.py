"""The commands that people wait for, as whole cold processes, beside the bars they are to keep.

    python tests/benchmarks/bench_commands.py [RUNS]

Prints the median wall time and peak memory of `planner gate` on a stored plan with a register of 10 and of 10,000 rows,
of `python -c "import numpy"` (the yardstick of the gate), and of `planner plan` on the pilot scenario. Each run is a
process of its own; the commands take turns, so that a machine that slows down slows all of them.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from measured import PYTHON, once

from planner.store import atomic, ledger, register

ROOT = Path(__file__).parents[2]
PILOT = ROOT / "scenarios" / "pilot-5.yaml"


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


def kept(folder: Path, rows: int) -> Path:
    """Write a register of so many admissions, each with its decision of 1 kB."""
    path = folder / f"register-{rows}.sqlite"
    register.new(path, datetime.now(UTC))
    text = json.dumps({"verdict": "admit", "reasons": ["it stays within every limit"] * 32})
    with register.open_register(path) as empty:
        head = empty.state.head
    at = ledger.text_of(datetime.now(UTC))
    # `append` writes the whole register anew for each row: here all go into one file
    with closing(atomic.connect(path, write=True)) as db:
        for n in range(rows):
            row = (at, "admit", f"ocn-{n}", "level-1", 1, "ops", "", "d" * 64, text)
            head = ledger._extend(db, head, row)
    return path


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plan = [PYTHON, "-m", "planner", "plan", str(PILOT)]
        subprocess.run(plan, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        gate = [PYTHON, "-m", "planner", "gate", str(PILOT), "--level", "level-1", "--max-age", "60"]
        gate += ["--readings", str(reading(folder)), "--register"]
        few, many = [*gate, str(kept(folder, 10))], [*gate, str(kept(folder, 10_000))]
        commands = {"numpy": [PYTHON, "-c", "import numpy"], "few": few, "many": many}
        for command in commands.values():
            once(command, folder)  # warm the file cache
        taken = [{name: once(command, folder) for name, command in commands.items()} for _ in range(runs)]
        plans = [once(plan, folder) for _ in range(max(3, runs // 3))]

    def ratio(name: str) -> float:
        return statistics.median(turn[name][0] / turn["numpy"][0] for turn in taken)

    print(f"{'command':28} {'median s':>9} {'peak MB':>8} {'bar':>32}")
    for label, rows, bar in (
        ("import numpy", [turn["numpy"] for turn in taken], ""),
        ("planner gate, 10 rows", [turn["few"] for turn in taken], f"{ratio('few'):.2f} of <= 1.3 x numpy"),
        ("planner gate, 10,000 rows", [turn["many"] for turn in taken], f"{ratio('many'):.2f} of <= 1.5 x, <= 40 MB"),
        ("planner plan, pilot", plans, "<= 10 s"),
    ):
        wall = statistics.median(row[0] for row in rows)
        print(f"{label:28} {wall:9.3f} {max(row[1] for row in rows):8.1f} {bar:>32}")
    codes = sorted({turn[name][2] for turn in taken for name in ("few", "many")})
    print(f"gate exit codes: {codes}; python {sys.version.split()[0]}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
