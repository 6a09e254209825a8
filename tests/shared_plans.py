"""Plans that several tests look at, made once in a run whatever its number of workers."""

import fcntl
import os
import pickle
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from planner.planning import Plan, partial, plan
from planner.scenario.reader import read

FEW = 20
"""Draws that are enough for a plan to be whole [-]."""


def enough(scenario: Path) -> int | None:
    """Return how many draws show whether a scenario of the project is what it expects; None = all of them."""
    return FEW if all(partial.NOMINAL.fullmatch(one) for one in read(scenario).expect) else None


class SharedPlans:
    """Plans by scenario and number of draws, in a folder that the workers of a run have in common."""

    def __init__(self, folder: Path) -> None:
        """Begin with none, or with those that another worker has made."""
        folder.mkdir(exist_ok=True)
        self.folder = folder

    def __call__(self, scenario: Path, draws: int | None) -> Plan:
        """Return the plan of a scenario that comes with the project, made now if nobody has made it."""
        found = self._made(scenario, draws, wait=True)
        assert found is not None
        return found

    def each(self, scenarios: Iterable[Path]) -> dict[str, Plan]:
        """Return plans by the scenarios' names, with enough draws; what another worker is at is waited for last."""
        asked = {one: enough(one) for one in scenarios}
        for one, draws in asked.items():
            self._made(one, draws, wait=False)
        return {one.stem: self(one, draws) for one, draws in asked.items()}

    def _made(self, scenario: Path, draws: int | None, wait: bool) -> Plan | None:
        """Return a plan; None if another worker is at it and is not waited for."""
        file = self.folder / f"{scenario.stem}-{draws}"
        with suppress(BlockingIOError), file.open("ab+") as kept:
            fcntl.flock(kept, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            if not os.fstat(kept.fileno()).st_size:
                kept.write(pickle.dumps(plan(read(scenario), draws=draws)))
                kept.flush()
            kept.seek(0)
            found = pickle.load(kept)
            assert isinstance(found, Plan)
            return found
        return None
