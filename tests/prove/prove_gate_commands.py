"""`planner gate` itself, with real files, against the checker: exit code, verdict, what is recorded."""

import hashlib
import json
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import proof
from gate_cases import Asked, Stored, asked, stored
from gate_checker import Row, allowed
from prove_gate import bases, told
from stored_plan import typed

from planner import __version__
from planner.store import Refused, register

FULL = 500
CODES = {0: "admit", 3: "hold", 4: "unknown"}


def prove(count: int, seed: int) -> str:
    """Ask the command `count` times, a third of them with --admit; return what was counted."""
    rng, found = Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        for case in range(count):
            folder = Path(name) / str(case)
            folder.mkdir()
            found[_asked(rng, folder)] += 1
    return f"{count} commands: {', '.join(f'{number} {what}' for what, number in sorted(found.items()))}"


def _asked(rng: Random, folder: Path) -> str:
    """Ask the command once; return the verdict that it gave, or "refused" for exit code 2."""
    admit, now = rng.random() < 0.4, datetime.now(UTC)
    scenario = folder / "light.yaml"
    scenario.write_text("title: not parsed while nothing changes\n", encoding="utf-8")
    digest = hashlib.sha256(scenario.read_bytes()).hexdigest()
    sets = {"version": __version__, "changes": []}
    plan = stored(rng, [_of(text, sets, {scenario.name: digest}) for text in bases()], now if admit else None)
    one = asked(rng, plan, now if admit else None)._replace(admit=admit)
    (folder / "plan.json").write_bytes(plan.text)
    one = one._replace(rows=_register(folder, one.rows), reading=_reading(folder, one.reading), max_age=_minutes(one))
    words = ["gate", scenario.name, f"--level={one.level}", "--accounts", str(one.accounts), "--plan", "plan.json"]
    words += ["--readings", "now.json"] if (folder / "now.json").exists() else []
    words += ["--register", "register.sqlite"] if one.rows is not None else []
    words += ["--max-age", str(one.max_age // timedelta(minutes=1))]
    words += ["--admit", "new-1", "--by", "ops"] if admit else ["--at", one.now.astimezone(UTC).isoformat()]
    words += ["--json"] if rng.random() < 0.5 else []
    run = typed(*words, cwd=folder)
    case = f"planner {' '.join(words)}: exit code {run.returncode}, {run.stdout[-500:]}{run.stderr[-800:]}"
    verdict = CODES.get(run.returncode)
    known = plan.found
    if known is not None and not admit:  # judged as of a time, the plan is taken to have been there
        known = replace(known, made=min(known.made, one.now))
    right = allowed(known, *one[:5], admit=admit, max_age=one.max_age)
    if plan.kind.startswith("sealed anew"):
        right |= {"unknown"}
    assert verdict in right or (run.returncode == 2 and _may_refuse(one, plan)), told(plan, one, case)
    assert "Traceback" not in run.stderr, told(plan, one, case)
    if verdict is not None:
        said = json.loads(run.stdout)["verdict"] if "--json" in words else run.stdout.split(":", 1)[0]
        assert said == verdict, told(plan, one, case)
    if one.rows is not None:
        rows = _rows(folder / "register.sqlite")
        new = [("admit", "new-1", one.level, one.accounts)] if admit and verdict == "admit" else []
        assert rows == [row[1:] for row in one.rows] + new, told(plan, one, case)
    return verdict or "refused"


def _of(text: str, sets: dict[str, Any], sources: dict[str, str]) -> str:
    """Return a plan as that of the scenario file here."""
    plan = {**json.loads(text), **sets}
    plan["scenario"]["sources"] = sources
    return json.dumps(plan)


def _may_refuse(one: Asked, plan: Stored) -> bool:
    """Return whether what was typed is no question: a level that is none, too many, members counted later."""
    still_to_come = plan.found is not None and plan.found.since is not None and plan.found.since >= one.now
    return one.level not in plan.levels or one.accounts > 100_000 or (one.admit and still_to_come)


def _minutes(one: Asked) -> timedelta:
    return max(timedelta(minutes=1), one.max_age)


def _register(folder: Path, rows: list[Row] | None) -> list[Row] | None:
    """Write a register; return its rows, without what it refuses."""
    if rows is None:
        return None
    path, kept = folder / "register.sqlite", []
    rows = sorted(rows, key=lambda row: row.at)
    register.new(path, min([row.at for row in rows], default=datetime(2020, 1, 1, tzinfo=UTC)))
    for row in rows:
        try:
            with register.open_register(path) as db:
                if row.change == "release":
                    register.release(db, ref=row.ref, by="ops", now=row.at)
                else:
                    given = {"ref": row.ref, "level": row.level, "accounts": row.accounts}
                    register.add(db, **given, by="ops", because="a meeting", now=row.at)
            kept.append(row._replace(change="release" if row.change == "release" else "add"))
        except Refused:
            pass
    return kept


def _rows(path: Path) -> list[tuple[Any, ...]]:
    with register.open_register(path, write=False) as db:
        return [(row.change, row.ref, row.level, row.accounts) for row in register.entries(db)]


def _reading(folder: Path, reading: dict[str, Any] | None) -> dict[str, Any] | None:
    """Write a reading; return what it says, or None if no reader may believe it."""
    if reading is None:
        return None
    nodes: dict[str, dict[str, Any]] = {}
    odd = not reading["nodes"]
    for name, seen in reading["nodes"].items():
        nodes[name] = {"online": seen.get("online", True)}
        for resource, value in seen.items():
            if resource == "online" or value is None:
                continue
            if not 0 <= value <= 10**9:
                odd = True
                nodes[name][resource] = value
            else:
                nodes[name][resource] = value if resource in {"load", "egress"} else int(value)
        # nobody is in a room that is not there, and nobody sends to nobody
        empty = (("rooms", "users"), ("rooms", "streams"), ("users", "streams"))
        odd |= any(nodes[name].get(none) == 0 and nodes[name].get(some) for none, some in empty)
    load = {key: said for key, said in reading.items() if key == "load_of"}
    said = {"taken_at": reading["taken_at"].isoformat(), "nodes": nodes, **load}
    document = {"schema": "planner.reading/1", "source": "by hand", **said}
    (folder / "now.json").write_text(json.dumps(document), encoding="utf-8")
    return None if odd else {"taken_at": reading["taken_at"], "nodes": nodes, "unread": {}, **load}


if __name__ == "__main__":
    proof.main("gate commands", prove, FULL)
