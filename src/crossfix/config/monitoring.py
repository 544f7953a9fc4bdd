"""Settings of what is told about the guard: logs, alerts, exports, and what it takes in."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class LogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The log that is written to standard error, a JSON object a line."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="from where on lines are written; `info` writes one for every call"),
    ] = "warning"
    content: Annotated[
        bool,
        Meta(
            description="whether the line of a call has the text of its prompt; secrets and "
            "personal data in it are left out"
        ),
    ] = False


class IngestSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Events that others send over HTTP."""

    most_body_bytes: Annotated[
        int,
        Meta(
            ge=1_024,
            description="how many bytes the body of a request with events may have; opened, where "
            "it is compressed, four times as many",
        ),
    ] = 16_777_216
    most_waiting: Annotated[
        int,
        Meta(ge=1, description="how many events may wait to be kept; beyond it senders get 429"),
    ] = 100_000


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One address that alerts are posted to; the name of its table is its name."""

    url: Annotated[
        Annotated[str, Meta(pattern=r"^https?://[^\s@]+$")] | None,
        Meta(description="where alerts are posted to"),
    ] = None
    url_variable: Annotated[
        str | None,
        Meta(
            description="name of the environment variable that holds the address, where that is a "
            "secret itself, as Slack's are"
        ),
    ] = None
    format: Annotated[
        Literal["standard", "slack"],
        Meta(
            description="`standard` is signed as Standard Webhooks has it; `slack` is what Slack's "
            "incoming webhooks take"
        ),
    ] = "standard"
    secret: Annotated[
        str | None,
        Meta(
            description="name of the environment variable that holds the secret to sign with, "
            "`whsec_…`; without it nothing is signed"
        ),
    ] = None


class AlertSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What operators are told at once, and where; e-mail goes through the server of `smtp`."""

    to: Annotated[
        tuple[str, ...], Meta(description="e-mail addresses that alerts are sent to")
    ] = ()
    least: Annotated[
        Literal["informational", "low", "medium", "high", "critical"],
        Meta(description="the level from which alerts are sent"),
    ] = "high"
    window_seconds: Annotated[
        float,
        Meta(gt=0, description="how long alerts about the same are folded into one with a count"),
    ] = 300.0
    most_per_hour: Annotated[
        int, Meta(ge=1, description="how many alerts are sent in an hour; others are held back")
    ] = 60
    refusals: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            description="how many refusals of the provider within ten minutes are worth an alert",
        ),
    ] = 20
    webhooks: dict[str, WebhookSettings] = {}


class ExportSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Events that are pushed to a collector as OpenTelemetry spans."""

    otlp: Annotated[
        Annotated[str, Meta(pattern=r"^https?://[^\s@]+$")] | None,
        Meta(
            description="address that calls are pushed to by OTLP over HTTP, "
            "`http://127.0.0.1:4318/v1/traces`"
        ),
    ] = None
    headers: Annotated[
        str | None,
        Meta(
            description="name of the environment variable that holds headers for it, as "
            "`name=value,name=value`"
        ),
    ] = None
    content: Annotated[
        bool, Meta(description="whether the texts of prompts and answers go along")
    ] = False
