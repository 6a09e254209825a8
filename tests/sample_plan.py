"""A plausible plan, made without the model: what the charts and the report are tried on.

The numbers follow simple written rules (the proposal's arithmetic, an exponential risk), so a test can say what
should be drawn without running the model. They are no forecast of anything.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from planner.model.admission.admission_number import Admission
from planner.model.admission.node_limit import Load, NodeLimit, Risk
from planner.model.admission.server_limits import Hold
from planner.model.credit.arithmetic import Central
from planner.model.credit.money import HandOver, Money, Work
from planner.model.credit.pilot_outlook import Checkpoint as Review
from planner.model.credit.pilot_outlook import Missed
from planner.model.credit.summary import Fan, Held, Months, Outcome, Quantiles
from planner.model.credit.wind_down import Variant, WayOut
from planner.model.evidence.value_of_facts import Fact
from planner.model.limit import Curve, Limit, Reason, Week, policy
from planner.model.overload.measures import Measures
from planner.planning import Amount, Assumption, Change, CreditPlan, Offer, Option, Plan, Swing, WhatIf
from planner.planning.record import Checkpoint, MonthsCurve, Stamp

HORIZON = 36
TARGET = 48000
PRICE = 900
ONCE_A_YEAR = 1 / 12

HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    "=cmd|'/c calc'!A1",
    "@SUM(1+1)*cmd",
    "[click](javascript:alert(1)) ![x](https://evil.example/x.png)",
    "| a | b |\n# heading\n- item `code` ***",
    "\u202eright to left\u202c $x^2_",
    "a;=1+1\ttab\rcr",
    "漢字 🎉 {{ 7*7 }} {% raw %}",
    "x" * 10_000,
)
"""Free text that would do harm in HTML, Markdown, a spreadsheet, a template or a chart if it were not just text."""


def months_on_paper(accounts: int) -> int | None:
    """Return the first month at whose end `accounts` have earned the target; None = not within the horizon."""
    needed = math.ceil(TARGET / (accounts * PRICE)) if accounts else HORIZON + 1
    return needed if needed <= HORIZON else None


def _later(accounts: int, factor: float) -> int | None:
    on_paper = TARGET / (accounts * PRICE) * factor
    return math.ceil(on_paper) if math.ceil(on_paper) <= HORIZON else None


def measures(episodes: float) -> Measures:
    """Return four measures in fixed proportion to the episodes a month."""
    return Measures(
        busiest_instant=min(0.02 * episodes, 1.0),
        minutes=6 * episodes,
        episodes=episodes,
        any_in_week_bound=min(episodes * 84 / 365.25, 1.0),
        busiest_bin=12 * 34 + 2,
        when=12 * 34,
    )


def _hour_shape(hour: int) -> float:
    day, clock = divmod(hour, 24)
    working = math.exp(-(((clock - 10.5) / 2.2) ** 2)) + 0.9 * math.exp(-(((clock - 15) / 2.4) ** 2))
    evening = 0.45 * math.exp(-(((clock - 19.5) / 1.6) ** 2))
    return (working if day < 5 else 0.15 * working) + evening * (1.0 if day < 4 else 0.4) + 0.01


def week(node: str, resource: str, limit: float, reserve: float, peak: float, added: float) -> Week:
    """Return a week whose mean has about the given peak; the band is 4 standard deviations of a Poisson-like load."""
    shape = [_hour_shape(hour) for hour in range(168)]
    top = max(shape)
    now = tuple(peak * s / top for s in shape)
    mean = tuple((peak + added) * s / top for s in shape)
    mark = 1.0 if resource == "rooms" else 7.0
    high = tuple(round(m + 4 * math.sqrt(mark * m) + mark) for m in mean)
    low = tuple(max(0.0, n - 3 * math.sqrt(mark * n)) for n in now)
    spread = [math.sqrt(mark * m) for m in mean]
    usual = [tuple(max(0.0, m + by * s) for m, s in zip(mean, spread, strict=True)) for by in (-1.28, 1.28, 2.33)]
    return Week(node, resource, limit, reserve, mean, now, low, high, *usual)


def _curve(now: float, doubling: float, confidence_factor: float) -> Curve:
    accounts = tuple(range(0, 81, 2))
    central = tuple(now * 2 ** (n / doubling) for n in accounts)
    return Curve("episodes", accounts, central, tuple(value * confidence_factor for value in central))


def servers(offered: int, limits: Sequence[Limit]) -> tuple[NodeLimit, ...]:
    """Return the servers' limits with loads and risks by a rule of thumb."""
    low, high = measures(ONCE_A_YEAR / 40), measures(ONCE_A_YEAR / 6)
    with_low, with_high = measures(ONCE_A_YEAR / 25), measures(ONCE_A_YEAR / 3)
    sizes = {"rooms": (30, 2, 3.1, 0.8), "users": (150, 20, 19.4, 4.9), "streams": (1000, 0, 88.0, 22.0)}
    found = []
    for limit in (one for one in limits if one.node is not None):
        size, reserve, now, added = sizes.get(limit.limit, (0.7, 0, 0.13, 0.02))
        doubling = (limit.central or 91) / math.log2(40)
        found.append(
            NodeLimit(
                node=limit.node,
                resource=limit.limit,
                limit=size,
                reserve=reserve,
                allows=limit,
                load=Load(12 * 34, now, added if limit.node == "de" else 0.0),
                now=Risk(0, low, high),
                offered=Risk(offered, with_low, with_high),
                curve=_curve(ONCE_A_YEAR / 40, doubling, 2 ** (39 / doubling)),
            )
        )
    return tuple(found)


def credit(accounts: int, network: str = "ocn", cap: int | None = 50000) -> CreditPlan:
    """Return the credit of `accounts` at 9 a month: on paper exactly, over the paths by a rule of thumb."""
    months = tuple(range(HORIZON + 1))
    income = accounts * PRICE
    central = tuple(float(income * m) for m in months)
    top = float(cap) if cap is not None else math.inf
    fan = Fan(
        p10=tuple(min(0.35 * c, top) for c in central),
        p50=tuple(min(0.62 * c, top) for c in central),
        p90=tuple(min(0.88 * c, top) for c in central),
        central=central,
    )
    paying = Fan(
        p10=tuple(min(accounts, 0.3 * m) for m in months),
        p50=tuple(min(accounts, 0.6 * m) for m in months),
        p90=tuple(min(accounts, 1.2 * m) for m in months),
        central=tuple(float(accounts) for _ in months),
    )
    counts = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 54, 55, 60)
    curve = MonthsCurve(
        counts,
        central=tuple(months_on_paper(n) for n in counts),
        p10=tuple(_later(n, 1.1) for n in counts),
        p50=tuple(_later(n, 1.5) for n in counts),
        p90=tuple(_later(n, 2.4) for n in counts),
    )
    afford = Months(
        months_on_paper(accounts), _later(accounts, 1.1), _later(accounts, 1.5), _later(accounts, 2.4), 0.93
    )
    buy = Months(months_on_paper(accounts), _later(accounts, 1.3), _later(accounts, 1.9), None, 0.71)
    return CreditPlan(
        network=network,
        accounts=accounts,
        income_per_month=Amount(income, "GBP"),
        hours_per_month=income / 3000,
        accounts_needed=54,
        months_to_afford=afford,
        months_to_buy=buy,
        target_hours=16.0,
        target_cost=Amount(TARGET, "credit"),
        largest_balance=None if cap is None else Amount(cap, "credit"),
        balance=fan,
        paying=paying,
        months=curve,
        hours=Fan(_hours(central, 0.2), _hours(central, 0.55), _hours(central, 0.85), _hours(central, 1.0)),
        rules=_rules(network, accounts, afford, buy, fan),
        money=_money(income),
        work=_work(),
        review=_review(),
        way_out=_way_out(),
    )


def _hours(earned: tuple[float, ...], part: float) -> tuple[float, ...]:
    """Return the hours bought: whole blocks of 16, as soon as a part of what is earned pays for one."""
    return tuple(16.0 * (part * value // TARGET) for value in earned)


def _rules(network: str, accounts: int, afford: Months, buy: Months, fan: Fan) -> Outcome:
    def wait(found: Months, first: int) -> Months:
        most = found.probability_within_horizon
        by_month = tuple(most * min(1.0, max(0.0, (m - first) / 15)) for m in range(1, HORIZON + 1))
        return Months(found.central, found.p10, found.p50, found.p90, most, by_month)

    cost = accounts * PRICE
    paper = Central(accounts, cost, cost / 3000, 16.0, TARGET, months_on_paper(accounts), 54)
    earned = Fan(*(tuple(part * value for value in fan.central) for part in (0.35, 0.62, 0.88, 1.0)))
    return Outcome(
        network=network,
        accounts=accounts,
        central=paper,
        afford=wait(afford, 10),
        buy=wait(buy, 12),
        balance=Fan(fan.p10, fan.p50, fan.p90, fan.central),
        earned=earned,
        paying=Fan((0.0,), (0.0,), (0.0,), (0.0,)),
        hours=Fan((0.0,), (0.0,), (0.0,), (0.0,)),
        idle_share=Quantiles(0.12, 0.41, 1.0),
        netted=Quantiles(0.0, 0.0, 0.0),
        refused=Quantiles(0, 4500, 40500),
        refused_share=Quantiles(0.0, 0.04, 0.31),
        cap_hit=0.44,
        block_above_cap=0.1,
        closed=0.14,
        frozen=Quantiles(9000, 27000, 46800),
        bounds=tuple(Held(m, "market" if m < 9 else "offer", 0.7) for m in range(1, HORIZON + 1)),
    )


def _money(income: int) -> Money:
    nothing = Quantiles(0, 0, 0)
    return Money(
        vat=nothing,
        per_account=Quantiles(1000, 3000, 6000),
        next_node=nothing,
        displaced=Quantiles(0, 4 * income, 9 * income),
        bills_saved=nothing,
        result=Quantiles(-9 * income - 6000, -4 * income - 3000, -1000),
        worst_month=Quantiles(100, 300, 900),
        break_even_displaced=Quantiles(0.2, 0.38, 0.61),
    )


def _work() -> Work:
    return Work(
        per_month=tuple(Quantiles(0.3, 1.2, 2.4) for _ in range(HORIZON)),
        total=Quantiles(20.0, 41.0, 77.0),
        hand_over=HandOver(
            9,
            Quantiles(0.6, 1.4, 2.5),
            Quantiles(2, 4, 5),
            Quantiles(0, 1, 3),
            Quantiles(0, 900, 2700),
            Quantiles(1800, 3600, 4500),
            Quantiles(4500, 16200, 29700),
        ),
    )


def _review() -> Review:
    return Review(
        month=Quantiles(4, 6, 6),
        accounts=Quantiles(2, 4, 5),
        hours_bought=Quantiles(0.0, 0.0, 4.0),
        months_since_purchase=Quantiles(2, None, None),
        idle_share=Quantiles(0.3, 1.0, 1.0),
        volunteer_hours=Quantiles(0.5, 1.3, 2.2),
        balance=Quantiles(4500, 12600, 21600),
        missed=(Missed("hours_bought", 4.0, 0.82), Missed("idle_share", 0.8, 0.77)),
        go_on=0.15,
        hold=0.2,
        stop=0.65,
    )


def _way_out() -> WayOut:
    return WayOut(
        month=24,
        accounts=Quantiles(2, 4, 5),
        credit_left=Quantiles(0, 21600, 46800),
        service_owed=Quantiles(1800, 3600, 4500),
        late_due=Quantiles(0, 900, 2700),
        months_to_spend_down=Quantiles(1, 4, None),
        spent_down=0.83,
        credit_stuck=Quantiles(0, 2400, 11000),
        hours_to_come=Quantiles(0.0, 6.0, 15.0),
        variants=(
            Variant("convert", Quantiles(0, 1, 2), Quantiles(2, 3, 4), Quantiles(0, 900, 1800)),
            Variant("end", Quantiles(0, 0, 0), Quantiles(2, 4, 5), Quantiles(0, 0, 0)),
        ),
    )


LABOUR = {"monthly": 0.4, "setup": 0.5, "batch": 0.25, "available": 4.0, "stops": None, "confidence": 0.9}


def market(network: str) -> Reason:
    """Return how many businesses of a network are expected."""
    return Reason("market", {"network": network, "low": 3, "high": 8})


def about(resource: str) -> dict[str, Any]:
    """Return what a server's reason says."""
    size = {"rooms": 30, "users": 150, "streams": 1000}.get(resource, 0.7)
    goal = {"measure": "episodes", "at_most": ONCE_A_YEAR, "confidence": 0.9}
    risk = {"now": ONCE_A_YEAR / 6, "with_offer": ONCE_A_YEAR / 3, "accounts": 5, "when": 12 * 34}
    return {"limit": size, "reserve": 0.0, **goal, **risk}


def admission() -> Admission:
    """Return limits of which the pilot's own cap binds and the network's reach is lower still."""

    def resource(name: str, node: str, at_confidence: int | None, central: int | None) -> Limit:
        return Limit(
            limit=name,
            kind="permission",
            node=node,
            max_accounts=at_confidence,
            central=central,
            reason=Reason("server" if at_confidence is not None else "none come", about(name)),
            path=f"nodes.{node}.limits.{name}",
            when=None if at_confidence is None else 12 * 34,
            error=None if at_confidence is None else 1.4,
            yes_if=Reason("higher limit", {"pooled": False, "least": None}),
        )

    capped = policy(5, ["level-1"])
    limits = (
        resource("rooms", "de", 52, 91),
        resource("users", "de", 24, 63),
        resource("streams", "de", 33, 70),
        resource("load", "de", 61, 118),
        resource("rooms", "ca", None, None),
        resource("users", "ca", None, None),
        capped,
        Limit("labour", "permission", None, 7, 9, Reason("labour", LABOUR), "labour.available"),
        Limit(
            "cash",
            "permission",
            None,
            None,
            None,
            Reason("cash", {"set_aside": 0.0, "confidence": 0.75}),
            "cash.per_account",
        ),
        Limit("market", "reach", None, 4, 4, market("ocn"), "networks.ocn.reachable", low=3, high=8),
    )
    # with 24 accounts, what the users on de allow, it would be the 90 % that are promised
    counts = ((0, 0.97), (1, 0.968), (2, 0.965), (5, 0.956), (10, 0.94), (55, 0.62))
    holds = tuple(Hold(n, share, 0.004) for n, share in counts)
    return Admission(max_accounts=5, central=5, binding=capped, limits=limits, all_hold=0.94, holds=holds)


def _swings() -> tuple[Swing, ...]:
    return (
        Swing("usage.everyone.meetings", "admission", "1/week", "4/week", 61.0, 3.0, 24.0),
        Swing("nodes.de.limits.users", "admission", "100 users", "200 users", 2.0, 58.0, 24.0),
        Swing("spending.hourly_rate", "months_to_afford", "24 GBP/h", "45 GBP/h", 9.0, 16.0, 11.0),
        Swing("usage.everyone.size", "admission", "4 users", "9 users", 41.0, 9.0, 24.0),
        Swing("networks.ocn.sign_ups", "months_to_buy", "0.5 account/month", "2 account/month", None, 15.0, 19.0),
        Swing("usage.everyone.season", "admission", "1.0", "1.3", 29.0, 14.0, 24.0),
        Swing("networks.ocn.churn", "months_to_buy", "3 %/month", "7 %/month", 18.0, 27.0, 19.0),
        Swing("usage.everyone.spread", "admission", "0.5", "1.5", 27.0, 19.0, 24.0),
        Swing("spending.sellers.social.available", "months_to_buy", "30 %", "90 %", 24.0, 18.0, 19.0),
    )


def _assumptions() -> tuple[Assumption, ...]:
    def row(path: str, value: str, low: str | None, high: str | None, source: str, text: str) -> Assumption:
        return Assumption(
            path, value, low, high, source, "2021-01" if low else None, "scenarios/meetcoop.yaml:14", text
        )

    named = [
        row("nodes.de.limits.users", "150 users", "100 users", "200 users", "BBB FAQ 2020-02", "Users at once on de"),
        row("usage.everyone.meetings", "2/week", "1/week", "4/week", "assumption", "Meetings an account starts a week"),
        row("usage.everyone.size", "6 users", "4 users", "9 users", "Osnabrück 2021: 5 to 8", "People in a meeting"),
        row("usage.everyone.season", "1.1", "1.0", "1.3", "assumption", "Busiest month over an average one"),
        row("usage.everyone.spread", "1", "0.5", "1.5", "assumption", "How unequal the accounts are"),
        row("networks.ocn.churn", "4 %/month", "3 %/month", "7 %/month", "small-business subscriptions", "Who leaves"),
        row("networks.ocn.sign_ups", "1 account/month", "0.5 account/month", "2 account/month", "", "New accounts"),
        row("spending.hourly_rate", "30 GBP/h", "24 GBP/h", "45 GBP/h", "proposal: 90 GBP buy 2 or 3 hours", "Rate"),
        row("spending.sellers.social.available", "60 %", "30 %", "90 %", "assumption", "Chance the seller is there"),
        row("offer.accounts", "5 accounts", None, None, "", "The question: may these come?"),
    ]
    # as many as a real scenario has
    others = [
        row(f"networks.n{n:02d}.reachable", "150 businesses", "60 businesses", "160 businesses", source, "Within reach")
        for n, source in enumerate(
            ("OCN blog 2020-03-30: 150+ in the directory", "assumption", "UK micro firms 2020-21") * 12
        )
    ]
    fixed = [
        row(
            f"cash.exchange.X{n:02d}",
            "0.86 GBP",
            None,
            None,
            source,
            "Units of the scenario's currency for one of the other",
        )
        for n, source in enumerate(("default", "assumption", "BBB docs, customize: about 1000") * 20)
    ]
    return (*named, *others, *fixed)


def _options(offered: int) -> tuple[Option, ...]:
    def option(name: str, accounts: int, price: int = PRICE) -> Option:
        income = accounts * price
        months = math.ceil(TARGET / income)
        allowed = accounts <= 5
        broken = "" if allowed else "policy" if accounts <= 24 else "users on de"
        return Option(
            name, accounts, Amount(income, "GBP"), income / 3000, months if months <= HORIZON else None, allowed, broken
        )

    counts = sorted({1, 2, 5, 10, 55, offered})
    named = [option(f"{n} × level-1", n) for n in counts]
    jobs = replace(option("5 × level-1, small jobs", 5), allowed=None, hours_by_review=0.0, varies="jobs")
    variants = (option("5 × level-2", 5, 1800), option("5 × level-3", 5, 4000))
    return (*named, *variants, replace(jobs, months_to_buy=Months(11, 9, 22, None, 0.6)))


def _offers() -> tuple[Offer, ...]:
    """Return offers of which Level 3 brings most on paper, and one account of it most with the usual delays."""
    found = []
    for level, price, adds, numbers in (("level-1", 900, 0.006, (1, 5, 10, 55)), ("level-3", 4000, 0.008, (1, 5, 12))):
        for n in numbers:
            mark = "" if level != "level-1" or n == 1 else "this offer" if n == 5 else "discussed"
            usual, best = (0.3 if level == "level-1" else 0.4), level == "level-3"
            hours = n * price / 3000
            offer = Offer(
                ((level, 1.0),),
                n,
                Amount(n * price, "GBP"),
                hours,
                usual,
                adds * n**0.9,
                0.005,
                mark,
                best,
                best and n == 1,
            )
            found.append(offer)
    higher = (("level-1", 0.5), ("level-2", 0.3), ("level-3", 0.2))
    return (*found, Offer(higher, 28, Amount(51000, "GBP"), 17.0, 0.37, 0.18, 0.008, "fewer at higher levels"))


def risk_at(accounts: float, busy: float, sure: bool) -> float:
    """Return the risk that the sample's grid is made of: more than exponential in how busy the members are."""
    doubling = 63 / math.log2(40)
    return ONCE_A_YEAR / 40 * 2 ** (((39 if sure else 0) + accounts) / doubling) * busy**2.6


def allowed_at(busy: float) -> int:
    """Return the largest number of accounts whose risk meets the objective."""
    doubling = 63 / math.log2(40)
    return max(0, math.floor(24 - 2.6 * doubling * math.log2(busy) + 1e-9))


RATES = (0.8, 1.0, 1.3)


def chance_at(accounts: float, fees: float, month: int, cap: float = math.inf) -> float:
    """Return the chances that the sample's grid is made of: each path earns 0.35 to 0.88 of the fees every month."""
    needed = [rate * fees for rate in RATES]
    reached = [min(1.0, max(0.0, (0.88 - each / (accounts * month)) / 0.53)) * (each <= cap) for each in needed]
    return sum(reached) / len(RATES)


def wait_at(accounts: float, fees: float, share: float, cap: float = math.inf) -> int | None:
    """Return the first month by which the chance is at least `share`."""
    months = range(1, HORIZON + 1)
    return next((month for month in months if chance_at(accounts, fees, month, cap) >= share - 1e-9), None)


def what_if() -> WhatIf:
    """Return a grid whose truth is known everywhere."""
    busy = tuple(2 ** (k / 4) for k in range(-4, 5))
    accounts = tuple(sorted({*range(0, 61, 4), 25}))
    paying, shares = (1, 2, 4, 8, 16, 32, 60), tuple(k / 8 for k in range(9))
    earned = tuple(
        tuple(tuple(n * month * (0.35 + 0.53 * share) for share in shares) for month in range(1, HORIZON + 1))
        for n in paying
    )
    return WhatIf(
        busy=busy,
        accounts=accounts,
        central=tuple(tuple(risk_at(n, b, sure=False) for n in accounts) for b in busy),
        at_confidence=tuple(tuple(risk_at(n, b, sure=True) for n in accounts) for b in busy),
        tightest=("users on de",) * len(busy),
        others=40,
        others_limit="volunteer hours",
        price=PRICE,
        rate=3000,
        hours=16.0,
        income=tuple(PRICE * n for n in range(61)),
        paying=paying,
        shares=shares,
        earned=earned,
        rates=RATES,
        caps=(),
        whole_block=True,
        error_accounts=1,
        one_fee=False,
        error_chance=0.01,
        error_risk=1.05,
        error_central=1.05,
    )


def sample(offered: int = 5) -> Plan:
    """Return the plan of a pilot of `offered` Level 1 accounts."""
    here = credit(offered)
    return Plan(
        version="0.1.0",
        seed=501,
        facts=(Fact("usage.everyone.meetings", 3.0, 0.4),),
        draws=500,
        paths=2000,
        warnings=("the balance cap of 500 credit leaves room for one block of 480 credit only",),
        scenario=Stamp(
            "pilot-5",
            "Five Level 1 accounts, then a review",
            "scenarios/pilot-5.yaml",
            "8b1f0c2e" * 8,
            (("pilot-5.yaml", "a" * 64), ("meetcoop.yaml", "b" * 64), ("../data/weekly_profile.csv", "c" * 64)),
        ),
        currency="GBP",
        timezone="Europe/London",
        objective_words="at most 1 overload a year, in 90 of 100 cases",
        measure="episodes",
        at_most=ONCE_A_YEAR,
        confidence=0.9,
        offered=offered,
        offered_mix=(("level-1", 1.0),),
        changes=(
            Change("offer.accounts", "10", "5", "scenarios/pilot-5.yaml:5"),
            Change("offer.cap", "10", "5", "scenarios/pilot-5.yaml:6"),
            Change("spending.hourly_rate", "30 GBP/h", "30 GBP/h", "--set"),
        ),
        admission=admission(),
        servers=servers(offered, admission().limits),
        weeks=(
            week("de", "rooms", 30, 2, 3.1, 0.8),
            week("de", "users", 150, 20, 30.0, 8.0),
            week("ca", "rooms", 30, 2, 2.0, 0.0),
            week("ca", "users", 150, 20, 20.0, 0.0),
        ),
        credit=here,
        credit_by_network=(here,),
        swings=_swings(),
        options=_options(offered),
        frontier=_offers(),
        assumptions=_assumptions(),
        checkpoint=Checkpoint(
            after=6,
            month="October 2021",
            members=73,
            at_accounts=5,
            asks=("at least 4 h of marketing bought", "at most 80 % of the credit unspent", "at most 1 overload"),
            known=("how often the five meet: the range of 1 to 4 a week narrows to about a third",),
        ),
        what_if=what_if(),
        nodes=("de", "ca"),
        by_level=(("level-1", 5),),
    )


def _hostile_network(credit: CreditPlan, text: str) -> CreditPlan:
    bounds = tuple(replace(bound, limit=text) for bound in credit.rules.bounds)
    return replace(credit, network=text, rules=replace(credit.rules, network=text, bounds=bounds))


def hostile(text: str, offered: int = 5) -> Plan:
    """Return the sample with `text` in every free field."""
    plan = sample(offered)
    limits = tuple(
        replace(
            limit,
            reason=market(text),
            path=text,
            yes_if=Reason("sellers", {"fees": 100, "unit": text}),
            node=None if limit.node is None else text,
        )
        for limit in plan.admission.limits
    )
    networks = tuple(_hostile_network(network, text) for network in plan.credit_by_network)
    return replace(
        plan,
        warnings=(text,),
        scenario=Stamp(text, text, text, plan.scenario.digest, ((text, "a" * 64),)),
        timezone=text,
        objective_words=text,
        offered_mix=((text, 1.0),),
        changes=(Change(text, text, text, text), Change(text, text, text, "--set")),
        admission=replace(plan.admission, limits=limits, binding=limits[6]),
        servers=tuple(
            replace(server, node=text, allows=limit) for server, limit in zip(plan.servers, limits, strict=False)
        ),
        weeks=tuple(replace(each, node=text) for each in plan.weeks),
        credit=networks[0],
        credit_by_network=networks,
        swings=tuple(replace(swing, path=text, low_value=text, high_value=text) for swing in plan.swings),
        options=tuple(replace(option, name=text, broken_by=text) for option in plan.options),
        frontier=tuple(replace(offer, mix=((text, 1.0),)) for offer in plan.frontier),
        assumptions=tuple(Assumption(text, text, text, text, text, text, text, text) for _ in plan.assumptions[:6]),
        checkpoint=Checkpoint(6, text, 73, 5, (text,), (text,)),
        what_if=replace(what_if(), others_limit=text, tightest=(text,) * 9),
        nodes=(text,),
        by_level=((text, 0),),
    )
