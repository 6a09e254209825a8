"""Sentences and phrases that are made of numbers, as the gate, the report and the refusals say them."""
