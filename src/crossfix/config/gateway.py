"""The gateway's settings: what it stands in front of, and who asks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class UpstreamSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model API behind the gateway; the name of its table is its name."""

    url: Annotated[
        str,
        Meta(
            pattern=r"^https?://[^\s@]+$",
            description="base URL of the model API, as its SDK takes it, `https://api.openai.com/v1`",
        ),
    ]
    key: Annotated[
        str | None,
        Meta(
            description="name of the environment variable that holds the API key for it; without "
            "it the key that a client sends is passed on"
        ),
    ] = None
    models: Annotated[
        tuple[str, ...],
        Meta(description="the models it serves; `*` at the end stands for any ending"),
    ] = ("*",)


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The gateway in front of model APIs."""

    service: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$",
            description="name of the application whose users come through the gateway; their "
            "accounts are `service:user`",
        ),
    ] = "app"
    host: Annotated[str, Meta(min_length=1, description="address that the gateway listens at")] = (
        "127.0.0.1"
    )
    port: Annotated[
        int, Meta(ge=0, lt=65_536, description="port that it listens at; 0 takes any that is free")
    ] = 8080
    stream: Annotated[
        Literal["observe", "window", "hold"],
        Meta(
            description="what is done with streams: `observe` scans and holds nothing back, "
            "`window` holds back the last characters until more were scanned, `hold` lets "
            "everything go at the end"
        ),
    ] = "window"
    window_characters: Annotated[
        int, Meta(ge=1, le=100_000, description="how many characters a `window` holds back")
    ] = 512
    block: Annotated[
        Literal["error", "soft"],
        Meta(
            description="how a block is said: as an error that SDKs raise, or as an ordinary "
            "answer that a content filter ended"
        ),
    ] = "error"
    pass_unknown: Annotated[
        bool,
        Meta(
            description="whether paths without a format here go on to the upstream, once the "
            "texts of their JSON were looked at"
        ),
    ] = True
    silence_seconds: Annotated[
        float,
        Meta(gt=0, description="how long an upstream may be silent before its call is given up"),
    ] = 300.0
    record: Annotated[
        Literal["open", "closed"],
        Meta(
            description="what happens while events cannot be recorded: `open` answers without and "
            "says so, `closed` refuses with 503"
        ),
    ] = "open"
    power_safe: Annotated[
        bool,
        Meta(
            description="whether an answer waits until its events are on the disk; without it they "
            "survive the end of the process at any moment, but not every loss of power"
        ),
    ] = False
    most_body_bytes: Annotated[
        int, Meta(ge=1_024, description="how many bytes the body of a request may have")
    ] = 33_554_432
    most_open: Annotated[
        int, Meta(ge=1, description="how many calls may be under way, in all processes together")
    ] = 12_000
    stop_seconds: Annotated[
        int,
        Meta(
            ge=0,
            le=3_600,
            description="how long calls under way may go on once the gateway is told to stop; "
            "streams then end in an error that says so",
        ),
    ] = 10
    workers: Annotated[
        int,
        Meta(
            ge=1,
            le=64,
            description="how many processes answer at the one port; more than one need "
            "`store.valkey`",
        ),
    ] = 1
    upstreams: dict[str, UpstreamSettings] = {}


class IdentitySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the account behind a request is known by, for keys that trust tokens or signatures."""

    key_set: Annotated[
        Path | None,
        Meta(description="JSON Web Key Set that tokens are checked with, for keys with `jwt`"),
    ] = None
    issuer: Annotated[str, Meta(description="what `iss` of a token must say")] = ""
    audience: Annotated[str, Meta(description="what `aud` of a token must say")] = "crossfix"
    claim: Annotated[str, Meta(min_length=1, description="the claim that names the account")] = (
        "sub"
    )
    secret: Annotated[
        str | None,
        Meta(
            description="name of the environment variable that holds the shared secrets of signed "
            "headers, separated by spaces, for keys with `signed`"
        ),
    ] = None
