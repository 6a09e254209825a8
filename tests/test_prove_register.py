"""A sample of each proof of the register; `make prove` runs all of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count"), [("kills", 40), ("errors", 60), ("races", 5), ("bits", 400)])
def test_a_sample_of_the_proof_holds(name: str, count: int) -> None:
    if name in ("kills", "errors") and shutil.which("cc") is None:
        pytest.skip("no C compiler here, which the shim needs")
    words = [f"tests/prove/prove_register_{name}.py", "--count", f"{count}", "--seed", "1"]
    found = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=found, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("proof: register, ")
    assert done.stdout.count("\n") == 1
