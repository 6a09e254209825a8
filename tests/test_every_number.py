"""Every number that can be written or typed, at the ends of what it may be: answered or refused, soon and in bounds.

About a twentieth of those of a scenario, at random; `prove_every_number.py` takes all of them, by the same functions.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import prove_every_number
import pytest

from planner.cli import main, planner
from planner.scenario.reader import ScenarioError, read

pytestmark = pytest.mark.slow

SAMPLE, SEED = 64, 10
"""How many cases are tried here, and which."""


def typed(words: list[str]) -> tuple[int, str]:
    """Return the exit code of a command, as its process would leave it."""
    sys.argv = ["planner", *words]
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        main()
    except SystemExit as left:
        return int(left.code or 0), ""


def test_a_sample_of_the_numbers_of_a_scenario() -> None:
    """At 0, below, next to nothing, far above all, no number, the largest that is allowed and one more."""
    assert prove_every_number.prove(SAMPLE, SEED).startswith(f"{SAMPLE} of ")


@pytest.mark.parametrize("end", ["NaN", "more"])
def test_a_file_of_changes_refuses_the_same(end: str, tmp_path: Path) -> None:
    (tmp_path / "every.yaml").write_text(prove_every_number.EVERYTHING, encoding="utf-8")
    path = tmp_path / "changed.yaml"
    for one in prove_every_number.cases():
        if one.end != end or "overload" in one.text or "min/month" in one.text:
            continue
        *beside, last = (entry.split("=", 1) for entry in one.sets)
        changes = "".join(f"  {where}: {what}\n" for where, what in beside if where != last[0])
        path.write_text(f"title: A\nbase: every.yaml\nchanges:\n{changes}  {last[0]}: {last[1]}\n", encoding="utf-8")
        with pytest.raises(ScenarioError, match=r"changed\.yaml:\d+:\d+ " + re.escape(one.path)):
            read(path)


@pytest.mark.parametrize("part", ["value", "low", "high"])
def test_each_part_of_a_range_is_held_to_the_bounds(part: str, tmp_path: Path) -> None:
    path = tmp_path / "every.yaml"
    path.write_text(prove_every_number.EVERYTHING, encoding="utf-8")
    for text in ("-1 GBP/h", "1e-9 GBP/h", "1e20 GBP/h", "NaN GBP/h"):
        parts = {"value": "30 GBP/h", "low": "24 GBP/h", "high": "45 GBP/h"} | {part: text}
        with pytest.raises(ScenarioError, match=r"--set:1:\d+ spending.hourly_rate"):
            read(path, [f"spending.hourly_rate={json.dumps(parts)}"])


def options_of(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[list[str], click.Option]]:
    """Yield every numeric option of every command, with the words typed before it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from options_of(command, (*above, name))
        elif command is not None:
            for one in command.params:
                if isinstance(one, click.Option) and isinstance(one.type, NUMERIC):
                    places = [each for each in command.params if isinstance(each, click.Argument)]
                    yield [*above, name, *("nowhere" for _ in places)], one


NUMERIC = (click.types.IntParamType, click.types.FloatParamType)


def test_every_numeric_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is taken is the option's own affair; how much work it may ask for is that of `planning.cost`."""
    monkeypatch.chdir(tmp_path)
    outcomes = []
    found = list(options_of(planner))
    assert len(found) >= 10
    for words, one in found:
        assert isinstance(one.type, NUMERIC)
        most = getattr(one.type, "max", None)
        for text in ("0", "-1", "1e-300", "1e20", "NaN", "1" + 20 * "0", *([] if most is None else [most, most + 1])):
            said = [*words, one.opts[0], str(text)]
            outcomes.append(prove_every_number.forked(lambda said=said: typed(said), " ".join(said)))
    prove_every_number.judge(outcomes)
