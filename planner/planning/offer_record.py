"""What an offer brings and what it adds: one record for each mix of levels and number of accounts."""

from dataclasses import dataclass

from planner.planning.amount import Amount


@dataclass(frozen=True, slots=True)
class Offer:
    """So many accounts of a mix: the hours a month that they bring, against what they add to the risk."""

    mix: tuple[tuple[str, float], ...]
    """Levels, and their shares [-]."""
    accounts: int
    income_per_month: Amount
    hours_on_paper: float
    """If everybody joins at once, stays and pays [h/month]."""
    hours_usual: float
    """Earned on the middle path, on average over the horizon [h/month]."""
    added: float
    """Share of the draws in which a server gets too full with all of them, and not without [-]."""
    standard_error: float
    """[-]"""
    mark: str = ""
    """"this offer", "discussed", "fewer at higher levels" or ""."""
    best_on_paper: bool = False
    """Whether no other offer brings as many hours on paper and adds as little, and is better in one of the two."""
    best_usually: bool = False
    """The same with the usual delays."""
