from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.errors import CrossfixError, StoreError
from crossfix.store.engine import Engine, StepRunner


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(threads=1) as made:
        yield made


def test_a_step_keeps_a_table_and_a_fetch_returns_it(engine: Engine) -> None:
    runner: StepRunner = engine
    runner.register("shares", pa.table({"account": [1, 2, 2], "key": [7, 7, 9]}))
    rows = runner.create("popular", "SELECT key, count(*) AS n FROM shares GROUP BY key")
    assert rows == 2
    found = runner.fetch("look", "SELECT key, n FROM popular WHERE n >= $least", {"least": 2})
    assert found.to_pylist() == [{"key": 7, "n": 2}]


def test_every_step_is_on_record_with_its_rows(engine: Engine) -> None:
    engine.create("numbers", "SELECT * FROM range(5)")
    engine.fetch("first", "SELECT * FROM numbers LIMIT 2")
    assert engine.create("few", "SELECT * FROM numbers WHERE range < $n", {"n": 3}) == 3
    assert [(s.name, s.rows) for s in engine.steps] == [("numbers", 5), ("first", 2), ("few", 3)]
    assert engine.steps[0].sql == "SELECT * FROM range(5)"
    assert all(s.seconds >= 0 for s in engine.steps)


def test_a_failing_step_shows_its_name_and_its_sql(engine: Engine) -> None:
    with pytest.raises(CrossfixError) as caught:
        engine.create("links", "SELECT nothing FROM nowhere")
    assert "Step links failed" in str(caught.value)
    assert "SELECT nothing FROM nowhere" in str(caught.value)
    assert engine.steps == []


def test_a_table_can_be_dropped_and_made_again(engine: Engine) -> None:
    engine.register("a", pa.table({"x": [1]}))
    engine.create("b", "SELECT x FROM a")
    engine.drop("a", "b")
    with pytest.raises(CrossfixError):
        engine.fetch("gone", "SELECT * FROM a")
    engine.register("a", pa.table({"x": [1, 2]}))
    assert engine.create("b", "SELECT x FROM a") == 2
    with pytest.raises(CrossfixError):
        engine.drop("never")


@pytest.mark.parametrize("name", ["a b", "x; DROP TABLE y", "", '"q"', "1a"])
def test_a_name_cannot_carry_sql(engine: Engine, name: str) -> None:
    with pytest.raises(ValueError, match="no name for a table"):
        engine.create(name, "SELECT 1")
    with pytest.raises(ValueError, match="no name for a table"):
        engine.register(name, pa.table({"x": [1]}))


def test_sql_reaches_no_file_no_network_and_no_extension(engine: Engine, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for sql in (
        f"SELECT * FROM read_csv('{secret}')",
        f"SELECT * FROM '{secret}'",
        "SELECT * FROM read_csv('https://example.org/a.csv')",
        "SELECT * FROM glob('/*')",
    ):
        with pytest.raises(CrossfixError):
            engine.fetch("reach", sql)
    for statement in (
        "INSTALL httpfs",
        "LOAD httpfs",
        f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
        f"ATTACH '{tmp_path / 'x.db'}'",
        "SET enable_external_access = true",
        "SET threads = 4",
    ):
        with pytest.raises(CrossfixError):
            engine.fetch("reach", statement)
    assert [p.name for p in tmp_path.iterdir()] == ["secret.csv"]


def test_variables_of_the_program_are_out_of_reach(engine: Engine) -> None:
    hidden = pa.table({"x": [1]})
    assert hidden.num_rows == 1
    with pytest.raises(CrossfixError):
        engine.fetch("reach", "SELECT * FROM hidden")


def test_parquet_files_are_read_as_one_table(engine: Engine, tmp_path: Path) -> None:
    for i in range(3):
        pq.write_table(pa.table({"n": [i], "text": ["t"]}), tmp_path / f"{i}.parquet")
    engine.register_files("parts", sorted(tmp_path.glob("*.parquet")))
    found = engine.fetch("sum", "SELECT sum(n)::BIGINT AS total FROM parts")
    assert found["total"].to_pylist() == [3]
    (tmp_path / "bad.parquet").write_bytes(b"not parquet")
    with pytest.raises(StoreError):
        engine.register_files("broken", [tmp_path / "bad.parquet"])


def test_work_larger_than_memory_spills_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with Engine(memory_limit="100MB", threads=1, temp_directory=tmp_path) as engine:
        made = engine.create(
            "big", "SELECT range AS i, hash(range) AS h, repeat('x', 60) || range AS s "
            "FROM range(3000000)",
        )  # fmt: skip
        spilled = sum(p.stat().st_size for p in tmp_path.rglob("*") if p.is_file())
        assert made == 3_000_000
        assert spilled > 10_000_000
    assert list(tmp_path.iterdir()) == []


def test_running_out_of_memory_is_a_store_error(tmp_path: Path) -> None:
    with (
        Engine(memory_limit="20MB", threads=1, temp_directory=tmp_path) as engine,
        pytest.raises(StoreError, match="ran out of memory"),
    ):
        engine.fetch("list", "SELECT list(hash(range)) FROM range(50000000)")


def test_a_wrong_memory_limit_is_said_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="did not start"):
        Engine(memory_limit="a lot", temp_directory=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_plan_can_be_looked_at(engine: Engine) -> None:
    engine.create("numbers", "SELECT * FROM range(5)")
    plan = engine.explain(
        "SELECT range, count(*) FROM numbers WHERE range > $n GROUP BY range", {"n": 2}
    )
    assert "Group" in plan


def test_times_are_utc(engine: Engine) -> None:
    time = pa.table({"t": pa.array([0], pa.timestamp("us", tz="UTC"))})
    engine.register("times", time)
    found = engine.fetch("hour", "SELECT date_part('hour', t) AS hour, t FROM times")
    assert found["hour"].to_pylist() == [0]
    assert str(found.schema.field("t").type) == "timestamp[us, tz=UTC]"


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=40))
def test_a_join_gives_what_two_loops_give(rows: list[tuple[int, int]]) -> None:
    rows = sorted(set(rows))
    table = pa.table(
        {"account": pa.array([a for a, _ in rows], pa.int64()),
         "key": pa.array([k for _, k in rows], pa.int64())}
    )  # fmt: skip
    with Engine(threads=2) as engine:
        engine.register("t", table)
        found = engine.fetch(
            "pairs",
            "SELECT x.account AS a, y.account AS b, count(*) AS n FROM t x JOIN t y "
            "ON x.key = y.key AND x.account < y.account GROUP BY ALL ORDER BY a, b",
        )
    slow: dict[tuple[int, int], int] = {}
    for a, k in rows:
        for b, other in rows:
            if k == other and a < b:
                slow[a, b] = slow.get((a, b), 0) + 1
    assert {(r["a"], r["b"]): r["n"] for r in found.to_pylist()} == slow
