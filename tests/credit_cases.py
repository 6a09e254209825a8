"""Cases for the tests of the credit side: everything off, and what a test switches on."""

import math
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from planner.model.inputs.credit import (
    AS_IT_IS,
    NO_CASH,
    NO_LABOUR,
    NONE,
    Case,
    Network,
    Seller,
    Spending,
    Supplier,
)
from planner.model.inputs.uncertain import Uncertain, certain

Record = TypeVar("Record")
EVER = certain(math.inf)

ALL_PAY = Network(
    name="ocn",
    unit="credit",
    currency="GBP",
    worth=AS_IT_IS,
    accounts=5,
    mix={"level-1": 1.0},
    reachable=EVER,
    take_up=AS_IT_IS,
    sign_ups=EVER,
    churn=NONE,
    late=NONE,
    unpaid=NONE,
    payer_limit=None,
    largest_balance=None,
    fee=NONE,
    closes=NONE,
)
ALWAYS_THERE = Seller("social", "ocn", None, EVER, certain(4.0), AS_IT_IS, None)
SAVE_UP = Spending(certain(16.0), certain(3000.0), NONE, "save_up", (), {"social": ALWAYS_THERE}, None, certain(0.05))
NO_WORK = NO_LABOUR
NO_MONEY = NO_CASH
PRICES = {"level-1": 900, "level-2": 1800, "level-3": 4000}


def changed(record: Record, **changes: Any) -> Record:
    """Return a record with changes; a float stands for a number that is certain, an array for its draws."""
    numbers = {field.name for field in fields(record) if "Uncertain" in str(field.type)}  # type: ignore[arg-type]
    ready = {name: _number(value) if name in numbers else value for name, value in changes.items()}
    return replace(record, **ready)  # type: ignore[type-var]


def _number(value: Any) -> Any:
    """Return a number with its draws, the first of them its value; what is one already, or none, as it is."""
    if value is None or isinstance(value, Uncertain):
        return value
    return Uncertain(float(np.ravel(value)[0]), np.asarray(value, dtype=np.float64))


def case(**changes: Any) -> Case:
    """Return the case with every rule off, but for the changes: fields of `Network`, `Spending` or `Case` by name."""
    network = {field.name: changes.pop(field.name) for field in fields(Network) if field.name in changes}
    spending = {field.name: changes.pop(field.name) for field in fields(Spending) if field.name in changes}
    off = Case(changed(ALL_PAY, **network), PRICES, changed(SAVE_UP, **spending), horizon=36)
    return replace(off, **changes)


def seller(**changes: Any) -> Seller:
    """Return a seller who is always there, but for the changes."""
    return changed(ALWAYS_THERE, **changes)


def supplier(**changes: Any) -> Supplier:
    """Return a supplier that takes nothing in credit, but for the changes."""
    return changed(Supplier(NONE, NONE, NONE), **changes)


def nobody_sells() -> dict[str, Any]:
    """Return spending of which nothing comes: no seller at all."""
    return {"sellers": {}, "prefer": ()}
