"""The settings of checks of content."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class ClassifierSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A classifier behind HTTP that the gateway asks; the name of its table is for people."""

    url: Annotated[
        str,
        Meta(
            pattern=r"^https?://[^\s@]+$",
            description="base URL of its API, ending in `/v1` as an SDK takes it",
        ),
    ]
    kind: Annotated[
        Literal["moderation", "llama_guard", "policy"],
        Meta(
            description="what it is: `moderation` an endpoint of the shape of OpenAI's "
            "`/v1/moderations`, `llama_guard` a model of that family, `policy` any model that "
            "follows instructions, asked with a policy"
        ),
    ] = "moderation"
    model: Annotated[str, Meta(min_length=1, description="the model that is asked for")] = (
        "omni-moderation-latest"
    )
    key: Annotated[
        str | None,
        Meta(description="name of the environment variable that holds the API key for it"),
    ] = None
    categories: Annotated[
        tuple[str, ...], Meta(description="the categories that count; all without it")
    ] = ()
    threshold: Annotated[
        float, Meta(ge=0, le=1, description="the score from which on it is a finding")
    ] = 0.5
    mode: Annotated[
        Literal["observe", "hold"],
        Meta(
            description="`observe` asks beside the call, and policies see the finding as an event "
            "just after; `hold` asks before, and the request waits"
        ),
    ] = "observe"
    answers: Annotated[
        bool, Meta(description="whether what models answer is rated, too; beside the call always")
    ] = False
    timeout_seconds: Annotated[
        float, Meta(gt=0, le=60, description="how long to wait for its answer")
    ] = 5.0
    fail: Annotated[
        Literal["open", "closed"],
        Meta(
            description="where it does not answer a request that waits for it: go on without it, "
            "or refuse with 503"
        ),
    ] = "open"


class CheckSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is looked for in texts, beside what the registry holds."""

    indicators: Annotated[
        Path | None,
        Meta(
            description="file of indicators, or folder of such files (`.csv`, `.jsonl`), that are "
            "matched beside those of the registry"
        ),
    ] = None
    leaks_in: Annotated[
        Literal["out", "both", "none"],
        Meta(
            description="in which texts secrets and personal data are looked for: those that go "
            "`out` from a model, `both` ways, or none"
        ),
    ] = "out"
    local_head: Annotated[
        bool, Meta(description="whether the lexical head that ships scores texts")
    ] = True
    head: Annotated[
        Path | None, Meta(description="file of a head that was trained on texts of one's own")
    ] = None
    classifiers: dict[str, ClassifierSettings] = {}
