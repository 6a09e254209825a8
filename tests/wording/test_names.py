"""Keys become words in one place: what has a name is called by it, what has none by its key."""

import pytest

from planner.model.limit import Limit, Reason, policy
from planner.wording.names import KEYS, Names
from planner.wording.reasons import why, would_allow

NAMES = Names(
    nodes={"de": "the German server"},
    networks={"ocn": "Open Credit Network"},
    levels={"level-1": "Level 1"},
    sellers={"social": "social media", "supplier": "a seller of that key"},
)
USERS = Limit(
    *("users", "permission", "de", 5, 9, Reason("none come", {}), "nodes.de.limits.users"),
    yes_if=Reason("higher limit", {"pooled": False, "least": None}),
)


def test_a_limit_is_called_with_its_node() -> None:
    assert [NAMES.limit("users", "de"), NAMES.limit("users", "ca")] == ["users on the German server", "users on ca"]
    assert [NAMES.limit("labour"), NAMES.server("de"), NAMES.server("ca")] == [
        "volunteer hours",
        "the German server",
        "server ca",
    ]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nodes.de.limits.users", "limit on users (the German server)"),
        ("nodes.de.reserve.users", "reserve of users (the German server)"),
        ("usage.level-1.size", "people in a meeting (Level 1)"),
        ("usage.level-1.kinds.de.share", "share (Level 1, kinds, de)"),
        ("usage.everyone.meetings", "meetings (everyone)"),
        ("networks.ocn.take_up", "share that joins (Open Credit Network)"),
        ("spending.sellers.social.hours", "hours on sale (social media)"),
        ("spending.supplier.share", "share (supplier)"),
        ("spending.hourly_rate", "hourly rate"),
        ("horizon", "horizon"),
    ],
)
def test_what_a_path_is_about(path: str, said: str) -> None:
    assert NAMES.topic(path) == said


def test_reasons_are_made_of_names() -> None:
    assert would_allow(USERS, NAMES) == "the users limit of the German server were known to be higher"
    assert would_allow(USERS) == "the users limit of server de were known to be higher"
    capped = policy(5, ("level-1", "level-2"))
    assert why(capped, NAMES) == "the pilot is capped at 5 accounts; levels that may be bought: Level 1, level-2"
    market = Limit(
        "market", "reach", None, 3, 3, Reason("market", {"network": "ocn", "low": 2, "high": 9}), "networks.ocn.take_up"
    )
    assert why(market, NAMES) == "Open Credit Network is expected to bring 2 to 9"


def test_a_limit_keeps_its_key_for_all_but_the_sentence() -> None:
    assert (NAMES.of(USERS).node, USERS.node, KEYS.of(USERS).node) == ("the German server", "de", "server de")
