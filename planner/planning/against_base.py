"""What a scenario changes in the answer of the one that it is based on."""

from planner.model.admission import admission_number
from planner.model.credit.simulate import run
from planner.model.credit.summary import has_bought
from planner.model.inputs.capacity import Inputs
from planner.planning.credit import PATHS, SECTIONS, case_of, with_draws
from planner.planning.draws import weighed
from planner.planning.record import AgainstBase
from planner.scenario import reader, resolve
from planner.scenario.reader import Scenario


def against_base(scenario: Scenario, draws: int, seed: int, exactly: bool) -> AgainstBase | None:
    """Return the base's answer where this scenario changes it; None where it has no base, or offers something else."""
    if scenario.base is None:
        return None
    base = reader.read(scenario.base)
    here, there = resolve.inputs(scenario), resolve.inputs(base)
    if (here.offer.accounts, dict(here.offer.mix)) != (there.offer.accounts, dict(there.offer.mix)):
        return None
    paths = tuple(change.path for change in scenario.own_changes)
    paths = tuple(path for path in paths if not path.startswith(("offer.", "decision")))
    of_servers = any(not path.startswith(SECTIONS) for path in paths)
    return AgainstBase(
        title=base.title,
        paths=paths,
        cope=_cope(base, draws, seed, exactly) if of_servers else None,
        bought=_bought(base, there, seed) if paths else None,
    )


def _cope(base: Scenario, draws: int, seed: int, exactly: bool) -> float | None:
    """Return in what share of the cases the base's servers cope with the accounts on offer [-]."""
    of, _ = weighed(base, draws, seed, exactly)
    rows = admission_number.admit(of, swing=False).admission.holds
    return next((row.share for row in rows if row.accounts == of.central.offer.accounts), None)


def _bought(base: Scenario, inputs: Inputs, seed: int) -> float:
    """Return in what share of the base's cases the hours are bought within the horizon [-]."""
    case = case_of(with_draws(base, inputs, PATHS, seed), inputs.offer.network)
    return float(has_bought(run(case, PATHS, seed)).any(axis=0).mean())
