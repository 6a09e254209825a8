"""What the accounts add, what was seen and what to find out, as sentences that a member reads."""

from dataclasses import replace

import pytest
from sample_plan import sample

from planner.model.admission.server_limits import Hold
from planner.model.evidence.once_known import Look
from planner.model.evidence.value_of_facts import Fact
from planner.model.evidence.weights import StatementFit
from planner.planning import Plan
from planner.planning.amount import Amount
from planner.planning.cautions import experience_warnings
from planner.planning.record import Experience, LevelShare
from planner.report import what_to_measure

HOLDS = (Hold(0, 0.55, 0.0), Hold(5, 0.531, 0.004))
SEEN = StatementFit("experience.1", "most users seen on de in 6 months: 45 (now and then)", 0.4, 0.8)


def plan() -> Plan:
    made = sample()
    return replace(
        made,
        admission=replace(made.admission, holds=HOLDS),
        facts=(Fact("experience.talk", 14.2, 0.6), Fact("nodes.de.limits.users", 1.6, 0.2), Fact("usage.x", 0.1, 0.0)),
        path=(Look(8, 3.0, 0.43), Look(13, 4.0, 0.5)),
        experience=Experience((SEEN,), 3407.0, False, 0, 3),
        share_of_server=(LevelShare("level-1", "de", "users", 0.51, 0.004, 0.0007, Amount(2250, "credit")),),
    )


def test_what_was_seen_is_said_with_the_answer_without_it() -> None:
    assert what_to_measure.seen(plan()) == [
        "Most users seen on de in 6 months: 45 (now and then).",
        "Without what was seen there would be room for no account.",
        "The number changes if the most people at once were really 20 % more: then there would be room for 3 accounts.",
    ]
    assert what_to_measure.seen(sample()) == []


SAME = "What was seen does not change how many accounts may come"


@pytest.mark.parametrize(
    ("without", "higher", "said"),
    [
        (5, None, [f"{SAME}."]),
        (
            5,
            5,
            [f"{SAME}, nor would it if the most people at once were really 20 % more."],
        ),
        (
            5,
            0,
            [
                f"{SAME}.",
                "It would if the most people at once were really 20 % more: then there would be room for no account.",
            ],
        ),
        (9, 5, ["Without what was seen there would be room for 9 accounts."]),
    ],
)
def test_what_was_seen_and_what_would_be_if_more_had_been_do_not_contradict_each_other(
    without: int, higher: int | None, said: list[str]
) -> None:
    made = plan()
    told = replace(made, experience=Experience((SEEN,), 3407.0, False, without, higher))
    assert made.admission.max_accounts == 5
    assert what_to_measure.seen(told)[1:] == said


def test_what_is_worth_most_is_asked_for_first_and_what_is_worth_nothing_is_not() -> None:
    first, second = what_to_measure.find_out(plan())
    assert first.startswith(
        "The hours that members' users spend in meetings: once that is known, 14 accounts could come"
    )
    assert "60 of 100 cases" in first
    assert second.startswith("Limit on users (de)")


def test_the_way_from_here() -> None:
    assert what_to_measure.later(plan()) == (
        "If the servers are read from now on, there is room for 5 accounts after 8 weeks in 43 of 100 cases and after "
        "13 in 50."
    )


def test_what_does_not_fit_is_a_warning() -> None:
    told = plan().experience
    assert told is not None
    assert experience_warnings(told) == ()
    odd = replace(told, statements=(replace(SEEN, tail=0.03),))
    assert "odd beside all else" in experience_warnings(odd)[0]
    against = replace(told, statements=(replace(SEEN, tail=0.002),), contradiction=True)
    assert "contradict each other" in experience_warnings(against)[0]
    few = replace(told, effective_draws=120.0)
    assert "count as 120," in experience_warnings(few)[0]
