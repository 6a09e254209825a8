"""The process beside a command: however it ends, and whenever Ctrl-C is pressed, the command ends too."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

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
        where, end = Path(f"/proc/{second}/wchan"), time.monotonic() + 60
        while "pipe_write" not in where.read_text() and time.monotonic() < end:
            time.sleep(0.05)  # until it has filled the pipe, which nobody empties
        os.kill(second, signal.SIGKILL)
        process.send_signal(signal.SIGCONT)
        assert process.communicate(timeout=30)[0] == "broken\n"
