"""The seal: what it covers, what the strict reader refuses, and that each damage to a plan is told by what it is."""

import copy
import json
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored_plan import document

from planner import seal
from planner.gate import NotAPlan, standing

MADE = datetime(2021, 4, 6, 9, 35, tzinfo=UTC)
Document = dict[str, Any]


def whole(**changed: Any) -> Document:
    return seal.sealed(document(**changed), MADE)


def through_json(plan: Document) -> Document:
    return seal.read(json.dumps(plan, indent=1).encode())


def test_what_was_sealed_is_whole_however_it_is_laid_out() -> None:
    plan = whole()
    again = json.dumps(dict(reversed(plan.items())), indent=7).encode()
    assert seal.broken(plan) is seal.broken(through_json(plan)) is seal.broken(seal.read(again)) is None
    assert standing(through_json(plan)).result == plan["result"]


def test_equal_inputs_have_the_result_that_a_consent_quotes_whenever_they_were_planned_and_whoever_signed() -> None:
    later = seal.sealed(document(consented="thread 502"), MADE + timedelta(days=3))
    assert later["result"] == whole()["result"] != whole(cap=6)["result"]
    assert later["seal"] != whole()["seal"]
    local = MADE.astimezone(timezone(timedelta(hours=5)))
    assert seal.sealed(document(), local) == whole()
    assert whole()["made"] == "2021-04-06T09:35:00+00:00"
    assert len(whole()["result"]) == len(whole()["seal"]) == 64


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_has_not_is_not_sealed(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        seal.sealed(document(draws=number), MADE)
    with pytest.raises(ValueError, match="offset"):
        seal.sealed(document(), MADE.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "empty, cut off or not JSON"),
        (b'{"a": 1', "empty, cut off or not JSON"),
        (b'{"a": 1} {"a": 1}', "empty, cut off or not JSON"),
        (b'\xef\xbb\xbf{"a": 1}', "empty, cut off or not JSON"),
        (b'{"a": "\xff"}', "empty, cut off or not JSON"),
        (b'{"a": 01}', "empty, cut off or not JSON"),
        (b"[" * 100_000, "empty, cut off or not JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "empty, cut off or not JSON"),
        (b"[1]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"limits": 1, "limits": 2}', "a name is given twice"),
        (b'{"a": [{"low": 1, "l\\u006fw": 1}]}', "a name is given twice"),
        (b'{"\\n\\u001b[2J": 1, "\\n\\u001b[2J": 1}', "a name is given twice"),
        (b'{"a": NaN}', "NaN is not a number"),
        (b'{"a": [-Infinity]}', "-Infinity is not a number"),
        (b" " * (seal.LARGEST + 1), "larger than 20 MB"),
    ],
)
def test_the_reader_is_strict_and_quotes_nothing_of_what_it_refuses(text: bytes, says: str) -> None:
    with pytest.raises(seal.NotWhole) as refused:
        seal.read(text)
    assert says in str(refused.value)


def test_a_consent_has_something_to_read() -> None:
    assert seal.says_something("thread 501")
    assert not any(map(seal.says_something, ("\u3164", "  ")))


# What may happen to a plan that was sealed. Each of these led the gate to yes before there was a seal.


def _limits(plan: Document) -> None:
    plan["admission"]["limits"] = []


def _no_weeks(plan: Document) -> None:
    plan["weeks"] = []


def _left_out(plan: Document) -> None:
    plan["nodes"] = ["de"]


def _other_consent(plan: Document) -> None:
    plan["consented"] = "thread 999, everybody"


def _made_later(plan: Document) -> None:
    plan["made"] = "2021-10-06T09:35:00+00:00"


def _more(plan: Document) -> None:
    plan["admission"]["max_accounts"] = 50


def _timezone(plan: Document) -> None:
    plan["timezone"] = "Asia/Tokyo"


def _review(plan: Document) -> None:
    plan["checkpoint"]["after"] = 1200


def _draws(plan: Document) -> None:
    plan["draws"] = 20_000


def _higher_limit(plan: Document) -> None:
    plan["weeks"][0]["limit"] = 1e9


def _wider(plan: Document) -> None:
    plan["weeks"][0]["high"][34] = 1e9


def _counted_later(plan: Document) -> None:
    plan["members_as_of"] = "2021-06"


def _infinite(plan: Document) -> None:
    plan["weeks"][0]["limit"] = math.inf


def _pasted(plan: Document) -> None:
    plan["result"] = whole(cap=50)["result"]


def _both_pasted(plan: Document) -> None:
    other = whole(cap=50)
    plan |= {"result": other["result"], "seal": other["seal"]}


def _unsealed(plan: Document) -> None:
    del plan["seal"]


def _no_result(plan: Document) -> None:
    plan["result"] = None


def _as_a_number(plan: Document) -> None:
    plan["draws"] = float(plan["draws"])


_TAMPERED: list[Callable[[Document], None]] = [
    *(_limits, _no_weeks, _left_out, _other_consent, _made_later, _more, _timezone, _review, _draws, _higher_limit),
    *(_wider, _counted_later, _infinite, _pasted, _both_pasted, _unsealed, _no_result, _as_a_number),
]
TAMPERED = [pytest.param(damage, id=damage.__name__.strip("_")) for damage in _TAMPERED]


@pytest.mark.parametrize("damage", TAMPERED)
def test_what_was_changed_after_it_was_sealed_is_no_plan(damage: Callable[[Document], None]) -> None:
    plan = whole()
    damage(plan)
    with pytest.raises(NotAPlan, match=r"changed after it was made|has no seal|a number that no plan holds"):
        standing(plan)


@pytest.mark.parametrize("name", sorted(whole()))
@pytest.mark.parametrize("change", ["gone", "null", "number"])
def test_every_entry_is_sealed(name: str, change: str) -> None:
    plan = through_json(whole())
    before = plan.pop(name)
    if change != "gone":
        plan[name] = None if change == "null" else -7
    if plan.get(name) == before and change == "null":
        return  # it was null before
    with pytest.raises(NotAPlan):
        standing(plan)


# What is sealed anew by somebody who has the source of the planner: the form still has to be that of a plan.

STRANGE: dict[str, Document | Callable[[Document], object]] = {
    "no limits": lambda plan: plan["admission"].update(limits=[]),
    "no weeks": {"weeks": []},
    "a week left out": lambda plan: plan["weeks"].pop(),
    "a node left out": {"nodes": ["de"]},
    "a node without its limits": lambda plan: plan.update(
        weeks=[row for row in plan["weeks"] if row["node"] == "de"], nodes=["de"]
    ),
    "no nodes": {"nodes": []},
    "no policy": lambda plan: plan["admission"]["limits"].pop(),
    "above a limit": lambda plan: plan["admission"].update(max_accounts=41, by_level={"level-1": 41}),
    "no limit at all": lambda plan: plan["admission"].update(max_accounts=None, by_level=None),
    "levels that do not add up": lambda plan: plan["admission"].update(by_level={"level-1": 4}),
    "a level of nobody": lambda plan: plan["admission"].update(by_level={"level-1": 4, "level-9": 1}),
    "levels below zero": lambda plan: plan["admission"].update(by_level={"level-1": 6, "level-2": -1}),
    "a mix with a level of nobody": {"offer": {"accounts": 5, "mix": {"level-9": 1.0}}},
    "a mix of text": {"offer": {"accounts": 5, "mix": {"level-1": "1"}}},
    "an empty consent": {"consented": ""},
    "a consent of blanks": {"consented": " \t\n"},
    "a consent of half a letter": {"consented": "\ud800"},
    "a consent that is a list": {"consented": ["thread 501"]},
    "a kind that is none": lambda plan: plan["admission"]["limits"][0].update(kind="advice"),
    "a limit of another node": lambda plan: plan["admission"]["limits"][0].update(node="fr"),
    "a limit that is true": lambda plan: plan["admission"]["limits"][0].update(max_accounts=True),
    "a limit that is a fraction": lambda plan: plan["admission"]["limits"][0].update(max_accounts=5.5),
    "a limit below zero": lambda plan: plan["weeks"][0].update(limit=-1.0),
    "a limit of nothing": lambda plan: plan["weeks"][0].update(limit=None),
    "a resource that is none": lambda plan: [
        row.update({key: "patience"})
        for rows, key in ((plan["weeks"], "resource"), (plan["admission"]["limits"], "limit"))
        for row in rows
        if row[key] == "load"
    ],
    "a week of a day": lambda plan: plan["weeks"][0].update(low=[0.0] * 24, high=[9.0] * 24),
    "a week upside down": lambda plan: plan["weeks"][0].update(low=[9.0] * 168, high=[0.0] * 168),
    "a week with a hole": lambda plan: plan["weeks"][0]["high"].__setitem__(3, None),
    "a week of text": lambda plan: plan["weeks"][0].update(high=["?"] * 168),
    "a week twice": lambda plan: plan["weeks"].append(plan["weeks"][0]),
    "a curve that goes back": {"curves": [{"accounts": [5, 0], "at_confidence": [0.1, 0.2]}]},
    "a curve without values": {"curves": [{"accounts": [0, 5], "at_confidence": [0.1]}]},
    "a curve without points": {"curves": [{"accounts": [], "at_confidence": []}]},
    "a measure that is none": lambda plan: plan["objective"].update(measure="luck"),
    "no objective": {"objective": None},
    "no admission": {"admission": {}},
    "a timezone of nowhere": {"timezone": "Europe/Nowhere"},
    "a timezone that is a folder": {"timezone": "Europe"},
    "a timezone elsewhere": {"timezone": "../../etc/passwd"},
    "a timezone without end": {"timezone": "x" * 5000},
    "a spring": {"members_as_of": "last spring"},
    "a thirteenth month": {"members_as_of": "2021-13"},
    "a date that is a number": {"members_as_of": 2021},
    "no review": {"checkpoint": None},
    "a review after ages": lambda plan: plan["checkpoint"].update(after=10**9),
    "a review before": lambda plan: plan["checkpoint"].update(after=-6),
    "what this version does not know": {"only_on": "Sundays"},
    "a limit that knows more": lambda plan: plan["admission"]["limits"][0].update(except_for="friends"),
    "assumptions without levels": {"assumptions": [{"path": "nodes.de.share"}, {"path": "nodes.ca.share"}]},
    "assumptions of nothing": {"assumptions": None},
    "a newer schema": {"schema": "planner.plan/9"},
}


@pytest.mark.parametrize("damage", STRANGE.values(), ids=STRANGE)
def test_what_was_sealed_anew_must_still_have_the_form_of_a_plan(
    damage: Document | Callable[[Document], object],
) -> None:
    plan = document()
    curve = {"node": "de", "resource": "users", "measure": "episodes", "central": [0.0, 0.1]}
    if callable(damage):
        damage(plan)
    else:
        plan |= copy.deepcopy(damage)
    plan["curves"] = [curve | row for row in plan["curves"]]
    plan = seal.sealed(plan, MADE)
    assert seal.broken(plan) is None
    with pytest.raises(NotAPlan) as refused:
        standing(plan)
    assert str(refused.value).isprintable()


def test_a_plan_of_a_good_form_with_a_curve_is_one() -> None:
    """The damages above are what is refused, not the form that they are made from."""
    curve = {"node": "de", "resource": "users", "measure": "episodes", "central": [0.0, 0.1]}
    curve |= {"accounts": [0, 5], "at_confidence": [0.1, 0.2]}
    assert standing(whole(curves=[curve])).curves["de", "users"].accounts == (0, 5)


@pytest.mark.parametrize("made", ["yesterday", "2021-04-06T09:35", "0001-01-01T00:00+00:00", "9999-12-31T23:59+00:00"])
def test_a_time_that_is_none_is_no_time(made: str) -> None:
    plan = seal.sealed(document(), MADE) | {"made": made}
    plan["seal"] = seal._seal(plan)
    assert seal.broken(plan) is None
    with pytest.raises(NotAPlan):
        standing(plan)


def _places(part: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [here, *(place for name, value in inner for place in _places(value, (*here, name)))]


PLACES = _places(through_json(whole(nodes=("de",), resources=("users",))))[1:]


@given(
    where=st.sampled_from(PLACES),
    value=st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just([]) | st.just({}) | st.floats(),
)
def test_whatever_is_put_anywhere_is_noticed_and_sealed_anew_never_crashes(where: tuple[Any, ...], value: Any) -> None:
    plan = through_json(whole(nodes=("de",), resources=("users",)))
    part = plan
    for name in where[:-1]:
        part = part[name]
    same = json.dumps(part[where[-1]]) == json.dumps(value)
    part[where[-1]] = value
    assert same or seal.broken(plan) is not None
    if seal.broken(plan) is not None and not (isinstance(value, float) and not math.isfinite(value)):
        plan = seal.sealed(plan, MADE)
    with suppress(NotAPlan):
        standing(plan)
