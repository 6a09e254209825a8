"""The Monte Carlo error that is printed beside a number, against what other seeds give.

With the pilot's draws of 4,000 each, two seeds differ by at most three accounts or three standard errors of a
difference (the root of 2 times what is printed), in every server limit that allows fewer than 100 and in all of them
together; over all seeds the spread is within 30 % of the printed error. So it is at a confidence of 60 %, where the
pilot's joint number is not 0. With some ten numbers and ten pairs of seeds, one pair of a number may be further apart.
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import proof

from planner.model.admission.node_limit import number
from planner.model.inputs.distributions import normal_scores
from planner.model.limit import MOST
from planner.model.overload.accounts_over_draws import settled, standard_error
from planner.model.overload.node_resources import node_resources
from planner.planning.draws import as_arrays
from planner.scenario.reader import Scenario, read

FULL = 20
"""Seeds."""
DRAWS = 4000
FEW = 100
"""Limits that allow this many or more are not compared [account]."""
NEAR = 3.0
"""Accounts, or standard errors of a difference, by which two seeds may differ."""
PAIRS = 10
"""Of so many pairs of seeds one may be further apart."""
WITHIN = 0.3
CONFIDENCES = (0.9, 0.6)
"""That of the pilot, and another [-]."""
PILOT = Path(__file__).parents[2] / "scenarios" / "pilot-5.yaml"


@dataclass(frozen=True)
class Found:
    """One number and its printed error [account]."""

    accounts: int
    error: float


def numbers(scenario: Scenario, draws: int, seed: int) -> dict[str, Found]:
    """Return the number of each limit of the nodes that the offer reaches, and the joint one, as a plan has them."""
    of = as_arrays(scenario, draws, seed)
    offered = of.central.offer.accounts
    scores = np.array([normal_scores(drawn) for drawn in of.scores.values()]).reshape(len(of.scores), of.number)
    found, reached = {}, [bench for bench in node_resources(of) if bench.reached]
    for confidence in CONFIDENCES:
        goal = replace(of.central.objective, confidence=confidence)
        allow = [number(bench, goal, offered, scores) for bench in reached]
        for bench, one in zip(reached, allow, strict=True):
            if one.max_accounts is not None:
                name = f"{bench.resource} on {bench.node.name} at {confidence:.0%}"
                found[name] = Found(one.max_accounts, one.error)
        joint, each = settled(
            [(bench.drawn, one.each) for bench, one in zip(reached, allow, strict=True)], goal, confidence
        )
        if joint < MOST:
            error = standard_error(each.min(axis=0), of.weight, confidence, scores)
            found[f"together at {confidence:.0%}"] = Found(max(joint, 0), error)
    return found


def too_far(found: list[dict[str, Found]]) -> list[str]:
    """Return what is wrong with the numbers of some seeds, in words."""
    wrong = []
    for name in found[0]:
        some = [one[name] for one in found if name in one]
        accounts = np.array([one.accounts for one in some], dtype=np.float64)
        error = float(np.mean([one.error for one in some]))
        if len(some) < len(found) or np.median(accounts) >= FEW:
            continue
        spread = float(accounts.std(ddof=1))
        said = f"{name}: {accounts.min():.0f} to {accounts.max():.0f}, spread {spread:.2f}, printed error {error:.2f}"
        print(said, flush=True)
        apart = np.abs(np.diff(accounts)[::2]) > max(NEAR, NEAR * math.sqrt(2.0) * error)
        if apart.sum() > len(apart) // PAIRS:
            wrong.append(f"two seeds are too far apart: {said}")
        # where most seeds say 0 there is no spread to speak of
        if (accounts > 0).all() and len(found) >= FULL and abs(spread - error) > WITHIN * error:
            wrong.append(f"the error is not the spread: {said}")
    return wrong


def prove(count: int, seed: int, draws: int = DRAWS) -> str:
    """Hold the numbers of `count` seeds to each other and to their printed errors; return what was compared."""
    scenario = read(PILOT)
    found = [numbers(scenario, draws, seed + k) for k in range(count)]
    wrong = too_far(found)
    assert not wrong, "; ".join(wrong)
    return f"{count} seeds of {draws} draws, {len(found[0])} numbers each"


if __name__ == "__main__":
    proof.main("seeds", prove, FULL)
