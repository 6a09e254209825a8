"""The library as somebody gets it: a wheel in a fresh environment, and strict types for their own file."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = """\
import datetime
import planner
s = planner.read("scenarios/pilot-5.yaml").set("offer.accounts", 10)
p = planner.plan(s, draws=20)
assert "What the meeting can choose" in p._repr_html_()
for name in "limits risk holds options months balance facts assumptions share_of_server".split():
    assert len(getattr(p, name)), name
assert p.chart("months")._repr_png_()
grid = planner.sweep(s, {"offer.accounts": range(1, 3), "spending.hourly_rate": ["24 GBP/h", "45 GBP/h"]}, draws=20)
assert grid.frame["months_to_afford"].notna().sum() == 1  # 2 accounts at 24
other = planner.read("scenarios/small-jobs.yaml")
assert planner.compare(s, other, draws=20, steps=False).charts == ["cope", "bought"]
seen = {name: f"data/example_{name}.csv" for name in ("history", "members", "ledger")}
assert len(planner.calibrate(planner.read("scenarios/pilot-5.yaml"), seen["history"], seen["members"]).learned)
on = datetime.date(2021, 10, 4)
r = planner.review(planner.read("scenarios/pilot-5.yaml"), on=on, **seen, volunteer_hours=3, draws=20)
assert r.verdict == "unknown", r  # the load was not read
now = datetime.datetime(2021, 4, 6, tzinfo=datetime.UTC)
assert planner.decide(p, None, level="level-1", now=now).verdict == "unknown"
print(planner.__file__)
"""
TYPED = """\
from datetime import date
from pathlib import Path
import planner
s: planner.Scenario = planner.read(Path("a.yaml")).set("offer.accounts", 10)
p = planner.plan(s, draws=100)
reveal_type(p)
reveal_type(p.limits)
reveal_type(p.chart("months"))
reveal_type(planner.sweep(s, {"offer.accounts": range(1, 21), "spending.hourly_rate": ["24 GBP/h"]}).frame)
reveal_type(planner.review(s, on=date(2021, 10, 4)).verdict)
planner.plan("a.yaml")
planner.plans
"""


def pythons() -> list[str]:
    """Return this Python, and the newest that the project is for where it is there."""
    return [sys.executable, *filter(None, [shutil.which("python3.14")])]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    shutil.copytree(ROOT / "planner", source / "planner", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(source)]
    subprocess.run(pip, check=True, capture_output=True)
    return next(folder.glob("planner-*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_what_the_library_needs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    source = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "planner").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert source <= names


@pytest.mark.slow
@pytest.mark.parametrize("python", pythons())
def test_the_example_runs_in_a_fresh_environment(wheel: Path, tmp_path: Path, python: str) -> None:
    """Everything is fetched by name, as for anybody; pip's cache makes the second time quick."""
    home = tmp_path / "venv"
    subprocess.run([python, "-m", "venv", str(home)], check=True)
    new = home / "bin/python"
    asked = ["--quiet", "--disable-pip-version-check", "--constraint", str(ROOT / "requirements.lock"), str(wheel)]
    subprocess.run([str(new), "-m", "pip", "install", *asked], check=True, capture_output=True)
    for name in ("scenarios", "data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    done = subprocess.run(
        [str(new), "-W", "error", "-c", EXAMPLE], check=False, cwd=tmp_path, env={}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.startswith(str(home)), "the one that was installed, not the source"


@pytest.mark.slow
def test_a_file_that_uses_it_is_checked_strictly(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(TYPED)
    words = [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.11", "mine.py"]
    done = subprocess.run(
        words, check=False, cwd=tmp_path, env={"MYPYPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True
    )
    said = [line.partition("mine.py:")[2] for line in done.stdout.splitlines() if line.startswith("mine.py")]
    assert [line.split(" ", 2)[2] for line in said if " note: " in line] == [
        'Revealed type is "planner.api.plans.Plan"',
        'Revealed type is "pandas.core.frame.DataFrame"',
        'Revealed type is "matplotlib.figure.Figure"',
        'Revealed type is "pandas.core.frame.DataFrame"',
        'Revealed type is "str"',
    ]
    wrong = [line.split(":")[0] for line in said if " error: " in line]
    assert wrong == ["11", "12"], done.stdout
