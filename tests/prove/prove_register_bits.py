"""No flipped bit, and no truncation, lets a register count fewer accounts than it holds."""

import random
from collections.abc import Iterable

import proof
from register_at_work import template

from planner.store import StoreError, register

FULL = 0
"""All of them."""


def prove(count: int, seed: int) -> str:
    """Flip every bit and cut at every byte, or at `count` of each; return how many were refused."""
    chance, refused = random.Random(seed), 0
    with template() as made:
        path = made / "register"
        whole = path.read_bytes()
        with register.open_register(path, write=False) as db:
            intact = register.admitted(db), register.entries(db), db.state.head

        def refuses() -> bool:
            try:
                with register.open_register(path, write=False) as db:
                    found = register.admitted(db), register.entries(db), db.state.head
            except StoreError:
                return True
            assert found == intact, f"{found}"
            return False

        def some(every: range) -> Iterable[int]:
            return every if count == 0 else chance.sample(every, min(count, len(every)))

        bits, sizes = some(range(len(whole) * 8)), some(range(len(whole)))
        for bit in bits:
            changed = bytearray(whole)
            changed[bit // 8] ^= 1 << bit % 8
            path.write_bytes(changed)
            refused += refuses()
        for size in sizes:
            path.write_bytes(whole[:size])
            assert refuses(), f"cut at {size}"
        cuts = f"{len(sizes)} truncations, all refused"
        return f"{len(bits)} flipped bits, {refused} refused and the others without effect; {cuts}"


if __name__ == "__main__":
    proof.main("register, flipped bits", prove, FULL)
