"""The pattern of starts in the week or hour, from the scenario's pattern and the starts that were seen."""

import math
from dataclasses import dataclass

import numpy as np

from planner.model.calibration.likelihoods import log_gamma
from planner.model.calibration.posterior import quantiles
from planner.model.inputs.credit import Floats, Ints

WORTHS = tuple(float(worth) for worth in np.geomspace(20, 200_000, 41))
"""How many starts a scenario's pattern may be worth, each as likely as the next before anything is seen [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Shares of the hours of the week, or of the minutes of the hour, after the starts that were seen."""

    shares: Floats
    """Expected, ndarray of shape (n,), sums to 1 [-]."""
    worth: float
    """How many starts the scenario's own pattern turned out to be worth, the median [-]."""
    seen: int
    """Starts it rests on [-]."""


def pattern(counts: Ints, prior: Floats) -> Pattern:
    """Return the pattern of starts that a scenario's pattern and the starts seen [-] make together."""
    # Dirichlet prior of parameters w x prior: the mean after c is (w x prior + c) / (w + sum c). How much the prior is
    # worth, w, is integrated over WORTHS, each weighed by how likely it makes what was seen,
    # Gamma(w)/Gamma(w + sum c) prod_i Gamma(w prior_i + c_i)/Gamma(w prior_i).
    n = int(counts.sum())
    if n == 0:
        return Pattern(prior.copy(), math.inf, 0)
    worth = np.array(WORTHS)
    base = worth[:, None] * np.maximum(prior, 1e-6 / len(prior))
    evidence = log_gamma(worth) - log_gamma(worth + n) + (log_gamma(base + counts) - log_gamma(base)).sum(axis=1)
    weight = np.exp(evidence - evidence.max())
    weight /= weight.sum()
    means = (base + counts) / (base.sum(axis=1, keepdims=True) + n)
    return Pattern(weight @ means, float(np.exp(quantiles(np.log(worth), weight, (0.5,))[0])), n)
