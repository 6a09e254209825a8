"""Draws weighed by what was seen, and what there is to say of the weights."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.model.evidence.likelihood import Past, likelihood
from planner.model.evidence.statements import MostUsers, Statement
from planner.model.inputs.capacity import Floats
from planner.model.overload.node_resources import Drawn

ENOUGH = 400
"""Draws that the weights must be worth [-]."""
UNEXPECTED, CONTRADICTION = 0.05, 0.01
"""Tail probabilities below which what was seen is unexpected, and contradicts the ranges or the rest [-]."""
HIGHER = 1.2
"""How much higher a peak may really have been than it was seen [-]."""


@dataclass(frozen=True, slots=True)
class StatementFit:
    """One statement, beside the ranges and the other statements."""

    path: str
    text: str
    probability: float
    """Mean likelihood over the draws before any statement [-]."""
    tail: float
    """Two-sided chance of what is as far out, given the others [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """All draws, weighed by all statements."""

    weight: Floats
    """Mean 1, ndarray of shape (D,) [-]."""
    if_peak_higher: Floats | None
    """The same if every peak was really higher by HIGHER [-]; None = no peak is stated."""
    statements: tuple[StatementFit, ...]
    effective: float
    """Draws of equal weight that are worth as much [-]."""
    past: Past
    """The members of all draws, looked back at."""

    @property
    def contradiction(self) -> bool:
        """Return whether the ranges and what was seen contradict each other."""
        return any(one.tail < CONTRADICTION for one in self.statements)


def weigh(of: Drawn, statements: Sequence[Statement]) -> Weighed:
    """Return the draws' weights: the product of the statements' likelihoods.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao, Gabry, *Pareto smoothed importance sampling*, JMLR 25(72), 2024.
    """
    past = Past(of)
    found = [likelihood(one.seen, past) for one in statements]
    each = [one.each for one in found]
    judged = []
    for k, (statement, of_it) in enumerate(zip(statements, found, strict=True)):
        others = _product(of, each[:k] + each[k + 1 :])
        below, above = (float(others @ side / others.sum()) for side in (of_it.at_most, of_it.at_least))
        tail = min(1.0, 2.0 * min(below, above))
        judged.append(StatementFit(statement.path, statement.text, float(of_it.each.mean()), tail))
    peaks = {k: one.seen for k, one in enumerate(statements) if isinstance(one.seen, MostUsers)}
    raised = {k: likelihood(replace(peak, users=HIGHER * peak.users), past).each for k, peak in peaks.items()}
    higher = [raised.get(k, of_it) for k, of_it in enumerate(each)]
    weight = _product(of, each)
    effective = float(weight.sum() ** 2 / np.maximum((weight**2).sum(), 1e-300))
    return Weighed(weight, _product(of, higher) if peaks else None, tuple(judged), effective, past)


def _product(of: Drawn, likelihoods: Sequence[Floats]) -> Floats:
    """Return weights of mean 1; equal ones where no draw makes what was seen."""
    product = np.prod([of.weight, *likelihoods], axis=0)
    total = product.sum()
    return np.asarray(product * len(product) / total if total > 0.0 else of.weight)
