"""A decision as a Prometheus textfile, for node_exporter's textfile collector.

Format: prometheus.io/docs, exposition formats, text format 0.0.4.
"""

from collections.abc import Iterable, Mapping

from planner.gate.decision import Decision

Sample = tuple[Mapping[str, str], float]
VERDICTS = ("admit", "hold", "unknown")
ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
ABOUT = {
    "planner_gate_verdict": "The verdict of the gate: 1 for the one that was given, 0 for the others.",
    "planner_gate_decided_timestamp_seconds": "When the verdict was given, in seconds since 1970.",
    "planner_gate_reading_age_seconds": "Age of the reading when it was judged.",
    "planner_gate_admitted_accounts": "Accounts that came since the members of the plan were counted.",
    "planner_gate_headroom_accounts": "Further accounts that each limit of the plan allows, at its confidence.",
    "planner_gate_headroom_now": "What is left of each limit at the reading, in the unit of the limit.",
}


def textfile(decision: Decision, name: str) -> str:
    r"""Return the decision as series; what is not known has no series.

    Examples
    --------
    >>> _series("planner_up", "Whether it is.", [({"node": 'a "b"'}, 1.0)], {"plan": "pilot"})
    '# HELP planner_up Whether it is.\n# TYPE planner_up gauge\nplanner_up{plan="pilot",node="a \\"b\\""} 1\n'
    """
    age, admitted, at = decision.reading_age_s, decision.admitted, decision.at.timestamp()
    samples: dict[str, list[Sample]] = {
        "planner_gate_verdict": [({"verdict": verdict}, float(verdict == decision.verdict)) for verdict in VERDICTS],
        "planner_gate_decided_timestamp_seconds": [({}, round(at, 3))],
        "planner_gate_reading_age_seconds": [] if age is None else [({}, round(age, 3))],
        "planner_gate_admitted_accounts": [] if admitted is None else [({}, admitted)],
        "planner_gate_headroom_accounts": _accounts(decision),
        "planner_gate_headroom_now": _now(decision),
    }
    return "".join(
        _series(series, ABOUT[series], values, {"plan": name}) for series, values in samples.items() if values
    )


def _accounts(decision: Decision) -> list[Sample]:
    if decision.admitted is None or decision.plan is None:
        return []
    samples: list[Sample] = [
        ({"limit": limit.limit, "node": limit.node or ""}, most - decision.admitted)
        for most, limit in decision.plan.permissions
    ]
    if (decided := decision.plan.decision) is not None:
        samples.append(({"limit": "decision", "node": ""}, decided.accounts - decision.admitted))
    return samples


def _now(decision: Decision) -> list[Sample]:
    if decision.reading is None or decision.plan is None:
        return []
    return [
        ({"resource": week.resource, "node": week.node}, week.limit - value)
        for week in decision.plan.weeks
        if (value := getattr(decision.reading.nodes.get(week.node), week.resource, None)) is not None
    ]


def _series(name: str, about: str, samples: Iterable[Sample], common: Mapping[str, str]) -> str:
    """Return one family of series as it stands in the file."""
    lines = [f"# HELP {name} {about}", f"# TYPE {name} gauge"]
    for labels, value in samples:
        text = ",".join(f'{label}="{said.translate(ESCAPED)}"' for label, said in {**common, **labels}.items())
        lines.append(f"{name}{{{text}}} {value:.13g}" if value % 1 else f"{name}{{{text}}} {value:.0f}")
    return "\n".join(lines) + "\n"
