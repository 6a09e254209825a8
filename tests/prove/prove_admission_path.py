"""The rule that admits after some weeks of readings keeps the promise, against an oracle that knows the truth.

The planner learns from its own draws what readings tell; the truths are draws of another seed, each read week by week.
The accounts on offer come at the first look that has room for them. Of those who let them come no more are wrong than
the objective leaves. A rule that lets come what the middle case bears is wrong far more often. Counted beside it: what
is forgone of what the oracle would let come.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import proof

from planner.model.admission.node_limit import spaced_to
from planner.model.evidence.likelihood import Past
from planner.model.evidence.once_known import LOOKS, Terms
from planner.model.evidence.readings_to_come import readings
from planner.model.evidence.value_of_facts import observable
from planner.model.inputs.capacity import Floats
from planner.model.overload.accounts_over_draws import allowed_accounts
from planner.model.overload.node_resources import Drawn, node_resources
from planner.planning.draws import as_arrays, weighed
from planner.scenario.reader import read

FULL = 4000
"""Truths; the planner has as many draws [-]."""
FEW = 1000
"""Of fewer, a sample, only those that are told nothing are looked at [-]."""
PILOT = Path(__file__).parents[2] / "scenarios" / "pilot-5.yaml"
NODE = "de"
MIDDLE = 0.5
"""What a rule asks for that plugs in the likeliest numbers [-]."""
OFTEN = 1.3
"""So many times as often it breaks the promise at least [-]."""
ERRORS = 3.0


@dataclass(frozen=True)
class Truths:
    """Draws, each with what it allows and what is read of it."""

    of: Drawn
    allows: Floats
    read: Floats
    """ndarray of shape (looks, D, F)"""


def truths(count: int, seed: int, told: bool) -> Truths:
    """Return draws with what is read of them; weighed by what the scenario says was seen, if told."""
    scenario = read(PILOT)
    of = weighed(scenario, count, seed, exactly=True)[0] if told else as_arrays(scenario, count, seed)
    knots, past = spaced_to(250, 5), Past(of)
    limits = [allowed_accounts(one.drawn, of.central.objective, knots) for one in node_resources(of, (NODE,))]
    return Truths(of, np.min(limits, axis=0), readings(past, NODE, observable(past, NODE, seed), LOOKS, seed))


@dataclass(frozen=True)
class Score:
    """A rule against the oracle; of all truths, but for the share of those who let the accounts come [-]."""

    comes: float
    broken: float
    """Of those who let them come."""
    forgone: float
    """[account]"""
    error: float
    """Of the share that is broken where the promise is just kept."""


def score(comes: npt.NDArray[np.bool_], of: Truths, promise: float) -> Score:
    """Return how a rule does that lets the offer come in some truths."""
    weight, offered = of.of.weight / of.of.weight.sum(), of.of.central.offer.accounts
    able = of.allows >= offered
    share = float(weight @ comes)
    broken = float(weight @ (comes & ~able)) / max(share, 1e-9)
    effective = share * weight.sum() ** 2 / float((weight**2).sum())
    error = math.sqrt(promise * (1.0 - promise) / max(effective, 1.0))
    return Score(share, broken, offered * float(weight @ (able & ~comes)), error)


def first(chances: Sequence[Floats], least: float) -> list[npt.NDArray[np.bool_]]:
    """Return in which truths the accounts have come up to each look."""
    return list(np.logical_or.accumulate([chance >= least for chance in chances], axis=0))


def prove(count: int, seed: int) -> str:
    """Hold the rule for so many truths, with what the scenario says was seen and without."""
    said = []
    for told in (False, True) if count >= FEW else (False,):
        own, other = truths(count, 2 * seed, told), truths(count, 2 * seed + 1, told)
        goal, offered = own.of.central.objective, own.of.central.offer.accounts
        chances = []
        for mine, theirs in zip(own.read, other.read, strict=True):
            terms = Terms(mine, own.of.weight)
            chances.append(terms.chances(own.allows >= offered, terms.of(theirs)))
        split = 1.0 - (1.0 - goal.confidence) / len(LOOKS)
        print("told" if told else "nothing told", flush=True)
        for k, weeks in enumerate(LOOKS):
            of_rules = [
                score(first(chances, least)[k], other, goal.confidence) for least in (goal.confidence, split, MIDDLE)
            ]
            for name, one in zip(("the rule", "shared between looks", "the middle case"), of_rules, strict=True):
                print(
                    f"  by week {weeks:2} {name:21} lets them come in {one.comes:.3f}, broken in {one.broken:.3f} of "
                    f"these, forgone {one.forgone:.2f} accounts of {offered}",
                    flush=True,
                )
        rule, _, middle = of_rules
        assert rule.broken <= 1.0 - goal.confidence + ERRORS * rule.error, f"{rule}, told {told}, seed {seed}"
        assert middle.broken > OFTEN * (1.0 - goal.confidence), f"{middle}, told {told}, seed {seed}"
        assert rule.forgone >= 0.0
        name = "told" if told else "nothing told"
        said.append(
            f"{name}: {rule.comes:.2f} let them come, {rule.broken:.3f} of these wrongly ({middle.broken:.3f} by rote)"
        )
    return f"{count} truths, {'; '.join(said)}"


if __name__ == "__main__":
    proof.main("admission path", prove, FULL)
