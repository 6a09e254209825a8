"""What a plan would cost, estimated from counts alone before the work begins, so that no scenario runs without bound.

docs/scale.md says where the coefficients come from; what they are for is to tell minutes from days.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Final

from planner.model.admission.server_limits import COUNTS
from planner.model.workload.marks import LARGEST as LARGEST_MEETING
from planner.planning.credit import LIMIT_PATHS, PATHS, TORNADO_PATHS
from planner.scenario.problem import Origin, Problems, ScenarioError
from planner.scenario.reader import Scenario
from planner.scenario.resolve import uncertain

LONGEST: Final = 3600.0
"""Of one plan on one core [s]."""
LARGEST: Final = 1.5e9
"""[byte]"""
SEARCHED: Final = 20
"""The balance limit tries so many accounts at least [account]."""
MOST_CELLS: Final = 3e6
"""Ways in which the cameras of a meeting can fall, of about a hundred bytes each [-]."""
SITED: Final = 10_000
"""So many newcomers are sent to their nodes one after the other [account]."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything a plan has to do with."""

    draws: int
    horizon: int
    """[month]"""
    nodes: int
    limits: int
    """Stated, over all nodes [-]."""
    kinds: int
    """Of meeting, over all levels [-]."""
    levels: int
    members: int
    """There already and to come by the review [account]."""
    totals: int
    """Different numbers of members that the draws may have [-]."""
    accounts: int
    """Offered [account]."""
    elsewhere: int
    """Offered in other networks [account]."""
    networks: int
    sellers: int
    ranges: int
    """Uncertain inputs [-]."""
    capped: bool
    """Whether the offer's network has a largest balance, which is searched account by account."""
    simulated: bool


def seconds(size: Size) -> float:
    """Return about how long the plan takes on one core [s]."""
    asked = max(size.accounts, COUNTS[-1])
    # paths x accounts: the network's own, the months against accounts and options, what moves them
    rows = PATHS * (size.accounts + size.elsewhere) + LIMIT_PATHS * size.networks * (8 * asked + 500)
    rows += 2 * TORNADO_PATHS * size.ranges * size.accounts
    if size.capped:
        rows += LIMIT_PATHS * max(SEARCHED, size.accounts) ** 2
    runs = 80 * size.networks + 2 * size.ranges + 2 * max(SEARCHED, size.accounts) * size.capped
    months = rows * 1e-8 + runs * 5e-4 + PATHS * size.networks * (8 + size.sellers) * 2e-8 * (1 + size.sellers / 10)
    shares = size.levels * size.nodes
    sited = SITED * 10 * shares * 3e-7 + size.members * size.totals * (1e-6 + shares * 3e-7)
    judged = size.limits * size.draws * 0.001 * (0.7 + 0.3 * size.kinds)
    read = size.draws * (size.nodes * 40 + size.levels * 40) * 3e-6
    together = size.draws * size.nodes * size.kinds * 1e-4
    simulated = size.simulated * size.limits * (20.0 + size.nodes)
    figures = (2 * size.accounts) ** 2 * 1e-6
    return 5.0 + size.horizon * months + sited + judged + read + together + simulated + figures


def memory(size: Size) -> float:
    """Return about how much memory the plan takes [byte]."""
    books = PATHS * size.horizon * (220 + 16 * size.sellers)
    places = PATHS * 30 * max(size.accounts, size.elsewhere)
    sites = size.draws * (size.nodes * 8e3 + size.limits * 4e3) * (0.7 + 0.3 * size.kinds)
    order = 20 * size.members + 100 * (2 * size.accounts)
    return 1.2e8 + books + places + sites + order


@dataclass(frozen=True, slots=True)
class _Part:
    """Something of which there may be too much."""

    name: str
    """In `Size`."""
    path: str
    at: Origin
    usual: int
    """As much as any co-op has: what is furthest above is named."""
    what: str


def check(scenario: Scenario, draws: int) -> None:
    """Raise `ScenarioError` for a plan that takes too long or too much memory, with what is too large and what fits."""
    _check_cameras(scenario)
    size = size_of(scenario, draws)
    if _fits(size):
        return
    parts = sorted(_parts(scenario), key=lambda part: getattr(size, part.name) / part.usual, reverse=True)
    fitting = ((part, _most(size, part)) for part in parts)
    part, most = next(((part, most) for part, most in fitting if most), (parts[0], 0))
    wanted = f"at most {most:,} {part.what}" if most else f"fewer {part.what}, and less of the rest"
    took = f"this makes the plan too large: about {_time(seconds(size))} and {memory(size) / 1e9:.1f} GB"
    problems = Problems()
    problems.add(part.at, part.path, took, wanted, f"{getattr(size, part.name):,}")
    raise ScenarioError(problems.found)


def _check_cameras(scenario: Scenario) -> None:
    """Raise `ScenarioError` for more ways that cameras can fall in a meeting than can be counted."""
    problems = Problems()
    for level in scenario.names["levels"]:
        most = scenario.estimates[f"levels.{level}.participants"].value
        for kind in scenario.usage[level].kinds:
            one, size, spread = (kind.numbers[name] for name in ("moderators", "size", "size_dispersion"))
            # without a limit the law of the size ends where it leaves 1e-12: the tail of a wild one reaches far
            tail = 1 + 28 / (spread.low or spread.value or 28)
            users = round(most or min(LARGEST_MEETING, 30 + (size.high or size.value or 0) * tail))
            moderators = min(round(one.high or one.value or 0), users)
            if users**2 / 2 * (moderators + 1) - users * moderators**2 / 2 > MOST_CELLS:
                fit = int(2 * MOST_CELLS / users**2) - 1
                wrong = f"so many moderators in meetings of up to {users} users are too many cases to reckon with"
                problems.add(one.origin, one.path, wrong, f"at most {fit}, or smaller meetings", one.text)
    if problems.found:
        raise ScenarioError(dict.fromkeys(problems.found))


def size_of(scenario: Scenario, draws: int) -> Size:
    """Return how much of everything the plan of a scenario has to do with."""
    names, numbers = scenario.names, scenario.estimates

    def value(path: str) -> float:
        return numbers[path].value or 0.0

    network = scenario.entries["offer.network"].value
    limits = [one for path, one in numbers.items() if path.startswith("nodes.") and ".limits." in path]
    members = ("members.accounts", "members.in_credit", "members.growth")
    beyond = any(path.startswith("simulation.") and not one.is_default for path, one in numbers.items())
    return Size(
        draws=draws,
        horizon=round(value("horizon")),
        nodes=len(names["nodes"]),
        limits=sum(one.value is not None for one in limits),
        kinds=sum(len(scenario.usage[level].kinds) for level in names["levels"]),
        levels=len(names["levels"]),
        members=round(
            sum(map(value, members[:2])) + value(members[2]) * max(value("offer.review.after"), value("horizon"))
        ),
        totals=draws if any(numbers[path].ranged for path in members) else 20 if value(members[2]) else 2,
        accounts=round(value("offer.accounts")),
        elsewhere=sum(round(value(f"networks.{name}.accounts")) for name in names["networks"] if name != network),
        networks=len(names["networks"]),
        sellers=len(names["sellers"]),
        ranges=len(uncertain(scenario)),
        capped=numbers[f"networks.{network}.largest_balance"].value is not None,
        simulated=beyond or scenario.entries["placement.rule"].value == "pool",
    )


def _fits(size: Size) -> bool:
    return seconds(size) <= LONGEST and memory(size) <= LARGEST


def _parts(scenario: Scenario) -> list[_Part]:
    """Return what there may be too much of, each with where it is written."""
    numbers, names = scenario.estimates, scenario.names
    network = str(scenario.entries["offer.network"].value)
    others = [f"networks.{name}.accounts" for name in names["networks"] if name != network]
    elsewhere = max(others, key=lambda path: numbers[path].value or 0, default="offer.accounts")

    def counted(name: str, path: str, usual: int, what: str) -> _Part:
        return _Part(name, path, numbers[path].origin, usual, what)

    def named(name: str, inside: str, usual: int, where: str = "") -> list[_Part]:
        last = [numbers[f"{where or name}.{one}.{inside}"] for one in names[name][-1:]]
        return [_Part(name, where or name, one.origin, usual, name) for one in last]

    return [
        counted("accounts", "offer.accounts", 200, "accounts"),
        counted("elsewhere", elsewhere, 200, "accounts in the networks that are not asked about"),
        counted("horizon", "horizon", 120, "months"),
        counted("members", "members.accounts", 2000, "members at the review"),
        *named("nodes", "reserve.users", 20),
        *named("levels", "price", 10),
        *named("networks", "worth", 5),
        *named("sellers", "hours", 20, "spending.sellers"),
        _Part("draws", "", Origin("--draws", 1, 1), 500, "draws"),
    ]


def _with(size: Size, name: str, number: int) -> Size:
    """Return the size with so many of something: limits grow with the nodes, kinds of meeting with the levels."""
    inside = {"nodes": "limits", "levels": "kinds"}.get(name)
    grown = {} if inside is None else {inside: -(-getattr(size, inside) * number // getattr(size, name))}
    return replace(size, **{name: number}, **grown)  # type: ignore[arg-type]


def _most(size: Size, part: _Part) -> int:
    """Return the most of a part with which the plan fits, all else as it is; 0 if even one is too many."""
    tried = range(1, int(getattr(size, part.name)))
    low = bisect_left(tried, True, key=lambda number: not _fits(_with(size, part.name, number)))
    # two digits are all that an estimate is good for
    unit: int = 10 ** max(0, len(str(low)) - 2)
    return low // unit * unit


def _time(length: float) -> str:
    """Return a time in the unit that one would use."""
    if length < 7200:
        return f"{length / 60:.0f} minutes"
    hours = length / 3600
    return f"{hours:.0f} hours" if hours < 10_000 else f"{hours / 1000:,.0f} thousand hours"
