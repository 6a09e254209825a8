"""`planner check`: all problems of scenarios, their changes, and whether what they expect is met."""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from planner.cli import BAD_INPUT, DONE, HOLD, types

Progress = Callable[[str, float], None]


@click.command(
    name="check",
    epilog="Exit code: 0 all well, 2 a scenario has problems, 3 an expectation or the review's own rule is not met.",
)
@click.argument("scenarios", nargs=-1, required=True, type=types.PATH)
@click.option("--draws", type=types.DRAWS, help="Draws for the plans that expectations are held against.")
def command(scenarios: tuple[Path, ...], draws: int | None) -> int:
    """All problems of scenarios at once, each with file, line and what is wanted; then their changes and expectations.

    \b
    planner check scenarios/*.yaml
    """
    worst = DONE
    for code, said, problems in _each(scenarios, draws):
        click.echo(problems, err=True, nl=bool(problems))
        click.echo(said, nl=bool(said))
        # problems outrank an expectation not met: there is no plan to hold it against
        worst = BAD_INPUT if BAD_INPUT in (code, worst) else max(code, worst)
    return worst


def _each(scenarios: Sequence[Path], draws: int | None) -> Iterator[tuple[int, str, str]]:
    """Yield what is to be said of each scenario; several are looked at side by side."""
    from planner.cli.plan import processes, progress
    from planner.model.meanwhile import later

    workers = min(os.cpu_count() or 1, len(scenarios))
    if workers == 1:
        for file in scenarios:
            with progress() as say:
                told = _checked(file, draws, say)
            yield told
        return
    with processes(workers) as executor:
        for found in [later(executor, _checked, file, draws) for file in scenarios]:
            yield found()


def _checked(file: Path, draws: int | None, say: Progress = lambda _doing, _done: None) -> tuple[int, str, str]:
    """Return the exit code of one scenario, what is said of it, and its problems."""
    from planner.planning import partial
    from planner.planning.assumptions import decision
    from planner.planning.cautions import learned_from, misfit
    from planner.planning.credit import review_outlook
    from planner.planning.credit_cautions import dear_block, unmet_rules
    from planner.scenario import expect, resolve
    from planner.scenario.reader import ScenarioError, read
    from planner.wording.decision import decided

    try:
        scenario = read(file, now=datetime.now(UTC))
        said = [f"{file}: no problems, {len(scenario.estimates)} inputs"]
        said += [f"  {one.path}: {one.old} → {one.new}  [{one.where}]" for one in scenario.changes]
        if (made := decision(scenario)) is not None:
            said.append(f"  decided: {decided(made)}")
        said += [f"  {table}: {rows}" for table, rows in scenario.told.items()]
        said += [f"  warning: {one}" for one in misfit(learned_from(scenario))]
        central = resolve.inputs(scenario)
        dear = dear_block(scenario, central)
        outlook = review_outlook(scenario, central, scenario.seed)
        unmet = unmet_rules(outlook, central.offer.review.after)
        said += [f"  warning: {one}" for one in ([] if dear is None else [dear])]
        said += [f"  CANNOT BE MET: {one}" for one in unmet]
        document = partial.document(scenario, scenario.expect, draws, say) if scenario.expect else {}
    except ScenarioError as error:
        return BAD_INPUT, "", "\n".join(map(str, error.problems))
    results = expect.compare(document, scenario.expect.values())
    for result in results:
        verdict = "met" if result.met else "NOT MET"
        said.append(f"  {verdict}: {result.path} = {result.found}, wanted {result.wanted}")
    return (HOLD if unmet or not all(result.met for result in results) else DONE), "\n".join(said), ""
