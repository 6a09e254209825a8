"""What is asked of the gate and what it answers, as records."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from planner.model.observed import NodeReading, Reading

Verdict = Literal["admit", "hold", "unknown"]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: so many accounts of one level."""

    level: str
    accounts: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, with its reasons in words."""

    verdict: Verdict
    reasons: tuple[str, ...]
    yes_if: tuple[str, ...]
    max_more_accounts: int | None
    """Further accounts the plan still allows after those admitted; None = no limit."""
    admitted: int | None
    """Accounts that came since the plan's members were counted [account]; None = the register could not be read."""
    request: Request
    at: datetime
    digest: str
    consented: str | None
    reading: Reading | None
    cautions: tuple[str, ...] = ()
    """What about the plan itself makes its number less sure."""
    ends: datetime | None = None
    """When the plan's review is due, after which it says nothing; None = not known."""

    @property
    def reading_age_s(self) -> float | None:
        """Return the age of the reading when it was judged [s]."""
        return None if self.reading is None else (self.at - self.reading.taken_at).total_seconds()

    def as_json(self) -> dict[str, Any]:
        """Return the decision as the fixed record planner.decision/1, which the register keeps as well."""
        reading = None
        if self.reading is not None:
            reading = {
                "source": self.reading.source,
                "taken_at": self.reading.taken_at.isoformat(),
                "age_s": self.reading_age_s,
                "nodes": {name: _read(node) for name, node in self.reading.nodes.items()},
            }
        return {
            "schema": "planner.decision/1",
            "verdict": self.verdict,
            "reasons": list(self.reasons),
            "yes_if": list(self.yes_if),
            "max_more_accounts": self.max_more_accounts,
            "admitted": self.admitted,
            "request": {"level": self.request.level, "accounts": self.request.accounts},
            "at": self.at.isoformat(),
            "plan": {
                "digest": self.digest,
                "consented": self.consented,
                "cautions": list(self.cautions),
                "ends": None if self.ends is None else self.ends.isoformat(),
            },
            "reading": reading,
        }


def _read(node: NodeReading) -> dict[str, Any]:
    """Return what was read of a node; what was not is left out."""
    return {f.name: value for f in fields(node) if (value := getattr(node, f.name)) is not None}
