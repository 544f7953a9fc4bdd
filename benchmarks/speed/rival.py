"""One step of coordination-network-toolkit, to be run as a process of its own.

``python rival.py STEP DATABASE ARGUMENT``: STEP is ``load`` (argument: Parquet file of posts),
``similar`` or ``link`` (argument: window in seconds). Its functions are called, not its command:
its reader of CSV gives every post without links the link '' and then pairs them all.
"""

import sys
from collections.abc import Iterator
from typing import Any

from coordination_network_toolkit import compute_networks, preprocess

SIMILARITY = 0.8
"""The toolkit's own default on the command line."""


def _posts(path: str) -> Iterator[tuple[Any, ...]]:
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(path).iter_batches():
        for row in batch.to_pylist():
            yield (
                row["post_id"],
                f"{row['service']}:{row['account']}",
                row["display_name"],
                row["retweet_of"],
                row["in_reply_to_id"],
                row["text"],
                row["created_at"].timestamp(),
                row["urls"],
            )


def main() -> None:
    """Run one step."""
    step, database, argument = sys.argv[1:]
    if step == "load":
        preprocess.preprocess_data(database, _posts(argument))
    elif step == "similar":
        compute_networks.compute_co_similar_tweet(
            database, int(argument), n_threads=2, similarity_threshold=SIMILARITY
        )
    elif step == "link":
        compute_networks.compute_co_link_network(database, int(argument), n_threads=2)
    else:
        sys.exit(f"there is no step {step!r}")


main()
