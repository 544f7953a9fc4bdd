"""Every setting, with its type, default and meaning: one class a table of the settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from crossfix.config.monitoring import (
    AlertSettings,
    ExportSettings,
    IngestSettings,
    LogSettings,
)
from crossfix.config.verification import SmtpSettings, VerifySettings


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where things are kept."""

    url: Annotated[
        str,
        Meta(
            pattern=r"^(sqlite|postgres(ql)?://.+)$",
            description="where events, registry and journal are kept: `sqlite` for three files in "
            "the data directory, or the URL of a PostgreSQL database, `postgresql://…`",
        ),
    ] = "sqlite"
    valkey: Annotated[
        Annotated[str, Meta(pattern=r"^((valkey|redis)s?://|(valkey\+|redis\+)?unix://).+$")]
        | None,
        Meta(
            description="URL of the Valkey or Redis server that counters are kept in; without it "
            "every process counts for itself",
        ),
    ] = None
    seal_rows: Annotated[
        int,
        Meta(
            ge=1,
            description="how many events may wait in the live part of the log before they are "
            "sealed into Parquet; a batch as large goes there at once",
        ),
    ] = 50_000


class PrivacySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of people, and for how long."""

    key_file: Annotated[
        Path | None,
        Meta(
            description="file with the secret key of keyed hashes, made on first use for its owner "
            "alone; without it `secret.key` in the data directory",
        ),
    ] = None
    retention_days: Annotated[
        int, Meta(ge=1, le=36_500, description="how many days raw text is kept")
    ] = 30
    content: Annotated[
        Literal["keep", "hash", "drop"],
        Meta(
            description="what the gateway records of prompts and completions: `keep` the text, "
            "encrypted with a key of the account, `hash` its keyed hash alone, `drop` nothing"
        ),
    ] = "keep"


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
        Meta(description="whether paths without a format here go on to the upstream unread"),
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


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting of crossfix."""

    data_directory: Annotated[
        Path, Meta(description="folder of everything that crossfix keeps")
    ] = Path(".crossfix")
    seed: Annotated[
        int,
        Meta(ge=0, lt=2**32, description="start of every random choice: same seed, same result"),
    ] = 0
    store: StoreSettings = StoreSettings()
    privacy: PrivacySettings = PrivacySettings()
    gateway: GatewaySettings = GatewaySettings()
    guard: GuardSettings = GuardSettings()
    identity: IdentitySettings = IdentitySettings()
    spend: SpendSettings = SpendSettings()
    policy: PolicySettings = PolicySettings()
    verify: VerifySettings = VerifySettings()
    smtp: SmtpSettings = SmtpSettings()
    checks: CheckSettings = CheckSettings()
    live: LiveSettings = LiveSettings()
    log: LogSettings = LogSettings()
    ingest: IngestSettings = IngestSettings()
    alerts: AlertSettings = AlertSettings()
    export: ExportSettings = ExportSettings()

    def url(self, part: Literal["events", "registry", "journal"]) -> str:
        """Return the database URL of one part of the store."""
        if self.store.url == "sqlite":
            return f"sqlite:///{self.data_directory.absolute() / part}.sqlite"
        return self.store.url

    @property
    def key_file(self) -> Path:
        """The file that holds the secret key of keyed hashes."""
        return self.privacy.key_file or self.data_directory / "secret.key"
