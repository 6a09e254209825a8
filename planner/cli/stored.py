"""What is kept in files: the stored plan, and whether it is that of the scenario as it stands."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from planner import __version__

OUT = Path("out")


def folder(scenario: Path, out: Path | None) -> Path:
    """Return the folder that the results of a scenario go to: one for each file stem."""
    return (out or OUT) / scenario.stem


def read(file: Path) -> dict[str, Any] | None:
    """Return the document of a stored plan, or None where there is none that can be read."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def consent(document: Mapping[str, Any] | None) -> str | None:
    """Return who consented to a stored plan, where and when; None = nobody, or there is no plan."""
    said = None if document is None else document.get("consented")
    return str(said) if said else None


def written(file: Path) -> datetime | None:
    """Return when a file was written; None = there is none."""
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return None


def untouched(document: Mapping[str, Any], scenario: Path) -> bool:
    """Return whether no file that the plan was made from has changed since, so that nothing need be parsed.

    A plan made with --set is never the plan of the file as it stands.
    """
    try:
        stamp = document["scenario"]
        if document["version"] != __version__ or any(change["where"] == "--set" for change in document["changes"]):
            return False
        files = stamp["sources"]
        return bool(files) and all(_sha256(scenario.parent / name) == digest for name, digest in files.items())
    except (KeyError, TypeError, AttributeError, OSError):
        return False


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
