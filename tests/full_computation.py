"""What the sliders of the report are held against: the whole computation for the same setting, no grid in between.

A setting is written into the scenario by the keys that a person would use, and read from there.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from planner.model.admission import admission_number
from planner.model.credit.simulate import run
from planner.model.credit.summary import Months, affords, wait
from planner.model.evidence.weights import weigh
from planner.model.inputs.capacity import RESOURCES
from planner.planning import credit
from planner.planning.draws import as_arrays
from planner.report.sliders import Setting
from planner.scenario import reader, resolve
from planner.scenario.estimate import Estimate
from planner.scenario.reader import Scenario
from planner.scenario.seen import statements

SCENARIOS = Path(__file__).parents[1] / "scenarios"


@dataclass(frozen=True)
class Servers:
    """What the servers say at a setting."""

    allowed: int | None
    central: float
    at_confidence: float


def read(name: str, setting: Setting, price: int) -> Scenario:
    """Return a scenario changed to a setting: its accounts, price, hourly rate, hours and meetings a week.

    The slider of the price moves the prices of all levels on offer together; `price` is what it starts from.
    """
    plain = reader.read(SCENARIOS / f"{name}.yaml")
    usual = resolve.inputs(plain)
    dearer = setting.price / price
    levels = {level: usual.prices[level] for level, share in usual.offer.mix.items() if share > 0}
    rate = plain.estimates["spending.hourly_rate"]
    busier = [
        f"{path}={scaled(one, setting.busy, '/week')}"
        for path, one in plain.estimates.items()
        if path.startswith("usage.") and path.endswith(".meetings") and not one.is_default
    ]
    sets = [
        f"offer.accounts={setting.accounts}",
        *(f"levels.{level}.price={dearer * fee / 100:.2f} GBP/month" for level, fee in levels.items()),
        f"spending.target={setting.hours:g} h",
        f"spending.hourly_rate={scaled(rate, setting.rate / 100 / (rate.value or 1.0), ' GBP/h')}",
        *busier,
    ]
    return reader.read(SCENARIOS / f"{name}.yaml", sets)


def scaled(one: Estimate, factor: float, unit: str) -> str:
    """Return an estimate with value, low and high multiplied, as a person writes it."""
    value, low, high = (
        None if each is None else f"{factor * each:.9g}{unit}" for each in (one.value, one.low, one.high)
    )
    return f"{value}" if low is None else f"{{value: {value}, low: {low}, high: {high}}}"


def servers(name: str, setting: Setting, price: int, draws: int) -> Servers:
    """Return the accounts that the servers allow, and the risk at the worst limit that new accounts come to."""
    scenario, plain = read(name, setting, price), reader.read(SCENARIOS / f"{name}.yaml")
    # as in the plan, today's members by their summed multipliers; what was seen was not seen of who meets more often
    of = as_arrays(scenario, draws, scenario.seed)
    if said := statements(plain):
        of = replace(of, weight=weigh(as_arrays(plain, draws, plain.seed), said).weight)
    central, answer = of.central, admission_number.admit(of)
    found = [one.max_accounts for one in answer.admission.limits if one.limit in RESOURCES]
    reached = {node for node, share in central.placement.offer.items() if share > 0}
    risks = [server.offered for server in answer.servers if server.node in reached]
    return Servers(
        allowed=min((n for n in found if n is not None), default=None),
        central=max(one.central.episodes for one in risks),
        at_confidence=max(one.at_confidence.episodes for one in risks),
    )


def months(name: str, setting: Setting, price: int, n_paths: int) -> Months:
    """Return the months until the hours are earned, over paths drawn for this setting."""
    scenario = read(name, setting, price)
    drawn = credit.with_draws(scenario, resolve.inputs(scenario), n_paths, scenario.seed)
    case = credit.case_of(drawn, drawn.offer.network)
    return wait(affords(run(case, n_paths, scenario.seed)), None)
