"""Which nodes an account of the offer may land on: the gate asks for those."""

import pytest
from stored_plan import ROOT

from planner.model.inputs.allocation import reached
from planner.scenario import resolve
from planner.scenario.reader import read


@pytest.mark.parametrize(
    ("name", "sets", "nodes"),
    [
        ("pilot-5", (), ("de",)),  # meetcoop.yaml offers Germany alone
        ("pilot-5", ("placement.offer={ca: 100 %}",), ("ca",)),
        ("pilot-5", ("placement.offer={de: 99 %, ca: 1 %}",), ("de", "ca")),
        ("pilot-5", ("placement.offer={de: 100 %, ca: 0 %}",), ("de",)),
        ("balancer", (), ("de", "ca")),  # a balancer sends them anywhere
    ],
)
def test_a_node_is_reached_where_a_share_of_the_offer_or_a_balancer_brings_it_accounts(
    name: str, sets: tuple[str, ...], nodes: tuple[str, ...]
) -> None:
    assert reached(resolve.inputs(read(ROOT / "scenarios" / f"{name}.yaml", sets))) == nodes
