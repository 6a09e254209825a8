"""The register loses nothing to kill -9: at each call that reaches a file, and at random moments."""

import os
import random
import shutil
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import proof
from register_at_work import EARLY, WORKS, ask, disturbed, prepared, refs, template, with_shim, works_again

from planner.store import copies, register

FULL = 1000


def at_each_call(made: Path, share: float, chance: random.Random) -> int:
    """Kill each work at each of its calls, or at a share of them; return how many kills there were."""
    kills = 0
    for work in WORKS:
        at, calls = 1, None
        while calls is None:
            if chance.random() < share or at % 100 == 0:
                folder = prepared(work, made)
                said, _ = disturbed(work, folder, at, 0)
                assert said in ("", "done"), said
                works_again(work, folder)
                calls = at if said else None
                kills += not said
            at += 1
    return kills


def _busy(folder: Path, first: int, pipe: int) -> None:
    """Admit and report, and do everything else in between, until killed."""
    path, copy, other = folder / "register", folder / "copy", folder / "other"
    for n in range(first, first + 10_000):
        if ask(path, f"ocn-{n}", 10**6) == "admit":
            os.write(pipe, f"ocn-{n}\n".encode())  # what stands in the pipe was said to somebody
        with register.open_register(path, write=False) as db:
            copies.backup(db, copy)
        copies.restore(copy, other, datetime.now(UTC))
        fresh = folder / f"fresh-{n}"
        register.new(fresh, EARLY)
        fresh.unlink()


def at_random(folder: Path, kills: int, chance: random.Random) -> int:
    """Kill a busy process again and again; return how many admissions it reported, all of which are there."""
    path, reported, n, longest = folder / "register", set[str](), 100, 0.1
    for _ in range(kills):
        for fresh in folder.glob("*fresh-*"):
            fresh.unlink()
        ours, theirs = os.pipe()
        if (child := os.fork()) == 0:
            os.close(ours)
            _busy(folder, n, theirs)
            os._exit(1)
        os.close(theirs)
        time.sleep(chance.uniform(0.0, longest))
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL, "it ended by itself"
        with os.fdopen(ours) as pipe:
            said = {line.strip() for line in pipe if line.endswith("\n")}
        longest *= 0.95 if said else 1.1  # about as long as one round takes on this machine
        there = refs(path)
        assert reported | said <= there, f"lost: {(reported | said) - there}"
        assert len(there - reported - said - {"ocn-1", "ocn-2"}) <= 1, "more than the one in hand was not reported"
        for file in (folder / "copy", folder / "other", *folder.glob("fresh-*")):
            assert not file.exists() or refs(file) <= there, file
        if len(there) > 150:  # begin again, so that the work stays small
            for file in folder.iterdir():
                file.unlink()
            register.new(path, EARLY)
            reported, n = set(), 100
            continue
        reported |= there - {"ocn-1", "ocn-2"}
        n = max((int(ref[4:]) for ref in reported), default=99) + 1
    return len(reported)


def prove(count: int, seed: int) -> str:
    """Return what was done: `count` kills at random moments, and at that share of a thousand of the calls."""
    chance = random.Random(seed)
    with template() as made:
        calls = at_each_call(made, min(1.0, count / 1000), chance)
        folder = made.parent / "busy"
        shutil.copytree(made, folder)
        at_random(folder, count, chance)
    return f"{count} kills at random moments and {calls} at single calls, nothing lost, nothing half"


if __name__ == "__main__":
    with_shim()
    proof.main("register, kills", prove, FULL)
