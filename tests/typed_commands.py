"""What stands in help texts and pages to be typed: whether it would be understood."""

import shlex

import click

from planner.cli import planner


def understood(line: str) -> list[str]:
    """Return the commands that a line calls, or raise what click says of an option or argument that does not fit.

    Parameters
    ----------
    line : str
        As it is typed, without `planner` itself: "register list --register r.sqlite".
    """
    words, called = shlex.split(line.partition(" > ")[0], comments=True), []
    command: click.Command = planner
    with click.Context(planner) as above:
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            called.append(words.pop(0))
            found = command.get_command(above, called[-1])
            assert found is not None, f"there is no command {called[-1]}"
            command = found
        if called:
            command.make_context(called[-1], words).close()
    return called
