"""Whether what replications saw and what a formula predicts agree: the comparison that all engines' tests share."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from planner.model.inputs.capacity import Floats
from planner.model.overload import contour_sum, kernel, measures
from planner.model.overload import occupancy_law as law


@dataclass(frozen=True)
class Comparison:
    """What was predicted and what independent replications saw, quantity by quantity."""

    names: tuple[str, ...]
    predicted: Floats
    """ndarray of shape (n_quantities,)"""
    seen: Floats
    """ndarray of shape (n_replications, n_quantities)"""

    @property
    def z(self) -> Floats:
        """Return how many standard errors each quantity is off."""
        error = self.seen.std(axis=0, ddof=1) / math.sqrt(len(self.seen))
        z: Floats = (self.seen.mean(axis=0) - self.predicted) / error
        return z

    def __str__(self) -> str:
        """Return a table of what was compared."""
        rows = zip(self.names, self.predicted, self.seen.mean(axis=0), self.z, strict=True)
        return "\n".join(f"{name:24} predicted {p:10.4f} seen {s:10.4f} z {z:6.2f}" for name, p, s, z in rows)


def agree(comparisons: Sequence[Comparison]) -> bool:
    """Return whether every |z| < 4 and the sum of z^2 lies inside its 99.9 % range.

    The quantities of one comparison come from the same replications, so the range is that of normal variates with the
    correlation that the replications show.
    """
    z = np.concatenate([comparison.z for comparison in comparisons])
    rng = np.random.default_rng(1927)
    sums = np.zeros(100_000)
    for comparison in comparisons:
        correlation = np.corrcoef(comparison.seen, rowvar=False)
        sums += (rng.multivariate_normal(np.zeros(len(correlation)), correlation, len(sums)) ** 2).sum(axis=1)
    low, high = np.quantile(sums, [0.0005, 0.9995])
    return bool((np.abs(z) < 4).all() and low < (z**2).sum() < high)


TRUE_EXPONENT, TRUE_LAW = kernel.account_exponent, law.law


def without_size_bias(inner: np.ndarray, kappa: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the bracket 1: an arriving meeting finds the law that anybody finds."""
    return TRUE_EXPONENT(inner, kappa)[0], np.ones_like(inner)


def bin_ends(_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the trapezium rule: a bin's two ends averaged."""
    return np.array([0.0, 1.0]), np.array([0.5, 0.5])


def bands_apart(*arguments: object, **named: object) -> law.Law:
    """Return a law in which young and old meetings of an account have a multiplier each."""
    of = TRUE_LAW(*arguments, **named)  # type: ignore[arg-type]
    apart = {name: getattr(of, name)[of.owner] for name in ("kappa", "summed", "counts")}
    return replace(of, owner=np.arange(len(of.owner)), **apart)


PLANTED: dict[str, tuple[object, str, Callable[..., object]]] = {
    "no size bias": (kernel, "account_exponent", without_size_bias),
    "bin ends averaged": (measures, "gauss", bin_ends),
    "G not shared between ages": (law, "law", bands_apart),
}
"""Errors that a comparison must find: the module, the function and what stands in for it."""


def plant(error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put an error in place of the right formula; in numpy alone, as what is compiled has the formula inside it."""
    monkeypatch.setattr(contour_sum, "COMPILED_FROM", math.inf)
    monkeypatch.setattr(*PLANTED[error])
