"""What is kept: the register of admitted accounts and the history of meetings. The only place that opens SQLite."""

from planner import PlannerError


class StoreError(PlannerError):
    """A database that cannot be opened, written or trusted; the message says which, why and what to do."""


class Damaged(StoreError):
    """A file that is not, or no longer, what was written there: only a backup helps."""


class Refused(StoreError):
    """What was asked does not fit what is kept, or is not a reference, a role or a reason."""
