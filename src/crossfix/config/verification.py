"""Settings of verification and of the mail that goes with it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class SmtpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mail server that takes messages from crossfix."""

    url: Annotated[
        Annotated[str, Meta(pattern=r"^smtps?://[^\s/@:]+(:\d{1,5})?/?$")] | None,
        Meta(
            description="mail server: `smtp://host:587` (encrypted by STARTTLS where the server "
            "has it) or `smtps://host:465`; without it nothing is sent by mail"
        ),
    ] = None
    user: Annotated[str | None, Meta(description="name to log in to the mail server with")] = None
    password: Annotated[
        str | None,
        Meta(description="name of the environment variable that holds the password for it"),
    ] = None
    sender: Annotated[
        str,
        Meta(pattern=r"^[^\s@<>]+@[^\s@<>]+$", description="address that messages come from"),
    ] = "crossfix@localhost"


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One external provider of verification; the name of its table is its name."""

    secret: Annotated[
        str,
        Meta(
            description="name of the environment variable that holds the secret of its webhooks, "
            "`whsec_…`"
        ),
    ]
    link: Annotated[
        Annotated[str, Meta(pattern=r"^https?://[^\s@]+$")] | None,
        Meta(
            description="where the page sends people; `{reference}` in it stands for what the "
            "provider gives back"
        ),
    ] = None
    tier: Annotated[
        Literal["proof_of_work", "email", "code", "external"],
        Meta(description="the tier that it gives"),
    ] = "external"


class VerifySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How accounts are verified."""

    url: Annotated[
        Annotated[str, Meta(pattern=r"^https?://[^\s@]+$")] | None,
        Meta(
            description="address under which people reach the gateway, `https://ai.example.org`; "
            "without it the one that it listens at"
        ),
    ] = None
    name: Annotated[
        Annotated[str, Meta(min_length=1, max_length=64)] | None,
        Meta(
            description="name of the application as people know it; without it that of the service"
        ),
    ] = None
    ticket_minutes: Annotated[
        int, Meta(ge=1, le=1_440, description="how many minutes the link of a challenge holds")
    ] = 30
    proof_cost: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="rounds of PBKDF2 for one try at a proof of work",
        ),
    ] = 5_000
    proof_tries: Annotated[
        int,
        Meta(
            ge=2,
            le=1_000_000,
            description="how many tries a proof of work takes at most; from half as many. An "
            "account at the highest risk has four times as many",
        ),
    ] = 400
    proof_of_work_hours: Annotated[
        int, Meta(ge=1, le=87_600, description="how long a proof of work holds")
    ] = 24
    email_hours: Annotated[
        int, Meta(ge=1, le=87_600, description="how long an e-mail code holds")
    ] = 720
    code_hours: Annotated[
        int, Meta(ge=1, le=87_600, description="how long a one-time code or passkey holds")
    ] = 720
    external_hours: Annotated[
        int, Meta(ge=1, le=87_600, description="how long an external verification holds")
    ] = 8_760
    enrol_tier: Annotated[
        Literal["anonymous", "proof_of_work", "email"] | None,
        Meta(
            description="the tier that an account needs before it may set up its first code "
            "generator or passkey; without it `email` where mail can be sent, else "
            "`proof_of_work`"
        ),
    ] = None
    accounts_per_address: Annotated[
        int, Meta(ge=1, description="how many accounts one e-mail address may verify")
    ] = 3
    blocked_domains: Annotated[
        tuple[str, ...],
        Meta(
            description="domains whose addresses verify nothing, besides known ones of disposable "
            "addresses"
        ),
    ] = ()
    allowed_domains: Annotated[
        tuple[str, ...],
        Meta(description="domains whose addresses are taken although they are known as such"),
    ] = ()
    tries_per_account: Annotated[
        int, Meta(ge=1, description="how many tries an account has in an hour")
    ] = 30
    tries_per_address: Annotated[
        int, Meta(ge=1, description="how many tries an IP address has in an hour")
    ] = 120
    providers: dict[str, ProviderSettings] = {}
