import numpy as np
import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp

from crossfix.network.steps import NamedStep, pair_steps
from crossfix.store.engine import Engine
from crossfix.traces import TRACES

STEPS = pair_steps(most_share_pairs=200, most_pairs=9_000)


@pytest.mark.parametrize("step", STEPS, ids=lambda s: s.name)
def test_a_step_is_understood_by_spark(step: NamedStep) -> None:
    (spark,) = sqlglot.transpile(step.sql, read="duckdb", write="spark", error_level="RAISE")
    parsed = sqlglot.parse_one(spark, read="spark", error_level="RAISE")
    assert isinstance(parsed, exp.Select)
    assert not list(parsed.find_all(exp.Anonymous)), "a function that sqlglot does not know"


def test_steps_that_went_through_spark_s_dialect_find_the_same() -> None:
    rng = np.random.default_rng(3)
    numbers = rng.integers(0, [30, 2, 40, 900_000], (2000, 4)).T
    traces = pa.table([*numbers, np.arange(2000)], names=TRACES.names).cast(TRACES)

    def through(step: NamedStep) -> str:
        (spark,) = sqlglot.transpile(step.sql, read="duckdb", write="spark")
        (back,) = sqlglot.transpile(spark, read="spark", write="duckdb")
        return back

    found = []
    for read in (lambda step: step.sql, through):
        with Engine() as engine:
            engine.register("traces", traces)
            for step in STEPS:
                engine.create(step.name, read(step))
            order = "kind, account_a, account_b, key"
            found.append(engine.fetch("all", f"SELECT * FROM pairs ORDER BY {order}"))
    assert found[0].num_rows > 1000
    assert found[0].equals(found[1].cast(found[0].schema))


def test_each_step_reads_only_what_earlier_steps_made() -> None:
    known = {"traces"}
    for step in STEPS:
        read = {t.name for t in sqlglot.parse_one(step.sql, read="duckdb").find_all(exp.Table)}
        assert read <= known
        known.add(step.name)
