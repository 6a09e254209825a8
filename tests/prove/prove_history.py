"""Of a damaged log of bbb-web no line disappears: it is used, about something else, or left out with its reason.

PYTHONPATH=.:tests python tests/prove/prove_history.py --count 5000 --seed 1
"""

import proof
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from readings.test_web_log import accounted, harmed

FULL = 5_000


def prove(count: int, seed: int) -> str:
    """Damage the log so often, under each prefix that is known, and account for its lines; return what was counted."""
    often = settings(max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    seeded(seed)(often(given(harmed())(accounted)))()
    return f"{count} damaged logs, every line accounted for"


if __name__ == "__main__":
    proof.main("history", prove, FULL)
