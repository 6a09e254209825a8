"""Scenarios that nobody wrote: two servers, two levels, ranges at random, limits that are broken now and then."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from planner.model.inputs.allocation import arrivals
from planner.model.inputs.capacity import Inputs, Node, Resource
from planner.model.overload.members import Streams
from planner.model.overload.node_draws import places
from planner.model.overload.occupancy_law import law
from planner.model.workload.arrivals import offered_load
from planner.scenario import resolve
from planner.scenario.reader import Scenario, read

PILOT = Path(__file__).parents[1] / "scenarios" / "pilot-5.yaml"
COMING = 20
"""Limits are chosen for so many further accounts [account]."""
DEVIATIONS = 4.0
"""A limit lies so many standard deviations above the mean of the busiest five minutes [-]."""
TEXT = """
title: Scenario {seed} that nobody wrote
currency: GBP
timezone: UTC
start: 2021-04
seed: {seed}
nodes:
  one: {{limits: {{}}, reserve: {{users: {reserve}}}, load_model: {one}}}
  two: {{limits: {{}}, load_model: {two}}}
placement: {{rule: fixed, members: {{one: {here} %, two: {there} %}}, offer: {{one: {offered} %, two: {rest} %}}}}
levels:
  small: {{price: 9 GBP/month, participants: {few}, rooms: none, duration: 3 h}}
  large: {{price: 30 GBP/month, participants: {many}, rooms: none, duration: {longest} h}}
members: {{accounts: {members}, mix: {{small: {of_small} %, large: {of_large} %}}, growth: {growth}}}
usage:
  everyone:
    meetings: {meetings}
    duration: {duration}
    duration_cv: {duration_cv}
    size: {size}
    size_dispersion: {dispersion}
    cameras: {cameras}
    spread: {spread}
    season: {season}
    starts: {{on_the_hour: {on_the_hour} %, half_past: {half_past} %}}
  large:
    meetings: {large_meetings}
    size: {large_size}
    shift: {shift} h
  cpu: {{base: 3, per_room: {per_room}, per_user: {per_user}, per_stream: {per_stream}}}
objective: {{measure: episodes, at_most: {at_most}/year, confidence: 90 %}}
offer:
  {{network: ocn, accounts: 10, mix: {{small: {new_small} %, large: {new_large} %}}, cap: none,
   review: {{after: 6 months}}}}
networks: {{ocn: {{largest_balance: none}}}}
spending: {{target: 16 h, hourly_rate: 30 GBP/h, sellers: {{social: {{hours: 16 h/month}}}}}}
labour: {{available: 400 h/month}}
"""


def random_scenario(folder: Path, seed: int, resources: Sequence[Resource] = ("rooms", "users", "streams")) -> Scenario:
    """Return the scenario of a seed, with a limit on each of some resources of both servers."""
    rng = np.random.default_rng(seed)

    def between(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(math.log(low), math.log(high))))

    def ranged(low: float, high: float, unit: str, wide: float) -> str:
        value, by = between(low, high), between(1.0 + wide / 3.0, 1.0 + wide)
        return f"{{value: {value:.6g}{unit}, low: {value / by:.6g}, high: {value * by:.6g}}}"

    here, offered, small, new = (int(part) for part in rng.integers([30, 50, 50, 50], [71, 101, 96, 101]))
    starts = rng.dirichlet([5.0, 2.0, 2.0])
    path = folder / f"random-{seed}.yaml"
    text = TEXT.format(
        seed=seed,
        reserve=int(rng.integers(0, 6)),
        one=rng.choice(["linear", "scalelite"]),
        two="linear",
        here=here,
        there=100 - here,
        offered=offered,
        rest=100 - offered,
        few=int(rng.integers(6, 16)),
        many=int(rng.integers(20, 80)),
        longest=int(rng.integers(3, 9)),
        members=int(rng.integers(30, 120)),
        of_small=small,
        of_large=100 - small,
        growth=f"{{value: 2 accounts/month, low: 0, high: {int(rng.integers(3, 7))}}}",
        meetings=ranged(1.0, 3.0, "/week", 0.5),
        duration=ranged(40.0, 80.0, " min", 0.2),
        duration_cv=f"{between(0.4, 1.0):.3f}",
        size=ranged(4.0, 8.0, " users", 0.3),
        dispersion=ranged(0.8, 3.0, "", 0.5),
        cameras=f"{{value: 45 %, low: {int(rng.integers(20, 40))} %, high: {int(rng.integers(50, 80))} %}}",
        spread=ranged(0.5, 1.5, "", 0.4),
        season=ranged(1.05, 1.3, "", 0.1),
        on_the_hour=int(100 * starts[0]),
        half_past=int(100 * starts[1]),
        large_meetings=ranged(1.0, 6.0, "/week", 0.5),
        large_size=ranged(6.0, 14.0, " users", 0.3),
        shift=int(rng.integers(-6, 7)),
        per_room=f"{between(0.1, 1.0):.3f}",
        per_user=f"{between(0.1, 0.5):.3f}",
        per_stream=f"{between(0.01, 0.05):.4f}",
        at_most=int(rng.integers(1, 5)),
        new_small=new,
        new_large=100 - new,
    )
    path.write_text(text, encoding="utf-8")
    return with_limits(path, ("one", "two"), resources, uncertain=0.15)


def with_limits(
    path: Path, nodes: Sequence[str], resources: Sequence[Resource], uncertain: float = 0.0, sets: Sequence[str] = ()
) -> Scenario:
    """Return a scenario with a limit on each resource of some nodes that further accounts break now and then."""
    plain = resolve.inputs(read(path, sets))
    units: Mapping[str, str] = {"egress": " Mbit/s", "load": " load"}
    limits = []
    for node in plain.nodes:
        for resource in resources if node.name in nodes else ():
            value, scale, unit = _limit(plain, node, resource), 1.0, units.get(resource, "")
            if resource == "load" and value < 1.0:
                scale, unit = 100.0, " %"
            number = f"{scale * value:.4g}" if value < 50.0 or resource == "egress" else f"{value:.0f}"
            if resource in ("rooms", "users", "streams"):
                number = f"{round(value)}"
            low, high = (float(number) * factor for factor in (1.0 - uncertain, 1.0 + uncertain))
            if resource in ("rooms", "users", "streams"):
                low, high = math.floor(low), math.ceil(high)
            said = (
                f"{{value: {number}{unit}, low: {low:.6g}{unit}, high: {high:.6g}{unit}}}"
                if uncertain
                else number + unit
            )
            limits.append(f"nodes.{node.name}.limits.{resource}={said}")
    new = {one.split("=")[0] for one in limits}
    return read(path, [*(one for one in sets if one.split("=")[0] not in new), *limits])


def _limit(inputs: Inputs, node: Node, resource: Resource) -> float:
    """Return a limit that is broken now and then with some more accounts [the resource's unit]."""
    there_are = places(inputs, inputs, 1, Streams(inputs.offer.accounts, 1, np.zeros(1, dtype=int)))
    place = next(one for one in there_are if one.central.name == node.name)
    levels = [level for level, share in inputs.offer.mix.items() if share > 0]
    there = {level: float(place.summed[level][0] + place.counts[level][0]) for level in place.summed}
    for level, number in zip(levels, arrivals(inputs).extra(node.name, COMING), strict=False):
        there[level] = there.get(level, 0.0) + number
    of = law(node, resource, [(inputs.demands[level], number) for level, number in there.items() if number])
    load = np.stack([band.meetings * offered_load(band.kind, band.ages)[:, 0] for band in of.bands])
    steps = np.arange(of.marks.shape[1]) * of.step
    first, second = of.marks @ steps, of.marks @ steps**2
    accounts = of.counts[of.owner][:, None]
    mean, variance = (accounts * load * first[:, None]).sum(axis=0), (accounts * load * second[:, None]).sum(axis=0)
    for group, kappa in enumerate(of.kappa):
        of_one = (load * first[:, None])[of.owner == group].sum(axis=0)
        variance += of.counts[group] * of_one**2 / kappa
    above = (mean + DEVIATIONS * np.sqrt(variance)).max()
    return float(node.idle(resource) + node.reserve.get(resource, 0.0) + above)
