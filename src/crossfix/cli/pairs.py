"""``crossfix pairs``: co-sharing pairs as CooRTweet counts them."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from crossfix.cli.inputs import reading_options, reading_progress, show_tallies

if TYPE_CHECKING:
    import pyarrow as pa

    from crossfix.network.coortweet import CoShares, Edges, Shares

_PAIR = ("object_id", "account_id", "account_id_y", "content_id", "content_id_y", "time_delta")
_EDGE = ("account_id", "account_id_y", "weight", "avg_time_delta")


@click.command()
@reading_options
@click.option(
    "--window",
    required=True,
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Largest time between two shares of one object.",
)
@click.option(
    "--min-participation",
    default=2,
    show_default=True,
    type=click.IntRange(min=1),
    help="Fewest shares of an account.",
)
@click.option(
    "--edge-weight",
    type=click.FloatRange(0, 1),
    metavar="QUANTILE",
    help="Print the edges heavier than this quantile of weights, not the pairs.",
)
@click.option(
    "--remove-loops/--keep-loops",
    default=True,
    show_default=True,
    help="Whether pairs of one account, or with the object itself, are dropped.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of CSV.")
def command(
    files: tuple[str, ...],
    service: str | None,
    format: str | None,
    map: tuple[tuple[str, str], ...],
    window: float,
    min_participation: int,
    edge_weight: float | None,
    remove_loops: bool,
    as_json: bool,
) -> None:
    """Count pairs of shares of one object within a time window, as CooRTweet 2.1.3 does.

    FILE has CooRTweet's four columns (object_id, account_id, content_id, timestamp_share), or is
    any file of posts with reposts in it. Pairs are printed as CSV, older share first. These
    pairs are not tested against chance; `crossfix hunt` is what tests.
    """  # fmt: skip
    from crossfix.network import coortweet

    shares, names = _read(files, service, format, map)
    found = coortweet.co_shares(
        shares,
        window_seconds=window,
        min_participation=min_participation,
        keep_loops=not remove_loops,
    )
    edges = coortweet.edges(found)
    summary: dict[str, Any] = {
        "pairs": len(found),
        "accounts": len({*found.account.tolist(), *found.account_later.tolist()}),
        "objects": len(set(found.object.tolist())),
        "edges": len(edges),
        "max_weight": int(edges.weight.max(initial=0)),
        "mean_time_delta": float(found.delta.mean()) / 1e6 if len(found) else None,
    }
    if edge_weight is not None:
        limit = coortweet.threshold(edges, edge_weight)
        edges = coortweet.heavier(edges, limit)
        sizes = coortweet.component_sizes(edges)
        summary |= {"threshold": limit, "edges_kept": len(edges), "accounts_kept": sum(sizes),
                    "components": len(sizes), "largest": max(sizes, default=0)}  # fmt: skip
        _print("edges", _EDGE, _edge_rows(edges, names), summary, as_json)
    else:
        _print("pairs", _PAIR, _pair_rows(found, names), summary, as_json)


def _read(
    files: tuple[str, ...],
    service: str | None,
    format: str | None,
    map: tuple[tuple[str, str], ...],
) -> tuple[Shares, dict[str, list[str]]]:
    """Read the reposts; return their codes, and the names behind these."""
    from datetime import UTC, datetime

    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from crossfix.errors import InputError
    from crossfix.events.readers import ReadOptions, read_files
    from crossfix.network.coortweet import Shares

    options = ReadOptions(now=datetime.now(UTC), service=service, map=dict(map), native=True)
    kept = []
    with reading_progress("Reading") as progress:
        reading = read_files(files, options, format=format, progress=progress)
        for batch in reading:
            reposts = pc.and_(pc.equal(batch["action"], "repost"), pc.is_valid(batch["target"]))
            four = reading.tallies[-1].format == "coortweet"
            kept.append(_columns(pa.Table.from_batches([batch]).filter(reposts), four))
    show_tallies(reading.tallies, err=True)
    table = pa.concat_tables(kept)
    if not table.num_rows:
        raise InputError(
            "there are no shares in what was given",
            hint="Give a file with the columns object_id, account_id, content_id,"
            " timestamp_share, or one with reposts.",
        )
    codes, names = {}, {}
    for name in ("object", "account", "content"):
        coded = table[name].combine_chunks().dictionary_encode()
        codes[name] = coded.indices.to_numpy().astype(np.int64)
        names[name] = coded.dictionary.to_pylist()
    own = pc.equal(table["object"], table["content"]).to_numpy()
    return Shares(**codes, time=table["time"].to_numpy(), own=own), names


def _columns(reposts: pa.Table, four: bool) -> pa.Table:
    """Name what CooRTweet names: the object without its service, the post that shared it.

    ``four`` says that the file has CooRTweet's columns: its posts may share several objects, so
    that their ids are kept apart from those of the shares. Accounts of no known service have the
    names of the file.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    native = pc.map_lookup(reposts["attributes"].combine_chunks(), "native", "first")
    posts = reposts["conversation"] if four else pc.coalesce(native, reposts["id"])
    unknown = pc.equal(reposts["service"], "unknown")
    bare = pc.replace_substring_regex(reposts["account"], "^unknown:", "")
    return pa.table(
        {
            "object": _without(reposts["target"], reposts["service"]),
            "account": pc.if_else(unknown, bare, reposts["account"]),
            "content": pc.coalesce(posts, reposts["id"]),
            "time": reposts["time"].cast(pa.int64()),
        }
    )


def _without(targets: pa.ChunkedArray, services: pa.ChunkedArray) -> pa.Array:
    """Return targets without the service before them."""
    import pyarrow as pa

    pairs = zip(targets.to_pylist(), services.to_pylist(), strict=True)
    return pa.array([target.removeprefix(f"{s}:") for target, s in pairs], pa.string())


def _pair_rows(found: CoShares, names: dict[str, list[str]]) -> Iterator[tuple[Any, ...]]:
    accounts, contents = names["account"], names["content"]
    columns = (found.object, found.account, found.account_later, found.content,
               found.content_later, found.delta)  # fmt: skip
    for o, a, b, c, d, delta in zip(*(x.tolist() for x in columns), strict=True):
        yield names["object"][o], accounts[a], accounts[b], contents[c], contents[d], delta / 1e6


def _edge_rows(edges: Edges, names: dict[str, list[str]]) -> Iterator[tuple[Any, ...]]:
    accounts = names["account"]
    columns = (edges.a, edges.b, edges.weight, edges.mean_delta_seconds)
    for a, b, weight, mean in zip(*(x.tolist() for x in columns), strict=True):
        first, second = sorted((accounts[a], accounts[b]))
        yield first, second, weight, round(mean, 6)


def _print(
    what: str,
    header: tuple[str, ...],
    rows: Iterable[tuple[Any, ...]],
    summary: dict[str, Any],
    as_json: bool,
) -> None:
    """Print rows on standard output; the summary goes with JSON, else to standard error."""
    if as_json:
        records = [dict(zip(header, row, strict=True)) for row in rows]
        click.echo(json.dumps({"summary": summary, what: records}, indent=1))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    click.echo(", ".join(f"{name} {value}" for name, value in summary.items()), err=True)
