"""Every number that enters a formula says its unit: in `planner/model`, parameters and fields alike."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

MODEL = Path(__file__).parents[1] / "planner" / "model"

# What makes an annotation a number. A mapping of numbers is one too: its values have a unit.
# A function that takes one is not.
FUNCTION = re.compile(r"Callable\[\[.*?\], .*\]")
NUMBER = re.compile(r"\b(int|float|Number|Floats|Integers|NDArray|ndarray)\b")
# [h], [1/week], [minor credit/h]; [-] for none.
UNIT = re.compile(r"\[[^\[\]]+\]")


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


def of_record(record: ast.ClassDef) -> Iterator[str]:
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
            yield from of_function(statement)
    if not said_for_all:
        yield from (f"line {f.lineno} {record.name}.{ast.unparse(f.target)}: no docstring" for f in waiting)


def missing(source: str) -> list[str]:
    """Return what a module of the model leaves unsaid about its numbers, with the line."""
    found: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found += of_function(node)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                found.append(f"line {node.lineno} {node.name}: no docstring")
            found += of_record(node)
    return found


@pytest.mark.parametrize("path", sorted(MODEL.glob("*.py")), ids=lambda path: path.stem)
def test_numbers_of_the_model_say_their_unit(path: Path) -> None:
    """A number without its unit is how pence become pounds and minutes hours."""
    assert missing(path.read_text(encoding="utf-8")) == []


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
    assert missing(SAID) == []
    assert SAID.count(said) == 1
    assert [line.split(" ", 2)[2] for line in missing(SAID.replace(said, unsaid))] == found
