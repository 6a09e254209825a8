"""The sentences that reasons become: every kind that the model makes has one, and it holds its numbers."""

import ast
from dataclasses import asdict
from pathlib import Path

import pytest

from planner.model.inputs.capacity import Options
from planner.model.limit import Limit, Reason
from planner.wording import phrases, reasons

MODEL = Path(__file__).parents[2] / "planner" / "model"


def made() -> set[str]:
    """Return every kind of reason that stands in the model's source."""
    kinds = set()
    for path in MODEL.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reason":
                kinds |= {part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)}
    return {kind for kind in kinds if isinstance(kind, str)}


def test_every_kind_of_reason_has_its_sentence() -> None:
    server = {"none come", "already over", "server"}  # chosen by a variable
    assert made() | server == set(reasons._REASONS) | set(reasons._LEVERS)


def test_minor_units_are_written_as_a_person_writes_them() -> None:
    """Two decimals, and commas between thousands."""
    assert (reasons.money(4500), reasons.money(123_456)) == ("45.00", "1,234.56")


def test_a_reason_without_its_numbers_is_no_sentence() -> None:
    """Half a reason would read like a whole one."""
    limit = Limit("cash", "permission", None, 5, 5, Reason("cash", {"confidence": 0.9}), "cash.set_aside")
    with pytest.raises(KeyError):
        reasons.why(limit)


@pytest.mark.parametrize("kind", ["none come", "already over", "server"])
@pytest.mark.parametrize("name", ["limit", "measure", "now"])
def test_a_reason_without_one_of_its_numbers_says_which(kind: str, name: str) -> None:
    """The gate says of a stored plan that it is missing, so it has to be a name that stands there."""
    about = {"limit": 150.0, "reserve": 0.0, "measure": "episodes", "at_most": 1 / 12, "confidence": 0.9}
    about |= {"now": 0.1, "with_offer": 0.2, "accounts": 5, "when": 420}
    left = {one: value for one, value in about.items() if one != name}
    with pytest.raises(KeyError, match=f"^'{name}'$"):
        reasons.why(Limit("users", "permission", "de", 5, 5, Reason(kind, left), "nodes.de.limits.users"))


def test_an_unknown_kind_is_no_sentence() -> None:
    with pytest.raises(KeyError):
        reasons.why(Limit("cash", "permission", None, 5, 5, Reason("weather", {}), "cash.set_aside"))


def test_what_is_switched_on_is_said_and_nothing_else() -> None:
    said = ("every account twice as busy on Wednesdays", "30 % of the viewers up to 15 min late")
    assert phrases.options(asdict(Options(surge=2.0, late=0.3))) == said


def test_a_limit_is_said_with_what_is_kept_free() -> None:
    said = [reasons.size("users", 150, 20), reasons.size("load", 0.7)]
    assert said == ["150 users of which 20 are kept free", "70 % load"]


def test_both_numbers_of_a_limit_are_said() -> None:
    said = "no limit if everything is as we think, 0 accounts to be right in 90 of 100 cases"
    assert reasons.both_numbers(0, None, 0.9) == said
    assert reasons.both_numbers(0, None, 0.9995).endswith(" to be right in 99.95 of 100 cases")


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((90, 99, 80, 80), "; it could be 90 to 99; the smaller counts"),
        ((90, None, 90, None), "; it could be 90 or more; the smaller counts"),
        ((90, 99, 80, 85), "; they could be 90 to 99 and 80 to 85; the smaller counts"),
        ((90, 90, 80, 80), ""),
    ],
)
def test_what_a_simulation_did_not_rule_out_is_said_in_the_order_of_the_numbers(
    ends: tuple[int, int | None, int, int | None], said: str
) -> None:
    central, central_up_to, sure, up_to = ends
    reason = Reason("cash", {})
    limit = Limit("users", "permission", "de", sure, central, reason, "x", up_to=up_to, central_up_to=central_up_to)
    assert reasons._doubt(limit) == said
