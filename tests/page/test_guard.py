"""Who is let in: whoever has the address, from this page, for scenarios below the folder; and nobody else."""

import os
from pathlib import Path
from typing import Any

import pytest

from planner.page.asked import neighbours

PILOT = "scenarios/pilot-5.yaml"
TOKEN = "0123456789abcdef"


def test_the_address_opens_the_page(client: Any) -> None:
    answer = client.get(file=PILOT)
    assert answer.status == 200
    assert "Five Level 1 accounts" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "0.0.0.0:{port}", ""]
)
def test_another_host_is_refused(client: Any, host: str) -> None:
    """A name of somebody's own that leads to 127.0.0.1 would else be let in by a browser."""
    assert client.get(file=PILOT, headers={"Host": host.format(port=client.port)}).status == 403
    assert client.get(file=PILOT, headers={"Host": f"localhost:{client.port}"}).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1", None])
@pytest.mark.parametrize("where", ["answer", "save", "stop"])
def test_another_page_sends_nothing(client: Any, origin: str | None, where: str) -> None:
    assert client.post(where, {}, headers={"Origin": origin}).status == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_page_reads_nothing(client: Any, origin: str) -> None:
    assert client.get(file=PILOT, headers={"Origin": origin}).status == 403


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], f"{TOKEN}0", TOKEN.upper(), f"../{TOKEN}x", "%C3%A4"])
def test_without_the_token_nothing_is_said(client: Any, token: str) -> None:
    answer = client.get(token=token, file=PILOT)
    assert answer.status == 403
    assert "five" not in answer.text


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_a_path_that_is_a_star_alone_is_refused(client: Any, method: str) -> None:
    answer = client.raw(f"{method} * HTTP/1.1", b"")
    assert answer.startswith(b"HTTP/1.1 403 ")


def test_what_is_too_much_is_not_read_to_its_end(client: Any) -> None:
    """Only a part of what is announced is sent: the answer comes without the rest."""
    answer = client.raw(f"POST /{TOKEN}/answer HTTP/1.1\r\nContent-Length: 200000000", b"x" * 30_000)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b"wanted at most 20,000 characters\n")


OUT = [
    "../secret.yaml",
    "scenarios/../../secret.yaml",
    "/etc/passwd",
    "C:/secret.yaml",
    "scenarios\\..\\secret.yaml",
    "scenarios",
    "data/weekly_profile.csv",
    "",
    "link.yaml",
    "linked/secret.yaml",
    "circle.yaml",
    "circle.yaml/pilot.yaml",
]


@pytest.mark.parametrize("name", OUT)
@pytest.mark.parametrize("how", ["open", "answer", "beside", "keep", "save"])
def test_nothing_outside_the_folder_is_opened(client: Any, folder: Path, name: str, how: str) -> None:
    secret = folder.parent / "secret.yaml"
    secret.write_text("title: A secret\nbase: coop/scenarios/pilot-5.yaml\n")
    (folder / "link.yaml").symlink_to(secret)
    (folder / "linked").symlink_to(folder.parent)
    (folder / "circle.yaml").symlink_to("circle.yaml")
    if how in ("open", "keep"):
        answer = client.get("" if how == "open" else "keep/summary.md", file=name)
    elif how == "save":
        said = {"file": name, "sets": [], "name": "new", "title": "New", "seen": ""}
        answer = client.post("save", said)
    else:
        said = {"file": name, "sets": []} if how == "answer" else {"file": PILOT, "sets": [], "beside": [name]}
        answer = client.post("answer", said)
    refused = answer.status == 400 or '"failed": "' in answer.text or (how == "beside" and name == "")
    assert refused, answer.text
    assert "A secret" not in answer.text
    assert not list(folder.rglob("new.yaml"))


def test_a_link_inside_the_folder_is_opened(client: Any, folder: Path) -> None:
    (folder / "scenarios/mine.yaml").symlink_to("pilot-5.yaml")
    assert client.get(file="scenarios/mine.yaml").status == 200


def test_scenarios_beside_are_offered_by_their_titles_and_none_that_is_not_opened(client: Any, folder: Path) -> None:
    beside, secret = folder / "scenarios", folder.parent / "secret.yaml"
    secret.write_text("title: A secret\n")
    (beside / "a-link.yaml").symlink_to(secret)
    (beside / "a-loop.yaml").symlink_to("a-loop.yaml")
    os.mkfifo(beside / "a-pipe.yaml")
    (beside / "deep.yaml").write_text(f"title: {'[' * 3000}")
    (beside / "large.yaml").write_text("# a word\n" * 1000 + "title: Far down\n")
    (beside / ".planner-half-saved.yaml").write_text("title: Half\n")
    (beside / "mine.yaml").write_bytes(b"title: Mine\r\n" + "é".encode() * 5000)
    offered = neighbours(folder, folder / PILOT)
    assert offered["scenarios/mine.yaml"] == "Mine"
    assert (offered["scenarios/deep.yaml"], offered["scenarios/large.yaml"]) == ("", "")
    hidden = {f"scenarios/{one}.yaml" for one in ("a-link", "a-loop", "a-pipe", ".planner-half-saved")}
    assert not hidden & offered.keys()
    assert "A secret" not in client.get(file=PILOT).text


@pytest.mark.parametrize(
    "option",
    [
        "usage.everyone.profile=../../secret.csv",
        "usage.everyone.profile=/etc/passwd",
        "members.sheet='../../secret.csv'",
        "members.sheet=/etc/passwd",
        "usage={everyone: {profile: /etc/passwd}}",
        "usage.level-1={profile: /etc/passwd}",
        "usage.level-1={kinds: {a: {share: 100 %, profile: ../../secret.csv}}}",
        "usage.everyone={profile: flat}",
        "decision={accounts: 5, on: 2021-04-01, by: me}",
        "decision.accounts=5",
        "calibrated=none",
    ],
)
def test_a_change_names_no_other_file_and_no_decision(client: Any, folder: Path, option: str) -> None:
    (folder.parent / "secret.csv").write_text("day,hour,weight\nsecret,1,2\n")
    answer = client.post("answer", {"file": PILOT, "sets": [option]})
    (problem,) = answer.first()["problems"]
    assert any(said in problem["what"] for said in ("outside the folder", "several entries", "not changed on the page"))
    assert "weight" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        '{"file": 1}',
        '{"file": "a.yaml", "sets": "x"}',
        '{"file": "a.yaml", "edits": ["x"]}',
        '{"file": "scenarios/pilot-5.yaml", "sets": ["nodes.de.called=\\ud800"]}',
        '{"file": "scenarios/pilot-5.yaml", "edits": [{"path": "nodes.de.called", "value": "\\udfff"}]}',
        "x" * 30_000,
        "[" * 19_999,
    ],
)
def test_what_no_page_sends_is_refused_in_a_sentence(client: Any, body: str) -> None:
    answer = client.post("answer", body)
    assert answer.status == 400
    assert answer.text.startswith("wanted ")
