"""Events that others send over HTTP: taken in by rows, kept together, judged one by one."""

from crossfix.guard.ingest.intake import Full, Intake
from crossfix.guard.ingest.routes import Ingest

__all__ = ["Full", "Ingest", "Intake"]
