"""All files of one origin pass, written together."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from crossfix.campaigns.fanout import FanOut
from crossfix.campaigns.output.accounts import cell
from crossfix.campaigns.output.origin.page import render
from crossfix.campaigns.output.staging import staged
from crossfix.traces.chain import Chain
from crossfix.traces.origin import Sighting
from crossfix.traces.origin.alignment import aligned

FILES = ("sightings.csv", "sightings.jsonl", "fanouts.jsonl", "chains.jsonl", "report.html")

COLUMNS = (
    "post", "service", "account", "time", "response", "segment", "kind", "score", "delay_seconds",
    "response_service", "response_account", "response_time", "segment_text", "text",
)  # fmt: skip


_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def write_sightings(
    sightings: Sequence[Sighting], found: Sequence[FanOut], chains: Sequence[Chain],
    directory: Path, summary: dict[str, Any],
) -> tuple[Path, ...]:  # fmt: skip
    """Write sightings, fan-outs, chains and the report into a folder; return the paths of `FILES`.

    Equal input gives equal bytes.
    """
    with staged(directory) as stage:
        with (stage / "sightings.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(_cells(sighting) for sighting in sightings)
        lines = (msgspec.json.encode(_full(sighting)) + b"\n" for sighting in sightings)
        (stage / "sightings.jsonl").write_bytes(b"".join(lines))
        wide = (msgspec.json.encode(each) + b"\n" for each in found)
        (stage / "fanouts.jsonl").write_bytes(b"".join(wide))
        ways = (msgspec.json.encode(each) + b"\n" for each in chains)
        (stage / "chains.jsonl").write_bytes(b"".join(ways))
        page = render(sightings, found, chains, summary)
        (stage / "report.html").write_bytes(page.encode("utf-8", "replace"))
    return tuple(directory / name for name in FILES)


def _cells(sighting: Sighting) -> list[str]:
    """Return a row as a spreadsheet may hold it; what is a number is no formula."""
    row = _row(sighting)
    return [
        str(row[name]) if _NUMBER.fullmatch(str(row[name])) else cell(str(row[name]))
        for name in COLUMNS
    ]


def _row(sighting: Sighting) -> dict[str, Any]:
    post, output, delay = sighting.post, sighting.output, sighting.delay
    return {
        "post": post.post, "service": post.service, "account": post.account,
        "time": _when(post.time), "response": output.response, "segment": sighting.segment,
        "kind": sighting.kind, "score": f"{sighting.score:.4f}",
        "delay_seconds": "" if delay is None else f"{delay.total_seconds():.0f}",
        "response_service": output.service, "response_account": output.account or "",
        "response_time": "" if output.time is None else _when(output.time),
        "segment_text": sighting.segment_text, "text": post.text,
    }  # fmt: skip


def _full(sighting: Sighting) -> dict[str, Any]:
    row = _row(sighting)
    row |= {"score": sighting.score, "url": sighting.post.url}
    row["because"] = sighting.because
    row["delay_seconds"] = None if sighting.delay is None else sighting.delay.total_seconds()
    row["alignment"] = aligned(sighting.segment_text, sighting.post.text)
    return row


def _when(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
