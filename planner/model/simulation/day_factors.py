"""How busy each day of a replication is, and when meetings start then."""

import numpy as np
import numpy.typing as npt

from planner.model.inputs.capacity import BINS_PER_WEEK, Floats

Whole = npt.NDArray[np.int64]
BINS_PER_DAY = BINS_PER_WEEK // 7


def day_factors(rng: np.random.Generator, spread: float, replications: int, run_in: int, weeks: int) -> Floats | None:
    """Return each day's factor, gamma with mean 1, shape (replications, days) [-]; None = days are alike."""
    if spread == 0.0:
        return None
    days = len(_midnights(12 * run_in, 12 * run_in + weeks * BINS_PER_WEEK)) - 1
    return np.asarray(rng.gamma(spread**-2, spread**2, (replications, days)))


def _midnights(first: int, end: int) -> Whole:
    """Return the bins at which days begin, the first perhaps cut, and the end; a week begins at `first`."""
    return np.unique(np.concatenate([[0], np.arange(first % BINS_PER_DAY, end, BINS_PER_DAY), [end]]))


def shares_of_days(passed: Floats, days: Floats, run_in: int) -> tuple[Floats, Floats]:
    """Return which share of the starts [-] comes before each day begins, and with the factors before each ends."""
    profile = passed[_midnights(12 * run_in, len(passed) - 1)]
    return profile, np.cumsum(days * np.diff(profile), axis=1)


def on_days(passed: Floats, profile: Floats, until: Floats, place: Whole, uniforms: Floats) -> Floats:
    """Return starts in bins [-], each in its replication: a day by how busy it is, and within it by the profile."""
    busy = until / until[:, -1:]
    days = busy.shape[1]
    # one sorted row for all replications: the k-th lies between k and k + 1
    row = (busy + np.arange(len(busy))[:, None]).ravel()
    day = np.clip(np.searchsorted(row, uniforms + place, side="right") - days * place, 0, days - 1)
    begin = np.where(day > 0, busy[place, day - 1], 0.0)
    width = busy[place, day] - begin
    part = np.divide(uniforms - begin, width, out=np.zeros_like(uniforms), where=width > 0.0)
    at = profile[day] + np.clip(part, 0.0, 1.0) * (profile[day + 1] - profile[day])
    return np.asarray(np.interp(at, passed, np.arange(len(passed))))
