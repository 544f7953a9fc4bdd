"""``campaigns.jsonl``: one campaign a line, with all its evidence."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from crossfix.campaigns.campaign import Campaign


def write_campaigns(path: Path, campaigns: Iterable[Campaign]) -> None:
    """Write one JSON object a campaign, with the field names of `Campaign`, in the order given."""
    encoder = msgspec.json.Encoder(order="deterministic")
    with path.open("wb") as file:
        for campaign in campaigns:
            file.write(encoder.encode(campaign))
            file.write(b"\n")
