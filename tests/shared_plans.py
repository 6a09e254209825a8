"""Plans that several tests look at, made once in a run whatever its number of workers."""

import fcntl
import os
import pickle
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from planner.planning import Plan, plan
from planner.scenario.reader import read


class SharedPlans:
    """Plans by scenario and number of draws, in a folder that the workers of a run have in common."""

    def __init__(self, folder: Path) -> None:
        """Begin with none, or with those that another worker has made."""
        folder.mkdir(exist_ok=True)
        self.folder = folder

    def __call__(self, scenario: Path, draws: int) -> Plan:
        """Return the plan of a scenario that comes with the project, made now if nobody has made it."""
        found = self._made(scenario, draws, wait=True)
        assert found is not None
        return found

    def each(self, scenarios: Iterable[Path], draws: int) -> dict[str, Plan]:
        """Return plans by the scenarios' names; what another worker is at is waited for last."""
        names = [*scenarios]
        for one in names:
            self._made(one, draws, wait=False)
        return {one.stem: self(one, draws) for one in names}

    def _made(self, scenario: Path, draws: int, wait: bool) -> Plan | None:
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
