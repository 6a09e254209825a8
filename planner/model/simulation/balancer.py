"""The balancer, event by event: which node a meeting is created on, and which starts an account's limit refuses.

Here an event depends on all before it: a plain loop over arrays, compiled where a compiler is installed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import Floats

BALANCED = -1
"""In place of a node: the balancer chooses."""
REFUSED = -2
"""In place of a node: the account has as many rooms as it may, or no node is up."""
EVERYWHERE = -3
"""In place of a node: a mark of the clock."""
EQUAL = 1e-9
"""Loads closer than this are equal: sums of 0.003 are not exact [the load limit's unit]."""


Loop = Callable[..., int]


@dataclass(frozen=True, slots=True)
class Loops:
    """`place` and `deal`, compiled or not; arguments by name."""

    place: Loop
    deal: Loop


def interpreted() -> Loops:
    """Return the loops as the interpreter runs them: on lists, several times as quick as on arrays."""
    return Loops(_on_lists(place, "node", "owner"), _on_lists(deal, "rows", "times"))


def _on_lists(loop: Loop, *filled: str) -> Loop:
    """Return the loop with arrays turned into lists, and those that it fills back into arrays."""

    def run(**given: Any) -> int:
        lists = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in given.items()}
        result = loop(**lists)
        for name in filled:
            given[name][:] = lists[name]
        return result

    return run


def place(
    order: npt.NDArray[np.int64],
    time: npt.NDArray[np.int64],
    changing: npt.NDArray[np.int32],
    marks: int,
    load: Floats,
    model: npt.NDArray[np.int64],
    seen: Floats,
    up: npt.NDArray[np.bool_],
    age: int,
    account: npt.NDArray[np.int32],
    rooms_at_once: npt.NDArray[np.int32],
    running: npt.NDArray[np.int32],
    node: npt.NDArray[np.int32],
    owner: npt.NDArray[np.int16],
) -> int:
    """Return how many starts [meeting] are refused; `node` and `owner` receive where each meeting and event belongs."""
    meetings = len(node)
    first_mark = meetings + len(changing)
    first_start = first_mark + marks
    limited = len(account) > 0
    refused = 0
    news = 0
    for step in range(len(order)):
        row = order[step]
        if row >= first_start:
            who = row - first_start
            if limited and running[account[who]] >= rooms_at_once[account[who]]:
                node[who] = REFUSED
            elif node[who] == BALANCED:
                while age > 0 and time[news] <= time[step] - age:
                    # what has become old enough reaches the balancer
                    if owner[news] >= 0:
                        seen[owner[news]] += load[model[owner[news]]][order[news]]
                    news += 1
                best = REFUSED
                for k in range(len(seen)):
                    if up[k] and (best < 0 or seen[k] < seen[best] - EQUAL):
                        best = k
                node[who] = best
            if node[who] < 0:
                refused += 1
            elif limited:
                running[account[who]] += 1
        elif row >= first_mark:
            owner[step] = EVERYWHERE
            continue
        elif row >= meetings:
            who = changing[row - meetings]
        else:
            who = row
            if limited and node[who] >= 0:
                running[account[who]] -= 1
        owner[step] = node[who]
        if age == 0 and node[who] >= 0:
            seen[node[who]] += load[model[node[who]]][row]
    return refused


def deal(
    order: npt.NDArray[np.int64],
    time: npt.NDArray[np.int64],
    owner: npt.NDArray[np.int16],
    length: int,
    ends: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    times: npt.NDArray[np.int64],
) -> int:
    """Return how many events [-] are dealt; `rows` and `times` [tick] receive each node's, marks go to every node."""
    for step in range(len(order)):
        where = owner[step]
        if where >= 0:
            rows[ends[where]] = order[step]
            times[ends[where]] = time[step] + length * int(where)
            ends[where] += 1
        elif where == EVERYWHERE:
            for k in range(len(ends)):
                rows[ends[k]] = order[step]
                times[ends[k]] = time[step] + length * k
                ends[k] += 1
    return len(rows)
