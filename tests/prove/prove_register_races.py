"""Sixteen processes ask for five places at once, by every name that a file can have: five get one, or a refusal."""

import os
import random
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import proof
from register_at_work import EARLY, ask, refs

from planner.store import StoreError, register

PEOPLE, PLACES = 16, 5

FULL = 1000


def race(names: list[Callable[[], Path]]) -> list[str]:
    """Return what each of the processes was told, each of which asks by its own name for the register."""
    start, go = os.pipe()
    crowd = []
    for n, name in enumerate(names):
        ours, theirs = os.pipe()
        if os.fork() == 0:
            os.close(go)
            os.read(start, 1)  # until the other end is closed
            try:
                said = ask(name(), f"ocn-{n}", PLACES)
            except StoreError as error:
                said = f"{error}"
            os.write(theirs, said.encode())
            os._exit(0)
        os.close(theirs)
        crowd.append(ours)
    os.close(start)
    os.close(go)
    told = []
    for pipe in crowd:
        with os.fdopen(pipe) as file:
            told.append(file.read())
    for _ in crowd:
        os.wait()
    return told


@contextmanager
def mounted(source: Path, target: Path) -> Iterator[bool]:
    """Mount a file or folder at a second place; False where the machine does not allow it."""
    target.mkdir() if source.is_dir() else target.touch()
    done = os.geteuid() == 0 and subprocess.run(["mount", "--bind", source, target], check=False).returncode == 0
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", "--lazy", target], check=True)


def _relative(folder: Path) -> Path:
    os.chdir(folder)
    return Path("../real/register")


def rounds(base: Path, chance: random.Random) -> str:
    """Race once; return by which kind of name the file could also be reached."""
    real, kind = base / "real", chance.choice(["plain", "hard link", "mounted file"])
    real.mkdir()
    path = real / "register"
    register.new(path, EARLY)
    (base / "folder").symlink_to(real)
    (real / "symbolic").symlink_to("register")
    names = [lambda: path, lambda: base / "folder/register", lambda: real / "symbolic", lambda: _relative(real)]
    with mounted(real, base / "bound") as bound:
        if bound:
            names.append(lambda: base / "bound/register")
        if kind == "hard link":
            os.link(path, real / "second")
            told = race([names[n % len(names)] if n % 2 else lambda: real / "second" for n in range(PEOPLE)])
            assert all("2 names" in said for said in told), told
            (real / "second").unlink()
            assert refs(path) == set()
            return kind
        with mounted(path, base / "file") if kind == "mounted file" else nullcontext(False) as also:
            told = race(
                [(lambda: base / "file") if also and n % 3 == 0 else names[n % len(names)] for n in range(PEOPLE)]
            )
    assert told.count("admit") == PLACES == len(refs(path)), told
    refused = [said for said in told if said not in ("admit", "hold")]
    assert all(also and "mounted" in said for said in refused), told
    return ("mounted file" if also else "plain") + (" and folder" if bound else "")


def prove(count: int, seed: int) -> str:
    """Race `count` times."""
    chance, kinds = random.Random(seed), dict[str, int]()
    for _ in range(count):
        with tempfile.TemporaryDirectory() as name:
            kind = rounds(Path(name), chance)
        kinds[kind] = kinds.get(kind, 0) + 1
    by = ", ".join(f"{times} {kind}" for kind, times in sorted(kinds.items()))
    return f"{count} rounds of {PEOPLE} processes for {PLACES} places ({by}), never more"


if __name__ == "__main__":
    proof.main("register, races", prove, FULL)
