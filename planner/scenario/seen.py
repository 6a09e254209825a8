"""What a scenario says was seen, as the records that weigh the draws."""

import numpy as np

from planner.model.evidence.statements import Carried, LoadAtMost, MostUsers, Overloads, Seen, Statement, Talk, Window
from planner.model.inputs import distributions
from planner.model.inputs.capacity import Floats
from planner.scenario.estimate import Estimate
from planner.scenario.experience import EXPERIENCE, RESOURCE_OF
from planner.scenario.reader import Scenario
from planner.scenario.values import central

VALUES = 15
"""Equally likely values that stand for a range [-]."""


def statements(scenario: Scenario) -> tuple[Statement, ...]:
    """Return what a scenario's `experience` says, in its order."""
    return tuple(_statement(scenario, f"experience.{name}") for name in scenario.names.get("experience", ()))


def _statement(scenario: Scenario, path: str) -> Statement:
    kind = next(form for form in EXPERIENCE.forms if f"{path}.{form}" in scenario.estimates)
    number = {name: scenario.estimates.get(f"{path}.{name}") for name in EXPERIENCE.entry.fields}
    window = _window(scenario, path, number["for"])
    node = str(scenario.entries[f"{path}.node"].value) if kind != "talk" else ""
    where = scenario.called["nodes"].get(node, node)
    said = number[kind]
    assert said is not None
    looked = f" in {number['for'].text}" if number["for"] else ""
    seen: Seen
    match kind:
        case "overloads":
            noticed = number["noticed"]
            assert noticed is not None
            seen = Overloads(node, window, round(central(said)), _values(noticed))
            what = (
                "no overload" if not seen.count else said.text if said.text.endswith("s") else f"{said.text} overloads"
            )
            text = f"{what} noticed on {where}{looked}"
        case "most_users":
            within = number["within"] if scenario.entries[f"{path}.seen"].value == "continuously" else None
            seen = MostUsers(node, window, central(said), None if within is None else central(within))
            how = "now and then" if within is None else f"all the time, within {within.text}"
            text = f"most users seen on {where}{looked}: {_counted(said, '').strip()} ({how})"
        case "carried":
            seen = Carried(node, RESOURCE_OF[said.unit], central(said))
            text = f"{where} carried {_counted(said, seen.resource)}"
        case "talk":
            weeks, accounts = number["in"], number["accounts"]
            assert weeks is not None
            seen = Talk(central(said), _values(weeks), accounts.value if accounts else None, window)
            text = f"{said.text} of talk, all members together, in {weeks.words}"
        case _:
            seen = LoadAtMost(node, window, central(said))
            text = f"a load of at most {said.text} on {where}{looked}"
    return Statement(path, text, seen)


def _window(scenario: Scenario, path: str, looked: Estimate | None) -> Window:
    until = scenario.entries.get(f"{path}.until")
    year, month = scenario.start if until is None else map(int, str(until.value).split("-"))
    ended = 12 * (scenario.start[0] - year) + scenario.start[1] - month
    return Window(ended + (0.0 if looked is None else central(looked)), float(ended))


def _values(one: Estimate) -> Floats:
    """Return equally likely values of a number, as many as say what its range is."""
    value = central(one)
    if one.low is None or one.high is None:
        return np.array([value])
    u = (np.arange(VALUES) + 0.5) / VALUES
    found = distributions.quantile(value, one.low, one.high, one.family, u)
    return np.clip(found, max(one.least, 1e-9), one.most)


def _counted(one: Estimate, what: str) -> str:
    return one.text if " " in one.text else f"{one.text} {what}"
