"""Where in its predicted law each count turned out to be: evenly spread over 0 to 1 if the prediction holds.

Czado, Gneiting, Held, *Predictive model assessment for count data*, Biometrics 65, 2009, equation (1).
"""

from collections.abc import Sequence

import numpy as np

from planner.model.inputs.credit import Floats

TENTHS = 10
"""Bars of the histogram [-]."""


def randomized(cumulative: Floats, k: int, v: float) -> float:
    """Return F(k - 1) + v (F(k) - F(k - 1)), v even in 0 to 1, of the law P(X <= k) at k = 0, 1, … [-]."""
    below = 0.0 if k <= 0 else float(cumulative[min(k - 1, len(cumulative) - 1)])
    at = 0.0 if k < 0 else float(cumulative[min(k, len(cumulative) - 1)])
    return min(1.0, max(0.0, below + v * (at - below)))


def histogram(values: Sequence[float]) -> tuple[float, ...]:
    """Return the share of the values in each tenth of 0 to 1, all of them 0.1 if they are evenly spread [-]."""
    counts, _ = np.histogram(np.asarray(values, dtype=np.float64), TENTHS, (0.0, 1.0))
    return tuple((counts / max(1, len(values))).tolist())
