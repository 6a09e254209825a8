"""Which offer: what brings most for what it adds, in one sentence, and the rows of its table."""

from planner.planning import Offer, Plan
from planner.wording import phrases

ROWS = 12
"""So many offers are in the report's table; the CSV has them all."""


def headline(plan: Plan) -> tuple[str, str]:
    """Return which offers nothing beats, on paper and with the usual delays."""
    best = [row for row in plan.frontier if row.best_on_paper]
    if not best:
        return "No offer was compared.", ""
    usual = [row for row in plan.frontier if row.best_usually and row.hours_usual >= 0.05]
    said = f"On paper these bring most for their risk: {_listed(plan, best, 'hours_on_paper')}."
    if not usual:
        return said, "With the usual delays, leavers and late payers none of them earns an hour a month."
    more = (
        f"As things usually go, with few joining, these do: {_listed(plan, usual, 'hours_usual')}. "
        "The risk is that of all the accounts coming."
    )
    return said, more


def rows(plan: Plan) -> list[Offer]:
    """Return the offers of the table: those that people speak of, and the best of the rest."""
    marked = [row for row in plan.frontier if row.mark]
    best = [row for row in plan.frontier if not row.mark and (row.best_usually or row.best_on_paper)]
    return sorted([*marked, *best[: max(0, ROWS - len(marked))]], key=lambda row: (row.added, row.hours_on_paper))


def beaten(row: Offer) -> str:
    """Return where nothing brings more for less risk, as the table's last column says it."""
    where = [said for best, said in ((row.best_on_paper, "on paper"), (row.best_usually, "usually")) if best]
    return " and ".join(where) or "–"


def _listed(plan: Plan, offers: list[Offer], field: str) -> str:
    """Return three offers in words: that of the least risk, one between, and that of the most."""
    ordered = sorted(offers, key=lambda row: row.added)
    places = sorted({0, len(ordered) // 2, len(ordered) - 1})
    said = []
    for row in (ordered[k] for k in places):
        hours = getattr(row, field)
        unit = "hour" if round(hours, 1) == 1 else "hours"
        said.append(
            f"{plan.names.offer(row.accounts, row.mix)} ({phrases.number(round(hours, 1))} {unit} a month, "
            f"{more_cases(row)})"
        )
    return phrases.listed(said, "or")


def more_cases(row: Offer) -> str:
    """Return what an offer adds to the risk: "3 more cases in 100"."""
    cases = 100 * row.added
    said = f"{cases:.1f}" if cases < 1.95 else f"{cases:.0f}"
    return "no more cases in 100" if said == "0.0" else f"{said} more cases in 100"
