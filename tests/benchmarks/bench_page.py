"""What the page keeps people waiting for, beside the bars it is to keep.

    python tests/benchmarks/bench_page.py [RUNS]

Each run is a cold `planner open` on the pilot: the time from its start to the first answer, and from an edit to the
first answer and to the whole one (4,000 draws), as a browser hears them; then `planner plan --json` as a process of
its own, the yardstick of the whole answer: on a busy machine the ratios say more than the seconds.
"""

import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from measured import PYTHON, once

ROOT = Path(__file__).parents[2]
PILOT = "scenarios/pilot-5.yaml"
BARS = {"opened": 3.0, "first after an edit": 3.0, "whole after an edit": 12.0}
CODE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from planner.cli import main; main()"


def heard(address: str, sets: list[str]) -> tuple[float, float]:
    """Return after how many seconds a page hears the first answer, and the whole one [s]."""
    url, begun, first = urlsplit(address), time.perf_counter(), 0.0
    line = http.client.HTTPConnection(str(url.hostname), url.port, timeout=600)
    said = json.dumps({"file": PILOT, "sets": sets, "beside": []})
    line.request("POST", f"{url.path}answer", said, {"Origin": f"http://{url.netloc}"})
    for text in line.getresponse():
        told = json.loads(text)
        if "failed" in told:
            raise SystemExit(told["failed"])
        if "html" in told:
            first = first or time.perf_counter() - begun
            if told["whole"]:
                return first, time.perf_counter() - begun
    raise SystemExit("there was no whole answer")


def run() -> dict[str, float]:
    """Return the seconds of one cold `planner open`, and of `planner plan`, by name [s]."""
    begun = time.perf_counter()
    words = [PYTHON, "-c", CODE, "open", "--no-browser", PILOT]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        ready = time.perf_counter() - begun
        first, whole = heard(address, [])
        again, anew = heard(address, ["offer.accounts=8"])
        process.send_signal(signal.SIGINT)
        process.wait()
    planned, _, _ = once([PYTHON, "-m", "planner", "plan", PILOT, "--json"], ROOT, {"PYTHONPATH": str(ROOT)})
    return {
        "address printed": ready,
        "opened": ready + first,
        "whole after opening": ready + whole,
        "first after an edit": again,
        "whole after an edit": anew,
        "planner plan --json": planned,
    }


if __name__ == "__main__":
    found = [run() for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 3)]
    print(f"load of the machine over the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    missed = False
    for name in found[0]:
        seconds = statistics.median(one[name] for one in found)
        bar = BARS.get(name)
        missed |= bar is not None and seconds > bar
        print(
            f"{name:24} {seconds:6.1f} s"
            + ("" if bar is None else f"  bar {bar:g} s{'' if seconds <= bar else ': missed'}")
        )
    sys.exit(missed)
