"""What people saw makes good numbers: of those who admit what the planner says, as many cope as it promises.

Each co-op's truth is one draw of the pilot's ranges, on a German server 1.6 times as large: on the pilot's own the CPU
lets next to nobody in, whatever people saw. A year of its meetings is played one by one (`played_history`), and
statements are made from what happened. The planner weighs its own draws, of another seed, by the statements; the
co-op admits the joint number at the confidence. It copes if its truth allows as many, by the closed form.

Held: of those who admit anybody at least the confidence, less two standard errors, cope, whatever was said. The rank of
the truth's own number of accounts among the weighed draws is uniform, and so is that of the true peak in its own law.
What a peak that is understated by a fifth costs is counted, not held.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import proof
from played_history import DAYS, WEEKS, History, played
from scipy.stats import kstest
from statements_of_the_pilot import HALF, NOTICED, YEAR

from planner.model.admission.node_limit import spaced_to
from planner.model.evidence.likelihood import TINY, WEEKLY, Past, likelihood
from planner.model.evidence.statements import Carried, MostUsers, Overloads, Seen, Talk, Window
from planner.model.inputs.capacity import WEEKS_PER_MONTH, Floats, Resource
from planner.model.inputs.distributions import quantile
from planner.model.overload.accounts_over_draws import allowed_accounts, weighted_quantile
from planner.model.overload.node_resources import Drawn, node_resources
from planner.planning.draws import as_arrays
from planner.scenario.reader import read

FULL = 1000
"""Co-ops, each with every kind of statement."""
DRAWS, FEW = 4000, 300
"""Of the planner; in a sample of fewer than so many co-ops an eighth of them."""
PILOT = Path(__file__).parents[2] / "scenarios" / "pilot-5.yaml"
NODE = "de"
LOWEST, HIGHEST, STEP = 6.0, 700.0, 1.1
"""Peaks at which crossings are worked out; between them along straight lines of their logs [user]."""
HALF_WEEKS, YEAR_WEEKS = 26.0, 52.0
WITHIN = 0.1
LARGER = (
    "nodes.de.limits.users={value: 240 users, low: 160, high: 320}",
    "nodes.de.limits.rooms={value: 48 rooms, low: 24, high: 72}",
    "nodes.de.limits.streams={value: 1600 streams, low: 1120, high: 2400}",
    "nodes.de.cpu.base=3 %",
    "nodes.de.cpu.per_room=0.187 %",
    "nodes.de.cpu.per_user=0.187 %",
    "nodes.de.cpu.per_stream=0.0187 %",
    "nodes.de.cpu.factor={value: 1, low: 0.3, high: 3}",
)
"""What the pilot's German server bears, 1.6 times over and as uncertain: of seven answers two or three admit."""
TESTS = (90.0, 150.0, 200.0, 240.0)
"""With so many users a load test is planned [user]."""
WEEKS_OF_TALK: Floats = quantile(6.0, 3.0, 14.0, "positive", (np.arange(15) + 0.5) / 15)
LARGE = 20
"""Who noticed more overloads in a year says "so many or more"."""
UNDERSTATED = 0.8
KINDS = ("nothing", "count", "peak", "now and then", "talk", "test", "mixture")
P_LEAST = 0.01
"""Of all tests of a run together: of a single one that much over their number (Bonferroni) [-]."""
ERRORS = 2.0
"""Standard errors that a share may be below the confidence; in a sample of fewer than `FEW` one more."""


class Grid(Past):
    """The past on a grid of peaks: a thousand co-ops ask for hundreds of them."""

    def __init__(self, of: Drawn) -> None:
        super().__init__(of)
        number = math.ceil(math.log(HIGHEST / LOWEST) / math.log(STEP))
        self.levels: Floats = np.unique(np.geomspace(LOWEST, HIGHEST, number).round())
        self._logs: dict[Window, Floats] = {}
        self._limits: dict[tuple[Resource, Window], Floats] = {}

    def crossings(self, node: str, resource: Resource, level: float | None, window: Window) -> Floats:
        """Return those of the whole limit as they are, those of a peak from the grid."""
        assert node == NODE
        if level is None:
            if (resource, window) not in self._limits:
                self._limits[resource, window] = super().crossings(node, resource, None, window)
            return self._limits[resource, window]
        if window not in self._logs:
            each = [super(Grid, self).crossings(node, resource, float(x), window) for x in self.levels]
            self._logs[window] = np.log(np.maximum(each, TINY))
        x = np.log(np.clip(level, self.levels[0], self.levels[-1]) / self.levels)
        k = int((x >= 0.0).sum().clip(1, len(x) - 1))
        part = x[k - 1] / (x[k - 1] - x[k])
        low, high = self._logs[window][k - 1 : k + 1]
        return np.asarray(np.exp(low + part * (high - low)))


@dataclass(frozen=True)
class Saw:
    """What one co-op saw and says, by statement; None = it says nothing of it."""

    peak: float
    """The true most users of half a year."""
    said: Mapping[str, Seen]
    failed: float | None
    """A load test with so many users was too much [user]."""
    understated: Mapping[str, Seen]
    """The peaks again, a fifth lower."""


def allows(of: Drawn) -> Floats:
    """Return about how many accounts the server's limits allow together in each draw."""
    knots = spaced_to(250, 5)
    there = node_resources(of, (NODE,))
    return np.min([allowed_accounts(one.drawn, of.central.objective, knots) for one in there], axis=0)


def histories(of: Drawn, past: Past, row: int, seed: int) -> tuple[History, Floats]:
    """Return a truth's year on the server, and the user-hours of each week on all servers."""
    rng, one = np.random.default_rng([seed, row]), of.draw(row)
    days = rng.gamma(one.day_spread**-2, one.day_spread**2, DAYS) if one.day_spread > 0.0 else np.ones(DAYS)
    phase, found = rng.random(), {}
    for name, place in past.places.items():
        node = next(each for each in one.nodes if each.name == name)
        summed = {level: float(accounts[row]) for level, accounts in place.summed.items()}
        found[name] = played(replace(one, nodes=(node,)), summed, phase, days, rng)
    return found[NODE], np.sum([each.talked for each in found.values()], axis=0)


def saw(of: Drawn, past: Past, row: int, seed: int) -> Saw:
    """Return what a co-op saw."""
    history, talked = histories(of, past, row, seed)
    rng = np.random.default_rng([seed, row, 1])
    node = next(one for one in of.draw(row).nodes if one.name == NODE)
    limits: dict[Resource, float] = {name: float(limit) for name, limit in node.limits.items()}
    count = int(rng.binomial(history.overloads(limits, YEAR_WEEKS), rng.choice(NOTICED)))
    peak = history.most("users", HALF_WEEKS)
    exact = max(1.0, round(peak / rng.uniform(1.0 - WITHIN, 1.0 + WITHIN)))
    by_chance = max(1.0, round(peak / rng.uniform(1.0, 1.5)))
    weeks = float(rng.choice(WEEKS_OF_TALK))
    whole = talked[WEEKS - math.ceil(weeks) :].sum() * weeks / math.ceil(weeks)
    hours = max(1.0, float(whole) * math.exp(WEEKLY * rng.standard_normal()))
    test = float(rng.choice(TESTS))
    said: dict[str, Seen] = {
        "count": Overloads(NODE, YEAR, min(count, LARGE), NOTICED),
        "peak": MostUsers(NODE, HALF, exact, WITHIN),
        "now and then": MostUsers(NODE, HALF, by_chance, None),
        "talk": Talk(hours, WEEKS_OF_TALK, None, Window(6.0 / WEEKS_PER_MONTH, 0.0)),
    }
    if limits["users"] >= test:
        said["test"] = Carried(NODE, "users", test)
    lower = {
        name: replace(one, users=max(1.0, round(UNDERSTATED * one.users)))
        for name, one in said.items()
        if isinstance(one, MostUsers)
    }
    return Saw(peak, said, None if "test" in said else test, lower)


def statements(kind: str, rng: np.random.Generator) -> list[str]:
    """Return which statements a kind of co-op makes: the count beside all others, as people know it first."""
    if kind == "nothing":
        return []
    if kind != "mixture":
        return list(dict.fromkeys(["count", kind]))
    peak = str(rng.choice(["peak", "now and then"]))
    chosen = [name for name in ("count", peak, "talk", "test") if rng.random() < 0.6]
    return chosen if len(chosen) > 1 else ["count", peak, "talk", "test"]


class Weigher:
    """The planner's draws, weighed by what a co-op says, as `weigh` does it on its own past."""

    def __init__(self, of: Drawn) -> None:
        self.of, self.past, self.allows = of, Grid(of), allows(of)
        users = next(one for one in of.inputs.nodes if one.name == NODE).limits["users"]
        self.users: Floats = np.broadcast_to(np.asarray(users, dtype=np.float64), (of.number,))

    def likelihoods(self, one: Saw) -> dict[str, Floats]:
        """Return how likely each draw makes each thing that a co-op says, and each peak that is understated."""
        found = {name: self.of_it(seen) for name, seen in one.said.items()}
        found |= {f"{name}, lower": self.of_it(seen) for name, seen in one.understated.items()}
        if one.failed is not None:
            # it says that the limit is lower, by changing its range
            found["test"] = (self.users < one.failed).astype(np.float64)
        return found

    def of_it(self, seen: Seen) -> Floats:
        """Return how likely each draw makes what was seen."""
        found = likelihood(seen, self.past)
        return found.at_least if isinstance(seen, Overloads) and seen.count == LARGE else found.each

    def number(self, weight: Floats) -> int:
        """Return how many accounts may come."""
        if not weight.sum() > 0.0:
            return 0
        return max(0, math.floor(-weighted_quantile(-self.allows, weight, self.of.central.objective.confidence)))


@dataclass
class Counted:
    """Those who say one kind of thing."""

    asked: int = 0
    admit: int = 0
    cope: int = 0
    accounts: int = 0
    lower_admit: int = 0
    lower_cope: int = 0
    """With the peak understated."""

    def add(self, number: int, able: float) -> None:
        """Count a co-op that admits so many and could bear so many [account]."""
        self.asked += 1
        self.admit += number > 0
        self.cope += 0 < number <= able
        self.accounts += number

    def add_understated(self, number: int, able: float) -> None:
        """Count it once more with its peak understated."""
        self.lower_admit += number > 0
        self.lower_cope += 0 < number <= able

    @property
    def share(self) -> float:
        """Return how many of those who admit cope [-]."""
        return self.cope / max(1, self.admit)

    def words(self, name: str) -> str:
        """Return the kind in words."""
        lower = (
            f", with the peak understated {self.lower_cope / self.lower_admit:.3f} of {self.lower_admit}"
            if self.lower_admit
            else ""
        )
        mean = self.accounts / max(1, self.asked)
        return f"{name}: {self.share:.3f} of {self.admit} who admit cope, {mean:.0f} accounts on average{lower}"


def prove(count: int, seed: int) -> str:
    """Hold the promise for so many truths with each kind of statement."""
    scenario = read(PILOT, LARGER)
    truth = as_arrays(scenario, count, 7000 + seed)
    weigher = Weigher(as_arrays(scenario, DRAWS if count >= FEW else DRAWS // 8, 100 + seed))
    past, able = Grid(truth), allows(truth)
    seen = [saw(truth, past, row, seed) for row in range(count)]
    rng = np.random.default_rng([seed, 2])
    counted, ranks = {kind: Counted() for kind in KINDS}, {kind: list[float]() for kind in KINDS}
    for row, one in enumerate(seen):
        likely = weigher.likelihoods(one)
        for kind, of_it in counted.items():
            names = statements(kind, rng)
            weight = np.prod([weigher.of.weight, *(likely[name] for name in names)], axis=0)
            of_it.add(weigher.number(weight), able[row])
            ranks[kind].append(float(weight[weigher.allows < able[row]].sum() / max(weight.sum(), TINY)))
            lower = [f"{name}, lower" if name in one.understated else name for name in names]
            if lower != names:
                weight = np.prod([weigher.of.weight, *(likely[name] for name in lower)], axis=0)
                of_it.add_understated(weigher.number(weight), able[row])
    said = [of_it.words(kind) for kind, of_it in counted.items()]
    peaks = peak_ranks(truth, past, seen, rng)
    uniform = {**{kind: kstest(each, "uniform").pvalue for kind, each in ranks.items()}, "true peak": peaks}
    said.append("uniform: " + ", ".join(f"{name} p = {p:.2f}" for name, p in uniform.items()))
    print("\n".join(said), flush=True)
    promise = truth.central.objective.confidence
    for kind, of_it in counted.items():
        error = math.sqrt(promise * (1.0 - promise) / max(1, of_it.admit))
        spare = (ERRORS if count >= FEW else ERRORS + 1.0) * error
        assert of_it.share >= promise - spare or not of_it.admit, f"{of_it.words(kind)}, seed {seed}"
    for name, p in uniform.items():
        assert p > P_LEAST / len(uniform), f"not uniform: {name}, p = {p:.4f}, seed {seed}"
    whole = sum(of_it.admit for of_it in counted.values())
    cope = sum(of_it.cope for of_it in counted.values())
    return f"{count} co-ops with {len(KINDS)} kinds of statements, {cope} of {whole} who admit cope"


def peak_ranks(truth: Drawn, past: Grid, seen: list[Saw], rng: np.random.Generator) -> float:
    """Return how likely the true peaks are to come from each truth's own law of them (Kolmogorov, Smirnov) [-]."""
    ranks = []
    for row, one in enumerate(seen):
        below, up_to = (past.never_above(NODE, "users", one.peak - less, HALF)[row] for less in (1.0, 0.0))
        ranks.append(below + rng.random() * (up_to - below))
    return float(kstest(ranks, "uniform").pvalue)


if __name__ == "__main__":
    proof.main("experience", prove, FULL)
