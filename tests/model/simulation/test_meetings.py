"""The span of a replication."""

from planner.model.simulation.meetings import Span, span_of


def test_a_run_in_lasts_an_hour_at_least() -> None:
    """Also where nobody meets."""
    assert span_of((), weeks=2) == Span(run_in=1, weeks=2)
