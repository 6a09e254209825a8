"""Numbers with units: what people write, and what it is in base units."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.scenario import units

CREDIT = frozenset({"credit", "Sardex"})


def base(text: str, field: str, *, chance: bool = False, minor: bool = True) -> float | None:
    """Return a text in the base unit of a field; None if it measures something else."""
    digits, suffix = units.number(text)
    scale = units.scale(units.unit(suffix, CREDIT), units.unit(field, CREDIT), suffix, chance=chance, minor=minor)
    return None if scale is None else scale.base(digits)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("9 GBP/month", "GBP/month", 900),
        ("£9/month", "GBP/month", 900),
        ("9.99£/month", "GBP/month", 999),
        ("€ 30 per month", "EUR/month", 3000),
        ("54 min", "h", 0.9),
        ("1.5 hours", "h", 1.5),
        ("60 s", "h", 1 / 60),
        ("60 %", "%", 0.6),
        ("0.3%", "%", 0.003),
        ("1/year", "overload/month", 1 / 12),
        ("5 min/month", "min/month", 5),
        ("2/week", "meeting/week", 2),
        ("2 meetings/week", "meeting/week", 2),
        # the case words-per-week, and how people say it elsewhere: chronic_duration#27 (wk), node-sdk#187 (one
        # hour, not hours), parsigs#30 (times a day), ZinZen-scheduler#148 (x times a week), chronic#184 (every)
        ("2 per week", "meeting/week", 2),
        ("2 per wk", "meeting/week", 2),
        ("1 per hour", "meeting/week", 168),
        ("2 times a day", "meeting/week", 14),
        ("4x a week", "meeting/week", 4),
        ("2 × per week", "meeting/week", 2),
        ("2 meetings each week", "meeting/week", 2),
        ("1 every week", "meeting/week", 1),
        ("9 GBP a month", "GBP/month", 900),
        ("4 % a month", "%/month", 0.04),
        ("30 min/account", "h/account", 0.5),
        ("15 min/account/month", "h/account/month", 0.25),
        ("15 min/month/account", "h/account/month", 0.25),
        ("16 h/month", "h/month", 16),
        ("3 accounts/month", "account/month", 3),
        ("500 credit", "credit", 50000),
        ("500 credits", "credit", 50000),
        ("12 Sardex", "Sardex", 1200),
        ("1 GBP/credit", "GBP/credit", 1),
        ("36 months", "month", 36),
        ("3 years", "month", 36),
        ("150 users", "user", 150),
        ("150", "user", 150),
        ("1 business", "business", 1),
        ("150 businesses", "business", 150),
        ("7", "", 7),
        ("250 Mbit/s", "Mbit/s", 250),
        ("3 %/year", "%/year", 0.03),
        ("300", "load", 300),
    ],
)
def test_what_people_write(text: str, field: str, value: float) -> None:
    """The forms of the design and their plain variants, to the last bit."""
    assert base(text, field) == value


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("9 EUR/month", "GBP/month"),
        ("9 GBP", "GBP/month"),
        ("9/month", "GBP/month"),
        ("9", "h"),
        ("0.6", "%"),
        ("30 rooms", "user"),
        ("30 min", "h/account"),
        ("30 min/account/month", "h/account"),
        ("4 %", "%/month"),
        ("12 Sardex", "credit"),
        ("5 h/month", "overload/month"),
        ("100/s", "Mbit/s"),
        ("1 credit/GBP", "GBP/credit"),
        ("2 per week", "h/month"),
        ("9 times a month", "GBP/month"),
    ],
)
def test_what_measures_something_else(text: str, field: str) -> None:
    """Money, time, shares and things counted do not stand for one another, nor amounts for rates."""
    assert base(text, field) is None


def test_month_is_a_twelfth_of_a_julian_year() -> None:
    """365.25/12 days, so that a year has twelve of them exactly and a week is the model's."""
    assert base("1 month", "h") == 730.5
    assert base("8 meetings/month", "meeting/week") == pytest.approx(8 / (365.25 / 84), rel=1e-15)


def test_chance_is_compounded_not_divided() -> None:
    """5 % in a year is the chance a month that leaves 95 % after twelve; a certain end is certain each month."""
    monthly = base("5 %/year", "%/month", chance=True)
    assert monthly is not None
    assert (1 - monthly) ** 12 == pytest.approx(0.95, rel=1e-14)
    assert base("4 %/month", "%/month", chance=True) == 0.04
    assert base("100 %/year", "%/month", chance=True) == 1


def test_exchange_is_not_in_pence() -> None:
    """0.86 GBP for a euro is 0.86 pence for a cent."""
    assert base("0.86 GBP", "GBP", minor=False) == 0.86
    assert base("0.86 GBP/EUR", "GBP/EUR", minor=False) == 0.86


MISREAD = ["", "many", "NO", "nan", ".nan", "inf", "-.inf", "1,000", "9:30", "010", "-007", "1_000", "1 000", "1.2.3"]
MISREAD += ["$5", "1e400", "9" * 19, "٣", "1'000", "--5"]


@pytest.mark.parametrize("text", MISREAD)
def test_what_can_be_misread_is_refused(text: str) -> None:
    """Spreadsheets, other languages and YAML 1.1 read these in several ways."""
    with pytest.raises(ValueError, match=r"\w"):
        units.unit(units.number(text)[1])


@pytest.mark.parametrize("text", ["minuts", "h/acount", "/", "h//month", "1/%", "G B P"])
def test_unknown_words(text: str) -> None:
    """A unit nobody knows is not passed over."""
    with pytest.raises(ValueError, match=r"unknown unit|missing beside|before the '/' only"):
        units.unit(text)


@given(
    st.fractions(min_value=Fraction(1, 1000), max_value=1000, max_denominator=1000),
    st.sampled_from([("min", "h"), ("%", "%"), ("GBP/year", "GBP/month"), ("/month", "meeting/week"), ("", "user")]),
)
def test_words_lead_back(digits: Fraction, pair: tuple[str, str]) -> None:
    """A value in base units, said in the author's unit, is the same value to four digits."""
    suffix, field = pair
    scale = units.scale(units.unit(suffix), units.unit(field), suffix, chance=False, minor=True)
    assert scale is not None
    back = base(scale.words(scale.base(digits)), field)
    assert back == pytest.approx(scale.base(digits), rel=6e-4)


def test_words_of_a_chance() -> None:
    """A yearly chance is said as a yearly chance."""
    scale = units.scale(units.unit("%/year"), units.unit("%/month"), "%/year", chance=True, minor=True)
    assert scale is not None
    assert scale.words(scale.base(Fraction(5))) == "5 %/year"
    assert scale.words(0.0) == "0 %/year"
