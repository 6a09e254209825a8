"""The pilot after some months: what was predicted, what happened, and what the review rule says."""
