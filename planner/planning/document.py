"""plan.json: the plan as a document that programs and the gate read; the named keys are fixed."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from planner import __plan_schema__
from planner.model.admission.node_limit import NodeLimit, Risk
from planner.model.credit.summary import Fan
from planner.model.limit import HOURS, Curve, Limit, Week
from planner.planning.amount import Amount
from planner.planning.engines import checks_json
from planner.planning.record import CreditPlan, Plan
from planner.wording import phrases
from planner.wording.reasons import why, would_allow

MEASURES = ("busiest_instant", "minutes", "episodes", "any_in_week_bound")


def as_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as the fixed record planner.plan/4: plain dicts, lists, strings and numbers."""
    document: dict[str, Any] = finite(_document(plan))
    return document


def finite(value: Any) -> Any:
    """Return null for infinity, which JSON has not: no limit, never, a distance without an error to measure it by."""
    if isinstance(value, dict):
        return {name: finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and math.isinf(value) else value


def _document(plan: Plan) -> dict[str, Any]:
    return {
        "schema": __plan_schema__,
        "version": plan.version,
        "seed": plan.seed,
        "draws": plan.draws,
        "paths": plan.paths,
        "warnings": list(plan.warnings),
        "consented": plan.consented,
        "scenario": {**asdict(plan.scenario), "sources": dict(plan.scenario.sources)},
        "currency": plan.currency,
        "timezone": plan.timezone,
        "members_as_of": plan.members_as_of,
        "names": asdict(plan.names),
        **{"nodes": list(plan.nodes), "reached": list(plan.reached), "page_size": plan.pages.record},
        "objective": {
            "measure": plan.measure,
            "at_most": plan.at_most,
            "confidence": plan.confidence,
            "confidence_reversible": plan.confidence_reversible,
            "words": plan.objective_words,
        },
        "offer": {"accounts": plan.offered, "mix": dict(plan.offered_mix)},
        # what --set changed by name: the result is the same in whatever order it was said
        "changes": [each._asdict() for each in sorted(plan.changes, key=lambda one: one.path * (one.where == "--set"))],
        "against": None if plan.against is None else asdict(plan.against),
        "admission": _admission(plan),
        "risk": [_risk(server, risk) for server in plan.servers for risk in (server.now, server.offered)],
        "load_added": [_load(server) for server in plan.servers],
        **credit_json(plan.credit.network, plan.credit_by_network),
        "curves": [_curve(server) for server in plan.servers],
        "weeks": [_week(row) for row in plan.weeks],
        "path": [asdict(row) for row in plan.path],
        "facts": [asdict(row) for row in plan.facts],
        "share_of_server": [
            {**asdict(row), "credit_per_percent": amount(row.credit_per_percent)} for row in plan.share_of_server
        ],
        "experience": None if plan.experience is None else asdict(plan.experience),
        "calibrated": None if plan.calibrated is None else asdict(plan.calibrated),
        "decision": None if plan.decision is None else asdict(plan.decision),
        "swings": [asdict(row) for row in plan.swings],
        "options": [{**asdict(row), "income_per_month": amount(row.income_per_month)} for row in plan.options],
        "frontier": [{**asdict(row), "income_per_month": amount(row.income_per_month)} for row in plan.frontier],
        "growth": None if plan.growth is None else asdict(plan.growth),
        "pool": [asdict(row) for row in plan.pool],
        "beyond_closed_form": list(plan.beyond),
        "checks": checks_json(plan.checks),
        "what_if": None if plan.what_if is None else asdict(plan.what_if),
        "checkpoint": None if plan.checkpoint is None else asdict(plan.checkpoint),
        "assumptions": [asdict(row) for row in plan.assumptions],
    }


def _admission(plan: Plan) -> dict[str, Any]:
    return {
        "max_accounts": plan.admission.max_accounts,
        "by_level": None if plan.by_level is None else dict(plan.by_level),
        "central": plan.admission.central,
        "binding": None if plan.admission.binding is None else _binding(plan.admission.binding),
        "standard_error": plan.admission.standard_error,
        "all_hold": plan.admission.all_hold,
        "holds": [asdict(row) for row in plan.admission.holds],
        "limits": [_limit(plan, limit) for limit in plan.admission.limits],
    }


def credit_json(offered: str, networks: Sequence[CreditPlan]) -> dict[str, Any]:
    """Return the credit of the offered network, and of each by its name."""
    by_name = {row.network: _credit(row) for row in networks}
    return {"credit": by_name[offered], "credit_by_network": by_name}


def amount(value: Amount | None) -> dict[str, str] | None:
    """Return an amount of money or credit as text and unit, never as a float."""
    if value is None:
        return None
    return {"amount": str(value).split(" ", 1)[0], "unit": value.unit}


def _binding(limit: Limit) -> dict[str, Any]:
    when = None if limit.when is None else phrases.when(limit.when)
    return {"limit": limit.limit, "node": limit.node, "when": when}


def _limit(plan: Plan, limit: Limit) -> dict[str, Any]:
    """Return a limit's row: its sentences, and what they are made of, from which the gate makes them again."""
    row = asdict(limit)
    row["because"], row["lever"] = row["reason"], row["yes_if"]
    row["reason"], row["yes_if"] = why(limit, plan.names), would_allow(limit, plan.names)
    row["origin"] = plan.origin(limit.path)
    row["when_words"] = None if limit.when is None else phrases.when(limit.when)
    return row


def _risk(server: NodeLimit, row: Risk) -> dict[str, Any]:
    def both(name: str) -> dict[str, float]:
        return {side: _round(getattr(getattr(row, side), name)) for side in ("central", "at_confidence")}

    when = phrases.when(row.central.when) if row.central.episodes > 0 else None
    about = {"node": server.node, "resource": server.resource, "accounts": row.accounts, "when": when}
    return {**about, **{name: both(name) for name in MEASURES}}


def _load(server: NodeLimit) -> dict[str, Any]:
    return {
        "node": server.node,
        "resource": server.resource,
        "when": phrases.when(server.load.when),
        "now": server.load.now,
        "added": server.load.added,
        "limit": server.limit,
        "reserve": server.reserve,
    }


def _credit(row: CreditPlan) -> dict[str, Any]:
    return {
        **asdict(row),
        **{name: amount(getattr(row, name)) for name in ("income_per_month", "target_cost", "largest_balance")},
        **{name: _fan(getattr(row, name)) for name in ("balance", "paying")},
    }


def _fan(fan: Fan) -> dict[str, Any]:
    return {"months": list(fan.months), **_rounded(fan, *asdict(fan))}


def _curve(server: NodeLimit) -> dict[str, Any]:
    row = {"node": server.node, "resource": server.resource, **asdict(server.curve)}
    return {**row, **_rounded(server.curve, "central", "at_confidence")}


def _week(row: Week) -> dict[str, Any]:
    return {**asdict(row), **_rounded(row, *HOURS)}


def _rounded(record: Fan | Curve | Week, *names: str) -> dict[str, list[float]]:
    """Return some sequences of a record by their names, rounded."""
    return {name: [_round(value) for value in getattr(record, name)] for name in names}


def _round(value: float) -> float:
    """Six significant digits: more than any input carries, and the file stays small."""
    return float(f"{value:.6g}")
