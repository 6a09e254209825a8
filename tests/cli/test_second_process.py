"""The process beside a command: however it ends, and whenever Ctrl-C is pressed, the command ends too."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from light_scenario import LIGHT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is not forked")
ROOT = Path(__file__).parents[2]
COMMAND = """
import os, signal, time
from concurrent.futures import BrokenExecutor
from planner.cli.plan import processes

signal.signal(signal.SIGINT, signal.default_int_handler)

def begun(seconds, size):
    print(os.getpid(), flush=True)
    time.sleep(seconds)
    return bytes(size)

with processes(1) as executor:
    found = executor.submit(begun, {seconds}, 10_000_000)
    try:
        print(len(found.result()))
    except BrokenExecutor:
        print("broken")
"""


@contextmanager
def running(seconds: int) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Yield a command, and the number of the process beside it, which works for so long before it answers [s]."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", COMMAND.format(seconds=seconds)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        second = int(process.stdout.readline())
        try:
            yield process, second
        finally:
            if process.poll() is None:
                os.kill(second, signal.SIGKILL)
            process.kill()


@pytest.mark.parametrize("stopped", [False, True])
def test_ctrl_c_waits_for_no_second_process(stopped: bool) -> None:
    with running(300) as (process, second):
        if stopped:
            os.kill(second, signal.SIGSTOP)
        process.send_signal(signal.SIGINT)
        process.wait(30)
        assert not Path(f"/proc/{second}").exists()


def test_a_second_process_that_is_killed_halfway_through_its_answer_is_not_waited_for() -> None:
    with running(1) as (process, second):
        process.send_signal(signal.SIGSTOP)
        time.sleep(4)  # until it has filled the pipe, which nobody empties
        os.kill(second, signal.SIGKILL)
        process.send_signal(signal.SIGCONT)
        assert process.communicate(timeout=30)[0] == "broken\n"


def test_of_several_scenarios_one_process_that_is_killed_costs_nothing(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.yaml").write_text(LIGHT)
    for name in ("scenarios", "data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    words = [sys.executable, "-m", "planner", "check", "one.yaml", "two.yaml", "three.yaml"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        children, end = Path(f"/proc/{process.pid}/task/{process.pid}/children"), time.monotonic() + 60
        while not (begun := children.read_text().split()) and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(int(begun[0]), signal.SIGKILL)
        said = process.communicate(timeout=120)[0]
    assert process.returncode == 0
    assert [line.partition(":")[0] for line in said.splitlines() if "no problems" in line] == words[4:]
