"""The labour section of a scenario: what volunteers do for each account, and the hours they pledge."""

from typing import Final

from planner.scenario.fields import NONE, Number, decided, section

LABOUR: Final = section(
    "Volunteer work that each account costs",
    setup=Number("To set one account up", "h/account", ("30 min/account", "15 min/account", "60 min/account")),
    batch=Number(
        "To send a month's invoices in one batch, however many there are",
        "h/month",
        ("15 min/month", "10 min/month", "30 min/month"),
    ),
    invoicing=Number(
        "To check one account's invoice in the batch and book its payment",
        "h/account/month",
        ("3 min/account/month", "2 min/account/month", "6 min/account/month"),
    ),
    support=Number(
        "To help members", "h/account/month", ("10 min/account/month", "5 min/account/month", "30 min/account/month")
    ),
    collecting=Number("To chase one late invoice", "h/invoice", "10 min/invoice"),
    available=Number("Hours that volunteers pledge: a pledge has no range", "h/month", "4 h/month"),
    stops=decided("The month in which the volunteer stops", "month", NONE, least=1, most=1200),
)
