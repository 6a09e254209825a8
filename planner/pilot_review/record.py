"""The record of a review: what was predicted, what happened, what was asked, and the verdict."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from planner.planning.band_coverage import Coverage
from planner.wording import phrases

Verdict = Literal["go on", "hold", "stop", "unknown"]
THRESHOLDS = {
    "hours_bought": ("hours bought", "h", "at least"),
    "months_since_purchase": ("months since hours were last bought", "months", "at most"),
    "idle_share": ("share of the credit that lies unspent", "%", "at most"),
    "episodes": ("overloads", "", "at most"),
    "volunteer_hours": ("volunteer hours a month", "h", "at most"),
}
"""What each field of the scenario's review rule is called, its unit, and which side it bounds."""

GOOD_SIDE = {"hours bought": "more", "overloads": "fewer"}
"""Of what was predicted, where one side of it is what everybody hopes for."""

HARDLY_ANY = 0.05
"""A middle below this is no number that a person wants to read [the row's unit]."""


@dataclass(frozen=True, slots=True)
class Row:
    """A prediction, of which 8 of 10 cases lie between low and high, and what happened; None = not known."""

    name: str
    unit: str
    low: float
    middle: float
    high: float
    happened: float | None

    @property
    def inside(self) -> bool | None:
        """Return whether it happened as predicted."""
        return None if self.happened is None else self.low - 1e-9 <= self.happened <= self.high + 1e-9

    @property
    def better(self) -> bool:
        """Return whether it did not happen as predicted, but on the side that everybody hopes for."""
        return self.inside is False and GOOD_SIDE.get(self.name) == self.side

    @property
    def side(self) -> str:
        """Return on which side of the prediction it lies."""
        return "fewer" if (self.happened or 0.0) < self.low else "more"

    @property
    def band(self) -> str:
        """Return the prediction in words: "2 to 5 credit, 3 in the middle"."""
        low, high = _said(self.low), _said(self.high)
        return f"{low}{self._unit}" if low == high else f"{low} to {high}{self._unit}, {self._middle} in the middle"

    @property
    def happened_words(self) -> str:
        """Return what happened in words."""
        return "not known" if self.happened is None else f"{_said(self.happened)}{self._unit}"

    @property
    def _middle(self) -> str:
        return "hardly any" if 0.0 < self.middle < HARDLY_ANY else _said(self.middle)

    @property
    def _unit(self) -> str:
        return f" {self.unit}" if self.unit else ""

    @property
    def says(self) -> str:
        """Return both in words."""
        low, high = _said(self.low), _said(self.high)
        band = f"{low} to {high}{self._unit} predicted, {self._middle} in the middle"
        if low == high:
            band = f"{low}{self._unit} predicted in 8 of 10 cases"
        if self.happened is None:
            return f"{self.name}: not known; {band}"
        where = "as" if self.inside else "better than" if self.better else f"{self.side} than"
        return f"{self.name}: {_said(self.happened)}{self._unit}, {where} predicted; {band}"


@dataclass(frozen=True, slots=True)
class Asked:
    """One threshold of the review rule, and what was found; None = not known."""

    threshold: str
    """Its name in the scenario, below `offer.review`."""
    asked: float
    found: float | None
    missed: bool | None
    final: bool
    """Whether waiting cannot put it right."""

    @property
    def name(self) -> str:
        """Return what it is about."""
        return THRESHOLDS[self.threshold][0]

    @property
    def wanted(self) -> str:
        """Return what was asked, in words."""
        return f"{THRESHOLDS[self.threshold][2]} {self._amount(self.asked)}"

    @property
    def found_words(self) -> str:
        """Return what was found, in words."""
        if self.found is None:
            return "not known"
        return "never" if self.found == float("inf") else self._amount(self.found)

    @property
    def says(self) -> str:
        """Return it in words."""
        if self.found is None:
            return f"{self.name}: not known, wanted {self.wanted}"
        return f"{self.name}: {self.found_words}, wanted {self.wanted}: {'missed' if self.missed else 'met'}"

    def _amount(self, value: float) -> str:
        unit = THRESHOLDS[self.threshold][1]
        return f"{_said((100 if unit == '%' else 1) * value)} {unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Course:
    """One number month by month, month 0 first: the plan's band up to the horizon, and what happened so far."""

    name: str
    unit: str
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]
    happened: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pit:
    """Where in their predicted law the hours of one resource on one node lie: see `model.calibration.pit`."""

    node: str
    resource: str
    hours: int
    tenths: tuple[float, ...]
    """Share of the hours in each tenth of the law, the emptiest first [-]."""
    mean: float
    """0.5 as predicted, more = fuller [-]."""


@dataclass(frozen=True, slots=True)
class Review:
    """The pilot after some months."""

    scenario: str
    title: str
    digest: str
    network: str
    on: date
    month: int
    due: bool
    """Whether it is time: enough months, or enough accounts."""
    why_due: str
    verdict: Verdict
    reasons: tuple[str, ...]
    rows: tuple[Row, ...]
    asked: tuple[Asked, ...]
    courses: tuple[Course, ...]
    next_words: str
    """When to look again, and what is to be done until then."""
    notes: tuple[str, ...]
    coverage: tuple[Coverage, ...] = ()
    """Of the plan's weekly band, by node and resource; () = not asked, or nothing was seen."""
    pits: tuple[Pit, ...] = ()


def _said(value: float) -> str:
    """Return a number as a person says it: whole where it is, else two digits."""
    if abs(value - round(value)) < 1e-9:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 10 else phrases.number(value)
