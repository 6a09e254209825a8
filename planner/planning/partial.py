"""plan.json as far as some of its paths need it: what `planner check` holds the expectations of a scenario against."""

import re
from collections.abc import Callable, Collection
from typing import Any

from planner.planning.document import as_json, credit_json, plain
from planner.planning.make import plan
from planner.planning.parallel import apart
from planner.scenario import resolve
from planner.scenario.reader import Scenario

CREDIT = {"credit", "credit_by_network"}
BRIEF = CREDIT | {"admission", "pool", "risk", "load_added", "curves"}
"""What a brief plan has."""
NOMINAL = re.compile(r"credit.*|admission\.central|admission\.limits\.\d+\.(limit|node|kind|central|path|engine)")
"""What does not depend on how many draws of the inputs there are."""
FEW = 20
"""So many draws are enough for it [-]."""


def document(
    scenario: Scenario, paths: Collection[str], draws: int | None, progress: Callable[[str, float], None]
) -> dict[str, Any]:
    """Return plan.json with at least these paths, each as the whole plan has it."""
    heads = {path.partition(".")[0] for path in paths}
    if heads <= CREDIT:
        progress("credit", 0.0)
        networks, _ = apart(scenario, scenario.seed, brief=True)
        return dict(plain(credit_json(resolve.inputs(scenario).offer.network, networks)))
    if draws is None and all(NOMINAL.fullmatch(path) for path in paths):
        draws = FEW
    return as_json(plan(scenario, draws=draws, brief=heads <= BRIEF, progress=progress))
