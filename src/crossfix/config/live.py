"""The settings of the live room."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class LiveSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Coordination as it happens: what a swarm is, and what follows from one."""

    enabled: Annotated[
        bool, Meta(description="whether `serve` watches events for swarms as they arrive")
    ] = True
    window_minutes: Annotated[
        float, Meta(gt=0, le=1_440, description="within which accounts on one key make a swarm")
    ] = 10.0
    least_actors: Annotated[
        int, Meta(ge=3, le=60, description="how many accounts, those of one person counted once")
    ] = 5
    raise_strength: Annotated[
        float,
        Meta(ge=1, le=12, description="powers of ten against chance from which there is a swarm"),
    ] = 3.0
    fingerprints: Annotated[
        Literal["flag", "shadow", "off"],
        Meta(
            description="what the fingerprints of a swarm that no person has confirmed do in the "
            "guard: `flag`, nothing but be told to policies (`shadow`), or not exist (`off`)"
        ),
    ] = "flag"
    fingerprint_strength: Annotated[
        float,
        Meta(ge=1, le=12, description="strength from which a swarm yields fingerprints by itself"),
    ] = 3.0
    fingerprint_days: Annotated[
        float, Meta(gt=0, le=366, description="after how many days such a fingerprint runs out")
    ] = 7.0
    rebuild_hours: Annotated[
        float,
        Meta(gt=0, le=744, description="how much of the log is read again after a restart"),
    ] = 24.0
    most_traces: Annotated[
        int,
        Meta(ge=4_096, le=1 << 28, description="how many recent traces are held; about 150 bytes "
             "each"),
    ] = 1_048_576  # fmt: skip
    most_segments: Annotated[
        int,
        Meta(ge=0, le=1 << 24, description="how many parts of models' answers are held, to be "
             "recognised where somebody posts them; about a kilobyte each, 0 for none"),
    ] = 65_536  # fmt: skip
    allow_list: Annotated[
        Path | None,
        Meta(description="file of families of accounts that may act as one, as `hunt` takes it"),
    ] = None
