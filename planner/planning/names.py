"""What a scenario calls its nodes, networks, levels and sellers."""

from planner.scenario.reader import Scenario
from planner.wording.names import Names


def names_of(scenario: Scenario) -> Names:
    """Return the names that a scenario gives."""
    return Names(**scenario.called)
