"""The documentation is run: each example of the pages does what the page says, and each link leads somewhere.

A page may hold blocks of `python` (doctest where it has `>>>`), `console` (`$ command`, then what it prints; `# exit 3`
after a command that does not end with 0), `yaml`, `json` and `text`. The commands of a page run in order, in a copy of
the project's scenarios. What sets up a machine (`git`, `make`, `pip`) is run by CI itself: here it is only checked that
the make target exists.
"""

import doctest
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
RUN_HERE = [page for page in PAGES if page.name != "tutorial.md"]  # followed in a fresh clone: test_tutorial.py
FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^(?P=indent)```\s*$", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
EXIT = re.compile(r"\s+# exit (\d+)$")
SETS_UP = ("git ", "make ", "make\n", "pip ", "python -m venv", "py -m venv", "uv ", ".venv", "cd ", "source ")
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Block(NamedTuple):
    """One fenced block of a page."""

    line: int
    language: str
    body: str


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page in order."""
    for match in FENCE.finditer(page):
        yield Block(page.count("\n", 0, match.start()) + 2, match["language"], match["body"])


def commands(body: str) -> Iterator[tuple[str, int, str]]:
    """Yield (command, exit code, expected output) of a console block; a trailing backslash continues a command."""
    for part in re.split(r"^\$ ", body.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        code = EXIT.search(command)
        yield EXIT.sub("", command), int(code.group(1)) if code else 0, output


def check_python(block: Block, name: str, names: dict[str, object]) -> None:
    """Run a python block among the names that the page's earlier blocks made."""
    if ">>>" not in block.body:
        exec(compile("\n" * (block.line - 1) + block.body, name, "exec"), names)
        return
    test = doctest.DocTestParser().get_doctest(block.body, names, name, name, block.line - 1)
    said: list[str] = []
    failed = doctest.DocTestRunner(optionflags=FLAGS | doctest.REPORT_NDIFF).run(
        test, out=said.append, clear_globs=False
    )
    names.update(test.globs)
    assert failed.failed == 0, "".join(said)


def check_console(block: Block, name: str, folder: Path) -> None:
    """Run the commands of a console block in `folder` and hold each to its exit code and what it prints."""
    for command, code, wanted in commands(block.body):
        where = f"{name}:{block.line}: $ {command}"
        if command.startswith(SETS_UP):
            check_target(command, where)
            continue
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        done = subprocess.run(
            ["sh", "-c", command],
            check=False,
            cwd=folder,
            env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == code, f"{where}\nexit code {done.returncode}, the page says {code}\n{done.stderr}"
        if wanted.strip():
            same = doctest.OutputChecker().check_output(wanted, done.stdout, FLAGS)
            assert same, f"{where}\nthe page says:\n{wanted}\nit prints:\n{done.stdout}"


def check_target(command: str, where: str) -> None:
    """Hold `make X` to a target that the Makefile has."""
    words = shlex.split(command, comments=True)
    if words[0] == "make":
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert set(words[1:2]) <= set(targets), f"{where}: the Makefile has no such target"


def check(page: str, name: str, folder: Path) -> int:
    """Run everything on a page and return how many examples there were."""
    names: dict[str, object] = {"__name__": "__main__"}
    examples = list(blocks(page))
    for block in examples:
        match block.language:
            case "python":
                check_python(block, name, names)
            case "console":
                check_console(block, name, folder)
            case "yaml":
                yaml.safe_load(block.body)
            case "json":
                json.loads(block.body)
            case "text" | "" | "diff":  # tests/test_extending.py applies the diffs
                pass
            case other:
                pytest.fail(f"{name}:{block.line}: nobody runs a block marked {other!r}")
    return len(examples)


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=[pytest.mark.slow] if page.name in {"api.md", "ops.md"} else []) for page in RUN_HERE],
    ids=lambda page: page.name,
)
def test_examples_do_what_the_page_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader who types what stands there sees what stands there."""
    for name in ("scenarios", "data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    assert check(text, page.name, tmp_path) == text.count("\n```") // 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    """A link to a file of the project is a promise that it is there."""
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link and "@" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    "block",
    [
        "```python\n>>> 1 + 1\n3\n```\n",
        "```python\nassert 1 + 1 == 3\n```\n",
        "```console\n$ echo two\nthree\n```\n",
        "```console\n$ false\n```\n",
        "```console\n$ true  # exit 3\n```\n",
        "```console\n$ make coffee\n```\n",
        "```json\n{1}\n```\n",
        "```yaml\na: [1\n```\n",
        "```ruby\nputs 1\n```\n",
    ],
)
def test_an_example_that_is_wrong_is_found(block: str, tmp_path: Path) -> None:
    """The checker can fail: one planted mistake of each kind."""
    with pytest.raises((AssertionError, ValueError, yaml.YAMLError, pytest.fail.Exception)):
        check(block, "planted.md", tmp_path)


def test_an_example_that_is_right_passes(tmp_path: Path) -> None:
    """Names live on from block to block, commands share a folder, and an exit code may be stated."""
    python = "```python\nx = 2\n```\n```python\n>>> x\n2\n```\n"
    console = "```console\n$ echo two > a; exit 3  # exit 3\n$ cat a\ntwo\n```\n"
    assert check(python + console, "planted.md", tmp_path) == 3
