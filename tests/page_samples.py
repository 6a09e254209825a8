"""A review and what was learned, as records to make pages of."""

from dataclasses import replace
from datetime import UTC, date, datetime

from planner.learning.calibration import Calibration, Effect
from planner.learning.posteriors import Learned
from planner.model.calibration.goodness_of_fit import Check
from planner.pilot_review.record import Asked, Course, Pit, Review, Row
from planner.planning.band_coverage import Coverage
from planner.report import learned_page
from planner.wording.names import Names

NAMES = Names(nodes={"de": "the German server"}, networks={"ocn": "Open Credit Network"})
COMMAND = "planner review pilot.yaml --at 2021-10-04"
COVERAGE = (
    Coverage("de", "users", 150.0, 4000, 3998, 2, 0, True),
    Coverage("ca", "rooms", 30.0, 4000, 4000, 0, 0, True),
)
EVEN = (0.1,) * 10


def sample_review(title: str = "Start with five", **changes: object) -> Review:
    """Return a review in which all went as agreed, or what a test changes of it."""
    band = (0.0, 1.0, 2.0)
    found = Review(
        scenario="pilot-5",
        title=title,
        digest="0123456789abcdef",
        network="ocn",
        on=date(2021, 10, 4),
        month=6,
        due=True,
        why_due="6 months have passed, the review was due after 6",
        verdict="go on",
        reasons=("overloads: 0, wanted at most 1: met",),
        rows=(Row("balance", "credit", 18, 81, 162, 60), Row("overloads", "", 0, 0.0004, 9, 0)),
        asked=(Asked("episodes", 1.0, 0.0, False, True), Asked("idle_share", 0.8, None, None, False)),
        courses=(Course("balance", "credit", band, band, band, (0.0, 1.0)),),
        next_words="April 2022, month 12: the same questions again",
        notes=(title,),
        coverage=COVERAGE,
        pits=(Pit("de", "users", 4000, EVEN, 0.5), Pit("ca", "rooms", 4000, EVEN, 0.5)),
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def sample_learned(name: str = "history.csv", flagged: bool = False, weeks: float = 26.0) -> learned_page.Taught:
    """Return what a half-year taught."""
    curve = ((0.5, 0.1), (1.0, 1.0), (1.5, 0.1))
    one = Learned(
        "usage.everyone.duration", "help", "54 min (45 min to 70 min)", f"64 min {name}", 64 / 60, 1.05, 1.09,
        (0.9, 0.75, 70 / 60), False, 2997, "meetings", 1.0, "min", 1 / 60, curve, curve,
    )  # fmt: skip
    checks = (Check("sizes", 0.001 if flagged else 0.6, f"as learned {name}"), Check("regularity", 1.0, "by chance"))
    span = datetime(2021, 4, 5, tzinfo=UTC), datetime(2021, 10, 3, tzinfo=UTC)
    found = Calibration(
        "pilot-5", name, *span, weeks, 2997, 60, (one,), (), None, checks, (name,), {}, f"history {name}"
    )
    change = Effect(0, 3, "users on the German server")
    return learned_page.Taught(found, change, ((COVERAGE[0], COVERAGE[0]),), NAMES, COMMAND)
