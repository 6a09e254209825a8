"""One example of each parser: what a server or a table says, and what is read."""

from datetime import date

from planner.model.inputs.observations import Member, Posting
from planner.readings import bbb, file, imports, ledger, members, prometheus, scalelite
from planner.readings.transport import Secret, shown


def test_scalelite_says_load_and_state() -> None:
    server = (
        b'[{"url": "https://n1.example.org/bigbluebutton/api", "state": "enabled", "load": "12.0", "online": "online"}]'
    )
    assert scalelite.parse(server, {"n1.example.org": "n1"})["n1"].load == 12.0


def test_rake_status_is_a_table_whose_load_is_left_out() -> None:
    table = (
        "     HOSTNAME     STATE   STATUS  MEETINGS  USERS  LARGEST MEETING  VIDEOS  LOAD\n"
        " de.example.org  enabled  online        12     25                7      15  25.0\n"
    )
    node = scalelite.parse_status(table)["de"]
    assert (node.rooms, node.users, node.cameras, node.load) == (12, 25, 15, None)


def test_a_call_is_signed() -> None:
    signed = bbb.checksum("getMeetings", "", Secret("639259d4-9dd8-4b25-bf01-95f9567eaf4b"))
    assert signed.startswith("a5370c5f3d97d56d")


def test_a_meeting_is_known_by_its_hash() -> None:
    own = "183f0bf3a0982a127bdb8161e0c44eb696b3e75c-1620115200000"
    assert bbb.meeting_key(own) == own
    assert bbb.meeting_key("Weekly tea").startswith("hashed-")
    assert bbb.moment(1620115200000).isoformat() == "2021-05-04T08:00:00+00:00"


def test_a_reading_is_json() -> None:
    text = (
        b'{"schema": "planner.reading/1", "taken_at": "2021-05-04T10:00:00+01:00", "source": "by hand",'
        b' "nodes": {"de": {"rooms": 7, "users": 41}}}'
    )
    assert file.parse(text).nodes["de"].users == 41


def test_a_table_of_meetings_has_their_hours() -> None:
    table = b"start,end,users,node\n2021-05-04T10:00+01:00,2021-05-04T11:00+01:00,6,de\n"
    assert imports.meetings_table(table).rows[0].hours == 1.0


def test_a_statement_has_postings() -> None:
    table = b"date,kind,amount,hours\n2021-09-29,spent,120.00,4\n"
    assert ledger.statement(table).rows == (Posting(date(2021, 9, 29), "spent", 12000, 4.0, None),)


def test_a_members_sheet_has_members_without_their_names() -> None:
    table = b"Account,Name,Level,Pays\nocn-003,Anna,level-1,credit\n"
    assert members.sheet(table).rows == (Member("ocn-003", "level-1", "credit", 1, None, None),)


def test_prometheus_answers_with_points() -> None:
    body = b'{"status": "success", "data": {"result": [{"metric": {}, "value": [1620115200, "7"]}]}}'
    assert prometheus.parse(body) == [{1620115200.0: 7.0}]


def test_an_address_is_shown_without_its_checksum() -> None:
    address = "https://de.example.org/bigbluebutton/api/getMeetings"
    assert shown(f"{address}?checksum=0123") == address
