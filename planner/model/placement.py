"""The balancer, event by event: which node a meeting is created on, and which starts an account's limit refuses.

The one part of the simulation in which an event depends on all before it. It is written as a plain loop over arrays,
so that it can be compiled where a compiler is installed and runs as it stands where none is.
"""

import numpy as np
import numpy.typing as npt

from planner.model.inputs import Floats

END, CHANGE, MARK, START = 0, 1, 2, 3
"""What an event is: a meeting ends, changes what it holds, nothing but the clock, a meeting starts."""
EQUAL = 1e-9
"""Loads closer than this are equal: sums of 0.003 are not exact [the load limit's unit]."""


def place(
    what: npt.NDArray[np.int8],
    order: npt.NDArray[np.int64],
    meeting: npt.NDArray[np.int32],
    time: npt.NDArray[np.int64],
    load: Floats,
    model: npt.NDArray[np.int32],
    seen: Floats,
    up: npt.NDArray[np.bool_],
    age: int,
    account: npt.NDArray[np.int32],
    rooms_at_once: npt.NDArray[np.int32],
    running: npt.NDArray[np.int32],
    node: npt.NDArray[np.int32],
) -> None:
    """Write into `node` where each meeting runs: -1 becomes the least loaded node, or -2 where the start is refused.

    Parameters
    ----------
    what : ndarray of shape (events,)
        END, CHANGE, MARK or START [-].
    order : ndarray of shape (events,)
        The events in order of time [-].
    meeting : ndarray of shape (events,)
        Whose event it is [-].
    time : ndarray of shape (events,)
        In order [ms].
    load : ndarray of shape (models, events)
        What the event adds to the load of its node, by load model [the load limit's unit].
    model : ndarray of shape (nodes,)
        Row of `load` for each node [-].
    seen : ndarray of shape (nodes,)
        The load the balancer sees; at first the nodes' base, used up [the load limit's unit].
    up : ndarray of shape (nodes,)
        Whether the node takes meetings [-].
    age : int
        Age of the load the balancer sees [ms].
    account : ndarray of shape (meetings,)
        Whose meeting it is; empty = no account has a limit [-].
    rooms_at_once : ndarray of shape (accounts,)
        Limit of each account [room].
    running : ndarray of shape (accounts,)
        Rooms in progress; at first 0, used up [room].
    node : ndarray of shape (meetings,)
        Where each runs [-].
    """
    limited = len(account) > 0
    news = 0
    for step in range(len(order)):
        event = order[step]
        if what[event] == MARK:
            continue
        who = meeting[event]
        if what[event] == END:
            if limited and node[who] >= 0:
                running[account[who]] -= 1
            continue
        if what[event] != START:
            continue
        if limited and running[account[who]] >= rooms_at_once[account[who]]:
            node[who] = -2
            continue
        if node[who] == -1:
            # what has become old enough reaches the balancer; seen fresh, that is all that went before
            while news < step and time[news] <= time[step] - age:
                old = order[news]
                where = node[meeting[old]]
                if what[old] != MARK and where >= 0:
                    seen[where] += load[model[where], old]
                news += 1
            best = -1
            for k in range(len(seen)):
                if up[k] and (best < 0 or seen[k] < seen[best] - EQUAL):
                    best = k
            node[who] = best if best >= 0 else -2
        if limited and node[who] >= 0:
            running[account[who]] += 1
