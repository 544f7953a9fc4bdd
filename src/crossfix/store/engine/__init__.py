"""The engine: relational work as named SQL steps that can be looked at."""

from crossfix.store.engine.duckdb import Engine
from crossfix.store.engine.steps import Step, StepRunner

__all__ = ["Engine", "Step", "StepRunner"]
