"""A database in use: brought up to date in whole steps."""

from pathlib import Path

import pytest

from planner.store import StoreError, database, history


def test_a_database_is_brought_up_to_date_and_a_newer_one_refused(tmp_path: Path) -> None:
    """A step that fails takes the steps before it back with it; a newer file is not touched."""
    path = tmp_path / "history.db"
    with history.open_history(path) as db:
        db.execute("INSERT INTO sample (node, at, answered, online) VALUES ('de', '2021', 1, 1)")
    now, later = history.STEPS, ("ALTER TABLE sample ADD COLUMN disk REAL",)
    newer = (*now, later)
    failing = (*newer, ("DROP TABLE x",))
    with pytest.raises(StoreError, match="no such table"), database.opened(path, failing):
        pass
    with history.open_history(path) as db:  # the step that failed took the one before it back with it
        assert db.execute("PRAGMA user_version").fetchone()[0] == len(now)
    with database.opened(path, newer) as db:
        assert db.execute("SELECT node, disk FROM sample").fetchall() == [("de", None)]
    with pytest.raises(StoreError, match="newer version"), history.open_history(path):
        pass
