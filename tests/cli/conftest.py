"""Plans that are made quickly, for tests of what is done with them."""

from itertools import islice
from unittest.mock import patch

import pytest

from planner.planning import make
from planner.report import figures


@pytest.fixture(scope="module")
def quick_plans():
    """Take few draws where none are asked for, and draw one chart: both come out of the plan's and report's own code.

    What is called in this process or by `stored_plan.run` is quick; what is typed is as ever.
    """
    all_of_them = figures.of
    with patch.object(make, "DRAWS", 20), patch.object(figures, "of", lambda plan: islice(all_of_them(plan), 1)):
        yield
