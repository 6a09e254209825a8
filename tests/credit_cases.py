"""Cases for the tests of the credit side: everything off, and what a test switches on."""

import math
from dataclasses import fields, replace
from typing import Any

from planner.model.inputs.credit import Case, Cash, Labour, Network, Seller, Spending, Supplier

ALL_PAY = Network(
    name="ocn",
    unit="credit",
    currency="GBP",
    worth=1.0,
    accounts=5,
    mix={"level-1": 1.0},
    reachable=math.inf,
    take_up=1.0,
    sign_ups=math.inf,
    churn=0.0,
    late=0.0,
    unpaid=0.0,
    payer_limit=None,
    largest_balance=None,
    fee=0.0,
    closes=0.0,
)
ALWAYS_THERE = Seller("social", "ocn", None, math.inf, 4.0, 1.0, None)
SAVE_UP = Spending(16.0, 3000.0, 0.0, "save_up", (), {"social": ALWAYS_THERE}, None, 0.05)
NO_WORK = Labour(0.0, 0.0, 0.0, 0.0, math.inf, None)
NO_MONEY = Cash(0.0, {}, 0.0, None, 0.0, 0.0, 0.0, 0.0, None)
PRICES = {"level-1": 900, "level-2": 1800, "level-3": 4000}


def case(**changes: Any) -> Case:
    """Return the case with every rule off, but for the changes: fields of `Network`, `Spending` or `Case` by name."""
    network = {field.name: changes.pop(field.name) for field in fields(Network) if field.name in changes}
    spending = {field.name: changes.pop(field.name) for field in fields(Spending) if field.name in changes}
    off = Case(replace(ALL_PAY, **network), PRICES, replace(SAVE_UP, **spending), horizon=36)
    return replace(off, **changes)


def seller(**changes: Any) -> Seller:
    """Return a seller who is always there, but for the changes."""
    return replace(ALWAYS_THERE, **changes)


def supplier(**changes: Any) -> Supplier:
    """Return a supplier that takes nothing in credit, but for the changes."""
    return replace(Supplier(0.0, 0.0, 0.0), **changes)


def nobody_sells() -> dict[str, Any]:
    """Return spending of which nothing comes: no seller at all."""
    return {"sellers": {}, "prefer": ()}
