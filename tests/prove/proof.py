"""What the slow proofs share: two options, one printed line, an exit code.

A proof is a script `tests/prove/prove_SUBJECT.py` that defines

    FULL = 100_000

    def prove(count: int, seed: int) -> str:
        '''Hold … for `count` cases; return what was counted: "100000 readings, 14 sources".'''

and ends with

    if __name__ == "__main__":
        proof.main("SUBJECT", prove, FULL)

`prove` raises AssertionError with the failing case. It is run by `make prove`, which gives no arguments, or alone:

    PYTHONPATH=.:tests .venv/bin/python tests/prove/prove_SUBJECT.py --count 500 --seed 7

and a test runs a small sample of it: `import prove_SUBJECT; prove_SUBJECT.prove(20, seed=1)`.
"""

import argparse
import sys
import time
from collections.abc import Callable
from typing import NoReturn


def main(name: str, prove: Callable[[int, int], str], full: int) -> NoReturn:
    """Run a proof with the count and the seed of the command line, print its one line, leave with 0 or 1."""
    parser = argparse.ArgumentParser(description=f"proof: {name}")
    parser.add_argument("--count", type=int, default=full, help=f"how many cases (default: {full})")
    parser.add_argument("--seed", type=int, default=1, help="of all random choices (default: 1)")
    given = parser.parse_args()
    sys.exit(run(name, prove, given.count, given.seed))


def run(name: str, prove: Callable[[int, int], str], count: int, seed: int) -> int:
    """Run a proof and print its one line; return 0 if it holds, 1 if not."""
    start = time.monotonic()
    try:
        counted, failed = prove(count, seed), False
    except AssertionError as error:
        counted, failed = f"FAILED: {error}", True
    print(f"proof: {name}: {counted}, seed {seed}, {time.monotonic() - start:.0f} s", flush=True)
    return int(failed)
