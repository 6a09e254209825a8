"""What options take: numbers with their bounds, days, paths and text, so that nothing beyond them reaches a command."""

import math
import os
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from planner.model.inputs.observations import MOST_ACCOUNTS

FIRST_YEAR, LAST_YEAR = 1970, 2200
"""Of any day or time that is typed: what is reckoned from it stays within the calendar."""
LONGEST = 10_000
"""Of a text that is typed [character]."""
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What starts a line, moves the cursor or turns the direction of writing."""
PATH = click.Path(path_type=Path)
ACCOUNTS = click.IntRange(1, MOST_ACCOUNTS)
DRAWS = click.IntRange(20, 20_000)
SEED = click.IntRange(0, 2**63 - 1)


class FiniteRange(click.FloatRange):
    """A number within bounds; unlike click's own it takes no nan, which is neither below nor above."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or leave with what is wanted."""
        number = super().convert(value, param, ctx)
        return number if math.isfinite(number) else self.fail(f"{value!r} is not a number.", param, ctx)


class Text(click.types.StringParamType):
    """Text on one line."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the text, or leave with what is wrong with it."""
        text = str(value)
        try:
            text = os.fsencode(text).decode("utf-8")  # where the locale knows no UTF-8, Python has not read it as such
        except UnicodeError:
            self.fail(f"{text!r}: wanted text in UTF-8", param, ctx)
        if _UNSEEN.search(text):
            self.fail(f"{text!r}: wanted one line of text, without control characters", param, ctx)
        if len(text) > LONGEST:
            self.fail(f"wanted at most {LONGEST:,} characters; found {len(text):,}", param, ctx)
        return text


class File(click.Path):
    """A path; it may hold any byte that a file's name can, and is not empty."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, or leave with what is wrong with it."""
        if not str(value) or "\0" in str(value):
            self.fail(f"{str(value)!r} is no file name", param, ctx)
        return super().convert(value, param, ctx)


class Day(click.DateTime):
    """A day such as 2021-10-04, in a year that can be reckoned with."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the day at midnight, or leave with what is wanted."""
        day = super().convert(value, param, ctx)
        return day if in_reach(day) else self.fail(f"{value}: wanted a year from {years()}", param, ctx)


class Zone(Text):
    """A time zone such as Europe/London."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the zone, or leave with what is wanted."""
        from zoneinfo import ZoneInfo  # here, for the gate starts without it

        name = super().convert(value, param, ctx)
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, LookupError):
            self.fail(f"{name}: wanted a time zone such as Europe/London", param, ctx)


def in_reach(when: date | datetime) -> bool:
    """Return whether a day or time is one that can be reckoned with."""
    return FIRST_YEAR <= when.year < LAST_YEAR


def years() -> str:
    """Return which years can be reckoned with, in words."""
    return f"{FIRST_YEAR} to {LAST_YEAR - 1}"


def strict(command: click.Command) -> click.Command:
    """Return a command whose texts and paths are held to the rules above: here for all, so that none can forget it."""
    for param in command.params:
        if type(param.type) is click.types.StringParamType:
            param.type = Text()
        elif type(param.type) is click.Path:
            param.type = File(path_type=Path)
    for subcommand in command.commands.values() if isinstance(command, click.Group) else ():
        strict(subcommand)
    return command
