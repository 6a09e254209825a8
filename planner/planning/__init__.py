"""The one place where the parts meet: a scenario goes in, a frozen, complete `Plan` comes out."""

from planner.model.credit.summary import Fan, Months
from planner.planning.amount import Amount
from planner.planning.assumptions import assumptions, names_of, used_by
from planner.planning.document import as_json
from planner.planning.headline import Headline, headline
from planner.planning.make import plan
from planner.planning.names import change_in_words, entry_name, name_of, value_in_words
from planner.planning.offer_record import Offer
from planner.planning.record import Assumption, Coupled, CreditPlan, Option, Plan, Swing
from planner.planning.slider_record import WhatIf
from planner.scenario.layers import Change
from planner.wording.names import Names

__all__ = [
    "Amount", "Assumption", "Change", "Coupled", "CreditPlan", "Fan", "Headline", "Months", "Names", "Offer", "Option",
    "Plan", "Swing", "WhatIf", "as_json", "assumptions", "change_in_words", "entry_name", "headline", "name_of",
    "names_of", "plan", "used_by", "value_in_words",
]  # fmt: skip
