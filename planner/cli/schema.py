"""`planner schema`: the JSON Schema of a scenario, for editors that complete and explain."""

import json

import click

from planner.cli import DONE


@click.command(name="schema")
def command() -> int:
    """Print the JSON Schema of a scenario.

    \b
    planner schema > scenarios/scenario.schema.json
    """
    from planner.scenario import json_schema

    click.echo(json.dumps(json_schema.whole(), ensure_ascii=False, indent=1))
    return DONE
