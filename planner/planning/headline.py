"""A plan in one row: what is compared between scenarios, side by side or cell by cell."""

from dataclasses import dataclass

from planner.planning.record import Plan


@dataclass(frozen=True, slots=True)
class Headline:
    """The answers of one plan; None = no limit, or not within the horizon."""

    offered: int
    """Accounts in question [account]."""
    max_accounts: int | None
    """At the objective's confidence [account]."""
    central: int | None
    """With every input at its value [account]."""
    binding: str
    """The limit that sets the number; "" = none does."""
    binding_node: str
    all_hold: float
    """Share of the draws in which no limit of any node is broken with the accounts offered [-]."""
    cope: float
    """Share of the cases in which the servers that the offer reaches cope with the accounts offered [-]."""
    cope_without: float | None
    """The same without them; None = not known: the servers are simulated, or no account comes to them [-]."""
    income_per_month: str
    """"45.00", in `unit`: never a float."""
    unit: str
    hours_per_month: float
    """[h/month]"""
    accounts_needed: int | None
    months_to_afford: int | None
    """On paper [month], as the three below are over the paths."""
    months_to_afford_p10: int | None
    months_to_afford_p50: int | None
    months_to_afford_p90: int | None
    afford_probability: float
    """Within the horizon [-]."""
    months_to_buy: int | None
    """On paper [month], as the three below are over the paths."""
    months_to_buy_p10: int | None
    months_to_buy_p50: int | None
    months_to_buy_p90: int | None
    buy_probability: float
    """Within the horizon [-]."""
    draws: int
    version: str
    """Of the planner."""
    digest: str


def headline(plan: Plan) -> Headline:
    """Return a plan's answers in one row."""
    afford, buy = plan.credit.months_to_afford, plan.credit.months_to_buy
    binding = plan.admission.binding
    holds = {row.accounts: row.share for row in plan.admission.holds}
    income, _, unit = str(plan.credit.income_per_month).partition(" ")
    return Headline(
        offered=plan.offered,
        max_accounts=plan.admission.max_accounts,
        central=plan.admission.central,
        binding=binding.limit if binding else "",
        binding_node=(binding.node or "") if binding else "",
        all_hold=plan.admission.all_hold,
        cope=holds.get(plan.offered, plan.admission.all_hold),
        cope_without=holds.get(0),
        income_per_month=income,
        unit=unit,
        hours_per_month=plan.credit.hours_per_month,
        accounts_needed=plan.credit.accounts_needed,
        months_to_afford=afford.central,
        months_to_afford_p10=afford.p10,
        months_to_afford_p50=afford.p50,
        months_to_afford_p90=afford.p90,
        afford_probability=afford.probability_within_horizon,
        months_to_buy=buy.central,
        months_to_buy_p10=buy.p10,
        months_to_buy_p50=buy.p50,
        months_to_buy_p90=buy.p90,
        buy_probability=buy.probability_within_horizon,
        draws=plan.draws,
        version=plan.version,
        digest=plan.scenario.digest,
    )
