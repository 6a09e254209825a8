"""A fresh clone with a fresh home: what a newcomer has after the first `make`, made without the network."""

import shutil
import sys
import sysconfig
import venv
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOT_CLONED = shutil.ignore_patterns(".*", "out", "build", "*.egg-info", "__pycache__", "*.sqlite*", "node_modules")


@dataclass
class Clone:
    """A folder as a clone leaves it, and what a terminal there knows."""

    folder: Path
    environment: dict[str, str]
    entered: list[str] = field(default_factory=list)
    """What changes the terminal itself, and so goes before each later command."""


def fresh_clone(folder: Path) -> Clone:
    """Return a copy of the project with an environment of its own that finds the packages of the running one.

    Parameters
    ----------
    folder : Path
        An empty folder.
    """
    clone, home = folder / "planner", folder / "home"
    shutil.copytree(ROOT, clone, ignore=NOT_CLONED)
    shutil.copytree(ROOT / ".ci", clone / ".ci")
    home.mkdir()
    venv.create(clone / ".venv", symlinks=True)  # without pip, which would want the network
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = clone / ".venv" / "lib" / version / "site-packages"
    (packages / "planner.pth").write_text(f"{sysconfig.get_path('purelib')}\n{clone}\n")
    script = clone / ".venv" / "bin" / "planner"
    run = "from planner.cli import main\n\nif __name__ == '__main__':\n    main()\n"
    script.write_text(f"#!{clone}/.venv/bin/python\n{run}")
    script.chmod(0o755)
    for stamp in (".plan", ".notebooks"):  # by these make knows that the environment is complete
        (clone / ".venv" / stamp).touch()
    environment = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "Europe/London", "LANG": "C.UTF-8"}
    return Clone(clone, environment | {"COLUMNS": "80", "OMP_NUM_THREADS": "1"})
