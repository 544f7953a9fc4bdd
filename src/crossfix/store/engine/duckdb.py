"""The engine in one process: DuckDB, cut off from files, network and extensions."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from crossfix.errors import CrossfixError, StoreError
from crossfix.store.engine.steps import Parameters, Step

if TYPE_CHECKING:
    import pyarrow as pa

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_T = TypeVar("_T")


class Engine:
    """Runs named SQL steps over Arrow tables and Parquet files with DuckDB.

    The database lives in memory and spills to ``temp_directory`` beyond ``memory_limit``
    (DuckDB's notation, such as ``"4GB"``; without it four fifths of the machine's memory). SQL
    can reach what was registered and nothing else: no file, no network, no extension, and the
    configuration cannot be changed any more. ``threads`` is 1 where float sums must be equal to
    the last bit.

    A step that fails raises `CrossfixError` with the step's name and SQL, or `StoreError` where
    memory or disk ran out.
    """

    def __init__(
        self,
        *,
        memory_limit: str | None = None,
        threads: int | None = None,
        temp_directory: Path | None = None,
    ) -> None:
        import duckdb

        self._spill = Path(tempfile.mkdtemp(prefix="crossfix-engine-", dir=temp_directory))
        config: dict[str, Any] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "enable_external_access": "false",
            "python_enable_replacements": "false",
            "temp_directory": str(self._spill),
        }
        if memory_limit is not None:
            config["memory_limit"] = memory_limit
        if threads is not None:
            config["threads"] = str(threads)
        try:
            self._connection = duckdb.connect(":memory:", config=config)
            self._connection.execute("SET TimeZone = 'UTC'")
            self._connection.execute("SET lock_configuration = true")
        except duckdb.Error as e:
            shutil.rmtree(self._spill, ignore_errors=True)
            raise StoreError(f"The engine did not start: {_first_line(e)}") from e
        self._views: set[str] = set()
        self._steps: list[Step] = []

    @property
    def steps(self) -> list[Step]:
        """The steps that ran, in order."""
        return list(self._steps)

    def register(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name, without copying it."""
        self._register(name, table)

    def register_files(self, name: str, files: Iterable[Path]) -> None:
        """Make Parquet files readable as one table under a name.

        Columns and rows that a step does not use are not read.

        Raises:
            StoreError: a file cannot be read as Parquet.
        """
        import pyarrow as pa
        import pyarrow.dataset

        try:
            self._register(name, pa.dataset.dataset([str(f) for f in files], format="parquet"))
        except (OSError, pa.ArrowInvalid) as e:
            raise StoreError(f"The files for {name} cannot be read: {_first_line(e)}") from e

    def create(self, name: str, sql: str, parameters: Parameters | None = None) -> int:
        """Keep the result of a query as a table and return its number of rows."""
        statement = f"CREATE TABLE {_checked(name)} AS\n{sql}"

        def work() -> int:
            rows = self._connection.execute(statement, parameters or None).fetchall()
            return int(rows[0][0])

        return self._step(name, sql, work, lambda rows: rows)

    def fetch(self, name: str, sql: str, parameters: Parameters | None = None) -> pa.Table:
        """Return the result of a query as an Arrow table; ``name`` is what the step is called."""

        def work() -> pa.Table:
            relation = self._connection.sql(sql, params=parameters or None)
            if relation is None:
                raise CrossfixError(f"Step {name} returns no rows: it is not a query.\n{sql}")
            return relation.to_arrow_table()

        return self._step(name, sql, work, lambda table: int(table.num_rows))

    def explain(self, sql: str, parameters: Parameters | None = None) -> str:
        """Return how DuckDB would run a query, as text for people."""
        found = self._guarded(
            "explain",
            sql,
            lambda: self._connection.execute(f"EXPLAIN {sql}", parameters or None).fetchall(),
        )
        return "\n".join(str(row[-1]) for row in found)

    def drop(self, *names: str) -> None:
        """Forget tables, created or registered; a name that is not there is an error."""
        for name in names:
            if name in self._views:
                self._connection.unregister(name)
                self._views.discard(name)
            else:
                sql = f"DROP TABLE {_checked(name)}"
                self._guarded("drop", sql, partial(self._connection.execute, sql))

    def close(self) -> None:
        """Give back memory and temporary files."""
        self._connection.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _register(self, name: str, source: object) -> None:
        if _checked(name) in self._views:
            raise ValueError(f"{name} is registered already")
        self._connection.register(name, source)
        self._views.add(name)

    def _step(self, name: str, sql: str, work: Callable[[], _T], rows: Callable[[_T], int]) -> _T:
        began = time.perf_counter()
        result = self._guarded(name, sql, work)
        self._steps.append(Step(name, sql, rows(result), time.perf_counter() - began))
        return result

    def _guarded(self, name: str, sql: str, work: Callable[[], _T]) -> _T:
        import duckdb

        try:
            return work()
        except (duckdb.OutOfMemoryException, duckdb.IOException) as e:
            raise StoreError(
                f"Step {name} ran out of memory or disk: {_first_line(e)}\n{sql}",
                hint="Give the engine more memory, or a temporary directory with more room.",
            ) from e
        except duckdb.Error as e:
            raise CrossfixError(f"Step {name} failed: {e}\n{sql}") from e


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a table")
    return name


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
