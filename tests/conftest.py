"""What every test runs under: no personal settings, no random luck, no window, nobody's own register."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

# Before matplotlib is imported anywhere: charts are drawn into memory, never on a screen.
os.environ["MPLBACKEND"] = "Agg"

LONGEST = (
    "test_tutorial.py",
    "test_scenarios.py",
    "test_first_sentences.py",
    "test_slider_grid.py",
    "test_docs.py",
    "test_notebooks.py",
    "test_table.py",
    "test_calibration.py",
    "test_against_simpy.py",
    "test_against_closed_form.py",
    "test_browser.py",
    "test_grid.py",
)
"""Files with tests of a minute and more: run first, so that no worker is left alone with one at the end."""

# A shell starts what it puts in the background deaf to Ctrl-C, and children inherit that: tests could not press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples on every machine: a suite that fails by luck teaches people to run it again.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first; those of one file stay together, as they share what they are tried on."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(autouse=True)
def _no_personal_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what could reach a test from the shell of whoever runs it: registers, secrets, colours, widths."""
    for name in tuple(os.environ):
        if name.startswith(("PLANNER_", "BBB_")):
            monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(scope="session")
def plans(tmp_path_factory: pytest.TempPathFactory):
    """Return the plans of the scenarios that come with the project, each made once in a run."""
    from shared_plans import SharedPlans

    folder = tmp_path_factory.getbasetemp()
    return SharedPlans((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "plans")
