"""What was changed of a file is told by names that people use, not by the help of an entry."""

import pytest

from planner.planning import Change, entry_name, value_in_words
from planner.report.answer import changed_here
from planner.wording.names import Names

NAMES = Names(nodes={"de": "the German server"}, sellers={"anna": "Anna"})


def test_a_change_reads_as_a_name_and_what_it_was_and_is() -> None:
    changes = [
        Change(path, old, new, "--set")
        for path, old, new in (
            ("objective.confidence", "90 %", "80 %"),
            ("title", "Five", "Six"),
            ("offer.mix", "{level-1: 100 %}", "{level-2: 100 %}"),
            ("spending.target", "16 h", "8 h"),
        )
    ]
    assert changed_here(changes, NAMES) == (
        "Changed for this plan: how sure we want to be: 90 % → 80 %; title: Five → Six; "
        "levels on offer: {level-1: 100 %} → {level-2: 100 %}; hours of marketing to buy: 16 h → 8 h"
    )


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nodes.de.limits.load", "load, the German server"),
        ("nodes.de.cores", "CPU cores or vCPUs, the German server"),
        ("usage.everyone.spread", "how accounts differ"),
        ("spending.sellers.anna.called", "name, Anna"),
        ("spending.sellers.anna", "Anna"),
        ("spending.supplier.name", "the supplier"),
        ("labour.available", "hours that volunteers pledge"),
        ("members.growth", "accounts that come and pay in money, per month"),
    ],
)
def test_an_entry_is_called_without_what_its_help_explains(path: str, said: str) -> None:
    assert entry_name(path, NAMES) == said


def test_a_value_that_is_a_key_is_said_in_words() -> None:
    assert value_in_words("spending.policy", "save_up", NAMES) == "saved up for the whole block of hours"
    assert value_in_words("spending.prefer", "[anna, bob]", NAMES) == "Anna, bob"
    assert value_in_words("spending.policy", "not there", NAMES) == "not there"
    assert value_in_words("spending.target", "16 h", NAMES) == "16 h"
