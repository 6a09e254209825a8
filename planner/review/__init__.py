"""The pilot after some months: what was predicted, what happened, and what the review rule says."""

from planner.review.happened import Seen
from planner.review.record import Asked, Course, Review, Row, as_json
from planner.review.verdict import review

__all__ = ["Asked", "Course", "Review", "Row", "Seen", "as_json", "review"]
