"""``campaigns.jsonl``: one campaign a line, with all its evidence."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from crossfix.campaigns.campaign import Campaign

MODELS = ("fan_outs", "chains")


def write_campaigns(path: Path, campaigns: Iterable[Campaign]) -> None:
    """Write one JSON object a campaign, with the field names of `Campaign`, in the order given.

    Fields of `MODELS` are there only where models had a part in it.
    """
    encoder = msgspec.json.Encoder(order="deterministic")
    with path.open("wb") as file:
        for campaign in campaigns:
            fields = msgspec.structs.asdict(campaign)
            file.write(encoder.encode({k: v for k, v in fields.items() if v or k not in MODELS}))
            file.write(b"\n")
