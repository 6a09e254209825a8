"""What the proofs of the register share: the work that is disturbed, the shim that disturbs it, and the report."""

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from planner.model.inputs.observations import Admitted
from planner.store import StoreError, copies, register

HERE = Path(__file__).parent
EARLY = datetime(2021, 5, 4, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """The smallest thing that can be recorded as a decision."""

    verdict: str
    digest: str = "d1e5"

    def as_json(self) -> dict[str, Any]:
        """Return the whole decision."""
        return {"verdict": self.verdict}


def ask(path: Path, ref: str, places: int) -> str:
    """Return the verdict on one account of a gate that knows one limit, from opening the register to closing it."""
    with register.open_register(path) as db:
        now = datetime.now(UTC)

        def decide(admitted: Admitted) -> Answer:
            return Answer("admit" if admitted.accounts < places else "hold")

        return register.admit(db, decide, ref=ref, level="level-1", accounts=1, by="ops", now=now).verdict


def refs(path: Path) -> set[str]:
    """Return the references in a register."""
    with register.open_register(path, write=False) as db:
        return {entry.ref for entry in register.entries(db)}


def damage(path: Path) -> None:
    """Cut a register short, as a failed copy does."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 700)


# One piece of work for each way to write


@dataclass(frozen=True)
class Work:
    """Something that writes in a folder that `prepared` made, and what must hold after it was disturbed."""

    name: str
    run: Callable[[Path], object]
    prepare: Callable[[Path], object] = lambda _: None

    def outcome(self, folder: Path) -> str:
        """Return "old" or "new", which state the folder is in; raise AssertionError if it is neither."""
        there = {name: refs(folder / name) if (folder / name).exists() else None for name in ("fresh", "copy")}
        kept = _refs_or_damage(folder / "register")
        states: dict[str, tuple[object, object]] = {
            "new": (there["fresh"] is None, there["fresh"] == set()),
            "add": (kept == {"ocn-1", "ocn-2"}, kept == {"ocn-1", "ocn-2", "ocn-3"}),
            "admit": (kept == {"ocn-1", "ocn-2"}, kept == {"ocn-1", "ocn-2", "ocn-3"}),
            "backup": (there["copy"] is None, there["copy"] == {"ocn-1", "ocn-2"}),
            "backup again": (there["copy"] == {"ocn-1"}, there["copy"] == {"ocn-1", "ocn-2"}),
            "restore a damaged one": (kept == {"damaged"}, kept == {"ocn-1"}),
            "restore a lost one": (kept == {"lost"}, kept == {"ocn-1"}),
            "list": (False, kept == {"ocn-1", "ocn-2"}),
        }
        old, new = states[self.name]
        assert bool(old) != bool(new), f"{self.name}: half: {there} {kept}"
        return "old" if old else "new"


def _refs_or_damage(path: Path) -> set[str]:
    if not path.exists():
        return {"lost"}
    try:
        return refs(path)
    except StoreError:
        return {"damaged"}


def _add(folder: Path, ref: str) -> None:
    with register.open_register(folder / "register") as db:
        now = datetime.now(UTC)
        register.add(db, ref=ref, level="level-1", accounts=1, by="ops", because="so", now=now)


def _backup(folder: Path) -> None:
    with register.open_register(folder / "register", write=False) as db:
        copies.backup(db, folder / "copy")


def _restore(folder: Path) -> None:
    copies.restore(folder / "kept", folder / "register", datetime.now(UTC))


WORKS = (
    Work("new", lambda folder: register.new(folder / "fresh", EARLY)),
    Work("add", lambda folder: _add(folder, "ocn-3")),
    Work("admit", lambda folder: ask(folder / "register", "ocn-3", 9)),
    Work("backup", _backup),
    Work("backup again", _backup, lambda folder: shutil.copy(folder / "kept", folder / "copy")),
    Work("restore a damaged one", _restore, lambda folder: damage(folder / "register")),
    Work("restore a lost one", _restore, lambda folder: (folder / "register").unlink()),
    Work("list", lambda folder: refs(folder / "register")),
)


@contextmanager
def template() -> Iterator[Path]:
    """Make a folder with a register of two rows and a backup from when it had one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "template"
        folder.mkdir()
        register.new(folder / "register", EARLY)
        _add(folder, "ocn-1")
        shutil.copy(folder / "register", folder / "kept")
        _add(folder, "ocn-2")
        yield folder


def prepared(work: Work, made: Path) -> Path:
    """Return a copy of the template in which the work can begin."""
    folder = made.parent / "place"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made, folder)
    work.prepare(folder)
    return folder


def disturbed(work: Work, folder: Path, at: int, error: int) -> tuple[str, int]:
    """Do the work in a process of its own that meets its fate at its call number `at`; return what it said.

    An error of 0 kills it. What it says is "done", the sentence of a StoreError, or a traceback; nothing if it was
    killed. Beside it the number of calls it made; 0 if it was killed.
    """
    ours, theirs = os.pipe()
    if (child := os.fork()) == 0:
        arm = ctypes.CDLL(None).shim_arm
        arm(ctypes.c_long(at), error)
        try:
            work.run(folder)
            said = "done"
        except StoreError as problem:
            said = f"{problem}"
        except BaseException:
            said = traceback.format_exc()
        made = ctypes.CDLL(None).shim_count()
        arm(ctypes.c_long(0), 0)
        os.write(theirs, json.dumps([said, made]).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return tuple(json.loads(text)) if text else ("", 0)


def works_again(work: Work, folder: Path) -> None:
    """Do the work once more, undisturbed, unless it was done; then write, which must find nothing in its way."""
    if work.outcome(folder) == "old":
        work.run(folder)
    assert work.outcome(folder) == "new", work.name
    path = folder / ("fresh" if work.name == "new" else "register")
    assert ask(path, "ocn-99", 99) == "admit"
    assert {"ocn-99"} <= refs(path)
    left = [file.name for file in folder.iterdir() if file.name.startswith(f".{path.name}.part-")]
    assert left == [], left


# How a proof is run


def with_shim() -> None:
    """Begin this program once more with the shim under it; needs a C compiler."""
    if "REGISTER_SHIM" in os.environ:
        return
    with tempfile.TemporaryDirectory() as name:
        shim = Path(name) / "shim.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim, HERE / "shim.c", "-ldl"], check=True)
        found = os.environ | {"LD_PRELOAD": str(shim), "REGISTER_SHIM": "1"}
        sys.exit(subprocess.run([sys.executable, *sys.argv], env=found, check=False).returncode)
