"""Usage policies as code: read, checked, compiled, judged, and tried on the past."""

from crossfix.policy.facts import Facts
from crossfix.policy.load import STARTER, load_policies
from crossfix.policy.memory import Memory
from crossfix.policy.policy import Effect, Hit, Policy
from crossfix.policy.ruleset import Ruleset, compile_policies

__all__ = [
    "STARTER",
    "Effect",
    "Facts",
    "Hit",
    "Memory",
    "Policy",
    "Ruleset",
    "compile_policies",
    "load_policies",
]
