"""What the benchmarks stand on is still there: they run by themselves only when somebody measures."""

from pathlib import Path

import bench_commands

from planner.store import ledger, register


def test_the_register_that_the_gate_is_timed_with_is_whole(tmp_path: Path) -> None:
    with register.open_register(bench_commands.kept(tmp_path, 3)) as kept:
        assert kept.state.head.rows == len(list(ledger.hashes(kept))) == 3
