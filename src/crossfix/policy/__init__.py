"""Usage policies as code: read, checked, compiled, judged, and tried on the past."""

from crossfix.policy.facts import Facts

__all__ = ["Facts"]
