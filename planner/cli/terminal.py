"""What `planner plan` prints: the answer, the choices and the number, at 80 columns."""

import textwrap
from pathlib import Path

import click

from planner import report
from planner.planning import Plan
from planner.planning.engines import said, verdict
from planner.report import known
from planner.wording import phrases
from planner.wording.reasons import why

WIDTH = 80


def show_plan(plan: Plan, target: Path | None) -> None:
    """Print the answer, what the meeting can choose, how many may come and why no more, and where the report lies."""
    answer = report.answer(plan)
    click.secho(_wrap(plan.scenario.title), bold=True)
    if since := report.changed_here(plan.changes):
        click.echo(_wrap(since))
    for sentence in answer.sentences:
        click.echo(_wrap(sentence))
    if answer.choices:
        click.secho("\nWhat the meeting can choose", bold=True)
    for number, choice in enumerate(answer.choices, start=1):
        text = _wrap(f"  {number}. {choice.does} {choice.follows}", "     ")
        click.echo(text)
    click.echo()
    click.echo(_wrap(answer.number))
    if (first := plan.admission.binding) is not None:
        click.echo(_wrap(f"  why: {why(first, plan.names)}", "    "))
    for seen in known.seen(plan):
        click.echo(_wrap(f"  seen: {seen}", "    "))
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


def _wrap(text: str, later: str = "") -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=later)
