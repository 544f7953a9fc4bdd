"""Inline protection: what an account may do now, decided before a model is asked."""

from crossfix.guard.considered import Considered
from crossfix.guard.decide import Guard
from crossfix.guard.decision import ANSWERS, Answer, Decision, RateLimit, Reason
from crossfix.guard.headers import headers
from crossfix.guard.limits import DEFAULT_PLAN, Limit, Plan, Planned
from crossfix.guard.request import Request
from crossfix.guard.ruling import Look, Rules, Ruling

__all__ = [
    "ANSWERS",
    "DEFAULT_PLAN",
    "Answer",
    "Considered",
    "Decision",
    "Guard",
    "Limit",
    "Look",
    "Plan",
    "Planned",
    "RateLimit",
    "Reason",
    "Request",
    "Rules",
    "Ruling",
    "headers",
]
