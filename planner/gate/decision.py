"""What is asked of the gate and what it answers, as records."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from planner.gate.standing import Standing
from planner.model.inputs.observations import Reading

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
    """Accounts that came since the plan's members were counted [account]; None = not known."""
    request: Request
    at: datetime
    plan: Standing | None
    """The plan it rests on; None = there is none that can be relied on."""
    reading: Reading | None
    cautions: tuple[str, ...] = ()
    """What makes the plan's number less sure."""
    accepted: tuple[str, ...] = ()
    """Doubts that an option accepted by name."""
    ends: datetime | None = None
    """When the plan's review is due, after which it says nothing; None = not known."""
    must_change: tuple[str, ...] = ()
    """What would have to change, all of it, before it could be a yes; empty unless it is several."""

    @property
    def digest(self) -> str:
        """Return the digest of the scenario that was planned."""
        return "" if self.plan is None else self.plan.digest

    @property
    def reading_age_s(self) -> float | None:
        """Return the age of the reading when it was judged [s]."""
        return None if self.reading is None else (self.at.astimezone(UTC) - self.reading.taken_at).total_seconds()

    def as_json(self) -> dict[str, Any]:
        """Return the decision as the fixed record planner.decision/1, which the register and the log keep as well."""
        plan = None
        if self.plan is not None:
            plan = {
                "digest": self.plan.digest,
                "result": self.plan.result,
                "seal": self.plan.seal,
                "made": self.plan.made.isoformat(),
                "consented": self.plan.consented,
                "cautions": list(self.cautions),
                "ends": None if self.ends is None else self.ends.isoformat(),
                "number": self.plan.max_accounts,
                "decision": None if self.plan.decision is None else asdict(self.plan.decision),
            }
        return {
            "schema": "planner.decision/1",
            "verdict": self.verdict,
            "reasons": list(self.reasons),
            "yes_if": list(self.yes_if),
            "must_change": list(self.must_change),
            "accepted": list(self.accepted),
            "max_more_accounts": self.max_more_accounts,
            "admitted": self.admitted,
            "request": {"level": self.request.level, "accounts": self.request.accounts},
            "at": self.at.isoformat(),
            "plan": plan,
            "reading": None if self.reading is None else self._reading(self.reading),
        }

    def _reading(self, reading: Reading) -> dict[str, Any]:
        """Return what was read, with its own hash."""
        said = {
            "source": reading.source,
            "taken_at": reading.taken_at.isoformat(),
            "nodes": {name: node.known for name, node in reading.nodes.items()},
            "unread": dict(reading.unread),
        }
        seal = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        return {**said, "age_s": self.reading_age_s, "seal": seal}
