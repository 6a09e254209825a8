"""Every number says its unit: the fields of the model's records, and the parameters of every public function."""

import ast
import re
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import TypeGuard

import pytest

PLANNER = Path(__file__).parents[1] / "planner"

# What makes an annotation a number. A mapping of numbers is one too: its values have a unit.
# A function that takes one is not.
FUNCTION = re.compile(r"Callable\[\[.*?\], .*\]")
NUMBER = re.compile(r"\b(int|float|Number|Floats|Integers|NDArray|ndarray)\b")
# [h], [1/week], [minor credit/h]; [-] for none.
UNIT = re.compile(r"\[[^\[\]]+\]")
# What the unit of an internal function is made of. E[X] and [0, 1] are no units.
ONE_UNIT = re.compile(r"(?<![\w(])\[([a-zA-Z%][^\[\]]*|-|1/[^\[\]]*)\]")
TIME = {"h", "min", "s", "ms", "day", "week", "month", "year", "tick"}
COUNTED = {"account", "user", "room", "stream", "camera", "meeting", "invoice", "job", "overload", "node", "business"}
OTHER = {
    "-",
    "1",
    "%",
    "minor",
    "money",
    "credit",
    "currency",
    "share",
    "CPU",
    "Erlang",
    "Mbit",
    "byte",
    "inch",
    "point",
    "step",
}
UNITS = TIME | COUNTED | OTHER


def is_number(annotation: ast.expr | None) -> bool:
    """Return whether what is annotated is a number, or holds numbers."""
    return annotation is not None and bool(NUMBER.search(FUNCTION.sub("", ast.unparse(annotation))))


def is_public_number(statement: ast.stmt) -> TypeGuard[ast.AnnAssign]:
    """Return whether a line of a record is a field that holds numbers and is anybody's to read."""
    if not isinstance(statement, ast.AnnAssign):
        return False
    return is_number(statement.annotation) and not ast.unparse(statement.target).startswith("_")


def parameters(docstring: str) -> dict[str, str]:
    """Return name -> description of a numpydoc Parameters section; "a, b : float" describes both."""
    match = re.search(r"^Parameters\n-{3,}\n(.*?)(?=^\S[^\n]*\n-{3,}$|\Z)", docstring, re.MULTILINE | re.DOTALL)
    found: dict[str, str] = {}
    names: list[str] = []
    for line in match.group(1).splitlines() if match else ():
        if line and not line.startswith(" "):
            names = [name.strip(" *`") for name in line.split(" : ")[0].split(",")]
            found |= dict.fromkeys(names, line.partition(" : ")[2])
        else:
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
    return found


def of_function(function: ast.FunctionDef) -> Iterator[str]:
    """Yield what is missing in the docstring of a function or method."""
    docstring = ast.get_docstring(function)
    if not docstring:
        yield f"line {function.lineno} {function.name}: no docstring"
        return
    described = parameters(docstring)
    every = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    for argument in every:
        if not is_number(argument.annotation):
            continue
        if argument.arg not in described:
            yield f"line {function.lineno} {function.name}: {argument.arg} is not under Parameters"
        elif not UNIT.search(described[argument.arg]):
            yield f"line {function.lineno} {function.name}: {argument.arg} has no unit in brackets"


LIBRARY = {PLANNER / "api/plans.py", PLANNER / "api/studies.py", PLANNER / "scenario/reader.py"}
"""Where the functions are that `planner` itself exports: elsewhere `read` or `sweep` is another one."""


@cache
def exported(library: bool = False) -> set[str]:
    """Return what is public: each name in the `__all__` of a package, or in that of the library."""
    return {
        str(ast.literal_eval(name))
        for path in PLANNER.rglob("__init__.py")
        if library or path.parent != PLANNER
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == "__all__"
        and isinstance(node.value, ast.List)
        for name in node.value.elts
    }


def is_unit(unit: str) -> bool:
    """Return whether what stands in brackets is a unit: one of `UNITS`, a quotient of them, or "the limit's unit"."""
    return "unit" in unit or set(re.split(r"[/ ]", unit.replace(",", ""))) <= UNITS


def of_internal(function: ast.FunctionDef) -> Iterator[str]:
    """Yield what is wrong in the docstring of an internal function: none, no unit in brackets, one of no parameter."""
    docstring = ast.get_docstring(function)
    if not docstring:
        yield f"line {function.lineno} {function.name}: no docstring"
        return
    for unit in ONE_UNIT.findall(docstring.partition("\n")[0]):
        if not is_unit(unit):
            yield f"line {function.lineno} {function.name}: [{unit}] is no unit"
    said = re.search(r"^Units: (.*?)\.$", docstring, re.MULTILINE | re.DOTALL)
    taken = {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)}
    for part in re.split(r";\s+", said.group(1)) if said else ():
        names = {name.strip(" *") for name in part.partition(" [")[0].split(",")}
        for name in sorted(names - taken - {"returns"}):
            yield f"line {function.lineno} {function.name}: {name} is no parameter"


def of_record(record: ast.ClassDef, public: set[str]) -> Iterator[str]:
    """Yield what is missing in a record.

    Fields that follow each other may share the docstring after the last; a unit for all may stand in the record's own.
    """
    said_for_all = bool(UNIT.search(ast.get_docstring(record) or ""))
    waiting: list[ast.AnnAssign] = []
    for statement in record.body:
        if is_public_number(statement):
            waiting.append(statement)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and waiting:
            if not said_for_all and not UNIT.search(str(statement.value.value)):
                yield from (f"line {f.lineno} {record.name}.{ast.unparse(f.target)}: no unit" for f in waiting)
            waiting = []
        elif isinstance(statement, ast.FunctionDef) and not statement.name.startswith("_"):
            yield from (of_function if record.name in public else of_internal)(statement)
    if not said_for_all:
        yield from (f"line {f.lineno} {record.name}.{ast.unparse(f.target)}: no docstring" for f in waiting)


def missing(source: str, public: set[str], records: bool = True) -> list[str]:
    """Return what a module leaves unsaid about its numbers, with the line: of its functions, and of its records."""
    found: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found += (of_function if node.name in public else of_internal)(node)
        if records and isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                found.append(f"line {node.lineno} {node.name}: no docstring")
            found += of_record(node, public)
    return found


@pytest.mark.parametrize("path", sorted(PLANNER.rglob("*.py")), ids=lambda path: str(path.relative_to(PLANNER)))
def test_numbers_say_their_unit(path: Path) -> None:
    """A number without its unit is how pence become pounds and minutes hours."""
    in_model = path.is_relative_to(PLANNER / "model")
    assert missing(path.read_text(encoding="utf-8"), exported(path in LIBRARY), records=in_model) == []


SAID = '''
@dataclass
class Node:
    """A server."""

    name: str
    free: float
    taken: float
    """Of its limit [user]."""


def load(rate: float, shape: Floats, *, accounts: int = 1, label: str = "") -> float:
    """Return the load.

    Parameters
    ----------
    rate : float
        Arrivals of one account [1/h].
    shape : ndarray of shape (n_bins,)
        Relative rate
        in each bin [-].
    accounts : int
        How many [account].

    Returns
    -------
    float
        Rooms in progress [Erlang].
    """
'''


@pytest.mark.parametrize(
    ("said", "unsaid", "found"),
    [
        (" [1/h]", "", ["load: rate has no unit in brackets"]),
        ("in each bin [-].", "in each bin.", ["load: shape has no unit in brackets"]),
        ("    accounts : int\n        How many [account].\n", "", ["load: accounts is not under Parameters"]),
        (" [user]", "", ["Node.free: no unit", "Node.taken: no unit"]),
        ('    """Of its limit [user]."""\n', "", ["Node.free: no docstring", "Node.taken: no docstring"]),
        ('    """A server."""\n', "", ["Node: no docstring"]),
        ('"""A server."""', '"""A server, in users [user]."""', []),
    ],
)
def test_a_planted_missing_unit_is_found(said: str, unsaid: str, found: list[str]) -> None:
    """The checker can fail: one thing left out at a time, and nothing is reported but what that leaves open."""
    of = partial(missing, public={"load", "Node"})
    assert of(SAID) == []
    assert SAID.count(said) == 1
    assert [line.split(" ", 2)[2] for line in of(SAID.replace(said, unsaid))] == found


def test_a_unit_that_does_not_exist_is_found() -> None:
    """One line is enough for an internal function, and what it says in brackets is a unit."""
    internal = 'def f(rate: float) -> float:\n    """Return the fees [minor credit] at a rate [1/h]."""\n'
    assert missing(internal, set()) == []
    assert missing(internal.replace("1/h", "1/x"), set()) == ["line 1 f: [1/x] is no unit"]


def test_a_unit_of_what_is_no_parameter_is_found() -> None:
    """A line of units that the code has left behind misleads whoever reads it."""
    internal = 'def f(rate: float) -> float:\n    """Return it.\n\n    Units: rate [1/h]; returns [Erlang].\n    """\n'
    assert missing(internal, set()) == []
    assert missing(internal.replace("Units: rate", "Units: speed"), set()) == ["line 1 f: speed is no parameter"]
