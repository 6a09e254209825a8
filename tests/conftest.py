"""What every test runs under: no personal settings, no random luck, no window, nobody's own register."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

# Before matplotlib is imported anywhere: charts are drawn into memory, never on a screen.
os.environ["MPLBACKEND"] = "Agg"

# A shell starts what it puts in the background deaf to Ctrl-C, and children inherit that: tests could not press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples on every machine: a suite that fails by luck teaches people to run it again.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


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
