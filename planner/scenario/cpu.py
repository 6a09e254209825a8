"""Weights of a linear load, and what is said of the machine beside them."""

from typing import Final

from planner.scenario.fields import NONE, Number


def load(text: str, default: str | tuple[str, str, str], least: float = 0.0) -> Number:
    """Return a load: in % of the CPU, or bare in another balancer's weights."""
    return Number(text, "% or load", default, least=least, most=1e6, none=default == NONE)


CPU: Final[dict[str, Number]] = {
    "base": load("Load of a node without meetings, in % of the CPU, or bare in another balancer's weights", "3 %"),
    "per_room": load("Load that each room adds", "0.3 %"),
    "per_user": load("Load that each user adds", "0.3 %"),
    "per_stream": load("Load that each outgoing camera stream adds", "0.03 %"),
}
MACHINE: Final[dict[str, Number]] = {
    "per_recording": load("Load that each recorded meeting adds while it runs", ("8 %", "2.5 %", "25 %")),
    "factor": Number("Factor on all weights: how far machines that look alike differ", "", "1", least=0.05, most=20),
}
"""What is said of the linear load beside its weights."""
