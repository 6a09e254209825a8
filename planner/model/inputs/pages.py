"""How many cameras each user is sent at once: BigBlueButton's pages, by the size of the meeting and by role."""

# Read in bigbluebutton/bigbluebutton, bigbluebutton-html5/imports/ui/components/video-provider: service.js at 0453e9e
# (before 3.0; since 2.3, pull request 11664), hooks/index.ts at 036fd0b (after 3.0). Of `paginationThresholds`, off by
# default, the one with the most users that the meeting has reached is in force, for viewers and moderators each, in
# place of `desktopPageSizes`; all who are there count. A page holds others' cameras only; 0, or left out, is all.

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

ALL = 1_000_000
"""No meeting has so many cameras: who has such a page is sent all [camera]."""
MOST_STEPS = 100
"""More thresholds than that are none that people wrote [-]."""
WANTED = "6 from 30 users (moderators 25); 4 from 50 users (moderators 16)"
"""An example of pages in larger meetings."""
_CAMERAS = r"([1-9]\d{0,3}|all)"
_STEP = re.compile(rf"{_CAMERAS} from ([1-9]\d{{0,3}}) users?(?: \(moderators {_CAMERAS}\))?", re.ASCII)


class Step(NamedTuple):
    """The pages of meetings of so many users and more."""

    users: int
    viewer: int
    """[camera]"""
    moderator: int = ALL
    """[camera]"""

    def __str__(self) -> str:
        """Return it as a scenario says it."""
        viewer, moderator = ("all" if page >= ALL else str(page) for page in self[1:])
        own = "" if moderator == "all" else f" (moderators {moderator})"
        return f"{viewer} from {self.users} user{'s' * (self.users != 1)}{own}"


@dataclass(frozen=True, slots=True)
class Pages:
    """How many cameras of others each user is sent at once; moderators all, but for what the steps say."""

    viewer: int = 5
    """In meetings below the first step [camera]."""
    steps: tuple[Step, ...] = ()
    """By users, ascending."""

    def __str__(self) -> str:
        """Return them as a plan and a reading say them."""
        return "; ".join(map(str, (self.viewer, *self.steps)))

    @property
    def record(self) -> int | str:
        """Return them as JSON has them: a bare number where they are the same in every meeting."""
        return str(self) if self.steps else self.viewer

    def of(self, users: Any) -> tuple[Any, Any]:
        """Return the page of a viewer and of a moderator in a meeting of so many users, or ndarrays of each."""
        viewer: Any = self.viewer
        moderator: Any = ALL
        for step in self.steps:
            reached = users >= step.users
            viewer = viewer + reached * (step.viewer - viewer)
            moderator = moderator + reached * (step.moderator - moderator)
        return viewer, moderator


USUAL = Pages()
"""BigBlueButton's own since 2.3."""


def outgoing(
    page: tuple[Any, Any],
    users: Any,
    moderators: Any,
    cameras: Any,
    of_moderators: Any,
    of_viewers: Any,
    least: Callable[[Any, Any], Any] = min,
) -> Any:
    """Return the camera streams sent out in a meeting with a camera, or in many: to each user those of the others.

    `page` is a viewer's and a moderator's; the cameras are those of so many moderators and viewers.
    """
    viewer, moderator = page
    return (
        of_moderators * least(cameras - 1, moderator)
        + (moderators - of_moderators) * least(cameras, moderator)
        + of_viewers * least(cameras - 1, viewer)
        + (users - moderators - of_viewers) * least(cameras, viewer)
    )


def widest(each: Iterable[Pages]) -> Pages:
    """Return pages that are as large as the largest of these in every meeting: a server is counted by one rule."""
    every = tuple(each)
    users = sorted({0} | {step.users for pages in every for step in pages.steps})
    rows = [Step(n, *map(max, zip(*(pages.of(n) for pages in every), strict=True))) for n in users]
    return Pages(rows[0].viewer, tuple(step for last, step in pairwise(rows) if step[1:] != last[1:]))


def steps(text: str) -> tuple[Step, ...]:
    """Return the pages of larger meetings that a text says; a `ValueError` says what is wrong."""
    if text.strip() == "none":
        return ()
    found = [_STEP.fullmatch(" ".join(part.split())) for part in text.split(";", MOST_STEPS)]
    read = sorted(
        Step(int(match[2]), *(ALL if page in (None, "all") else int(page) for page in match.group(1, 3)))
        for match in found
        if match
    )
    if len(read) < len(found) or len({step.users for step in read}) < len(read):
        raise ValueError(f"wanted {WANTED}, each number of users once")
    return tuple(read)


def pages(value: object) -> Pages:
    """Return the pages that `page_size` of a JSON record says; a `ValueError` where it says none."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= ALL:
        return Pages(value)
    if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,7}); (.+ from .+)", value, re.ASCII)):
        with suppress(ValueError):
            return Pages(pages(int(match[1])).viewer, steps(match[2]))
    raise ValueError(f"page_size: wanted a whole number of cameras, or such as 5; {WANTED}")
