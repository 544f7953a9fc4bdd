"""The guard's settings: limits, policies, caps on spend."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class LimitSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A limit beside those of the default plan; the name of its table is for people."""

    scope: Annotated[
        Literal["account", "key", "ip", "organisation", "model"],
        Meta(description="what each of has the limit; `ip` stands for a block, /24 or /48"),
    ]
    counted: Annotated[
        Literal["requests", "tokens", "concurrent", "accounts"],
        Meta(description="what is limited; `accounts` are those not seen before"),
    ]
    limit: Annotated[int, Meta(ge=1, description="how many at once")]
    period_seconds: Annotated[
        float, Meta(gt=0, description="the time within which as many come back, evenly")
    ]
    only: Annotated[
        str | None, Meta(description="the one key, organisation or model that it is for")
    ] = None


class GuardSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the guard does where it cannot check, and from where on it is wary."""

    default_limits: Annotated[
        bool, Meta(description="whether the limits of the default plan hold")
    ] = True
    fail_limits: Annotated[
        Literal["open", "closed"],
        Meta(
            description="while shared limits do not answer: `open` goes on with those of each "
            "process, `closed` refuses"
        ),
    ] = "open"
    fail_content: Annotated[
        Literal["open", "closed"],
        Meta(description="where a check of content fails: go on without it, or refuse"),
    ] = "open"
    fail_policies: Annotated[
        Literal["open", "closed"],
        Meta(description="where a policy fails: go on without the policies, or refuse"),
    ] = "open"
    flag_risk: Annotated[
        float, Meta(ge=0, le=1, description="the risk from which an account is flagged for it")
    ] = 0.8
    limits: dict[str, LimitSettings] = {}


class SpendSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be spent, in the currency of the prices; days and months are UTC's."""

    prices: Annotated[
        Path | None,
        Meta(description="TOML file of prices per million tokens; without it list prices hold"),
    ] = None
    account_day: Annotated[
        Annotated[float, Meta(ge=0)] | None, Meta(description="what an account may spend in a day")
    ] = None
    account_month: Annotated[
        Annotated[float, Meta(ge=0)] | None,
        Meta(description="what an account may spend in a month"),
    ] = None
    organisation_day: Annotated[
        Annotated[float, Meta(ge=0)] | None,
        Meta(description="what an organisation may spend in a day"),
    ] = None
    organisation_month: Annotated[
        Annotated[float, Meta(ge=0)] | None,
        Meta(description="what an organisation may spend in a month"),
    ] = None


class PolicySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The usage policies."""

    directory: Annotated[
        Path | None,
        Meta(description="folder of policies; without it the starter pack holds"),
    ] = None
