"""What `planner plan` prints: the answer, the choices and the number, at 80 columns."""

from pathlib import Path

import click

from planner import report
from planner.cli import wrapped
from planner.planning import Plan
from planner.planning.engines import compared
from planner.report import what_to_measure
from planner.wording.reasons import why


def show_plan(plan: Plan, target: Path | None) -> None:
    """Print the answer, what the meeting can choose, how many may come and why no more, and where the report lies."""
    answer = report.answer(plan)
    click.secho(wrapped(plan.scenario.title, later=""), bold=True)
    if since := report.changed_here(plan.changes, plan.names):
        click.echo(wrapped(since, later=""))
    for sentence in answer.sentences:
        click.echo(wrapped(sentence, later=""))
    if answer.choices:
        click.secho("\nWhat the meeting can choose", bold=True)
    for number, choice in enumerate(answer.choices, start=1):
        click.echo(wrapped(f"{number}. {choice.does} {choice.follows}", "  ", "   "))
    click.echo()
    click.echo(wrapped(answer.number, later=""))
    if (first := plan.admission.binding) is not None:
        click.echo(wrapped(f"why: {why(first, plan.names)}", "  "))
    for seen in what_to_measure.seen(plan):
        click.echo(wrapped(f"seen: {seen}", "  "))
    if checked := compared(plan.checks):
        click.echo(wrapped(checked, later=""))
    for warning in plan.warnings:
        click.secho(wrapped(f"warning: {warning}"), fg="yellow")
    if target is not None:
        click.echo(f"\nreport: {target / 'report.html'}")
    if plan.result:
        click.echo(f"result: {plan.digits} (quote these digits with the consent)")
