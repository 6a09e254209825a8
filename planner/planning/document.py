"""plan.json: the plan as a document that programs and the gate read; the named keys are fixed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from planner import __plan_schema__
from planner.model.admission.node_limit import NodeLimit, Risk
from planner.model.credit.summary import Fan
from planner.model.limit import HOURS, Curve, Limit, Week
from planner.planning.amount import Amount
from planner.planning.engines import checks_json
from planner.planning.record import CreditPlan, Plan
from planner.scenario.layers import Change
from planner.wording import phrases
from planner.wording.reasons import why, would_allow

MEASURES = ("busiest_instant", "minutes", "episodes", "any_in_week_bound")
AS_THEY_ARE = (
    "version", "seed", "draws", "paths", "warnings", "consented", "currency", "timezone", "members_as_of", "names",
    "nodes", "reached", "against", "path", "facts", "share_of_server", "experience", "calibrated", "decision",
    "swings", "options", "frontier", "growth", "pool", "what_if", "checkpoint", "assumptions",
)  # fmt: skip
"""What stands in the document under its own name."""


def as_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as the fixed record planner.plan/4: plain dicts, lists, strings and numbers."""
    objective = {name: getattr(plan, name) for name in ("measure", "at_most", "confidence", "confidence_reversible")}
    document: dict[str, Any] = plain(
        {
            "schema": __plan_schema__,
            **{name: getattr(plan, name) for name in AS_THEY_ARE},
            "scenario": plain(plan.scenario) | {"sources": dict(plan.scenario.sources)},
            "page_size": plan.pages.record,
            "objective": objective | {"words": plan.objective_words},
            "offer": {"accounts": plan.offered, "mix": dict(plan.offered_mix)},
            "changes": _in_one_order(plan.changes),
            "admission": _admission(plan),
            "risk": [_risk(server, risk) for server in plan.servers for risk in (server.now, server.offered)],
            "load_added": [_load(server) for server in plan.servers],
            **credit_json(plan.credit.network, plan.credit_by_network),
            "curves": [_curve(server) for server in plan.servers],
            "weeks": [_with_rounded(week, *HOURS) for week in plan.weeks],
            "beyond_closed_form": plan.beyond,
            "checks": checks_json(plan.checks),
        }
    )
    return document


def _in_one_order(changes: Sequence[Change]) -> list[Change]:
    """Return what was changed, by --set last and by name: the result is the same in whatever order it was typed."""
    typed = sorted(one for one in changes if one.where == "--set")
    return [*(one for one in changes if one.where != "--set"), *typed]


def plain(value: Any) -> Any:
    """Return a record as dicts, lists, texts and numbers: no amount is a float, infinity is null: JSON has none."""
    match value:
        case float():
            return None if math.isinf(value) else value
        case date():
            return value.isoformat()
        case Amount():
            return {"amount": str(value.decimal), "unit": value.unit}
        case Mapping():
            return {name: plain(part) for name, part in value.items()}
        case list() | tuple():
            named = value._asdict() if hasattr(value, "_asdict") else None
            return plain(named) if named is not None else [plain(part) for part in value]
        case _ if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _admission(plan: Plan) -> dict[str, Any]:
    first = plan.admission.binding
    when = None if first is None or first.when is None else phrases.when(first.when)
    return {
        **plain(plan.admission),
        "by_level": None if plan.by_level is None else dict(plan.by_level),
        "binding": None if first is None else {"limit": first.limit, "node": first.node, "when": when},
        "limits": [_limit(plan, limit) for limit in plan.admission.limits],
    }


def credit_json(offered: str, networks: Sequence[CreditPlan]) -> dict[str, Any]:
    """Return the credit of the offered network, and of each by its name."""
    by_name = {one.network: plain(one) | {"balance": _fan(one.balance), "paying": _fan(one.paying)} for one in networks}
    return {"credit": by_name[offered], "credit_by_network": by_name}


def _limit(plan: Plan, limit: Limit) -> dict[str, Any]:
    """Return a limit's row: its sentences, and what they are made of, from which the gate makes them again."""
    row: dict[str, Any] = plain(limit)
    row["because"], row["lever"] = row["reason"], row["yes_if"]
    row["reason"], row["yes_if"] = why(limit, plan.names), would_allow(limit, plan.names)
    row["origin"] = plan.origin(limit.path)
    row["when_words"] = None if limit.when is None else phrases.when(limit.when)
    return row


def _risk(server: NodeLimit, row: Risk) -> dict[str, Any]:
    when = phrases.when(row.central.when) if row.central.episodes > 0 else None
    sides = {"central": row.central, "at_confidence": row.at_confidence}
    risks = {name: {side: _round(getattr(each, name)) for side, each in sides.items()} for name in MEASURES}
    return {"node": server.node, "resource": server.resource, "accounts": row.accounts, "when": when, **risks}


def _load(server: NodeLimit) -> dict[str, Any]:
    busiest = {"when": phrases.when(server.load.when), "now": server.load.now, "added": server.load.added}
    bounds = {"limit": server.limit, "reserve": server.reserve}
    return {"node": server.node, "resource": server.resource, **busiest, **bounds}


def _fan(fan: Fan) -> dict[str, Any]:
    return {"months": list(fan.months), **_with_rounded(fan, *(field.name for field in fields(fan)))}


def _curve(server: NodeLimit) -> dict[str, Any]:
    curve = _with_rounded(server.curve, "central", "at_confidence")
    return {"node": server.node, "resource": server.resource, **curve}


def _with_rounded(record: Fan | Curve | Week, *names: str) -> dict[str, Any]:
    """Return a record, with some of its sequences rounded."""
    row: dict[str, Any] = plain(record)
    return row | {name: [_round(value) for value in getattr(record, name)] for name in names}


def _round(value: float) -> float:
    """Six significant digits: more than any input carries, and the file stays small."""
    return float(f"{value:.6g}")
