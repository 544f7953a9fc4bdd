"""Inline protection: what an account may do now, decided before a model is asked."""

from crossfix.guard.decision import ANSWERS, Answer, Decision, RateLimit, Reason
from crossfix.guard.request import Request

__all__ = ["ANSWERS", "Answer", "Decision", "RateLimit", "Reason", "Request"]
