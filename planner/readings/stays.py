"""How many people or cameras were there at once, counted from when each came and went; times in milliseconds."""

import re
from collections.abc import Iterable, Sequence

Span = tuple[int, int]
"""From when to when; an end of 0 is open."""
_IN_BREAKOUT = re.compile(r"[a-z]{1,3}_\w+-\d+")


def from_breakout(external_ids: Iterable[str]) -> bool:
    """Return whether all these people are in a breakout room: they bear the ids of the room before, and its number.

    As MeetingService.getUserCustomData of bbb-common-web (00f293a) takes them apart.
    """
    ids = list(external_ids)
    return bool(ids) and all(_IN_BREAKOUT.fullmatch(one) for one in ids)


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the spans of one person with overlaps joined: who comes back before the last stay has ended."""
    whole: list[Span] = []
    for start, stop in sorted(spans):
        if whole and (whole[-1][1] == 0 or start <= whole[-1][1]):
            whole[-1] = (whole[-1][0], 0 if 0 in (whole[-1][1], stop) else max(whole[-1][1], stop))
        else:
            whole.append((start, stop))
    return whole


def cut(spans: Iterable[Span], stays: Sequence[Span]) -> list[Span]:
    """Return the parts of spans that lie within stays, which do not overlap: a camera goes with its user."""
    endless = float("inf")
    parts = []
    for start, stop in spans:
        for came, left in stays:
            first, last = max(start, came), min(stop or endless, left or endless)
            if first < last:
                parts.append((first, 0 if last == endless else int(last)))
    return parts


def peak(spans: Iterable[Span], over: int) -> int:
    """Return the largest number of spans at once; who goes at the moment another comes is not counted with him."""
    steps = sorted(step for start, stop in spans for step in ((start, 1), (stop or max(over, start) + 1, -1)))
    most = now = 0
    for _, change in steps:
        now += change
        most = max(most, now)
    return most
