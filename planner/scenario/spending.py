"""What a scenario can say under `spending`: what the credit is for, and who sells it."""

from dataclasses import replace
from typing import Final

from planner.model.inputs.credit import POLICIES
from planner.scenario import fields
from planner.scenario.fields import INHERIT, Choice, Named, Number, Text, decided, section, share

_WORDS: Final = {
    "save_up": "saved up for the whole block of hours",
    "save_up_to_cap": "saved up, but on whole jobs while this and the next month's fees would pass the largest balance",
    "whole_jobs": "on each job as soon as it can be paid",
}

SELLER: Final = fields.nameable(
    "A business of the network that sells hours of marketing",
    network=Choice("The network it sells in; left out = the offer's", default=INHERIT, of="networks"),
    rate=Number(
        "Price of an hour; left out = spending.hourly_rate", "{any}/h or {credit}/h", INHERIT, least=1, most=1e7
    ),
    hours=Number("Hours on sale", "h/month", ("16 h/month", "4 h/month", "40 h/month"), most=1e6),
    smallest_job=Number("Least hours of one job", "h", "4 h", ranged=False, most=1e6),
    available=share("Chance that it has time in a month", ("60 %", "30 %", "90 %")),
    member=Choice("The level of its own membership, if it pays in credit itself", ("no",), "no", "levels"),
)

SUPPLIER: Final = section(
    "A supplier that takes part of its bill in credit",
    name=Text("Who it is", "supplier"),
    bill=Number("Its bill in money", "{any}/month", "0 {money}/month"),
    share=share("Share of the bill that may be paid in credit", "0 %"),
    at_most=Number("What the supplier can spend in the network", "{any}/month", "0 {money}/month"),
)

SPENDING: Final = section(
    "What the credit is for",
    target=Number("The block of hours that makes a difference", "h", "16 h", above=True, ranged=False, most=1e6),
    hourly_rate=Number(
        "Price of an hour of marketing", "{any}/h or {credit}/h", ("30 {money}/h", "24", "45"), least=1, most=1e7
    ),
    rate_growth=Number("How fast hourly rates rise", "%/year", "0 %/year", most=10),
    policy=Choice("When the credit is spent", {policy: _WORDS.get(policy, policy) for policy in POLICIES}, "save_up"),
    first_jobs=decided("So many smallest jobs are bought before saving up", "job", "0", most=1000),
    sellers=Named("Who sells hours", "seller", SELLER, key="sellers"),
    prefer=fields.Names("Sellers, the preferred one first", "sellers"),
    supplier=replace(SUPPLIER, optional=True),
    lost_at_most=share("What the co-op accepts to lose to the network's cap, of fees due", "5 %", ranged=False),
)
