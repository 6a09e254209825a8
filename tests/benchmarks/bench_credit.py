"""The credit of one network, month by month, beside the drawing of its own random numbers.

    python tests/benchmarks/bench_credit.py [PATHS]

Every rule is on and every uncertain number is one for each path. Printed for one level, and for three levels with a
payers' limit that binds: paths a second, and the speed as a share of the speed of drawing alone (1 = the rules cost
nothing), once with numpy's plain draws of the same variates (Poisson numbers of sign-ups, who pays when, who leaves,
who sells, whether the network closes), for which the bar is 0.3, and once with nothing but the uniform numbers.
Processor time, the best of several turns; draws and paths take turns, so that a busy machine slows down both.
"""

import math
import sys
import time

import numpy as np

from planner.model.credit.simulate import run
from planner.model.inputs.credit import AS_IT_IS, Case, Cash, Labour, Network, Seller, Spending, Supplier
from planner.model.inputs.distributions import stream
from planner.model.inputs.uncertain import Uncertain, certain

MONTHS = 36
SEED = 501
TURNS = 25


def all_rules(n_paths: int, mix: dict[str, float], payer_limit: float) -> Case:
    """Return a case with every rule on: ten accounts, two sellers of whom one is a member, a supplier, a cap."""
    rng = np.random.default_rng(SEED)

    def around(value: float) -> Uncertain:
        return Uncertain(value, value * np.exp(rng.normal(0, 0.3, n_paths)))

    network = Network(
        name="ocn",
        unit="credit",
        currency="GBP",
        worth=AS_IT_IS,
        accounts=10,
        mix=mix,
        reachable=around(150.0),
        take_up=around(0.2),
        sign_ups=around(1.0),
        churn=around(0.04),
        late=around(0.3),
        unpaid=around(0.01),
        payer_limit=certain(payer_limit),
        largest_balance=around(50_000.0),
        fee=around(0.01),
        closes=around(0.004),
        payer_earns=around(100.0),
    )
    sellers = {
        "social": Seller("social", "ocn", None, around(16.0), certain(4.0), certain(0.6), None),
        "design": Seller("design", "ocn", around(5000.0), around(10.0), certain(4.0), certain(0.6), "level-1"),
    }
    supplier = Supplier(around(2580.0), certain(0.2), certain(500.0))
    spending = Spending(
        certain(16.0),
        around(3000.0),
        around(0.03),
        "save_up",
        ("social", "design"),
        sellers,
        supplier,
        certain(0.05),
        first_jobs=1,
    )
    labour = Labour(around(0.5), around(0.25), around(0.17), around(0.1), around(8.0), 30)
    cash = Cash(*(certain(0.2), {}, *map(certain, (5000.0, 8.0, 10.0, 0.0, 0.05, 0.5)), 34))
    prices = {"level-1": 900, "level-2": 1800, "level-3": 4000}
    return Case(network, prices, spending, MONTHS, labour, cash, room=[8.0, 9.0, 10.0], pause_above=0.9)


def variates(case: Case, n_paths: int) -> None:
    """Draw the same variates as plain numpy draws them, and do nothing with them."""
    network, rng = case.network, np.random.default_rng(SEED)
    late = network.unpaid.draws + network.late.draws
    for _ in range(case.horizon):
        rng.poisson(network.sign_ups.draws)
        for _ in range(network.accounts):
            paid = rng.random(n_paths)
            _ = (paid < network.unpaid.draws, paid < late, rng.random(n_paths) < network.churn.draws)
        for seller in case.spending.sellers.values():
            _ = rng.random(n_paths) < seller.available.draws
        _ = rng.random(n_paths) < network.closes.draws


def uniforms(case: Case, n_paths: int) -> None:
    """Draw the uniform numbers from the same streams, and do nothing with them."""
    names = ["sign_ups", "closes", *case.spending.sellers]
    names += [f"{what}.{place}" for what in ("payments", "churn") for place in range(case.network.accounts)]
    streams = [stream(SEED, name) for name in names]
    row, wide = np.empty(n_paths, dtype=np.float32), np.empty(n_paths)
    for _ in range(case.horizon):
        streams[0].random(out=wide)
        for source in streams[1:]:
            source.random(out=row, dtype=np.float32)


def main() -> None:
    """Measure and print."""
    n_paths = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    cases = {
        "one level": all_rules(n_paths, {"level-1": 1.0}, 50_000.0),
        "three levels, payers' limit": all_rules(n_paths, {"level-1": 0.6, "level-2": 0.3, "level-3": 0.1}, 15_000.0),
    }
    print(f"{n_paths:,} paths x {MONTHS} months, every rule on")
    for name, case in cases.items():
        best = [math.inf] * 3
        for _ in range(TURNS):
            for which, work in enumerate((variates, uniforms, lambda case, n_paths: run(case, n_paths, SEED))):
                start = time.process_time()
                work(case, n_paths)
                best[which] = min(best[which], time.process_time() - start)
        drawn, bare, full = best
        print(f"{name:28} {n_paths / full:9,.0f} paths/s   {drawn / full:.2f} x its own draws (bar 0.30)", end="")
        print(f"   {bare / full:.2f} x bare uniform numbers")


if __name__ == "__main__":
    main()
