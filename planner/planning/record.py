"""What a plan holds: the frozen records that the report, the charts, the tables and plan.json say."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.model.admission.admission_number import Admission
from planner.model.admission.node_limit import NodeLimit
from planner.model.admission.server_limits import Pool
from planner.model.admission.share_of_server import Share
from planner.model.credit.money import Money, Work
from planner.model.credit.pilot_outlook import Checkpoint as Review
from planner.model.credit.policies import PolicyOutcome
from planner.model.credit.summary import Fan, Held, Months, Outcome
from planner.model.credit.wind_down import WayOut
from planner.model.evidence.once_known import Look
from planner.model.evidence.value_of_facts import Fact
from planner.model.evidence.weights import StatementFit
from planner.model.inputs.pages import USUAL, Pages
from planner.model.limit import MeetingDecision, Week
from planner.planning.amount import Amount
from planner.planning.offer_record import Offer
from planner.planning.slider_record import WhatIf
from planner.scenario.calibrated import LearnedFrom
from planner.scenario.layers import Change
from planner.seal import DIGITS
from planner.wording.names import KEYS, Names

if TYPE_CHECKING:
    # only a plan that was simulated imports the simulation
    from planner.model.admission.cross_check import Check


@dataclass(frozen=True, slots=True)
class Assumption:
    """One row of the assumptions table."""

    path: str
    value: str
    """In words with its unit, as a person would write it: "2/week"."""
    low: str | None
    high: str | None
    source: str
    """Empty = none given; "default" = the schema's own value, the file says nothing."""
    as_of: str | None
    origin: str
    """file:line."""
    help: str
    """What it means, in plain words, from the schema."""


@dataclass(frozen=True, slots=True)
class Swing:
    """What one uncertain input does to one answer: the answer if the input were its low, or its high."""

    path: str
    answer: str
    """"admission" (further accounts), "risk" (the objective's measure with the accounts offered, in its base unit),
    "months_to_afford" or "months_to_buy"."""
    low_value: str
    high_value: str
    at_low: float | None
    at_high: float | None
    central: float | None


@dataclass(frozen=True, slots=True)
class MonthsCurve:
    """Months to afford the target against the number of accounts offered."""

    accounts: tuple[int, ...]
    central: tuple[int | None, ...]
    p10: tuple[int | None, ...]
    p50: tuple[int | None, ...]
    p90: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Needed:
    """Accounts that it takes, with every rule of the network on, to buy so many hours a month."""

    hours_per_month: float
    """On average over the horizon [h/month]."""
    probability: float
    """Share of the paths that get them [-]."""
    accounts: int | None
    """None = more than `at_most` would not do."""
    at_most: int


@dataclass(frozen=True, slots=True)
class Coupled:
    """The credit if sign-ups stop where admission does, month by month."""

    room: tuple[float, ...] | None
    """Accounts that may be there in month 1, 2, …; the last holds on; None = any number [account]."""
    named: str
    """What sets the room in the end; "" = nothing."""
    months_to_afford: Months
    months_to_buy: Months
    paying: Fan
    """Accounts."""
    held: tuple[Held, ...]
    """Only months in which somebody was turned away."""


@dataclass(frozen=True, slots=True)
class CreditPlan:
    """The credit of one network."""

    network: str
    accounts: int
    income_per_month: Amount
    hours_per_month: float
    accounts_needed: int | None
    months_to_afford: Months
    months_to_buy: Months
    target_hours: float
    target_cost: Amount
    largest_balance: Amount | None
    balance: Fan
    """Minor units of credit."""
    paying: Fan
    """Accounts."""
    months: MonthsCurve
    hours: Fan
    """Hours bought so far [h]."""
    rules: Outcome
    """With the usual delays: everything the paths come to."""
    money: Money
    """The money side, beside the credit and never added to it."""
    work: Work
    review: Review
    """What the review will find."""
    way_out: WayOut | None = None
    unit: str = "credit"
    """The network's unit."""
    needed: tuple[Needed, ...] = ()
    coupled: Coupled | None = None
    """Of the offered network alone."""
    policies: tuple[PolicyOutcome, ...] = ()
    """Every spending policy side by side; which is chosen stays the scenario's."""

    @property
    def price_of_target(self) -> Amount:
        """Return what the target costs in the network's own unit, as it stands beside a balance."""
        return Amount(self.rules.central.target_cost, self.unit)


@dataclass(frozen=True, slots=True)
class Option:
    """One option side by side with the others: so many accounts of one level or of the offered mix."""

    name: str
    accounts: int
    income_per_month: Amount
    hours_per_month: float
    months_to_afford: int | None
    allowed: bool | None
    """Within the number the permissions allow; None = another load than was judged, so a plan of its own must say."""
    broken_by: str
    """The first limit that refuses it in words, or ""."""
    hours_by_review: float | None = None
    """Bought by the review on paper [h]; None = not worked out."""
    months_to_buy: Months | None = None
    """The target, with the usual delays; None = not worked out."""
    varies: str = ""
    """What else is other than in the offer: "level", "sellers" or "jobs"; "" = only the number of accounts."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which scenario this is the plan of."""

    name: str
    title: str
    file: str
    digest: str
    sources: tuple[tuple[str, str], ...]
    """(path relative to the scenario's folder, sha256) of each file it was made from."""
    seed: int | None = None
    """The scenario's own seed; the plan may have been made with another."""


@dataclass(frozen=True, slots=True)
class Growth:
    """When the growth of the members who pay money alone has used up the room, nobody new being admitted."""

    month: int
    """0 = it has already."""
    node: str
    resource: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The next review: when it is, what is asked then, and what will be known by then."""

    after: int
    """Months, at the latest."""
    month: str
    """The calendar month of `after`, in words."""
    members: int
    """That are expected by then [account]."""
    at_accounts: int | None = None
    """Or earlier: when so many are admitted."""
    asks: tuple[str, ...] = ()
    """The thresholds in words."""
    known: tuple[str, ...] = ()
    """What will be known by then, in words."""


@dataclass(frozen=True, slots=True)
class Experience:
    """What people know without logs, and what it does to the answer."""

    statements: tuple[StatementFit, ...]
    effective_draws: float
    """Draws of equal weight that the weighted ones are worth [-]."""
    contradiction: bool
    """Whether the ranges and what was seen contradict each other: then nobody more may come than without it."""
    without: int | None
    """How many could come if nothing had been seen; None = no limit [account]."""
    if_peak_higher: int | None
    """The same if the most users were really a fifth more than was seen; None = no limit, or no peak was seen."""


@dataclass(frozen=True, slots=True)
class AgainstBase:
    """The answer of the scenario that this one is based on, where both offer the same."""

    title: str
    paths: tuple[str, ...]
    """What this scenario changes; empty = nothing."""
    cope: float | None
    """Share of the cases in which the base's servers cope with the offer [-]; None = nothing of them is changed."""
    bought: float | None
    """Share of the base's cases in which the hours are bought within the horizon [-]; None = nothing is changed."""


@dataclass(frozen=True, slots=True)
class LevelShare(Share):
    """What one account of a level takes of the server that is full first, beside what it pays."""

    credit_per_percent: Amount | None
    """Its fee for each per cent of the server, a month; None = it takes nothing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the report, the charts, the gate and the tables say; frozen and complete."""

    version: str
    seed: int
    draws: int
    paths: int
    warnings: tuple[str, ...]
    scenario: Stamp
    currency: str
    timezone: str
    objective_words: str
    """E.g. "at most 1 overload a year, in 90 of 100 cases"."""
    measure: str
    at_most: float
    """Base unit, as in `model.inputs.Objective`."""
    confidence: float
    offered: int
    offered_mix: tuple[tuple[str, float], ...]
    changes: tuple[Change, ...]
    admission: Admission
    servers: tuple[NodeLimit, ...]
    """Each limited resource of each node."""
    credit: CreditPlan
    credit_by_network: tuple[CreditPlan, ...]
    options: tuple[Option, ...]
    assumptions: tuple[Assumption, ...]
    checkpoint: Checkpoint
    weeks: tuple[Week, ...] = ()
    swings: tuple[Swing, ...] = ()
    """Largest effect first."""
    consented: str | None = None
    """Who consented to it, where and when: "thread 501, 2021-04-06"."""
    result: str = ""
    """The hash of its plan.json, whose first twelve digits a consent quotes; empty = not stored."""
    what_if: WhatIf | None = None
    growth: Growth | None = None
    """None = not within the horizon."""
    pool: tuple[Pool, ...] = ()
    """Each resource of a pool of servers, seen twice; empty where no balancer places the accounts."""
    checks: "tuple[Check, ...]" = ()
    """Limits of nodes by both engines, every input at its value; empty where only the closed form was asked."""
    beyond: tuple[str, ...] = ()
    """What is switched on and the closed form does not hold, in words."""
    names: Names = KEYS
    """What people call the nodes, networks, levels and sellers, wherever a person reads."""
    nodes: tuple[str, ...] = ()
    """All nodes of the scenario, also those without a limit."""
    by_level: tuple[tuple[str, int], ...] | None = None
    """How many of the accounts that may come are of each level on offer [account]; None = no limit."""
    facts: tuple[Fact, ...] = ()
    """What it is worth to find out, the most first; empty where the servers are simulated."""
    path: tuple[Look, ...] = ()
    """What may come after so many weeks of readings; empty where the servers are simulated."""
    share_of_server: tuple[LevelShare, ...] = ()
    """By level; empty where no server's limit is in the way, or a balancer places the accounts."""
    frontier: tuple[Offer, ...] = ()
    """Which offer brings most for what it adds; empty where the servers are simulated, or no level has a price."""
    experience: Experience | None = None
    """None = the scenario says nothing of what was seen."""
    confidence_reversible: float = 0.75
    """Of the limits that can be put right next month [-]."""
    calibrated: LearnedFrom | None = None
    """None = nothing was learned from a history, or that was set aside."""
    decision: MeetingDecision | None = None
    """What people decided, which the gate keeps to; None = nothing: there the number rules."""

    reached: tuple[str, ...] = ()
    """The nodes that accounts of the offer may land on; all of them where nothing is on offer."""
    pages: Pages = USUAL
    """How many cameras each is sent at once, the most of any level and kind of meeting."""

    against: AgainstBase | None = None
    """What the base's answer was; None = there is no base, or it offers something else."""

    @property
    def digits(self) -> str:
        """Return the digits of the result that a consent quotes; empty = not stored."""
        return self.result[:DIGITS]

    @property
    def members_as_of(self) -> str | None:
        """Return when the members were counted, as the scenario says it: "2021-03"; None = it does not say."""
        return next((row.as_of for row in self.assumptions if row.path == "members.accounts"), None)

    def origin(self, path: str) -> str:
        """Return file:line of an input; an input that no file names comes from the schema's defaults."""
        origins = {row.path: row.origin for row in self.assumptions}
        while path not in origins and "." in path:
            path = path.rpartition(".")[0]
        return origins.get(path, "default")
