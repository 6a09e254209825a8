"""What the proposal's arithmetic starts from, so that anybody can do it again: fees, the rate, the block of hours."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.model.credit import arithmetic
from planner.model.inputs.capacity import sequence
from planner.model.inputs.credit import AS_IT_IS
from planner.planning.credit import case_of
from planner.scenario import resolve
from planner.scenario.reader import Scenario


@dataclass(frozen=True, slots=True)
class Paper:
    """The inputs of the arithmetic in the offered network's own unit, each at its value."""

    unit: str
    currency: str
    worth: float
    """Of one unit of credit [`currency`]."""
    mix: Mapping[str, float]
    """The levels on offer and their shares [-]."""
    fees: Mapping[str, int]
    """Of one account of each [minor credit/month]."""
    rate: int
    """[minor credit/h]"""
    hours: float
    """That make a difference [h]."""

    def order(self, accounts: int) -> tuple[str, ...]:
        """Return the levels that so many accounts [account] are of, the first to come first."""
        return sequence(accounts, self.mix)

    def central(self, accounts: int) -> arithmetic.Central:
        """Return what so many accounts [account] bring."""
        return arithmetic.central(accounts, self.mix, self.fees, self.hours, self.rate)


def paper_of(scenario: Scenario) -> Paper:
    """Return what the arithmetic of a scenario's offer starts from."""
    inputs = resolve.inputs(scenario)
    case = case_of(inputs, inputs.offer.network)
    network, spending = case.network, case.spending
    exchange = inputs.cash.exchange.get(network.currency, AS_IT_IS)
    return Paper(
        unit=network.unit,
        currency=network.currency,
        worth=network.worth.value / exchange.value,
        mix={level: share for level, share in network.mix.items() if share > 0},
        fees=case.prices,
        rate=arithmetic.whole_rate(spending.hourly_rate.value),
        hours=spending.target.value,
    )
