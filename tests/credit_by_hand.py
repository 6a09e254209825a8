"""The credit of one path kept account by account, in plain Python: slow, and written without the planner's rules.

It reads the same random numbers, by the same names, so that its books must agree with the planner's to the penny.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.model.inputs.capacity import sequence
from planner.model.inputs.credit import Case
from planner.model.inputs.distributions import stream
from planner.model.inputs.uncertain import Uncertain

Row = dict[str, object]


@dataclass
class Account:
    """One membership."""

    place: int
    price: int
    since: int
    debit: int = 0

    @property
    def age(self) -> tuple[int, int]:
        """Older ones sort first."""
        return self.since, self.place


@dataclass
class Stall:
    """A seller in one month."""

    name: str
    there: bool
    rate: int
    minutes: int
    job: int
    sold: int = 0
    paid: int = 0
    netted: int = 0
    netted_minutes: int = 0

    def piece(self, at_most: int, lacks: int) -> int:
        """Return what the seller takes of a block: all that lacks, or whole hours from the smallest job up."""
        piece = min(at_most, self.minutes)
        if piece == lacks:
            return piece
        return piece - piece % min(self.job, 60) if piece >= self.job else 0


def up(amount: int, over: int) -> int:
    """Return amount / over rounded up."""
    return -(-amount // over)


def down(number: float) -> int:
    """Return the number rounded to a whole one, halves up."""
    return math.floor(number + 0.5)


def poisson(mean: float, uniform: float) -> int:
    """Return the Poisson number at a probability; as many as like, if the mean is inf."""
    if math.isinf(mean):
        return 10**6
    number, mass = 0, math.exp(-mean)
    reached = mass
    while uniform > reached and number < 1000:
        number += 1
        mass *= mean / number
        reached += mass
    return number


class Ledger:
    """One path of a case."""

    def __init__(self, case: Case, n_paths: int, seed: int, path: int) -> None:
        self.case, self.path = case, path
        self.start = f"networks.{case.network.name}"
        names = [f"{self.start}.sign_ups", f"{self.start}.closes"]
        for place in range(case.network.accounts):
            names += [f"{self.start}.payments.{place}", f"{self.start}.churn.{place}"]
        names += [f"spending.sellers.{name}.available" for name in case.spending.sellers]
        self.chances = {}
        for name in names:
            kind = np.float64 if name.endswith("sign_ups") else np.float32
            self.chances[name] = stream(seed, name).random((case.horizon, n_paths), dtype=kind)[:, path]
        self.levels = sequence(case.network.accounts, case.network.mix)
        prefer = case.spending.prefer
        self.names = [*prefer, *(name for name in case.spending.sellers if name not in prefer)]
        self.here: dict[int, Account] = {}
        self.late: list[Account] = []
        self.claims = dict.fromkeys(self.names, 0)
        self.balance = self.earned = self.signed = self.wanted = self.done = 0
        self.is_open = True

    def at(self, number: Uncertain) -> float:
        """Return a number on this path."""
        return float(number.draws[self.path] if number.draws.ndim else number.value)

    def stopped(self, t: int) -> bool:
        """Return whether nobody sends invoices any more."""
        labour = self.case.labour
        return labour.stops is not None and t >= labour.stops

    def month(self, t: int) -> Row:
        """Return the row of month t."""
        row: Row = {"joined": 0 if self.stopped(t) or not self.is_open else self.sign_up(t), "paying": len(self.here)}
        row["unpaid"] = row["blocked"] = row["invoiced"] = 0
        now, late = ([], []) if self.stopped(t) else self.invoice(t, row)
        self.pay(now, row)
        self.late = late
        stalls = [self.stall(name, t) for name in self.names]
        came = int(str(row["received"])) - int(str(row["fees"]))
        self.buy(stalls, 2 * int(str(row["invoiced"])) - came)
        row["bills"] = self.bill()
        row["late"] = len(late)
        self.leave(t, row)
        row |= {"balance": self.balance, "outstanding": sum(account.price for account in self.late)}
        row |= {"minutes": [s.sold for s in stalls], "spent": [s.paid for s in stalls]}
        row |= {"netted_minutes": [s.netted_minutes for s in stalls], "netted": [s.netted for s in stalls]}
        return row | {"there": [s.there for s in stalls]}

    def sign_up(self, t: int) -> int:
        """Return how many sign up, and seat them on the first free places."""
        network, case = self.case.network, self.case
        come = poisson(self.at(network.sign_ups), self.chances[f"{self.start}.sign_ups"][t - 1])
        bounds = [come, network.accounts - len(self.here)]
        if not math.isinf(self.at(network.reachable)):
            bounds.append(math.floor(self.at(network.reachable) * self.at(network.take_up) + 1e-9) - self.signed)
        if case.room:
            bounds.append(int(case.room[min(t, len(case.room)) - 1]) - len(self.here))
        if case.pause_above is not None and self.balance > case.pause_above * self.earned:
            bounds.append(0)
        joined = max(0, min(bounds))
        for place in [place for place in range(network.accounts) if place not in self.here][:joined]:
            self.here[place] = Account(place, case.prices[self.levels[place]], t)
        self.signed += joined
        return joined

    def invoice(self, t: int, row: Row) -> tuple[list[Account], list[Account]]:
        """Return who pays this month's invoice now, and who pays it next month; oldest accounts first."""
        network = self.case.network
        limit = None if network.payer_limit is None else int(self.at(network.payer_limit))
        now, late = [], []
        blocked = unpaid = 0
        for account in sorted(self.here.values(), key=lambda account: account.age):
            account.debit -= down(self.at(network.payer_earns))
            chance = self.chances[f"{self.start}.payments.{account.place}"][t - 1] - self.at(network.unpaid)
            if limit is not None and account.debit + account.price > limit:
                blocked += account.price
            elif chance < 0:
                unpaid += account.price
            else:
                account.debit += account.price
                (late if chance < self.at(network.late) else now).append(account)
        row |= {"invoiced": sum(a.price for a in self.here.values()), "blocked": blocked, "unpaid": unpaid}
        return now, late

    def pay(self, now: Sequence[Account], row: Row) -> None:
        """Let the network accept or refuse each payment: last month's late ones first."""
        cap = self.case.network.largest_balance
        received = refused = 0
        for account in [*self.late, *now]:
            if cap is not None and self.balance + received + account.price > int(self.at(cap)):
                refused += account.price
                account.debit -= account.price
            else:
                received += account.price
        fees = down(received * self.at(self.case.network.fee))
        self.balance += received - fees
        self.earned += received - fees
        row |= {"received": received, "refused": refused, "fees": fees}

    def stall(self, name: str, t: int) -> Stall:
        """Return what a seller has on sale after its own fee has been set against hours."""
        seller, spending = self.case.spending.sellers[name], self.case.spending
        chance = self.chances[f"spending.sellers.{name}.available"][t - 1]
        there = bool(self.is_open and chance < self.at(seller.available))
        growth = (1 + self.at(spending.rate_growth)) ** ((t - 1) / 12)
        rate = max(1, down(self.at(spending.hourly_rate if seller.rate is None else seller.rate) * growth))
        minutes = math.floor(min(self.at(seller.hours) * 60, 10**9) + 1e-9) if there else 0
        stall = Stall(name, there, rate, minutes, down(self.at(seller.smallest_job) * 60))
        if seller.member is not None:
            self.claims[name] += self.case.prices[seller.member] if self.is_open and not self.stopped(t) else 0
            stall.netted_minutes = min(self.claims[name] * 60 // rate, minutes)
            stall.netted = up(stall.netted_minutes * rate, 60)
            stall.minutes -= stall.netted_minutes
            self.claims[name] -= stall.netted
        return stall

    def buy(self, stalls: Sequence[Stall], fees: int) -> None:
        """Spend by the policy."""
        spending = self.case.spending
        for stall in stalls:
            price = up(stall.job * stall.rate, 60)
            while self.balance >= price and stall.minutes >= stall.job and self.buys_jobs():
                self.take(stall, stall.job, price)
                self.done += 1
        if spending.policy != "whole_jobs":
            block = down(self.at(spending.target) * 60)
            if not self.wanted and 0 < self.price_of(block, stalls) <= self.balance:
                self.wanted = block
            for stall in stalls:
                piece = stall.piece(min(self.wanted, self.balance * 60 // stall.rate), self.wanted)
                self.wanted -= piece
                self.take(stall, piece, up(piece * stall.rate, 60))
        if spending.policy == "save_up_to_cap" and not self.wanted and self.near_cap(fees):
            for stall in stalls:
                price = up(stall.job * stall.rate, 60)
                while self.balance >= price and stall.minutes >= stall.job:
                    self.take(stall, stall.job, price)

    def near_cap(self, fees: int) -> bool:
        """Return whether the fees to come would pass the largest balance."""
        cap = self.case.network.largest_balance
        return cap is not None and self.balance + fees > int(self.at(cap))

    def buys_jobs(self) -> bool:
        """Return whether small jobs are bought."""
        return self.case.spending.policy == "whole_jobs" or self.done < self.case.spending.first_jobs

    def price_of(self, block: int, stalls: Sequence[Stall]) -> int:
        """Return what a block costs of this month's sellers; hours they lack at the first one's rate."""
        price = 0
        first = next((stall.rate for stall in stalls if stall.minutes), 0)
        for stall in stalls:
            piece = stall.piece(block, block)
            price += up(piece * stall.rate, 60)
            block -= piece
        return price + up(block * first, 60) if first else 0

    def take(self, stall: Stall, minutes: int, price: int) -> None:
        """Pay for hours."""
        stall.sold += minutes
        stall.minutes -= minutes
        stall.paid += price
        self.balance -= price

    def bill(self) -> int:
        """Return what the supplier takes."""
        supplier = self.case.spending.supplier
        if supplier is None or not self.is_open:
            return 0
        money = min(self.at(supplier.bill) * self.at(supplier.share), self.at(supplier.at_most))
        bill = min(self.balance, math.floor(money / self.at(self.case.network.worth) + 1e-9))
        self.balance -= bill
        return bill

    def leave(self, t: int, row: Row) -> None:
        """Let accounts leave, and the network close."""
        network = self.case.network
        chance = self.at(network.churn)
        gone = [place for place in self.here if self.chances[f"{self.start}.churn.{place}"][t - 1] < chance]
        for place in gone:
            del self.here[place]
        row["left"] = len(gone)
        if self.is_open and self.chances[f"{self.start}.closes"][t - 1] < self.at(network.closes):
            self.is_open = False
            row["unpaid"] = int(str(row["unpaid"])) + sum(account.price for account in self.late)
            self.here, self.late, self.wanted = {}, [], 0


def by_hand(case: Case, n_paths: int, seed: int, path: int) -> list[Row]:
    """Return one path's books, a row for each month."""
    ledger = Ledger(case, n_paths, seed, path)
    return [ledger.month(t) for t in range(1, case.horizon + 1)]
