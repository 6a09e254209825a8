"""What `planner plan` prints: the answer, the limit that binds and why, at 80 columns."""

import textwrap
from pathlib import Path

import click

from planner import report
from planner.model.admission.admission_number import Limit
from planner.planning import Plan
from planner.planning.engines import said, verdict
from planner.report import known
from planner.wording import phrases
from planner.wording.decision import decided, in_place_of
from planner.wording.names import Names
from planner.wording.reasons import why

WIDTH = 80
NEXT = 2
"""So many limits are named after the one that binds."""


def show_plan(plan: Plan, target: Path | None) -> None:
    """Print the two sentences of the answer, the limit that binds and why, and where the report lies."""
    click.secho(_wrap(plan.scenario.title), bold=True)
    for sentence in report.answer(plan):
        click.echo(_wrap(sentence))
    click.echo()
    for label, reason in _reasons(plan):
        text = _wrap(f"  {label} {reason}", "    ")
        click.echo(text.replace(label, click.style(label, bold=True), 1))
    for check in plan.checks:
        if check.agrees is not None or check.z is None:
            name = plan.names.limit(check.resource, check.node)
            counted = f"{name} with {phrases.accounts(check.accounts)}: {said(check)}; {verdict(check)}"
            click.echo(_wrap(counted, "  "))
    if plan.checks and all(check.agrees is None for check in plan.checks):
        click.echo(_wrap("simulation: overloads are too rare to compare the engines", "  "))
    for warning in plan.warnings:
        click.secho(_wrap(f"warning: {warning}", "  "), fg="yellow")
    if target is not None:
        click.echo(f"\nreport: {target / 'report.html'}")
    if plan.result:
        click.echo(f"result: {plan.digits} (quote these digits with the consent)")


def _reasons(plan: Plan) -> list[tuple[str, str]]:
    """Return what binds and why, what would come next, and what to measure first, each with its label."""
    admission, reasons = plan.admission, []
    if admission.binding is not None:
        reasons.append(("binds:", f"{_named(admission.binding, plan.names)}: {why(admission.binding, plan.names)}"))
    others = [limit for limit in admission.limits if limit.kind == "permission" and limit != admission.binding]
    bounded = [limit for limit in others if limit.max_accounts is not None]
    if bounded:
        nearest = sorted(bounded, key=lambda limit: limit.max_accounts or 0)[:NEXT]
        reasons.append(("next:", "; ".join(_named(limit, plan.names) for limit in nearest)))
    if plan.decision is not None:
        number = in_place_of(admission.max_accounts, plan.confidence)
        reasons.append(("decided:", f"{decided(plan.decision)}; the gate keeps to it, and {number}"))
    if added := known.adds(plan):
        reasons.append(("they add:", added))
    reasons += [("seen:", said) for said in known.seen(plan)]
    reasons += [("find out first:", said) for said in known.find_out(plan)[:1]]
    if later := known.later(plan):
        reasons.append(("later:", later))
    return reasons


def _named(limit: Limit, names: Names) -> str:
    return f"{names.limit(limit.limit, limit.node)} (room for {phrases.accounts(limit.max_accounts or 0)})"


def _wrap(text: str, later: str = "") -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=later)
