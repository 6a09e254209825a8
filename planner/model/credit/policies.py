"""Every spending policy side by side: accounts within the largest balance, fees it refuses, hours bought."""

from dataclasses import dataclass, replace

import numpy as np

from planner.model.credit.allowed_accounts import as_if_there, balance_allows
from planner.model.credit.simulate import run
from planner.model.credit.summary import Quantiles, quantiles
from planner.model.inputs.credit import Case, Policy
from planner.model.inputs.uncertain import at_value


@dataclass(frozen=True, slots=True)
class PolicyOutcome:
    """What one policy comes to, with so many accounts there from month 1 as are offered."""

    policy: Policy
    chosen: bool
    """Whether it is the scenario's."""
    max_accounts: int | None
    """That the balance limit allows, at the confidence of what can be put right; None = all that were tried
    [account]."""
    central: int | None
    """The same with every input at its value [account]."""
    tried: int
    """[account]"""
    paths: int
    refused_share: float
    """Of the fees due within the horizon, on average over the paths [-]."""
    loses_too_much: float
    """Share of the paths in which that is more than is accepted [-]."""
    hours: Quantiles
    """Bought within the horizon [h]."""


def with_policy(case: Case, policy: Policy) -> Case:
    """Return a case in which credit is spent by another policy."""
    return replace(case, spending=replace(case.spending, policy=policy))


def policy_outcome(case: Case, policy: Policy, n_paths: int, confidence: float, tried: int, seed: int) -> PolicyOutcome:
    """Return what a policy comes to, on the same random numbers as any other policy."""
    tried_out = with_policy(case, policy)
    ledger = run(as_if_there(tried_out, case.network.accounts), n_paths, seed)
    refused = ledger.refused.sum(axis=0) / np.maximum(ledger.invoiced.sum(axis=0), 1)
    return PolicyOutcome(
        policy=policy,
        chosen=policy == case.spending.policy,
        max_accounts=balance_allows(tried_out, confidence, n_paths, seed, tried)[0],
        central=balance_allows(at_value(tried_out), confidence, n_paths, seed, tried)[0],
        tried=tried,
        paths=n_paths,
        refused_share=float(refused.mean()),
        loses_too_much=float((refused > case.spending.lost_at_most.draws + 1e-12).mean()),
        hours=quantiles(ledger.hours[-1]),
    )
