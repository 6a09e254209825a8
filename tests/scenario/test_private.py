"""What is no scenario is told so, and nothing of it is repeated: it may be the secret of a server."""

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from planner.cli import planner
from planner.readings import ReadingError, opened, tables, web_log
from planner.scenario.reader import ScenarioError, read

SMALL = Path(__file__).parents[1] / "bad_scenarios" / "good" / "small.yaml"
WORD = "hunter2x"
PRIVATE = {
    "a secret": f"{WORD}\n",
    "a secret without an end of line": WORD,
    "an environment": f"BBB_SECRET={WORD}\nexport TOKEN={WORD}\n",
    "a servers file": f'load = "cpu"\n[nodes.de]\nurl = "https://{WORD}"\nsecret = "{WORD}"\n',
    "a mapping": f"user: ops\npassword: {WORD}\n",
    "a mapping of one": f"{WORD}: {WORD}\n",
    "a mapping with a title": f"title: Passwords\nmail: {WORD}\nbank: {WORD}\n{WORD}: 1\n",
    "JSON": f'{{"secret": "{WORD}"}}',
    "a list": f"- {WORD}\n- {WORD}\n",
    "a list in one line": f"[{WORD}, {WORD}",
    "a key": f"-----BEGIN PRIVATE KEY-----\n{WORD}\n-----END PRIVATE KEY-----\n",
    "an alias": f"*{WORD}\n",
    "a tag": f"!{WORD} x\n",
    "a name that is a list": f"? [{WORD}]\n: 1\n",
    "a name twice": f"{WORD}: 1\n{WORD}: 2\n",
    "a directive": f"%{WORD} 1\n--- x\n",
    "a colon": f"a: {WORD}: {WORD}\n",
    "a quote": f'"{WORD}\n',
    "an escape": f'"\\q{WORD}"\n',
    "a token": f"@{WORD}\n",
    "a control character": f"{WORD}\x01{WORD}\n",
    "another encoding": f"{WORD}ü\n",
    "minutes": f"# {WORD}\n\nWe met. {WORD}: yes\n",
    "members": f"name,mail\n{WORD},{WORD}@example.org\n",
}


def said(*words: str) -> str:
    """Return what a command says of bad input; nothing else may come out of it."""
    done = CliRunner().invoke(planner, [*words])
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit)
    return done.output


@pytest.fixture(params=PRIVATE)
def private(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a file that nobody should see."""
    path = tmp_path / "secrets-de"
    path.write_bytes(PRIVATE[request.param].encode("latin-1"))
    return path


def test_a_private_file_as_a_scenario_is_not_repeated(private: Path) -> None:
    for told in (
        said("plan", str(private)),
        said("csv", str(private)),
        CliRunner().invoke(planner, ["check", str(private)]).output,
    ):
        assert WORD not in told
        assert "secrets-de" in told


@pytest.mark.parametrize(
    "entry",
    [
        "base: {0}\nchanges: {{}}",
        "base: {1}\nchanges: {{usage.everyone.profile: {0}}}",
        "base: {1}\nchanges: {{members: {{sheet: {0}}}}}",
    ],
    ids=["base", "profile", "sheet"],
)
def test_a_private_file_that_a_scenario_names_is_not_repeated(private: Path, entry: str, tmp_path: Path) -> None:
    path = tmp_path / "pilot.yaml"
    path.write_text("title: A pilot\n" + entry.format(private, SMALL), encoding="utf-8")
    told = said("plan", str(path))
    assert WORD not in told
    assert "secrets-de" in told


def test_a_private_file_as_a_changed_table_is_not_repeated(private: Path, tmp_path: Path) -> None:
    told = said("csv", str(SMALL), "--apply", str(private), "--out", str(tmp_path / "new.yaml"))
    assert WORD not in told


def test_what_a_scenario_says_wrong_is_repeated_still(tmp_path: Path) -> None:
    path = tmp_path / "pilot.yaml"
    path.write_text(SMALL.read_text(encoding="utf-8") + "labuor: {}\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"did you mean 'labour'\?.*found 'labuor'"):
        read(path)


READERS: dict[str, Callable[[Path], object]] = {
    "scenario": read,
    "base": lambda path: read(_over(path, "base: {0}\nchanges: {{}}")),
    "profile": lambda path: read(_over(path, "base: {1}\nchanges: {{usage.everyone.profile: {0}}}")),
    "sheet": lambda path: read(_over(path, "base: {1}\nchanges: {{members: {{sheet: {0}}}}}")),
    "table": lambda path: tables.read(path, bytes),
    "log": lambda path: list(web_log.lines(path)),
}


def _over(path: Path, entry: str) -> Path:
    over = path.parent / "over.yaml" if os.access(path.parent, os.W_OK) and path.parent != Path("/dev") else None
    over = over or Path(os.environ["PYTEST_FOLDER"]) / "over.yaml"
    over.write_text("title: A\n" + entry.format(path, SMALL), encoding="utf-8")
    return over


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", ["pipe", "zero", "folder", "missing", "nul"])
def test_what_is_no_file_neither_hangs_nor_fills_the_memory(
    reader: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_FOLDER", str(tmp_path))
    path = {"zero": Path("/dev/zero"), "folder": tmp_path / "folder"}.get(kind, tmp_path / kind)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "nul":
        path = tmp_path / "a\0b"
    if kind == "nul" and reader in ("base", "profile", "sheet"):
        pytest.skip("YAML has no such name")
    with pytest.raises((ScenarioError, ReadingError), match="cannot be read"):
        READERS[reader](path)


def test_a_file_is_opened(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a\r\n")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with opened(tmp_path / "b") as stream:
        assert stream.read() == b"a\r\n"


def workbook(**parts: bytes) -> bytes:
    """Return an archive with these parts of a workbook, as small as it can be packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(f"xl/{name.replace('__', '/')}.xml", part)
    return packed.getvalue()


LARGE = {
    "cells": {"worksheets__sheet1": b"<c/>" * 4_100_000},
    "rows": {"worksheets__sheet1": b"<row/>" * 4_100_000},
    "styles": {"styles": b"<xf/>" * 4_100_000},
    "shared texts": {"sharedStrings": b"<si/>" * 4_100_000},
    "one long text": {"sharedStrings": b"x" * 101_000_000},
    "many parts": {f"media{number}": b"" for number in range(1001)},
    "several sheets together": {f"worksheets__sheet{number}": b"<c/>" * 1_100_000 for number in range(4)},
}


@pytest.mark.parametrize("kind", LARGE)
def test_a_small_workbook_of_much_is_refused_before_it_is_read(kind: str) -> None:
    with pytest.raises(ReadingError, match="unpacks to at most"):
        tables.parsed(workbook(**LARGE[kind]), ("path", "value"), (), str)


def test_sizes_that_the_archive_states_are_not_trusted() -> None:
    body = bytearray(workbook(worksheets__sheet1=b"<c/>" * 4_100_000))
    size = (16_400_000).to_bytes(4, "little")
    while (at := body.find(size)) >= 0:
        body[at : at + 4] = (1000).to_bytes(4, "little")
    with pytest.raises(ReadingError):
        tables.parsed(bytes(body), ("path", "value"), (), str)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"path,value\n" + b"a,b\n" * 500_001, "at most 500,000 lines"),
        (b"path,value\r" + b"a,b\r" * 500_001, "at most 500,000 lines"),
        (b"path,value," + b"x," * 100_000 + b"\n", "none of a table"),
    ],
)
def test_a_table_of_too_much_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(ReadingError, match=says):
        tables.parsed(body, ("path", "value"), (), str)
