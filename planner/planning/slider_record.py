"""What the sliders of the report reckon with: the grid that was worked out for them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Answers on a grid worked out beforehand, between which the report's sliders interpolate."""

    busy: tuple[float, ...]
    """Meetings of every account as a multiple of what is assumed, ascending, 1 among them [-]."""
    accounts: tuple[int, ...]
    """Further accounts, ascending from 0 [account]."""
    central: tuple[tuple[float, ...], ...]
    """The objective's measure at the worst server limit: for each of `busy`, one for each of `accounts`."""
    at_confidence: tuple[tuple[float, ...], ...]
    """The same over the draws; empty, as is `central`, where none of the accounts come to a limited server."""
    tightest: tuple[str, ...]
    """Which server limit that is, in words, for each of `busy`."""
    others: int | None
    """Accounts that the permissions beside the servers allow: they stay as they are [account]."""
    others_limit: str
    """The first of those, in words."""
    price: int
    """What the sliders start from: the mean fee of the offer [minor credit/account/month]."""
    rate: int
    """[minor credit/h]"""
    hours: float
    """[h]"""
    income: tuple[int, ...]
    """On paper, of 0, 1, 2, … accounts at the plan's prices [minor credit/month]."""
    paying: tuple[int, ...]
    """Accounts on offer, ascending from 1, for which paths were run [account]."""
    shares: tuple[float, ...]
    """Shares of the paths, ascending from 0 to 1 [-]."""
    earned: tuple[tuple[tuple[float, ...], ...], ...]
    """Fees that so many of the paths have earned at most, no cap in the way: for each of `paying`, for each month from
    1, one for each of `shares` [`price`]."""
    rates: tuple[float, ...]
    """The hourly rate on as many equally likely paths, as a multiple of `rate` [-]."""
    caps: tuple[float, ...]
    """The network's largest balance on the same paths; empty = there is none [minor credit]."""
    whole_block: bool
    """Whether the block is bought in one piece, so that one dearer than the cap is never afforded."""
    own_rate: int | None = None
    """The lowest rate of a seller who has one of its own: a block may come from there too [minor credit/h]."""
    one_fee: bool = True
    """Whether all accounts pay the same fee, so that what is earned moves by whole fees."""
    least_fee: float = 1.0
    """The lowest fee: a balance stops below the cap where not even that fits [`price`]."""
    rate_growth: float = 0.0
    """Of the hourly rate [1/year]."""
    error_accounts: int = 0
    """Largest error of the number that the servers allow, as measured [account]."""
    error_chance: float = 0.0
    """The same of the chance that the hours are earned by a month, whichever [-]."""
    error_risk: float = 1.0
    """The factor by which the risk at the confidence may be off, as measured [-]."""
    error_central: float = 1.0
    """The same with every input at its value [-]."""
