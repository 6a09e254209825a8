"""The factor that all meetings starting on one day share: gamma with mean 1, integrated by a Gauss rule.

Avramidis, Deslauriers, L'Ecuyer, *Modeling daily arrivals to a telephone call center*, Management Science 50(7), 2004,
whose gamma factor all times of a day share.
"""

import numpy as np

from planner.model.inputs.capacity import Floats, Ints

POINTS = 5
"""Of the Gauss rule: exact for polynomials of the factor up to the ninth degree [-]."""
BUSY = 3
"""The point that stands for a busy day: rare overloads happen on days like it, so most of the mixture is near it."""
OUTER = (2, 4)
"""The points on both sides of it that are worked out; what lighter days bring follows from the three."""
SAMPLE = 250
"""Of more draws so many tell how a measure changes with the factor [-]."""
POWERS = tuple((i, j, m) for i in range(4) for j in range(4) for m in range(2) if i + j + m <= 3)
"""Of the terms by which it is carried over to the other draws."""


def rule(spread: Floats | float) -> tuple[Floats, Floats]:
    """Return factors, ascending, and their weights for each coefficient of variation, ndarrays of shape (D, 5) [-]."""
    # Golub, Welsch, *Calculation of Gauss quadrature rules*, Mathematics of Computation 23, 1969, with the recurrence
    # of the generalized Laguerre polynomials, in which cv -> 0 is the limit 1, 1, ...
    variance = np.atleast_1d(np.asarray(spread, dtype=np.float64)) ** 2
    k = np.arange(POINTS)
    jacobi = np.zeros((len(variance), POINTS, POINTS))
    jacobi[:, k, k] = 1.0 + 2.0 * k * variance[:, None]
    beside = np.sqrt(variance[:, None] * k[1:] * (1.0 + (k[1:] - 1.0) * variance[:, None]))
    jacobi[:, k[1:], k[:-1]] = jacobi[:, k[:-1], k[1:]] = beside
    factors, vectors = np.linalg.eigh(jacobi)
    return factors, vectors[:, 0] ** 2


def days_of(spread: Floats | float, draws: int) -> Floats | None:
    """Return factors and weights in each draw, ndarray of shape (2, D, 5) [-]; None = days are alike in all."""
    if not np.any(spread):
        return None
    return np.stack(rule(np.broadcast_to(np.asarray(spread, dtype=np.float64), (draws,))))


def mixed(heavy: Floats, factors: Floats, weights: Floats) -> Floats:
    """Return the log of the mean over the rule, from logs of a measure at its three heavier points, shape (3, D, R)."""
    # through the three a parabola in the logarithm of the factor; a calmer day is never worse than a busier one
    x = np.log(np.maximum(factors, 1e-12))
    light, (a, b, c) = x[:, : OUTER[0]], x[:, OUTER[0] :].T[:, :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.stack(
            [
                (light - b) * (light - c) / ((a - b) * (a - c)),
                (light - a) * (light - c) / ((b - a) * (b - c)),
                (light - a) * (light - b) / ((c - a) * (c - b)),
            ]
        )
    # without spread all points are the same one
    shares = np.where((a == c)[None], np.array([1.0, 0.0, 0.0])[:, None, None], shares)
    lighter = np.minimum(np.einsum("pdk,pdr->kdr", shares, heavy), heavy[0])
    logs = np.concatenate([lighter, heavy])
    top = logs.max(axis=0)
    return np.asarray(top + np.log(np.einsum("dk,kdr->dr", weights, np.exp(logs - top))))


def steepness(moved: Floats, logs: Floats, depth: Floats, apart: Floats, rows: Ints) -> Floats:
    """Return by how much a measure's log changes with the factor's, ndarray of shape (D, R), known in some rows [-]."""
    # By Chernoff's bound it follows from the risk itself and from how far the limit is above the mean; what else there
    # is, a straight line of a few terms takes up.
    known = np.where(apart[rows, None] != 0.0, moved / np.where(apart == 0.0, 1.0, apart)[rows, None], 0.0)
    if len(rows) == len(logs):
        return np.asarray(known)
    found = np.empty_like(logs)
    for k in range(logs.shape[1]):
        z = np.sqrt(2.0 * (logs[:, k].max() + 1.0 - logs[:, k]))
        near = max(0, min(k, logs.shape[1] - 2))
        nearby = [near, near + 1] if logs.shape[1] > 1 else [k, k]
        run = depth[:, nearby[0]] - depth[:, nearby[1]]
        along = np.where(run > 1e-6, (logs[:, nearby[1]] - logs[:, nearby[0]]) / np.maximum(run, 1e-6), 0.0)
        more = [along, along**2, along * z, along * depth[:, k], along * apart]
        terms = np.stack([*(z**i * depth[:, k] ** j * apart**m for i, j, m in POWERS), *more], 1)
        # where next to nothing happens the measure is not told apart from 0
        told = logs[rows, k] > logs[:, k].min() + 2.0
        chosen = rows[told] if told.sum() > 3 * len(POWERS) else rows
        fit = np.linalg.lstsq(terms[chosen], known[:, k][told] if len(chosen) < len(rows) else known[:, k])[0]
        found[:, k] = np.clip(terms @ fit, known[:, k].min(), known[:, k].max())
    found[rows] = known
    return found
