"""The house: who may import whom, and the few rooms that may touch the world. Read from the source: nothing is run."""

import ast
import re
import runpy
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PLANNER = Path(__file__).parents[1] / "planner"
DOCS = Path(__file__).parents[1] / "docs"
ARCHITECTURE = DOCS / "architecture.md"

# Room -> the rooms it may import from. A room is a folder or a file directly under planner/. Nothing may import cli.
ROOMS: dict[str, set[str]] = {
    "model": set(),
    "scenario": {"model", "readings"},
    "readings": {"model"},
    "store": {"model"},
    "plan": {"scenario", "model"},
    "expect": {"scenario"},
    "gate": {"model"},
    "compare": {"plan", "scenario", "model"},
    "sweep": {"plan", "scenario"},
    "calibrate": {"plan", "scenario", "model"},
    "review": {"plan", "scenario", "model"},
    "charts": {"plan", "sweep", "calibrate", "review", "model"},
    "report": {"charts", "plan", "compare", "sweep", "model"},
    "cli": {
        *("model", "scenario", "readings", "store", "plan", "expect", "gate"),
        *("compare", "sweep", "calibrate", "review", "charts", "report"),
    },
}

# Inside model: wing -> (its files, the wings it may import from).
WINGS: dict[str, tuple[set[str], set[str]]] = {
    "records": ({"chance", "inputs", "limits", "observed", "trade", "words"}, set()),
    "closed form": (
        {"exceedance", "occupancy", "predictive"} | {"siting", "traffic"},
        {"records"},
    ),
    "simulation": (
        {"counting", "evidence", "holding", "meetings", "placement", "simulation", "variates"},
        {"closed form", "records"},
    ),
    # the credit side knows nothing of servers: it takes each month's room for new accounts as a number
    "credit": (
        {"allowance", "checkpoint", "credit", "ledger", "leverage", "money", "outcome", "paths", "payment"}
        | {"purchase", "signup", "terms", "wayout"},
        {"records"},
    ),
    "learning": ({"fit", "learning", "load", "pattern", "posterior"}, {"records"}),
    "admission": (
        {"admission", "bench", "beside", "busier", "by_simulation", "headroom", "levers", "servers", "trial"}
        | {"two_engines"},
        {"closed form", "credit", "records", "simulation"},
    ),
}

# Room -> what it may import beside the standard library.
DEPENDENCIES: dict[str, set[str]] = {
    "model": {"numpy"},
    "model.simulation": {"numpy", "numba"},
    "model.exceedance.kernel": {"numpy", "numba"},
    "scenario": {"numpy", "yaml"},
    "readings": {"defusedxml", "openpyxl"},
    "store": set(),
    "plan": {"numpy"},
    "expect": set(),
    "gate": set(),
    "compare": {"numpy"},
    "sweep": {"distributed", "joblib"},
    "calibrate": {"numpy"},
    "review": {"numpy"},
    "charts": {"matplotlib", "numpy"},
    "report": {"jinja2", "markupsafe", "matplotlib"},
    "cli": {"click", "rich"},
}
IMPORTED_AS = {"pyyaml": "yaml"}

# What only one room may touch; the gate's promises hang on these.
SOCKETS = {"socket", "ssl", "http.client", "http.server", "urllib.request", "asyncio", "socketserver", "requests"}
WORLD = {
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime"},
    "os": {"environ", "environb", "getenv", "getcwd", "getlogin", "cpu_count"},
    "Path": {"cwd", "home"},
    "sys": {"argv", "stdin"},
}
# A stopwatch tells nobody what time it is, but what it measures differs from run to run: for slow servers alone.
STOPWATCH = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"}


def modules() -> dict[str, Path]:
    """Return the dotted name below planner of each source file: "model.inputs" -> its path."""
    names = {}
    for path in sorted(PLANNER.rglob("*.py")):
        parts = path.relative_to(PLANNER).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


MODULES = modules()


def imported(source: str, known: set[str]) -> Iterator[str]:
    """Yield the full name of everything imported, also inside functions: "planner.model.inputs", "numpy"."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the direction"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                # "from planner.model import chance" names a module, "from planner.plan import Plan" a thing in one
                yield full if full.removeprefix("planner.") in known or node.module == "planner" else str(node.module)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            yield from (str(name.value) for name in node.args[:1] if isinstance(name, ast.Constant))


def room_of(module: str) -> str:
    """Return the room of a module below planner: "model.inputs" -> "model"."""
    return module.split(".", 1)[0]


def wrong_ways(module: str, source: str, known: set[str]) -> list[str]:
    """Return each import of `module` that goes against the tables above, in words."""
    room = room_of(module)
    found = []
    for name in imported(source, known):
        if name == "planner" or name.startswith("planner.__"):
            continue
        if name.startswith("planner."):
            target = name.removeprefix("planner.")
            if room_of(target) != room and room_of(target) not in ROOMS[room]:
                found.append(f"{module} imports {target}: {room} may not import {room_of(target)}")
            elif room == room_of(target) == "model" and "model" not in (module, target):
                here, there = wing_of(module), wing_of(target)
                if there != here and there not in WINGS[here][1]:
                    found.append(f"{module} imports {target}: {here} may not import {there}")
            continue
        top = name.split(".", 1)[0]
        if top == "sqlite3" and room != "store":
            found.append(f"{module} imports sqlite3: only store opens a database")
        if any(name == s or name.startswith(f"{s}.") for s in SOCKETS) and room != "readings":
            found.append(f"{module} imports {name}: only readings opens a socket")
        if top in {"random", "secrets", "uuid"}:
            found.append(f"{module} imports {top}: randomness is an argument")
        if top not in sys.stdlib_module_names and top not in DEPENDENCIES.get(module, DEPENDENCIES[room]):
            found.append(f"{module} imports {top}: not a dependency of {room}")
    return found


def wing_of(module: str) -> str:
    """Return the wing of model that a module belongs to: "model.inputs" -> "records"."""
    name = module.removeprefix("model.").split(".")[0]
    wing = next((wing for wing, (files, _) in WINGS.items() if name in files), None)
    assert wing is not None, f"model.{name} has no place in WINGS: say where it belongs"
    return wing


def worldly(room: str, source: str) -> list[str]:
    """Return each place that reads the clock, the environment or numpy's hidden random state."""
    world = WORLD if room == "readings" else WORLD | {"time": WORLD["time"] | STOPWATCH}
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module in {"time", "os", "sys"}:
            names = [alias.name for alias in node.names if alias.name in world[node.module]]
            found += [f"line {node.lineno}: from {node.module} import {name}" for name in names]
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if node.attr in world.get(owner, ()):
                found.append(f"line {node.lineno}: {owner}.{node.attr}")
            if owner == "random" and node.attr.islower() and node.attr != "default_rng":
                found.append(f"line {node.lineno}: random.{node.attr}")
        if isinstance(node, ast.Call) and not node.args and not node.keywords:
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called == "default_rng":
                found.append(f"line {node.lineno}: default_rng() without a seed")
    return found


def rooms_table() -> str:
    """Return the table of rooms as docs/architecture.md shows it."""
    lines = ["| room | may import | and of the dependencies |", "|---|---|---|"]
    for room, others in ROOMS.items():
        reach = "everything" if room == "cli" else ", ".join(sorted(others)) or "nothing"
        lines.append(f"| `{room}` | {reach} | {', '.join(sorted(DEPENDENCIES[room])) or 'none'} |")
    return "\n".join(lines)


def wings_table() -> str:
    """Return the table of model's wings as docs/architecture.md shows it."""
    lines = ["| wing of `model` | files | may import |", "|---|---|---|"]
    for wing, (files, others) in WINGS.items():
        names = ", ".join(f"`{name}`" for name in sorted(files))
        lines.append(f"| {wing} | {names} | {', '.join(sorted(others)) or 'nothing'} |")
    return "\n".join(lines)


def as_built() -> tuple[dict[str, set[str]], dict[str, set[str]], dict[str, set[str]], dict[str, set[str]]]:
    """Return what each room may import and what it does, then the same of model's wings."""
    rooms: dict[str, set[str]] = {room: set() for room in ROOMS}
    wings: dict[str, set[str]] = {wing: set() for wing in WINGS}
    placed = {f"model.{name}" for files, _ in WINGS.values() for name in files}
    for module in MODULES:
        if module in ("", "__main__"):
            continue
        for name in imported(MODULES[module].read_text(encoding="utf-8"), set(MODULES)):
            target = name.removeprefix("planner.")
            if target not in MODULES or target in ("", "model"):
                continue
            rooms[room_of(module)] |= {room_of(target)} - {room_of(module)}
            # a file without a wing is another test's complaint
            if {module, target} <= placed:
                wings[wing_of(module)] |= {wing_of(target)} - {wing_of(module)}
    return ROOMS, rooms, {wing: others for wing, (_, others) in WINGS.items()}, wings


def in_a_circle(needs: dict[str, set[str]]) -> set[str]:
    """Return what is left of a graph when all that needs nothing more has been taken away, again and again."""
    left = dict(needs)
    while ground := {name for name, others in left.items() if not others & set(left) - {name}}:
        left = {name: others for name, others in left.items() if name not in ground}
    return set(left)


@pytest.mark.parametrize("module", [name for name in MODULES if name not in ("", "__main__")])
def test_imports_go_one_way(module: str) -> None:
    """Each file imports only what its room may; a new room needs a line in the table, and with it a reason."""
    assert room_of(module) in ROOMS, f"planner/{room_of(module)} has no line in ROOMS"
    assert wrong_ways(module, MODULES[module].read_text(encoding="utf-8"), set(MODULES)) == []


@pytest.mark.parametrize("module", [name for name in MODULES if room_of(name) not in ("cli", "", "__main__")])
def test_only_cli_reads_clock_and_environment(module: str) -> None:
    """Everything else takes the time, the folder and the seed as arguments, so that a test can repeat it."""
    assert worldly(room_of(module), MODULES[module].read_text(encoding="utf-8")) == []


def test_nothing_goes_round_in_a_circle() -> None:
    """Neither the tables nor the files themselves import each other in a circle, and the checker would see it."""
    assert in_a_circle(ROOMS) == set()
    assert in_a_circle({wing: others for wing, (_, others) in WINGS.items()}) == set()
    files = {
        name: {other.removeprefix("planner.") for other in imported(path.read_text(encoding="utf-8"), set(MODULES))}
        for name, path in MODULES.items()
        if path.name != "__init__.py"
    }
    assert in_a_circle(files) == set()
    assert in_a_circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}) == {"a", "b", "c", "d"}


def test_dependencies_are_those_that_are_imported() -> None:
    """Nothing is installed that nobody imports, and nothing imported that is not declared."""
    project = tomllib.loads((PLANNER.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = [
        re.split(r"[<>=;\[ ]", line)[0] for line in project["dependencies"] + extras["fast"] + extras["cluster"]
    ]
    used = {
        name.split(".", 1)[0]
        for path in MODULES.values()
        for name in imported(path.read_text(encoding="utf-8"), set(MODULES))
    }
    assert {IMPORTED_AS.get(name, name) for name in declared} - {"tzdata"} == used - sys.stdlib_module_names - {
        "planner"
    }


def test_every_file_in_the_table_of_wings_is_there() -> None:
    """A table that speaks of files that are gone misleads whoever reads it."""
    assert {f"model.{name}" for files, _ in WINGS.values() for name in files} <= set(MODULES)


def test_the_picture_shows_the_imports_as_they_are() -> None:
    """The committed picture is what the script draws today; one import more or less and it would draw another."""
    draw = runpy.run_path(str(DOCS / "house.py"))["draw"]
    rooms, imports, wings, wing_imports = as_built()
    drawn = draw(rooms, imports, wings, wing_imports)
    assert drawn == (DOCS / "house.svg").read_text(encoding="utf-8"), "draw it anew: python docs/house.py"
    assert draw(rooms, imports | {"plan": imports["plan"] - {"scenario"}}, wings, wing_imports) != drawn
    assert draw(rooms, imports, wings, wing_imports | {"credit": {"records", "learning"}}) != drawn


def test_the_picture_leaves_no_import_out() -> None:
    """Each import of one room by another has its arrow, and every arrow leads down, or stands in words in its room."""
    house = runpy.run_path(str(DOCS / "house.py"))
    rooms, imports, *_ = as_built()
    standing = house["standing"](rooms, 0.0, 380.0)
    ways = house["straight"](standing, imports)
    floor = {room.name: room.floor for room in standing}
    assert all(floor[upper] > floor[lower] for upper, lower in ways)
    for room in standing:
        named = {name for line in house["said"](room, imports, ways) for name in re.findall(r"\w+", line)}
        missing = {other for other in imports[room.name] if (room.name, other) not in ways} - named
        assert not missing or "every" in named


def test_no_room_may_what_it_does_not() -> None:
    """The table allows nothing that nobody uses: the page then says how the house is, not how it might be."""
    rooms, imports, *_ = as_built()
    assert imports == rooms


@pytest.mark.parametrize("table", [rooms_table, wings_table])
def test_architecture_page_shows_the_tables(table: Callable[[], str]) -> None:
    """The page a newcomer reads says what the test holds."""
    assert table() in ARCHITECTURE.read_text(encoding="utf-8"), f"docs/architecture.md should show:\n{table()}"


@pytest.mark.parametrize(
    ("module", "source", "word"),
    [
        ("model.traffic", "import scipy.stats", "not a dependency"),
        ("model.traffic", "import importlib\nimportlib.import_module('scipy')", "not a dependency"),
        ("model.traffic", "from planner.model import admission", "closed form may not import admission"),
        ("model.credit", "from planner.model.exceedance.law import Law", "credit may not import closed form"),
        ("model.inputs", "def f():\n    from planner.scenario.reader import read", "may not import scenario"),
        ("gate", "from planner import cli", "may not import cli"),
        ("plan", "import sqlite3", "only store"),
        ("plan", "import urllib.request", "only readings"),
        ("charts.look", "from planner.gate import decide", "may not import gate"),
        ("gate.verdict", "from planner.plan import Plan", "gate may not import plan"),
        ("model.chance", "import random", "randomness is an argument"),
    ],
)
def test_a_planted_wrong_import_is_found(module: str, source: str, word: str) -> None:
    """The checker can fail: one wrong import of each kind."""
    found = wrong_ways(module, source, set(MODULES) | {"scenario.reader", "model.overload"})
    assert len(found) == 1
    assert word in found[0]


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\nnow = datetime.datetime.now(tz)",
        "from datetime import date\nday = date.today()",
        "import time\nt = time.monotonic()",
        "from os import environ",
        "import os\nhome = os.environ['HOME']",
        "import numpy as np\nrng = np.random.default_rng()",
        "import numpy as np\nx = np.random.normal(size=3)",
    ],
)
def test_a_planted_look_at_the_world_is_found(source: str) -> None:
    """The checker can fail: clock, environment and hidden randomness, one at a time."""
    assert len(worldly("plan", source)) == 1
    assert worldly("plan", "import numpy as np\nrng = np.random.default_rng(seed)") == []
    assert worldly("readings", "from time import monotonic, sleep") == []
