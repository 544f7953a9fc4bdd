"""What is wrong with an installation, and what to do about it."""

from crossfix.guard.doctor.examine import CHECKS, examine, exit_code
from crossfix.guard.doctor.line import Line

__all__ = ["CHECKS", "Line", "examine", "exit_code"]
