"""Outputs never replace what is not their own kind, and are whole or not there."""

import os
import stat
from pathlib import Path

import prove_commands
import pytest
from light_scenario import LIGHT

from planner import output
from planner.output import NotReplaced

OURS = {
    "PLAN": b'{\n "schema": "planner.plan/1",\n "version": "0.1.0"\n}\n',
    "READING": b'{"schema": "planner.reading/1", "nodes": {}}\n',
    "METRICS": b"# HELP planner_gate_verdict The verdict.\n",
    "LEARNED": output.LEARNED_MARK.encode() + b"title: x\n",
    "PAGE": b'<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta name="generator" content="planner">\n',
    "SUMMARY": b"## A pilot\n\nFive.\n\n```\nplanner plan pilot.yaml\n```\nDigest `1`, planner 0.1.0.\n",
    "SVG": b'<?xml version="1.0"?>\n<svg width="1"><metadata><dc:title>planner</dc:title></metadata></svg>',
    "PNG": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR....\0\0\0\x10tEXtSoftware\0planner",
    "TABLE": b"account,level\r\nocn-1,one\r\n",
}
OTHERS = {
    "empty": b"",
    "a register": b"SQLite format 3\0" + bytes(100),
    "secrets": b'[nodes.de]\nsecret = "x"\n',
    "another table": b"account,level,pays\r\nocn-1,one,credit\r\n",
    "a scenario by hand": b"title: planner calibrate wrote this\nbase: x.yaml\n",
    "another's metrics": b"# HELP node_load1 Load.\n",
    "another's page": b'<!DOCTYPE html>\n<meta name="generator" content="Hugo">',
    "another's chart": b'<?xml version="1.0"?>\n<svg width="1"><metadata></metadata></svg>',
    "another's picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR....",
    "another's JSON": b'{"schema": "other/1", "of": "planner.plan/1 planner.reading/1"}',
    "notes": b"## Notes\n\nplanner 0.1.0.\n\nmine\n",
}


@pytest.mark.parametrize("name", OURS)
def test_a_kind_replaces_itself_and_nothing_else(tmp_path: Path, name: str) -> None:
    kind, file = getattr(output, name), tmp_path / "file"
    for other, content in {**OTHERS, **OURS}.items():
        file.write_bytes(content)
        if other == name:
            output.write(file, OURS[name], kind)
            continue
        with pytest.raises(NotReplaced, match="kept as it is: choose another name") as caught:
            output.write(file, OURS[name], kind)
        assert caught.value.filename == str(file)
        assert file.read_bytes() == content
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_what_is_long_is_told_by_its_ends(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_bytes(b"## A pilot\n" + b"x\n" * 50_000 + b"```\nplanner plan x\n```\nplanner 0.1.0, 20 draws each.\n")
    output.write(file, "new", output.SUMMARY)
    assert file.read_text() == "new"


def test_no_kind_replaces_what_is_no_regular_file(tmp_path: Path) -> None:
    ours = tmp_path / "ours.prom"
    ours.write_bytes(OURS["METRICS"])
    (tmp_path / "link").symlink_to(ours)
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "device").symlink_to("/dev/null")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = sorted((one.name, one.lstat().st_ino) for one in tmp_path.iterdir())
    for name in ("link", "dangling", "loop", "device", "folder", "pipe"):
        with pytest.raises(NotReplaced, match=f"{name}"):
            output.write(tmp_path / name, "x", output.METRICS)
    assert sorted((one.name, one.lstat().st_ino) for one in tmp_path.iterdir()) == before


def test_an_input_is_never_replaced_under_any_of_its_names(tmp_path: Path) -> None:
    file, other = tmp_path / "a.csv", tmp_path / "b.csv"
    file.write_bytes(OURS["TABLE"])
    os.link(file, other)
    for one in (file, other, tmp_path / "." / "a.csv"):
        with pytest.raises(NotReplaced, match="that very file"):
            output.write(one, OURS["TABLE"], output.TABLE, inputs=[None, tmp_path / "gone", file])


def test_nothing_is_replaced_where_one_of_several_may_not_be(tmp_path: Path) -> None:
    first, second = tmp_path / "a.svg", tmp_path / "b.svg"
    first.write_bytes(OURS["SVG"])
    second.write_bytes(OTHERS["another's chart"])
    with pytest.raises(NotReplaced):
        output.write_all([(first, "x", output.SVG), (second, "x", output.SVG)])
    assert first.read_bytes() == OURS["SVG"]


def test_a_write_that_fails_leaves_the_old_and_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(OURS["PLAN"])

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        output.write(file, "new", output.PLAN)
    assert caught.value.filename == str(file)
    assert file.read_bytes() == OURS["PLAN"]
    assert [one.name for one in tmp_path.iterdir()] == ["plan.json"]


def test_the_mode_is_the_one_asked_for_and_never_wider_before(tmp_path: Path) -> None:
    for mode in (0o600, 0o644):
        output.write(tmp_path / f"{mode}", "x", output.NEW, mode=mode)
        assert stat.S_IMODE((tmp_path / f"{mode}").stat().st_mode) == mode


def test_a_name_as_long_as_names_can_be_and_one_that_is_no_text(tmp_path: Path) -> None:
    for name in ("x" * 255, "\udcff.csv"):
        output.write(tmp_path / name, "a \udcff", output.NEW)
        assert (tmp_path / name).read_bytes() == b"a \\udcff"


def test_a_folder_that_is_not_there_is_named_by_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        output.write(tmp_path / "nowhere" / "x.csv", "x", output.TABLE)
    assert caught.value.filename == str(tmp_path / "nowhere" / "x.csv")


WORDS = {
    "register export": "register export --register register.sqlite --out",
    "gate": "gate light.yaml --level one --register register.sqlite --metrics",
    "observe": "observe --servers servers.toml --history history.sqlite --once --readings",
    "calibrate": "calibrate light.yaml --history meetings.csv --draws 20 --out",
    "csv": "csv light.yaml --apply sheet.csv --out",
    "new": "new",
}
MEETINGS = "start,end,users\n2021-04-05T10:00+01:00,2021-04-05T11:00+01:00,5\n"


@pytest.mark.parametrize("command", WORDS)
def test_a_command_leaves_what_it_did_not_write(tmp_path: Path, command: str) -> None:
    (tmp_path / "light.yaml").write_text(LIGHT)
    (tmp_path / "meetings.csv").write_text(MEETINGS)
    (tmp_path / "sheet.csv").write_text("path,value\noffer.accounts,4\n")
    (tmp_path / "secrets.env").write_text("Zq9\n")
    (tmp_path / "secrets.env").chmod(0o600)
    (tmp_path / "servers.toml").write_text('[nodes.a]\nurl = "http://127.0.0.1:9/"\nsecret_file = "secrets.env"\n')
    assert prove_commands.run(tmp_path, ["register", "new", "register.sqlite"]).code == 0
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    for name in ("light.yaml",) if command == "new" else before:
        done = prove_commands.run(tmp_path, [*WORDS[command].split(), name])
        assert done.code == 2, (name, done)
        assert name in done.told
        assert "choose another name" in done.told
        assert {one: (tmp_path / one).read_bytes() for one in before} == before


@pytest.mark.parametrize(
    ("words", "victim"),
    [
        ("plan light.yaml --draws 20", "out/light/plan.json"),
        ("plan light.yaml --draws 20", "out/light/report.html"),
        ("plan light.yaml --draws 20 --xlsx", "out/light/plan.xlsx"),
        ("sweep light.yaml --over offer.accounts=1,2 --workers 1", "out/light/sweep-offer.accounts.csv"),
        ("sweep light.yaml --over offer.accounts=1,2 --workers 1", "out/light/sweep-offer.accounts.svg"),
        ("sweep light.yaml --over offer.accounts=1,2 --workers 1", "out/light/sweep-offer.accounts.png"),
        ("calibrate light.yaml --history meetings.csv --draws 20 --out out/light/l.yaml", "out/light/l-week.csv"),
    ],
)
def test_what_is_derived_from_a_folder_is_looked_at_before_the_work(tmp_path: Path, words: str, victim: str) -> None:
    (tmp_path / "light.yaml").write_text(LIGHT)
    starts = [f"2021-0{1 + day // 28}-{1 + day % 28:02}" for day in range(150)]
    rows = [f"{day}T{hour}:00+00:00,{day}T{hour + 1}:00+00:00,5\n" for day in starts for hour in (10, 14, 18)]
    (tmp_path / "meetings.csv").write_text("start,end,users\n" + "".join(rows))
    (tmp_path / victim).parent.mkdir(parents=True)
    (tmp_path / victim).write_text("of somebody else")
    done = prove_commands.run(tmp_path, words.split())
    assert (done.code, "kept" in done.told) == (2, True), done
    assert [file.read_text() for file in (tmp_path / "out").rglob("*") if file.is_file()] == ["of somebody else"]
