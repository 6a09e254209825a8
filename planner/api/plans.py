"""A plan and the gate's verdict on it, as `planner` exports them."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from datetime import datetime, timedelta
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from planner import planning, seal
from planner.api import given
from planner.api.result import Frame, Result
from planner.gate.decision import Decision
from planner.model.inputs.observations import MOST_ACCOUNTS, Admitted, Reading
from planner.report import tables
from planner.scenario.reader import Scenario
from planner.wording import phrases

if TYPE_CHECKING:
    import pandas as pd

    from planner.charts.panels import Chart
    from planner.gate.standing import Standing

File = str | PathLike[str]


def _frame(name: str, doc: str) -> Frame:
    return Frame(lambda made: tables.table(made.record, name), doc)


class Plan(Result):
    """The answer to a scenario: shows itself in a notebook, has its tables as data frames, and draws its charts."""

    def __init__(self, record: planning.Plan) -> None:
        self.record = record

    limits = _frame("limits", "What each limit allows, and why: a row for each limit.")
    risk = _frame("risk", "How often each resource of each node gets too full, now and with the offer.")
    holds = _frame("holds", "In which share of the cases the servers cope, by number of accounts.")
    options = _frame("options", "Numbers of accounts side by side: income, hours and months.")
    months = _frame("months", "Months until the hours are earned, by network and number of accounts.")
    balance = _frame("balance", "The balance at the end of each month, by network.")
    facts = _frame("facts", "What it is worth to find out, the most first.")
    assumptions = _frame("assumptions", "Every input: value, range, source, file and line.")
    share_of_server = _frame("share_of_server", "What one account of each level takes of the server full first.")

    @property
    def frames(self) -> list[str]:
        """The names of all tables, those of the attributes among them."""
        return list(tables.ROWS)

    def frame(self, name: str) -> "pd.DataFrame":
        """Return the DataFrame of any table of the report: "weeks", "swings", "frontier" and others."""
        if name not in list(tables.ROWS):
            raise given.ArgumentError(f"there is no table {name!r}; wanted one of: {', '.join(tables.ROWS)}")
        return tables.table(self.record, name).frame

    @property
    def sliders(self) -> dict[str, tuple[float, float, float, float]]:
        """Value as planned, lowest, highest and step of each argument of `what_if`; empty = nothing to try."""
        grid = self.record.what_if
        if grid is None:
            return {}
        price, rate = grid.price / 100, grid.rate / 100
        return {
            "accounts": (self.record.offered, 1, grid.accounts[-1], 1),
            "fee": (price, price / 18, 2 * price, price / 18),
            "hourly_rate": (rate, rate / 3, 2 * rate, rate / 30),
            "hours": (grid.hours, grid.hours / 16, 2 * grid.hours, grid.hours / 16),
            "busy": (1.0, grid.busy[0], grid.busy[-1], 0.05),
        }

    def what_if(
        self,
        accounts: int | None = None,
        fee: float | None = None,
        hourly_rate: float | None = None,
        hours: float | None = None,
        busy: float = 1.0,
    ) -> "pd.DataFrame":
        """Return the answers at one setting of the report's sliders, in words; None = as planned.

        Parameters
        ----------
        accounts : int or None
            On offer [account].
        fee, hourly_rate : float or None
            Fee of an account [credit/month], and price of an hour of marketing [credit/h].
        hours : float or None
            To be bought [h].
        busy : float
            How often members meet, in multiples of what is assumed [-].

        Raises
        ------
        ArgumentError
            If a number lies outside what `sliders` says.
        ValueError
            If there is nothing to try: the servers are simulated, or nobody pays.
        """
        from planner.report.sliders import tried

        asked = {"accounts": accounts, "fee": fee, "hourly_rate": hourly_rate, "hours": hours, "busy": busy}
        found: dict[str, float] = {
            name: usual if asked[name] is None else given.number(asked[name], name, least, most)
            for name, (usual, least, most, _) in self.sliders.items()
        }
        said = tried(self.record, found)
        return tables.Table.of(("what if", "answer"), list(said.items())).frame.set_index("what if")

    def _charts(self) -> "Iterable[Chart]":
        from planner.report import figures

        return figures.of(self.record)

    def _says(self) -> str:
        plan = self.record
        most = "any number" if plan.admission.max_accounts is None else f"{plan.admission.max_accounts:,}"
        sure = f"{phrases.of_hundred(plan.confidence)}% confidence"
        return f"{plan.scenario.title!r}, {plan.offered:,} offered, {most} may come at {sure}"

    def _repr_html_(self) -> str:
        """Return the first screen of the report, and the chart of the offers that a meeting can choose among."""
        from planner.report import page

        return page.screen(self.record)


def plan(
    scenario: Scenario,
    *,
    draws: int | None = None,
    seed: int | None = None,
    simulate: bool = False,
    progress: Callable[[str, float], None] | None = None,
    executor: Executor | None = None,
) -> Plan:
    """Return the plan of a scenario: how many accounts, which limit, how long until the credit pays for the hours.

    Parameters
    ----------
    scenario : Scenario
        As `planner.read` returns it.
    draws : int or None
        Draws of the uncertain inputs; None = 4,000, or 1,000 where the simulation judges the servers. A few hundred
        are enough to look around, in a tenth of the time [-].
    seed : int or None
        Of the random numbers; None = the scenario's own. The same seed gives the same plan [-].
    simulate : bool
        Check the closed form by simulation.
    progress : callable or None
        Told what is being done, and the share that is done.
    executor : concurrent.futures.Executor or None
        Where a second process may work; the plan is the same without.

    Returns
    -------
    Plan
        Numbers are in accounts, months, hours and users; amounts are Decimal in pounds or credit, with the unit in the
        name of the column. `record` holds all of it.

    Raises
    ------
    ArgumentError
        If an argument is not what it should be.
    ScenarioError
        If the plan would take too long or too much memory.
    """
    scenario, draws, seed = given.scenario(scenario), given.draws(draws), given.seed(seed)
    return Plan(
        planning.plan(scenario, draws=draws, seed=seed, simulate=simulate, progress=progress, executor=executor)
    )


def decide(
    plan: Plan | File,
    reading: Reading | File | None,
    *,
    level: str,
    now: datetime,
    accounts: int = 1,
    register: Admitted | File | None = None,
    max_age: timedelta = timedelta(minutes=15),
) -> Decision:
    """Return the gate's verdict: may these accounts come, now? Nothing is recorded.

    Parameters
    ----------
    plan : Plan or file
        A plan, taken to be made now; or the plan.json that people consented to.
    reading : Reading, file or None
        What the servers say; None = not known, and then the verdict is.
    level : str
        The membership level asked for, as the scenario names it.
    now : datetime
        The time of the verdict, with its offset from UTC.
    accounts : int
        How many [account].
    register : Admitted, file or None
        Who was admitted since the members were counted; None = not known.
    max_age : timedelta
        Of a reading that counts.

    Returns
    -------
    Decision
        `verdict` is "admit", "hold" or "unknown"; `reasons` says why, `yes_if` what would change it.

    Raises
    ------
    ArgumentError
        If an argument is not what it should be.
    NotAPlan, ReadingError, StoreError
        If a file is not what it should be; the message says which and why.
    """
    from planner import gate
    from planner.readings import file
    from planner.store import register as registers

    now, asked = given.time(now, "now"), gate.Request(level, given.whole(accounts, "accounts", 1, MOST_ACCOUNTS))
    age = given.of(max_age, timedelta, "max_age", "a timedelta")
    if not timedelta(0) < age <= gate.OLDEST:
        raise given.ArgumentError(f"max_age: wanted more than nothing, and at most {gate.OLDEST}; found {age}")
    standing = _standing(plan, now)
    seen = None if reading is None else given.file_or(Reading, reading, "reading", "a Reading, or None")
    came = None if register is None else given.file_or(Admitted, register, "register", "the Admitted, or None")
    if isinstance(came, Path):
        with registers.open_register(came, write=False) as db:
            came = registers.admitted(db, standing.members_since)
    return gate.decide(standing, file.load(seen) if isinstance(seen, Path) else seen, came, now, asked, max_age=age)


def _standing(plan: Plan | File, now: datetime) -> "Standing":
    """Return the part of a plan that a verdict rests on."""
    from planner import gate
    from planner.readings import ReadingError, contents

    where = given.file_or(Plan, plan, "plan", "a plan, as planner.plan returns it")
    if isinstance(where, Plan):
        return gate.standing(seal.sealed(planning.as_json(where.record), now))
    try:
        return gate.standing(seal.read(contents(where, seal.LARGEST)[0]))
    except ReadingError as error:
        raise gate.NotAPlan(str(error)) from None
    except (seal.NotWhole, gate.NotAPlan) as error:
        raise gate.NotAPlan(f"{where}: {error}") from None
