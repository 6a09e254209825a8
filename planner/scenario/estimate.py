"""One uncertain number of a scenario: value, low, high, unit, source, date, and where it is written."""

from dataclasses import dataclass
from typing import Literal

from planner.scenario.problem import Origin
from planner.scenario.units import Scale

Family = Literal["positive", "share", "count", "limit"]
"""How a range becomes a distribution: two-piece log-normal; the same on the logit scale; rounded; rounded down."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number as a person stated it, in base units; money and credit in minor units."""

    path: str
    value: float | None
    """The median; None where the file says `none`."""
    low: float | None
    high: float | None
    """10 % of the cases lie below `low`, 10 % above `high`; None = no range."""
    unit: str
    """The base unit, such as "h", "account/month", "minor GBP/month"; "-" for none."""
    text: str
    """The value in the author's words: "54 min"."""
    low_text: str | None
    high_text: str | None
    source: str
    """Empty = none given; "default" where the file says nothing."""
    as_of: str | None
    origin: Origin
    family: Family
    help: str
    is_default: bool
    scale: Scale
    least: float
    most: float
    """What no value and no draw passes [base unit]."""
    currency: str | None = None
    """The money or credit it is counted in: "GBP", "EUR", "credit"."""
    read_as: str = ""
    """How a range said in one phrase was read; empty for the long form."""

    @property
    def ranged(self) -> bool:
        """Whether a range is stated."""
        return self.low is not None

    @property
    def words(self) -> str:
        """The number in one phrase: "2/week (1/week to 4/week)"."""
        return f"{self.text} ({self.low_text} to {self.high_text})" if self.ranged else self.text

    def written(self, value: float) -> str:
        """Return a value [base unit] in the author's unit: "54 min" for 0.9."""
        return self.scale.words(value)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something a person stated that is not one number: a choice, a text, shares, names, a profile."""

    path: str
    value: object
    text: str
    origin: Origin
    help: str
    is_default: bool
