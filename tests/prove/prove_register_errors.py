"""The register fails in one sentence, with its old state whole, wherever a call that reaches a file fails."""

import errno
import os
import random

import proof
from register_at_work import WORKS, disturbed, prepared, template, with_shim, works_again

ERRORS = (errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EMFILE)
WRITTEN = "it was written, but"

FULL = 0
"""All of them."""


def prove(count: int, seed: int) -> str:
    """Let each call of each work fail with each error, or `count` of them; return how many failed."""
    chance, failed = random.Random(seed), 0
    with template() as made:
        calls = {work: disturbed(work, prepared(work, made), 10**9, 0)[1] for work in WORKS}
        every = [(work, at, error) for work in WORKS for at in range(1, calls[work] + 1) for error in ERRORS]
        for work, at, error in every if count == 0 else chance.sample(every, min(count, len(every))):
            folder = prepared(work, made)
            said, _ = disturbed(work, folder, at, error)
            where = f"{work.name}, call {at}, {os.strerror(error)}: {said}"
            assert said
            assert "\n" not in said, where
            if said != "done" and work.name != "list":
                assert (work.outcome(folder) == "new") == (WRITTEN in said), where
            failed += said != "done"
            works_again(work, folder)
    return f"{failed} failures in {len(every) if count == 0 else count} injected errors, one sentence each"


if __name__ == "__main__":
    with_shim()
    proof.main("register, I/O errors", prove, FULL)
