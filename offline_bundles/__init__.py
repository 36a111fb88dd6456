"""A course in, a signed bundle out."""

from offline_bundles.quiz.grading import GradedAttempt, GradedQuestion, grade

__all__ = ["GradedAttempt", "GradedQuestion", "grade"]
