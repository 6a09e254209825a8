"""What a node's cores say of the CPU that a meeting takes, where nothing else says it."""

from dataclasses import replace
from typing import Final

from planner.scenario.cpu import CPU, MACHINE
from planner.scenario.validation import Walk

USUAL: Final = 8
"""Cores of the machine that the defaults of the weights are of: what BigBlueButton's documentation asks for [core]."""
FACTOR: Final = {"value": "1", "low": "0.36", "high": "2.6"}
"""How far machines of as many cores differ: what the next one has to the median of the nine reports, 8 times of 10."""
SOURCE: Final = "nine public reports of machines with 4 to 42 cores (docs/model.md, Hardware)"


def infer(walk: Walk) -> None:
    """Fill in the weights, which go with 1/cores, and their common factor where no weight is stated."""
    if not walk.records and (usual := walk.estimates.get("usage.cpu.per_recording")) is not None and usual.is_default:
        walk.estimates[usual.path] = replace(usual, low=None, high=None, low_text=None, high_text=None)
    weights = [*CPU, "per_recording"] if walk.records else list(CPU)
    for node in walk.context.names.get("nodes", ()):
        cores = walk.estimates.get(f"nodes.{node}.cores")
        if cores is None or cores.value is None:
            continue
        own = f"nodes.{node}.cpu."
        there = [walk.estimates.get(place + name) for place in (own, "usage.cpu.") for name in (*CPU, *MACHINE)]
        stated = {one.path.rpartition(".")[2] for one in there if one is not None and not one.is_default}
        for name in weights:
            usually = (CPU | MACHINE)[name].default
            if name not in stated and usually is not None:
                texts = (usually,) if isinstance(usually, str) else usually
                scaled = [f"{float(text.removesuffix(' %')) * USUAL / cores.value:.6g} %" for text in texts]
                said = dict(zip(("value", "low", "high"), scaled, strict=False))
                said["source"] = f"{texts[0]} on {USUAL} cores, more on fewer: {SOURCE}"
                walk.say(own + name, said, cores.origin)
        if not stated:
            walk.say(own + "factor", FACTOR | {"source": SOURCE}, cores.origin)
        elif "factor" in stated:  # that of all nodes goes with what follows from the cores too
            walk.estimates.setdefault(own + "factor", replace(walk.estimates["usage.cpu.factor"], path=own + "factor"))
