"""The approximation that draws are ranked by, held against the exact measures at every number of accounts."""

from pathlib import Path

import numpy as np
import pytest

from planner.model.admission.node_limit import together
from planner.model.inputs.allocation import arrivals, sites, to_node
from planner.model.inputs.capacity import Resource
from planner.model.overload import approximation, draw_columns, measures
from planner.scenario import reader, resolve

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("scenario", "resource"),
    [("pilot-5", "rooms"), ("pilot-5", "users"), ("pilot-5", "load"), ("busy-members", "rooms")],
)
def test_no_number_of_accounts_has_a_line_that_leads_astray(scenario: str, resource: Resource) -> None:
    """Each number's own saddlepoint is found, also by a search that begins beyond the edge of the domain.

    The lines through the saddlepoints of neighbouring numbers give the same measures, and those within what the
    ranking allows for; a line beside its saddlepoint is off by orders of magnitude.
    """
    central = resolve.inputs(reader.read(ROOT / "scenarios" / f"{scenario}.yaml"))
    here, extra = sites(central), to_node(arrivals(central), "de")
    site = here["de"]
    law = measures.law(site.node, resource, site.population, site.newcomers[: len(extra(0))])
    one = draw_columns.bind([law], [together(here.values(), central.offer.accounts)])
    numbers = range(151)
    lines = [approximation.line(one, extra(n)) for n in numbers]
    for n in numbers:
        beside = n - 1 if n else 1
        own, other = (approximation.measures(one, line, extra(n))[:3, 0] for line in (lines[n], lines[beside]))
        np.testing.assert_allclose(own, other, rtol=0.02, err_msg=f"{n} accounts")
        if n % 30 == 0:
            exact = measures.measures(law, extra(n))
            known = [exact.busiest_instant, exact.minutes, exact.episodes]
            np.testing.assert_allclose(own, known, rtol=0.06, err_msg=f"{n} accounts")
