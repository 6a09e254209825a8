"""plan.json read strictly: what was changed, is missing or is not known is refused, and nothing is computed again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from planner import __plan_schema__, seal
from planner.gate import meeting_decision, strict
from planner.gate.standing import Standing
from planner.model.inputs.pages import pages
from planner.model.limit import HOURS, Curve, Limit, Reason, Week, bounded
from planner.wording.names import Names
from planner.wording.reasons import why, would_allow

FEW_DRAWS = 200
"""With fewer draws of the uncertain inputs the number of accounts may be another one with the next seed [-]."""


# What stands in plan.json: a key that is not known here may mean what this gate does not heed.
_PLAN = strict.names(
    """schema version made result seal seed draws paths warnings consented scenario currency timezone members_as_of
    names nodes reached page_size objective offer changes against admission risk load_added credit credit_by_network
    curves weeks swings options growth pool beyond_closed_form checks what_if checkpoint assumptions experience
    calibrated decision share_of_server facts path frontier"""
)
_ADMISSION = strict.names("max_accounts by_level central binding standard_error all_hold holds limits")
_LIMIT = strict.names(
    """limit kind node max_accounts central reason because path when error low high yes_if lever engine up_to
    central_up_to origin when_words"""
)
_WEEK = strict.names("node resource limit reserve") | set(HOURS)
_CURVE = strict.names("node resource measure accounts central at_confidence")
_EXPERIENCE = strict.names("statements effective_draws contradiction without if_peak_higher")
_CALIBRATED = strict.names("history since until meetings fit")
_GOOD, _FAILED, _NOT_KNOWN = "good", "failed: ", "not known: "
_RESOURCES = strict.names("rooms users streams egress load")
_OTHERS = strict.names("policy spendability balance labour cash market")
_MEASURES = strict.names("episodes minutes any_in_week busiest_instant")


class NotAPlan(ValueError):
    """The file is not a plan that this version of the gate can read."""


def standing(document: object) -> Standing:
    """Return the part of plan.json that a verdict rests on; raise `NotAPlan` unless it is sealed and of its form."""
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
    strict.only(document, _PLAN, "the plan")
    strict.only(document["admission"], _ADMISSION, "admission")
    goal, offer, admission, stamp = (document[name] for name in ("objective", "offer", "admission", "scenario"))
    nodes, names = strict.every(document["nodes"], strict.text, "nodes"), _called(document["names"])
    limits = strict.every(admission["limits"], lambda row: _limit(row, nodes, names), "admission.limits")
    weeks = strict.rows(document["weeks"], _week, "weeks")
    levels = _named(document["assumptions"], "levels")
    if len(set(nodes)) != len(nodes):
        raise ValueError("nodes holds a name twice")
    if set(nodes) != set(_named(document["assumptions"], "nodes")):
        raise ValueError("the nodes are not those of the assumptions")
    if {(limit.node, limit.limit) for limit in limits if limit.node is not None} != set(weeks):
        raise ValueError("the limits of the nodes are not the weeks")
    permissions = [number for number, _ in bounded(limits)]
    most = strict.optional(admission["max_accounts"], strict.count)
    if not any(limit.limit == "policy" for limit in limits):
        raise ValueError("admission.limits has no row for the policy")
    if (most is None) != (not permissions) or (most is not None and most > min(permissions)):
        raise ValueError("admission.max_accounts is above one of the limits")
    by_level = _by_level(admission["by_level"], most, levels)
    mix = {strict.text(level): strict.number(part) for level, part in offer["mix"].items()}
    if not set(mix) <= set(levels):
        raise ValueError("offer.mix has a level that the assumptions do not name")
    made = _made(document["made"])
    misfit, not_judged = _fit(document["calibrated"])
    plan = Standing(
        name=strict.text(stamp["name"]),
        digest=strict.text(stamp["digest"]),
        timezone=strict.zone(document["timezone"]).key,
        measure=strict.one_of(goal["measure"], _MEASURES),
        at_most=strict.number(goal["at_most"]),
        confidence=strict.number(goal["confidence"]),
        mix=tuple(level for level, part in mix.items() if part > 0),
        max_accounts=most,
        limits=limits,
        origins={strict.text(row["path"]): strict.text(row["origin"]) for row in admission["limits"]},
        weeks=tuple(weeks.values()),
        curves=strict.rows(document["curves"], _curve, "curves"),
        consented=strict.optional(document["consented"], strict.line),
        made=made,
        result=document["result"],
        seal=document["seal"],
        members_since=strict.beginning(document["members_as_of"], document["timezone"]),
        levels=levels,
        nodes=nodes,
        reached=strict.every(document["reached"], lambda node: strict.one_of(node, frozenset(nodes)), "reached"),
        pages=pages(document["page_size"]),
        names=names,
        by_level=by_level,
        after=strict.count(document["checkpoint"]["after"], 1200),
        cautions=_cautions(document),
        worth=strict.optional(document["experience"], _worth),
        misfit=misfit,
        not_judged=not_judged,
        decision=meeting_decision.read(document["decision"], offer, levels),
    )
    if meeting_decision.still_to_come(plan, made):
        raise ValueError("its decision is dated after the plan was made")
    return plan


def _made(text: str) -> datetime:
    """Return when the plan was made."""
    made = datetime.fromisoformat(text)
    if made.tzinfo is None or not 2000 <= made.year < 3000:
        raise ValueError("made is not a time with its offset")
    return made


def _called(groups: Mapping[str, Mapping[str, str]]) -> Names:
    """Return what people call things; only the words of a verdict hang on it."""
    strict.only(groups, strict.names("nodes networks levels sellers"), "names")
    return Names(
        **{group: {strict.text(key): strict.text(said) for key, said in part.items()} for group, part in groups.items()}
    )


def _limit(row: Mapping[str, Any], nodes: tuple[str, ...], names: Names) -> Limit:
    """Return a limit, whose reasons can be made into sentences."""
    strict.only(row, _LIMIT, "admission.limits")
    if row["kind"] != ("reach" if row["limit"] == "market" else "permission"):
        raise ValueError("a limit is not of its kind: the market is a reach, all others are permissions")
    node = strict.optional(row["node"], strict.text)
    if node is not None and node not in nodes:
        raise ValueError("a limit is of a node that the plan does not name")
    limit = Limit(
        limit=strict.one_of(row["limit"], _OTHERS if node is None else _RESOURCES),
        kind=row["kind"],
        node=node,
        max_accounts=strict.optional(row["max_accounts"], strict.count),
        central=strict.optional(row["central"], strict.count),
        reason=_reason(row["because"]),
        path=strict.text(row["path"]),
        when=strict.optional(row["when"], lambda when: strict.count(when, 2015)),
        yes_if=strict.optional(row["lever"], _reason),
        up_to=strict.optional(row["up_to"], strict.count),
        central_up_to=strict.optional(row["central_up_to"], strict.count),
    )
    strict.text(row["reason"])
    strict.text(why(limit, names))
    strict.optional(would_allow(limit, names), strict.text)
    return limit


def _reason(row: Mapping[str, Any]) -> Reason:
    strict.only(row, strict.names("kind about"), "a reason")
    return Reason(strict.text(row["kind"]), dict(row["about"]))


def _week(row: Mapping[str, Any]) -> Week:
    """Return one week; a band with a hole would let anything pass."""
    strict.only(row, _WEEK, "weeks")
    hours = {name: strict.every(row[name], strict.number, name) for name in HOURS}
    if {len(each) for each in hours.values()} != {168}:
        raise ValueError("a week has not 168 numbers")
    if not all(a <= b for a, b in zip(hours["low"], hours["high"], strict=True)):
        raise ValueError("a week's band does not go from low to high")
    limit, reserve = strict.number(row["limit"]), strict.number(row["reserve"])
    return Week(strict.text(row["node"]), strict.one_of(row["resource"], _RESOURCES), limit, reserve, **hours)


def _curve(row: Mapping[str, Any]) -> Curve:
    strict.only(row, _CURVE, "curves")
    accounts = strict.every(row["accounts"], strict.count, "accounts")
    central, sure = (strict.every(row[name], strict.number, name) for name in ("central", "at_confidence"))
    if not len(accounts) == len(central) == len(sure) or list(accounts) != sorted(set(accounts)):
        raise ValueError("a curve has not one value for each number of accounts")
    return Curve(strict.one_of(row["measure"], _MEASURES), accounts, central, sure)


def _by_level(values: Mapping[str, int] | None, most: int | None, levels: tuple[str, ...]) -> dict[str, int] | None:
    counts = None if values is None else {strict.text(level): strict.count(count) for level, count in values.items()}
    if (counts is None) != (most is None) or (counts is not None and sum(counts.values()) != most):
        raise ValueError("admission.by_level does not add up to admission.max_accounts")
    if counts is not None and not set(counts) <= set(levels):
        raise ValueError("admission.by_level has a level that the assumptions do not name")
    return counts


def _named(rows: list[Mapping[str, Any]], group: str) -> tuple[str, ...]:
    """Return the names of a group of the scenario's entries: what belongs to each is an assumption with its path."""
    paths = (strict.text(row["path"]).split(".") for row in rows)
    names = tuple(dict.fromkeys(path[1] for path in paths if path[0] == group and len(path) > 1))
    if not names:
        raise ValueError(f"the assumptions name no {group}")
    return names


def _cautions(document: Mapping[str, Any]) -> tuple[str, ...]:
    found, draws, seed = [], strict.count(document["draws"]), document["seed"]
    if draws < FEW_DRAWS:
        found.append(f"made with {draws} cases only: with another seed its number may differ; leave --draws out")
    if seed != (own := document["scenario"]["seed"]):
        found.append(f"made with the seed {seed}, where the scenario has {own}")
    return tuple(found)


def _worth(experience: Mapping[str, Any]) -> float:
    """Return how many draws of equal weight the plan's are worth."""
    strict.only(experience, _EXPERIENCE, "experience")
    return strict.number(experience["effective_draws"])


def _fit(calibrated: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return what does not fit the model in what was learned from, and why nobody can tell; "" = neither."""
    if calibrated is None:
        return "", ""
    strict.only(calibrated, _CALIBRATED, "calibrated")
    fit = strict.text(calibrated["fit"])
    if fit == _GOOD:
        return "", ""
    if fit.startswith(_FAILED):
        return strict.text(fit.removeprefix(_FAILED)), ""
    if fit.startswith(_NOT_KNOWN):
        return "", strict.text(fit.removeprefix(_NOT_KNOWN))
    raise ValueError("calibrated.fit is none of good, failed and not known")
