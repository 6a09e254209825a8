"""plan.json read strictly: what was changed, is missing or is not known is refused, and nothing is computed again."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from planner import __plan_schema__, seal
from planner.gate.standing import Standing
from planner.model.limit import Curve, Limit, Reason, Week
from planner.wording.names import Names
from planner.wording.reasons import why, would_allow

T = TypeVar("T")
FEW_DRAWS = 200
"""With fewer draws of the uncertain inputs the number of accounts may be another one with the next seed [-]."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What stands in plan.json: a key that is not known here may mean what this gate does not heed.
_PLAN = _names(
    """schema version made result seal seed draws paths warnings consented scenario currency timezone members_as_of
    names nodes objective offer changes admission risk load_added credit credit_by_network curves weeks swings options
    growth pool beyond_closed_form checks what_if checkpoint assumptions experience calibrated
    share_of_server facts path"""
)
_ADMISSION = _names("max_accounts by_level central binding standard_error all_hold holds limits")
_LIMIT = _names(
    """limit kind node max_accounts central reason because path when error low high yes_if lever engine up_to
    central_up_to origin when_words"""
)
_WEEK = _names("node resource limit reserve mean mean_now low high")
_CURVE = _names("node resource measure accounts central at_confidence")
_EXPERIENCE = _names("statements effective_draws contradiction without if_peak_higher")
_CALIBRATED = _names("history since until meetings fit")
_GOOD, _FAILED = "good", "failed: "
_RESOURCES = _names("rooms users streams egress load")
_OTHERS = _names("policy spendability balance labour cash market")
_MEASURES = _names("episodes minutes any_in_week busiest_instant")


class NotAPlan(ValueError):
    """The file is not a plan that this version of the gate can read."""


def standing(document: object) -> Standing:
    """Return the part of plan.json that a verdict rests on, if the plan is whole: sealed, and of the form it must have.

    Parameters
    ----------
    document : object
        What stands in plan.json, as `seal.read` gives it.

    Raises
    ------
    NotAPlan
        If it is not a plan, was changed since it was made, or holds anything that this version does not know.
    """
    if not isinstance(document, Mapping) or document.get("schema") != __plan_schema__:
        raise NotAPlan(f"it is not a plan of this version: its schema is not {__plan_schema__}")
    try:
        if changed := seal.broken(document):
            raise NotAPlan(changed)
        return _standing(document)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        if isinstance(error, NotAPlan):
            raise
        what = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error).splitlines()[0]
        raise NotAPlan(f"it is not a plan that this version can read: {what}") from error


def _standing(document: Mapping[str, Any]) -> Standing:
    """Return the plan's part, or raise what says which part is not as it must be."""
    _only(document, _PLAN, "the plan")
    _only(document["admission"], _ADMISSION, "admission")
    goal, offer, admission, stamp = (document[name] for name in ("objective", "offer", "admission", "scenario"))
    nodes, names = _all(document["nodes"], _text, "nodes"), _called(document["names"])
    limits = _all(admission["limits"], lambda row: _limit(row, nodes, names), "admission.limits")
    weeks = _rows(document["weeks"], _week, "weeks")
    levels = _named(document["assumptions"], "levels")
    if len(set(nodes)) != len(nodes):
        raise ValueError("nodes holds a name twice")
    _agree(set(nodes), set(_named(document["assumptions"], "nodes")), "the nodes", "those of the assumptions")
    limited = {(limit.node, limit.limit) for limit in limits if limit.node is not None}
    _agree(limited, set(weeks), "the limits of the nodes", "the weeks")
    permissions = [each.max_accounts for each in limits if each.kind == "permission" and each.max_accounts is not None]
    most = _optional(admission["max_accounts"], _count)
    if not any(limit.limit == "policy" for limit in limits):
        raise ValueError("admission.limits has no row for the policy")
    if (most is None) != (not permissions) or (most is not None and most > min(permissions)):
        raise ValueError("admission.max_accounts is above one of the limits")
    by_level = _by_level(admission["by_level"], most, levels)
    mix = {_text(level): _number(part) for level, part in offer["mix"].items()}
    if not set(mix) <= set(levels):
        raise ValueError("offer.mix has a level that the assumptions do not name")
    made = datetime.fromisoformat(document["made"])
    if made.tzinfo is None or not 2000 <= made.year < 3000:
        raise ValueError("made is not a time with its offset")
    return Standing(
        name=_text(stamp["name"]),
        digest=_text(stamp["digest"]),
        timezone=_zone(document["timezone"]).key,
        measure=_one_of(goal["measure"], _MEASURES),
        at_most=_number(goal["at_most"]),
        confidence=_number(goal["confidence"]),
        mix=tuple(level for level, part in mix.items() if part > 0),
        max_accounts=most,
        limits=limits,
        origins={_text(row["path"]): _text(row["origin"]) for row in admission["limits"]},
        weeks=tuple(weeks.values()),
        curves=_rows(document["curves"], _curve, "curves"),
        consented=_optional(document["consented"], _consent),
        made=made,
        result=document["result"],
        seal=document["seal"],
        members_since=_start(document["members_as_of"], document["timezone"]),
        levels=levels,
        nodes=nodes,
        names=names,
        by_level=by_level,
        after=_count(document["checkpoint"]["after"], 1200),
        cautions=_cautions(document),
        worth=_worth(document["experience"]),
        misfit=_misfit(document["calibrated"]),
    )


def _called(groups: Mapping[str, Mapping[str, str]]) -> Names:
    """Return what people call things; only the words of a verdict hang on it."""
    _only(groups, _names("nodes networks levels sellers"), "names")
    return Names(**{group: {_text(key): _text(said) for key, said in part.items()} for group, part in groups.items()})


def _limit(row: Mapping[str, Any], nodes: tuple[str, ...], names: Names) -> Limit:
    """Return a limit, whose reasons can be made into sentences."""
    _only(row, _LIMIT, "admission.limits")
    if row["kind"] != ("reach" if row["limit"] == "market" else "permission"):
        raise ValueError("a limit is not of its kind: the market is a reach, all others are permissions")
    node = _optional(row["node"], _text)
    if node is not None and node not in nodes:
        raise ValueError("a limit is of a node that the plan does not name")
    limit = Limit(
        limit=_one_of(row["limit"], _OTHERS if node is None else _RESOURCES),
        kind=row["kind"],
        node=node,
        max_accounts=_optional(row["max_accounts"], _count),
        central=_optional(row["central"], _count),
        reason=_reason(row["because"]),
        path=_text(row["path"]),
        when=_optional(row["when"], lambda when: _count(when, 2015)),
        yes_if=_optional(row["lever"], _reason),
        up_to=_optional(row["up_to"], _count),
        central_up_to=_optional(row["central_up_to"], _count),
    )
    _text(row["reason"])
    _text(why(limit, names))
    _optional(would_allow(limit, names), _text)
    return limit


def _reason(row: Mapping[str, Any]) -> Reason:
    _only(row, _names("kind about"), "a reason")
    return Reason(_text(row["kind"]), dict(row["about"]))


def _week(row: Mapping[str, Any]) -> Week:
    """Return one week; a band with a hole would let anything pass."""
    _only(row, _WEEK, "weeks")
    mean, mean_now, low, high = (_all(row[name], _number, name) for name in ("mean", "mean_now", "low", "high"))
    if {len(hours) for hours in (mean, mean_now, low, high)} != {168}:
        raise ValueError("a week has not 168 numbers")
    if not all(a <= b for a, b in zip(low, high, strict=True)):
        raise ValueError("a week's band does not go from low to high")
    limit, reserve = _number(row["limit"]), _number(row["reserve"])
    return Week(_text(row["node"]), _one_of(row["resource"], _RESOURCES), limit, reserve, mean, mean_now, low, high)


def _curve(row: Mapping[str, Any]) -> Curve:
    _only(row, _CURVE, "curves")
    accounts = _all(row["accounts"], _count, "accounts")
    central, sure = (_all(row[name], _number, name) for name in ("central", "at_confidence"))
    if not len(accounts) == len(central) == len(sure) or list(accounts) != sorted(set(accounts)):
        raise ValueError("a curve has not one value for each number of accounts")
    return Curve(_one_of(row["measure"], _MEASURES), accounts, central, sure)


def _by_level(values: Mapping[str, int] | None, most: int | None, levels: tuple[str, ...]) -> dict[str, int] | None:
    counts = None if values is None else {_text(level): _count(count) for level, count in values.items()}
    if (counts is None) != (most is None) or (counts is not None and sum(counts.values()) != most):
        raise ValueError("admission.by_level does not add up to admission.max_accounts")
    if counts is not None and not set(counts) <= set(levels):
        raise ValueError("admission.by_level has a level that the assumptions do not name")
    return counts


def _named(rows: list[Mapping[str, Any]], group: str) -> tuple[str, ...]:
    """Return the names of a group of the scenario's entries: what belongs to each is an assumption with its path."""
    paths = (_text(row["path"]).split(".") for row in rows)
    names = tuple(dict.fromkeys(path[1] for path in paths if path[0] == group and len(path) > 1))
    if not names:
        raise ValueError(f"the assumptions name no {group}")
    return names


def _cautions(document: Mapping[str, Any]) -> tuple[str, ...]:
    found, draws, seed = [], _count(document["draws"]), document["seed"]
    if draws < FEW_DRAWS:
        found.append(f"made with {draws} draws only: with another seed its number may differ; leave --draws out")
    if seed != (own := document["scenario"]["seed"]):
        found.append(f"made with the seed {seed}, where the scenario has {own}")
    return tuple(found)


def _worth(experience: Mapping[str, Any] | None) -> float | None:
    """Return how many draws of equal weight the plan's are worth; None = nothing weighs them."""
    if experience is None:
        return None
    _only(experience, _EXPERIENCE, "experience")
    return _number(experience["effective_draws"])


def _misfit(calibrated: Mapping[str, Any] | None) -> str:
    """Return what does not fit the model in what was learned from; "" = nothing, or nothing was learned."""
    if calibrated is None:
        return ""
    _only(calibrated, _CALIBRATED, "calibrated")
    fit = _text(calibrated["fit"])
    if fit != _GOOD and not fit.startswith(_FAILED):
        raise ValueError("calibrated.fit is neither good nor failed")
    return "" if fit == _GOOD else _text(fit.removeprefix(_FAILED))


def _only(part: Mapping[str, Any], names: frozenset[str], what: str) -> None:
    if unknown := sorted(set(part) - names):
        raise ValueError(f"{what} holds what this version does not know: {str(unknown[0])[:40]!a}")
    if missing := sorted(names - set(part)):
        raise KeyError(missing[0])


def _agree(one: set[Any], other: set[Any], named: str, others: str) -> None:
    if one != other:
        raise ValueError(f"{named} are not {others}")


def _all(values: object, each: Callable[[Any], T], what: str) -> tuple[T, ...]:
    """Return every value of a list that must not be empty."""
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"{what} is empty")
    return tuple(each(value) for value in values)


def _rows(values: object, each: Callable[[Mapping[str, Any]], T], what: str) -> dict[tuple[str, str], T]:
    """Return one record for each node and resource, none twice; without any limited node there is none."""
    rows: tuple[Mapping[str, Any], ...] = () if values in ([], ()) else _all(values, dict, what)
    found = {(_text(row["node"]), _text(row["resource"])): each(row) for row in rows}
    if len(found) != len(rows):
        raise ValueError(f"{what} holds a node and resource twice")
    return found


def _optional(value: Any, each: Callable[[Any], T]) -> T | None:
    return None if value is None else each(value)


def _text(value: object) -> str:
    """Return a text that says something and that every file and terminal can hold."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"a text is wanted where {_kind(value)} stands")
    value.encode()  # half a letter cannot be written anywhere
    return value


def _one_of(value: object, known: frozenset[str]) -> str:
    if value not in known:
        raise ValueError(f"{str(value)[:40]!a} is not one of {', '.join(sorted(known))}")
    return str(value)


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(_text(name))
    except (KeyError, OSError):
        raise ValueError("timezone is not the name of a timezone") from None


def _consent(value: object) -> str:
    if not seal.says_something(text := _text(value)):
        raise ValueError("the consent says nothing that can be read")
    return text


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError(f"a number from 0 on is wanted where {_kind(value)} stands")
    return float(value)


def _count(value: object, most: int = 10**12) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(f"a whole number from 0 on is wanted where {_kind(value)} stands")
    return value


def _kind(value: object) -> str:
    return "nothing" if value is None or value == "" else f"a {type(value).__name__} of another kind or size"


def _start(as_of: str | None, timezone: str) -> datetime | None:
    """Return when the day, month or year begins at which the members were counted."""
    # Its beginning, not its end: nobody knows whether an account of that very day is in the count, and to count it
    # twice holds too early, where to forget it admits too many.
    if as_of is None:
        return None
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", as_of):
        raise ValueError("members_as_of is not a year, a month or a day")
    if not "1970" <= as_of[:4] < "2200":
        raise ValueError("members_as_of is not in a year that can be reckoned with")
    year, month, day = (*(int(part) for part in as_of.split("-")), 1, 1)[:3]
    return datetime(year, month, day, tzinfo=_zone(timezone))
