"""What every engine is: something that runs named SQL steps and keeps a record of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    import pyarrow as pa

Parameters = Mapping[str, object]
"""Values for the ``$name`` placeholders of a step's SQL."""


@dataclass(frozen=True)
class Step:
    """One SQL step that ran: what it was called, what it said, what it made and how long it took.

    ``rows`` is the number of rows made or fetched, ``seconds`` wall time.
    """

    name: str
    sql: str
    rows: int
    seconds: float


class StepRunner(Protocol):
    """An engine for relational work.

    The SQL of a step is written once, in portable SQL, so that a distributed engine can run the
    same steps. Rows have no order unless the SQL orders them.
    """

    @property
    def steps(self) -> list[Step]:
        """The steps that ran, in order."""

    def register(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name."""

    def create(self, name: str, sql: str, parameters: Parameters | None = None) -> int:
        """Keep the result of a query as a table and return its number of rows."""

    def fetch(self, name: str, sql: str, parameters: Parameters | None = None) -> pa.Table:
        """Return the result of a query; ``name`` is what the step is called."""

    def drop(self, *names: str) -> None:
        """Forget tables, created or registered."""

    def close(self) -> None:
        """Give back memory and temporary files."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...
