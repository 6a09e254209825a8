"""The pilot after some months: what was predicted, what happened, and what the review rule says."""

from planner.pilot_review.held_against_bands import held_against_bands
from planner.pilot_review.outcome import Seen
from planner.pilot_review.record import Asked, Course, Pit, Review, Row, as_json
from planner.pilot_review.verdict import review

__all__ = ["Asked", "Course", "Pit", "Review", "Row", "Seen", "as_json", "held_against_bands", "review"]
