"""The comparison of what was traced with what was planted."""

import csv
from pathlib import Path

from benchmarks.quality.cases import _batches


def write(path: Path, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def test_batches_fan_outs_and_false_ones_are_told_apart(tmp_path: Path) -> None:
    chains = write(
        tmp_path / "chains.csv",
        ("group", "source", "into", "target", "target_native", "target_account"),
        [
            *(("plot", "one", "post", f"p{n}", f"native{n}", f"x:a{n}") for n in range(4)),
            *(("plot", "two", "post", f"q{n}", "", f"x:a{n}") for n in range(3)),
            ("plot", "small", "post", "r0", "", "x:a0"),
            ("plot", "one", "prompt", "s0", "", "atlas:o"),
            ("", "own", "post", "t0", "", "x:b"),
        ],
    )
    sightings = write(
        tmp_path / "sightings.csv",
        ("response", "post", "account"),
        [
            *(("one", f"native{n}", f"x:a{n}") for n in range(3)),
            ("two", "q0", "x:a0"), ("two", "q1", "x:a1"),
            *(("other", f"u{n}", f"x:c{n}") for n in range(3)),
            ("own", "t0", "x:b"),
        ],
    )  # fmt: skip
    batches, traced, fan_outs, false = _batches(chains, sightings)
    assert (batches, traced) == (2, 1)
    assert (fan_outs, false) == (2, 1)


def test_accounts_of_a_batch_count_once(tmp_path: Path) -> None:
    chains = write(
        tmp_path / "chains.csv",
        ("group", "source", "into", "target", "target_native", "target_account"),
        [("plot", "one", "post", f"p{n}", "", "x:a") for n in range(5)],
    )
    sightings = write(tmp_path / "sightings.csv", ("response", "post", "account"), [])
    assert _batches(chains, sightings) == (0, 0, 0, 0)
