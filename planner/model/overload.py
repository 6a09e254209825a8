"""The four measures of overload of one resource on one node."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of models.md section 3, per average month of 365.25/12 days in the season that is judged."""

    busiest_instant: float
    """max over t of P(X(t) > L) [-]"""
    minutes: float
    """Expected minutes with X > L [min/month]."""
    episodes: float
    """Expected number of overloads [1/month]."""
    any_in_week_bound: float
    """Upper bound of P(X > L at some time in a week) [-]."""
    busiest_bin: int
    """The 5-minute bin of the week of `busiest_instant` [-]."""
    when: int
    """The bin that contributes most to `episodes` [-]."""
