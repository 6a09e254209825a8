"""The first screen in words, and what a scenario changes in it."""

from dataclasses import replace

import pytest
from sample_plan import sample

from planner import report
from planner.model.admission.server_limits import Hold
from planner.model.credit.summary import Months
from planner.model.evidence.once_known import Look
from planner.planning import Plan, Swing
from planner.planning.record import AgainstBase, Checkpoint
from planner.report import summary

REVIEW = Checkpoint(after=6, month="October 2021", members=73)
NEVER = Months(None, None, None, None, 0.0)


def coping(now: float, then: float, number: int | None = 0) -> Plan:
    """Return the sample with the servers coping in a share of the cases without the five, and with them."""
    plan = replace(sample(), checkpoint=REVIEW)
    users = next(row for row in plan.admission.limits if (row.limit, row.node) == ("users", "de"))
    rows = tuple(Hold(n, share, 0.002) for n, share in ((0, now), (5, then)))
    first = replace(users, max_accounts=number)
    return replace(plan, admission=replace(plan.admission, max_accounts=number, binding=first, holds=rows))


@pytest.mark.parametrize(
    ("now", "then", "says"),
    [
        (
            0.55,
            0.53,
            "What decides is not the five accounts: it is whether server de can take today's members and those",
        ),
        (0.95, 0.92, "We promise 90, so there is room for all of them."),
        (0.95, 0.85, "That is too few to be sure: we promise 90."),
        (
            0.77,
            0.25,
            "It is not sure that they can take today's members and those who join by October 2021 (73 in all)",
        ),
    ],
)
def test_the_first_sentence_says_what_they_add_and_then_what_decides(now: float, then: float, says: str) -> None:
    said = report.answer(coping(now, then)).servers
    both = f"cope (1 overload a year at most) in {100 * then:.0f} of 100 cases; without them, in {100 * now:.0f}. "
    assert said.startswith(f"With the five accounts the servers {both}{says}")


def test_the_number_has_its_error_its_limit_and_the_time_that_it_is_judged_for() -> None:
    none, some = (
        report.answer(replace_error(coping(0.55, 0.53, n), error)).number for n, error in ((0, 0.2), (3, 1.6))
    )
    assert none == (
        "We promise to be right in 90 of 100 cases: by that rule no account may come, unless the meeting decides "
        "otherwise. The first to say no: users on de, at the review in October 2021 with 73 members."
    )
    assert "3 accounts may come (give or take 2), unless" in some
    close = report.answer(replace_error(coping(0.55, 0.53, 0), 4.2)).number
    assert "no account may come (a close call: it may be up to 4), unless" in close
    assert "unless the meeting" not in report.answer(sample()).number, "all on offer may come"
    alone = coping(0.55, 0.53)
    joint = replace(
        alone, admission=replace(alone.admission, binding=replace(alone.admission.limits[0], max_accounts=9))
    )
    assert "No limit says no alone: all together do, most often " in report.answer(joint).number
    free = replace(sample(), admission=replace(sample().admission, max_accounts=None, binding=None))
    assert report.answer(free).number == (
        "We promise to be right in 90 of 100 cases: by that rule nothing limits the accounts."
    )
    said = report.answer(replace(free, confidence=0.9995)).number
    assert said.startswith("We promise to be right in 99.95 of 100 cases")


def replace_error(plan: Plan, error: float) -> Plan:
    return replace(plan, admission=replace(plan.admission, standard_error=error))


def test_the_hours_presuppose_that_the_accounts_are_admitted_and_never_is_said_in_words() -> None:
    plan = sample()
    said = report.answer(replace(plan, credit=replace(plan.credit, months_to_afford=NEVER, months_to_buy=NEVER)))
    late = said.hours
    assert late.startswith("If all are admitted and things go as they usually do")
    assert "are bought in no case within 36 months" in late
    assert "only after more than 36 months" in said.beside
    assert "in 10 of 100 by month 14" in report.answer(plan).hours


def test_a_choice_says_what_it_adds_what_would_tell_more_and_what_waiting_costs() -> None:
    plan = replace(coping(0.77, 0.74), path=(Look(8, 0, 0.36),))
    watch, ask, wait = report.answer(plan).choices
    assert watch.follows.startswith("Adds 3 cases of 100 in which a server gets too full. The gate, the check when")
    assert watch.follows.endswith("Eight weeks of readings would show room for all in 36 of 100 cases.")
    assert ask.follows == "The answer would show room for all in 40 of 100 cases."
    assert wait.follows == "Gives up 45.00 GBP in credit a month: on paper 1.5 hours of marketing."
    sure = replace(plan, admission=replace(plan.admission, max_accounts=5))
    assert report.answer(sure).choices[1].follows == "The answer would still show room for all in 40 of 100 cases."


def test_small_jobs_and_a_cheaper_seller_are_among_the_choices() -> None:
    jobs = next(row for row in sample().options if row.varies == "jobs")
    wait = replace(NEVER, probability_within_horizon=0.9)
    rate = Swing("spending.hourly_rate", "months_to_buy", "24 GBP/h", "45 GBP/h", 18.0, None, 24.0)
    plan = replace(sample(), options=(replace(jobs, name="whatever it is called", months_to_buy=wait),), swings=(rate,))
    plan = replace(plan, credit=replace(plan.credit, months_to_buy=replace(NEVER, probability_within_horizon=0.23)))
    spend = report.answer(plan).choices[1]
    assert spend.does == "Buy small jobs instead of saving up."
    assert spend.follows == (
        "16 hours are then bought within 36 months in 90 of 100 cases instead of 23. "
        "A seller at 24 GBP an hour brings them in month 18 instead of 24, if all else is as we think."
    )
    cheap = report.answer(replace(plan, options=())).choices[1]
    assert cheap.does == "Find a cheaper seller."
    assert cheap.follows.startswith("A seller at 24 GBP an hour brings 16 hours in month 18 instead of 24")
    as_often = replace(plan.credit, months_to_buy=replace(NEVER, probability_within_horizon=0.9))
    assert report.answer(replace(plan, credit=as_often)).choices[1].does == cheap.does, "no gain is no choice"
    neither = report.answer(replace(plan, options=(), swings=())).choices
    assert not any(one.does.startswith(("Buy", "Find")) for one in neither)


def test_a_meeting_can_start_and_watch_where_the_servers_are_simulated() -> None:
    plan = coping(0.77, 0.74)
    pooled = replace(plan, admission=replace(plan.admission, holds=plan.admission.holds[1:]))
    first = report.answer(pooled).choices[0]
    assert first.does == "Start with the five accounts and watch."
    assert first.follows.startswith("The gate, the check when somebody applies, stops new accounts")


def test_where_no_fact_makes_room_on_average_the_value_that_makes_most_is_said() -> None:
    plan = replace(coping(0.77, 0.74), facts=())
    most = max(max(row.at_low or 0, row.at_high or 0) for row in plan.swings if row.answer == "admission")
    _, ask, _ = report.answer(plan).choices
    assert ask.does == "Ask first: how many meetings a week does an account have?"
    assert ask.follows == f"If the answer is 1 a week, the servers have room for {most:.0f} accounts."
    none = tuple(row for row in plan.swings if row.answer != "admission")
    assert len(report.answer(replace(plan, swings=none)).choices) == 2


@pytest.mark.parametrize(
    ("against", "says"),
    [
        (AgainstBase("The base", (), None, None), "Nothing that counts differs from “The base”."),
        (
            AgainstBase("The base", ("labour.stops",), None, 0.2),
            "Compared with “The base” this changes when the volunteer stops: 16 hours are bought within 36 months in ",
        ),
        (
            AgainstBase("The base", ("members.accounts", "spending.prefer"), 0.8, None),
            "Compared with “The base” this changes how many members there are: the servers cope in 74 of 100 cases in",
        ),
    ],
)
def test_a_scenario_says_first_what_it_changes_in_its_base_s_answer(against: AgainstBase, says: str) -> None:
    plan = replace(coping(0.77, 0.74), against=against)
    assert report.answer(plan).sentences[0].startswith(says)
    same = replace(against, cope=None if against.cope is None else 0.74)
    if against.cope is not None:
        assert "the servers cope as often (in 74 of 100 cases)" in report.answer(replace(plan, against=same)).changes


def test_a_cap_that_lets_fewer_in_than_are_offered_is_said_before_the_servers() -> None:
    assert "cap" not in report.answer(sample(5)).choices[0].follows
    assert (
        report.answer(sample(10)).choices[0].follows.startswith("The pilot's own cap lets only five in: raise it too. ")
    )


def test_the_numbers_of_a_choice_are_those_of_the_sentence_above_it() -> None:
    """77 and 72 in the answer are 5 fewer in the choice, whatever the thousandths are."""
    said = report.answer(coping(0.774, 0.716))
    assert "in 72 of 100 cases; without them, in 77." in said.servers
    assert said.choices[0].follows.startswith("Adds 5 cases of 100 in which a server gets too full.")


def test_the_summary_has_the_row_of_the_offer_however_few_it_has() -> None:
    plan = sample(5)
    last = replace(plan.options[4], name="8 × level-1", accounts=8)
    rows = summary.options(replace(plan, offered=8, options=(*plan.options, last)), 3)
    assert [row.name for row in rows] == ["1 × level-1", "2 × level-1", "8 × level-1"]
