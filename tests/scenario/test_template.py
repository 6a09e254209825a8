"""`planner new` hands out the pilot: the template says what scenarios/pilot-5.yaml says."""

from importlib import resources
from pathlib import Path

from planner.scenario.reader import read

ROOT = Path(__file__).parents[2]


def test_the_template_is_the_pilot() -> None:
    with resources.as_file(resources.files("planner.scenario") / "templates") as folder:
        template = read(folder / "scenario.yaml")
        assert (folder / "weekly_profile.csv").read_bytes() == (ROOT / "data/weekly_profile.csv").read_bytes()
    pilot = read(ROOT / "scenarios/pilot-5.yaml")
    for path, estimate in pilot.estimates.items():
        mine = template.estimates[path]
        assert (mine.value, mine.low, mine.high) == (estimate.value, estimate.low, estimate.high), path
    assert template.estimates.keys() == pilot.estimates.keys()
