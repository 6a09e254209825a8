"""What `planner plan` prints: the answer, the binding limit and why, at 80 columns."""

import textwrap
from pathlib import Path

import click

from planner import report
from planner.model import words
from planner.model.admission import Limit
from planner.plan import Plan

WIDTH = 80


def show_plan(plan: Plan, target: Path | None) -> None:
    """Print the two sentences of the answer, the limits, and where the report lies."""
    click.secho(plan.scenario.title, bold=True)
    for sentence in report.answer(plan):
        click.echo(_wrap(sentence, ""))
    click.echo()
    for limit in _most_pressing(plan):
        mark = "binds" if limit == plan.admission.binding else "     "
        click.echo(_wrap(f"{_allows(limit)}: {limit.reason}", f"  {mark}  "))
    if plan.swings:
        click.echo(_wrap(f"measure this first: {plan.swings[0].path}", "  "))
    for warning in plan.warnings:
        click.secho(_wrap(f"warning: {warning}", "  "), fg="yellow")
    if target is not None:
        click.echo(f"\nreport: {target / 'report.html'}")


def _most_pressing(plan: Plan) -> list[Limit]:
    """Return the three permissions that allow least."""
    bounded = [
        limit for limit in plan.admission.limits if limit.kind == "permission" and limit.max_accounts is not None
    ]
    binding = plan.admission.binding
    return sorted(bounded, key=lambda limit: (limit.max_accounts or 0, limit != binding))[:3]


def _allows(limit: Limit) -> str:
    where = f"{limit.limit} on node {limit.node}" if limit.node else limit.limit
    return f"{where} allows {words.accounts(limit.max_accounts or 0)}"


def _wrap(text: str, indent: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent))
