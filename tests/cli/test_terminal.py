"""The terminal: help with examples that would be understood, the Tab key, and `planner plan` at 80 columns."""

import contextlib
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click
import pytest
import sample_plan
from click.testing import CliRunner
from typed_commands import understood

from planner import report
from planner.cli import COMMANDS, planner
from planner.cli.terminal import show_plan
from planner.planning import Plan

ROOT = Path(__file__).parents[2]
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


# ---- help ------------------------------------------------------------------------------------------------------------


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Yield every command and what it is called by, those inside groups too."""
    with click.Context(planner) as above:
        for name in planner.list_commands(above):
            command = planner.get_command(above, name)
            assert command is not None
            yield name, command
            if isinstance(command, click.Group):
                yield from ((f"{name} {inner}", one) for inner, one in command.commands.items())


WITH_HELP = dict(every_command())


def examples(command: click.Command) -> list[str]:
    """Return the command lines that stand in the help of a command."""
    return re.findall(r"^ *planner (\S.*)$", (command.help or "").replace("\\\n", " "), re.MULTILINE)


def test_the_table_of_commands_is_that_of_the_files() -> None:
    files = {path.stem for path in (ROOT / "planner/cli").glob("*.py") if "\ncommand" in path.read_text("utf-8")}
    files |= {path.stem for path in (ROOT / "planner/cli").glob("*.py") if "\ndef command" in path.read_text("utf-8")}
    assert files == set(COMMANDS)


def test_the_readme_names_every_command_once() -> None:
    named = re.findall(r"^\| `planner (\w+)` \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(COMMANDS)


@pytest.mark.parametrize("name", WITH_HELP)
def test_each_help_has_an_example_of_the_command_that_would_be_understood(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`planner register list` names no register: its group's help says to export PLANNER_REGISTER first."""
    monkeypatch.setenv("PLANNER_REGISTER", "register.sqlite")
    shown = [understood(line) for line in examples(WITH_HELP[name])]
    assert any(called[: len(name.split())] == name.split() for called in shown)


def test_an_example_that_would_not_be_understood_is_found() -> None:
    with pytest.raises(click.NoSuchOption):
        understood("plan pilot.yaml --drawz 40")


@pytest.mark.parametrize("name", ["", *WITH_HELP])
def test_help_and_its_examples_fit_80_columns(name: str) -> None:
    """A line of an example that is folded by the terminal can no longer be copied."""
    done = CliRunner().invoke(planner, [*name.split(), "--help"], prog_name="planner", terminal_width=80)
    assert done.exit_code == 0
    assert [line for line in done.output.splitlines() if len(line) > 80] == []
    if name:
        assert all(
            line in done.output for line in map(str.strip, re.findall(r"planner \S.*", WITH_HELP[name].help or ""))
        )


def on_a_terminal(words: list[str], folder: Path, environment: dict[str, str], typed: bytes = b"") -> str:
    """Return what a program prints where somebody sits at a terminal of 80 columns and types that."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe(words[0], words, environment)
    if typed:
        os.write(terminal, typed)
    seen = b""
    with contextlib.suppress(OSError):  # Linux says so when the program has ended
        while piece := os.read(terminal, 1024):
            seen += piece
    os.waitpid(child, 0)
    os.close(terminal)
    return seen.decode()


# ---- completion ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment in which the command `planner` can be called, as it is after an installation."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "planner"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m planner "$@"\n')
    script.chmod(0o755)
    return os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def from_the_readme() -> str:
    """Return the line that the README says to put where bash reads it."""
    (line,) = re.findall(r"^eval .*$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    return f"{line}\n"


def offered(environment: dict[str, str], *words: str) -> list[str]:
    """Return what a real bash offers after these words, the last of them half typed; `default`: its own files."""
    script = """
LINE
compopt() { COMPREPLY+=("$2"); }    # of the shell's own, which only works where a key was pressed
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
$(complete -p planner | sed 's/.*-F \\([^ ]*\\).*/\\1/') planner
printf '%s\\n' "${COMPREPLY[@]}"
"""
    done = subprocess.run(
        [shutil.which("bash") or "bash", "--norc", "-c", script.replace("LINE", from_the_readme()), "bash", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")


@needs_bash
def test_bash_completes_commands_options_and_files(commands: dict[str, str]) -> None:
    assert offered(commands, "planner", "") == list(COMMANDS)
    assert offered(commands, "planner", "c") == ["calibrate", "compare", "check", "csv"]
    assert offered(commands, "planner", "--v") == ["--version"]
    assert offered(commands, "planner", "register", "re") == ["release", "restore"]
    assert offered(commands, "planner", "gate", "pilot.yaml", "--re") == ["--readings", "--register"]
    assert offered(commands, "planner", "plan", "scen") == ["default"], "bash's own completion of files"


@needs_bash
def test_a_name_is_completed_when_the_tab_key_is_pressed(commands: dict[str, str], tmp_path: Path) -> None:
    """The whole way in an interactive shell on a terminal: a command, then a scenario's file."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios/pilot.yaml").write_text("title: x\n")
    (tmp_path / "start").write_text('PS1="> "\n' + from_the_readme())
    typed = b"planner chec\tscen\tpil\t\nexit\n"
    words = ["bash", "--noprofile", "--rcfile", "start", "-i"]
    assert "scenarios/pilot.yaml:1:" in on_a_terminal(words, tmp_path, commands | {"TERM": "dumb"}, typed)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_understand_what_they_are_told(shell: str, commands: dict[str, str], tmp_path: Path) -> None:
    told = subprocess.run(
        ["planner"],
        env=commands | {"_PLANNER_COMPLETE": f"{shell}_source"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    assert "planner" in told
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    (tmp_path / "told").write_text(told)
    subprocess.run([shell, "-n", str(tmp_path / "told")], check=True, timeout=60)


def test_a_key_that_is_pressed_does_not_import_the_commands(commands: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "planner"],
        env=commands | {"_PLANNER_COMPLETE": "bash_complete", "COMP_WORDS": "planner p", "COMP_CWORD": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "plain,plan\n"
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "click.shell_completion" in imported
    imported.discard("planner.cli.types")  # the bounds of options, which are no command
    assert not [name for name in imported if name.startswith(("numpy", "yaml", "planner.cli.", "planner.scenario"))]


# ---- what `planner plan` prints --------------------------------------------------------------------------------------


def printed(plan: Plan, color: bool = False) -> str:
    """Return what is printed of a plan, to a terminal that shows colours or to a file."""
    command = click.Command("plan", callback=lambda: show_plan(plan, Path("out/pilot-5")))
    done = CliRunner().invoke(command, color=color)
    assert done.exit_code == 0, done.exception
    return done.output


@pytest.mark.parametrize(
    "made",
    [sample_plan.sample, partial(sample_plan.sample, 60), partial(sample_plan.hostile, "long words " * 50)],
    ids=["few", "many", "long"],
)
def test_plan_prints_the_answer_the_binding_limit_and_why_at_80_columns(made: Callable[[], Plan]) -> None:
    plan = made()
    text = printed(plan)
    assert "\x1b" not in text, "nobody sees colours in a file"
    assert [line for line in text.splitlines() if len(line) > 80] == []
    said = " ".join(text.split())
    answer = report.answer(plan)
    assert all(" ".join(sentence.split()) in said for sentence in (*answer.sentences, answer.number))
    choices = [line.strip()[0] for line in text.splitlines() if re.match(r"  \d\. ", line)]
    assert choices == [str(k) for k, _ in enumerate(answer.choices, 1)]
    assert text.endswith("report: out/pilot-5/report.html\n")


def test_what_is_the_first_to_say_no_is_named_with_its_reason_and_what_to_choose() -> None:
    said = " ".join(printed(sample_plan.sample()).split())
    assert "by that rule 5 accounts may come. The first to say no: the pilot's own cap." in said
    assert "why: the pilot is capped at 5 accounts" in said
    assert "1. Start with the five accounts and watch. Adds 1 case of 100 in which a server gets too full." in said
    assert "Buy small jobs" not in said, "saving up brings the hours more often"
    assert "2. Ask first: how many meetings a week does an account have?" in said
    assert "The answer would still show room for all in 40 of 100 cases." in said
    assert "3. Wait. Gives up 45.00 GBP in credit a month: on paper 1.5 hours of marketing." in said


def test_colours_add_nothing_that_words_do_not_say() -> None:
    coloured = printed(sample_plan.sample(), color=True)
    assert ESCAPES.search(coloured)
    assert ESCAPES.sub("", coloured) == printed(sample_plan.sample())


@pytest.mark.parametrize(("said", "coloured"), [("", True), ("1", False)])
def test_no_colour_is_obeyed_on_a_terminal(said: str, coloured: bool, commands: dict[str, str], tmp_path: Path) -> None:
    """NO_COLOR that is set and not empty takes the colours away, also where somebody looks: no-color.org."""
    words = ["planner", "explain", str(ROOT / "scenarios/pilot-5.yaml"), "offer.cap"]
    text = on_a_terminal(words, tmp_path, commands | {"NO_COLOR": said, "TERM": "xterm"})
    assert "offer.cap = 5" in ESCAPES.sub("", text)
    assert bool(ESCAPES.search(text)) == coloured
