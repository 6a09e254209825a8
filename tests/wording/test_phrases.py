"""Numbers, times and names in plain words, as a person would say them."""

import pytest

from planner.wording import phrases
from planner.wording.names import KEYS


def test_the_time_of_the_week() -> None:
    assert phrases.when(288 + 12 * 10 + 7) == "Tuesday 10:35"


@pytest.mark.parametrize(
    ("value", "said"), [(3.14159, "3.1"), (0.0123, "0.012"), (1234.5, "1,234"), (0.0, "0"), (1e-5, "under 0.0001")]
)
def test_a_number_has_two_digits_that_count(value: float, said: str) -> None:
    assert phrases.number(value) == said


def test_shares_are_said_in_per_cent() -> None:
    assert [phrases.share(0.9), phrases.share(0.00123)] == ["90 %", "0.12 %"]


@pytest.mark.parametrize(
    ("resource", "limit", "share"),
    [("load", 0.7, True), ("load", 1.5, True), ("load", 300, False), ("rooms", 1, False)],
)
def test_the_load_of_a_cpu_is_a_share(resource: str, limit: float, share: bool) -> None:
    assert phrases.is_share(resource, limit) is share


@pytest.mark.parametrize(
    ("resource", "value", "limit", "said"),
    [("load", 0.35, 0.7, "35 %"), ("load", 35, 300, "35"), ("users", 35, 150, "35")],
)
def test_an_amount_of_a_resource(resource: str, value: float, limit: float, said: str) -> None:
    assert phrases.amount_of(resource, value, limit) == said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("episodes", 3.1 / 12, "3.1 overloads a year"),
        ("episodes", 1 / 12, "1 overload a year"),
        ("busiest_instant", 0.001, "an overload 0.1 % of the time at the busiest instant"),
    ],
)
def test_a_measure_of_overload(name: str, value: float, said: str) -> None:
    assert phrases.measure(name, value) == said


def test_an_objective_is_said_with_its_confidence() -> None:
    assert phrases.objective("episodes", 1 / 12, 0.9) == "at most 1 overload a year, in 90 of 100 cases"
    assert phrases.objective("episodes", 1 / 12, 0.9995) == "at most 1 overload a year, in 99.95 of 100 cases"


def test_one_account_is_no_accounts() -> None:
    assert [phrases.accounts(1), phrases.accounts(5)] == ["1 account", "5 accounts"]


def test_a_limit_is_named_with_its_node() -> None:
    assert [KEYS.limit("users", "de"), KEYS.limit("labour")] == ["users on de", "volunteer hours"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("usage.everyone.meetings", "meetings (everyone)"),
        ("nodes.de.limits.users", "limit on users (de)"),
        ("spending.hourly_rate", "hourly rate"),
        ("networks.ocn.take_up", "share that joins (ocn)"),
    ],
)
def test_what_a_path_is_about(path: str, said: str) -> None:
    assert KEYS.topic(path) == said


def test_what_only_the_simulation_holds() -> None:
    on = {"fixed_weekly": 0.0, "surge": 2.0, "surge_day": 2, "late": 0.3, "late_by": 0.25}
    said = ("every account twice as busy on Wednesdays", "30 % of the viewers up to 15 min late")
    assert phrases.options(on) == said


def test_one_month_is_no_months() -> None:
    assert [phrases.in_months(1), phrases.in_months(5)] == ["1 month", "5 months"]
