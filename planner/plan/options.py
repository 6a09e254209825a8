"""The options of the discussion side by side: 1, 2, 5, 10 and 55 accounts, and the number offered."""

from planner.model.admission import Admission
from planner.model.credit import central as on_paper
from planner.model.inputs import Inputs
from planner.plan.credit import case_of
from planner.plan.record import Amount, Option

COUNTS = (1, 2, 5, 10, 55)


def options(inputs: Inputs, admission: Admission) -> tuple[Option, ...]:
    """Return what each number of accounts brings on paper, and the first limit that refuses it.

    Parameters
    ----------
    inputs : Inputs
        Every input at its value.
    admission : Admission
        What the limits allow.
    """
    case = case_of(inputs, inputs.offer.network)
    network, spending = case.network, case.spending
    found = []
    for accounts in sorted({*COUNTS, inputs.offer.accounts} - {0}):
        paper = on_paper(accounts, network.mix, case.prices, float(spending.target), float(spending.hourly_rate))
        refusing = [
            limit
            for limit in admission.limits
            if limit.kind == "permission" and limit.max_accounts is not None and limit.max_accounts < accounts
        ]
        first = min(refusing, key=lambda limit: limit.max_accounts or 0, default=None)
        where = "" if first is None else f"{first.limit} on {first.node}" if first.node else first.limit
        found.append(
            Option(
                name=f"{accounts} accounts" if accounts > 1 else "1 account",
                accounts=accounts,
                income_per_month=Amount(round(paper.income_per_month * float(network.worth)), network.currency),
                hours_per_month=paper.hours_per_month,
                months_to_afford=paper.within(inputs.horizon),
                allowed=first is None,
                broken_by=where,
            )
        )
    return tuple(found)
