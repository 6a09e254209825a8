"""`planner check`: all problems of scenarios, their changes, and whether what they expect is met."""

from pathlib import Path

import click

from planner.cli import BAD_INPUT, DONE, HOLD, types
from planner.cli.types import PATH


@click.command(name="check", epilog="Exit code: 0 all well, 2 a scenario has problems, 3 an expectation is not met.")
@click.argument("scenarios", nargs=-1, required=True, type=PATH)
@click.option("--draws", type=types.DRAWS, help="Draws for the plans that expectations are held against.")
def command(scenarios: tuple[Path, ...], draws: int | None) -> int:
    """All problems of scenarios at once, each with file, line and what is wanted; then their changes and expectations.

    \b
    planner check scenarios/*.yaml
    """
    from planner import expect
    from planner.cli.plan import progress
    from planner.planning import partial
    from planner.scenario.reader import ScenarioError, read

    worst = DONE
    for file in scenarios:
        try:
            scenario = read(file)
        except ScenarioError as error:
            for problem in error.problems:
                click.echo(str(problem), err=True)
            worst = BAD_INPUT  # problems outrank an expectation not met: there is no plan to hold it against
            continue
        click.echo(f"{file}: no problems, {len(scenario.estimates)} inputs")
        for change in scenario.changes:
            click.echo(f"  {change.path}: {change.old} → {change.new}  [{change.where}]")
        if not scenario.expect:
            continue
        with progress() as say:
            document = partial.document(scenario, scenario.expect, draws, say)
        results = expect.compare(document, scenario.expect.values())
        for result in results:
            verdict = "met" if result.met else "NOT MET"
            click.echo(f"  {verdict}: {result.path} = {result.found}, wanted {result.wanted}")
        if worst == DONE and not all(result.met for result in results):
            worst = HOLD
    return worst
