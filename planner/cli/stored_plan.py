"""What is kept in files: the stored plan, and whether it is that of the scenario as it stands."""

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from planner import __version__, seal

OUT = Path("out")


def folder(scenario: Path, out: Path | None) -> Path:
    """Return the folder that the results of a scenario go to: one for each file stem."""
    return (out or OUT) / scenario.stem


def name_of(kind: str, parts: Iterable[str]) -> str:
    """Return the name of what was made of several parts, as far as a name can hold it."""
    return re.sub(r"[^\w.-]", "_", f"{kind}-{'-'.join(parts)}")[:120]


def read(file: Path) -> dict[str, Any] | None:
    """Return the document of a stored plan, or None where there is none."""
    try:
        text = _bytes(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise seal.NotWhole(error.strerror or "it cannot be read") from None
    return seal.read(text)


def consent(document: Mapping[str, Any] | None) -> str | None:
    """Return who consented to a stored plan, where and when; None = nobody, or there is no plan."""
    said = None if document is None else document.get("consented")
    return str(said) if said else None


def untouched(document: Mapping[str, Any], scenario: Path) -> bool:
    """Return whether a plan was made, without --set, from the files as they still are: then nothing need be parsed."""
    try:
        stamp = document["scenario"]
        if document["version"] != __version__ or any(change["where"] == "--set" for change in document["changes"]):
            return False
        files = stamp["sources"]
        # a base is among the sources of what is built on it: the plan must be of this very file
        own = Path(stamp["file"]).name == scenario.name and scenario.name in files
        here = {name: hashlib.sha256(_bytes(scenario.parent / name)).hexdigest() for name in files} if own else None
        return bool(here == files)
    except (KeyError, TypeError, AttributeError, OSError, ValueError):
        return False


def _bytes(file: Path) -> bytes:
    """Return what a file holds, as far as a plan may be long; a pipe in its place must not hang."""
    with open(file, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0))) as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(0, "it is not a file", str(file))
        return stream.read(seal.LARGEST + 1)
