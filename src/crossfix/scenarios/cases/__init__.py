"""Worlds after published cases: who asked which model what, and where its answers went."""

from crossfix.scenarios.cases.case_world import CaseAccount, CaseWorld, Step
from crossfix.scenarios.cases.parameters import Parameters
from crossfix.scenarios.cases.registry import CASES, Case, build

__all__ = ["CASES", "Case", "CaseAccount", "CaseWorld", "Parameters", "Step", "build"]
