"""Saving: a small file with its base and what was changed, never over what somebody wrote or has changed meanwhile."""

import os
import re
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from planner import output
from planner.page.asked import Asked, Refused, place, scenario, stamp
from planner.scenario import overlay, sheet, tree
from planner.scenario.layers import DECISION
from planner.scenario.problem import Problems, Unreadable
from planner.scenario.reader import read
from planner.scenario.tree import Map, Scalar

LONGEST_NAME: Final = 60
"""Fits, whatever its letters are, into the 255 bytes that a file's name may have [character]."""
_ONE_AT_A_TIME: Final = Lock()


def save(folder: Path, asked: Asked, name: str, title: str, seen: str, now: datetime) -> str:
    """Write what a page has changed as a scenario beside the one it opened; return its name below the folder.

    The file had the sha256 `seen` when the page opened it: one that was changed since is not written over.
    """
    opened = place(folder, asked.file)
    stem = (name.strip() or re.sub(r"[^\w£€]+", "-", title).strip("-").lower()[:LONGEST_NAME]).removesuffix(".yaml")
    if not stem or "/" in stem or stem.startswith("."):
        raise Refused(f"wanted a name such as eight-accounts; found {name[:80]!r}")
    if len(stem) > LONGEST_NAME:
        raise Refused(f"wanted a name of at most {LONGEST_NAME} letters; found {len(stem)}")
    if not title.strip() or not title.isprintable():
        raise Refused("wanted a title, in one line")
    target = place(folder, (Path(asked.file).parent / f"{stem}.yaml").as_posix())
    if target.is_symlink():
        raise Refused(f"{target.name} is a link, and is kept as it is: choose another name")
    made = scenario(folder, asked, now)
    base, paths = os.path.relpath(opened, target.parent), tuple(asked.changed)
    again = target.exists() and target.samefile(opened)
    if again:
        base, before = _own(opened)
        paths = (*before, *paths)
    outer = [path for path in dict.fromkeys(paths) if not any(path.startswith(f"{one}.") for one in paths)]
    nodes = {path: made.tree.at_path(path) for path in outer}
    entries = {path: sheet.plain(node) for path, node in nodes.items() if node is not None}
    text = overlay.yaml(Path(base).as_posix(), title.strip(), entries)
    _written(target, text, made.digest, seen if again else "", now)
    return target.relative_to(folder).as_posix()


def _own(file: Path) -> tuple[str, tuple[str, ...]]:
    """Return base and changed paths of a file that the page has written; whatever else it is, it is kept as it is."""
    kept = f"{file.name} was written by somebody, and is kept as it is: save under another name"
    try:
        text = file.read_text(encoding="utf-8")
        root = tree.parse(text, file.name, Problems())
    except (OSError, ValueError, Unreadable):
        raise Refused(kept) from None
    base, title = (root.get(one) if isinstance(root, Map) else None for one in ("base", "title"))
    changes = root.get("changes") if isinstance(root, Map) else None
    if not isinstance(base, Scalar) or not isinstance(title, Scalar) or not isinstance(changes, Map):
        raise Refused(kept)
    entries = {key.text: sheet.plain(node) for key, node in changes.items}
    # what the page would write is this very file: so there is no comment in it, and nothing else to lose
    if overlay.yaml(base.text, title.text, entries) != text or DECISION in entries:
        raise Refused(kept)
    return base.text, tuple(entries)


def _written(target: Path, text: str, digest: str, seen: str, now: datetime) -> None:
    """Write a scenario that has been read well from where it will lie, and says what the page shows."""
    trial = output.beside(target, ".yaml")
    try:
        output.write(trial, text, output.NEW)
        if read(trial, now=now).digest != digest:
            raise Refused("this cannot be said in a file of changes: write it into a scenario with an editor")
        if not seen:
            try:
                os.link(trial, target)  # unlike a rename it never takes the place of what is there
            except FileExistsError:
                raise Refused(f"{target.name} is there already: choose another name") from None
            return
        with _ONE_AT_A_TIME:  # or two pages that read the same would both find it unchanged
            if stamp(target) != seen:
                raise Refused(
                    f"{target.name} was changed since this page read it: save under another name, or open it anew"
                )
            trial.replace(target)
    finally:
        trial.unlink(missing_ok=True)
