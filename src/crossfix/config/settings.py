"""Every setting, with its type, default and meaning: one class a table of the settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from crossfix.config.checks import CheckSettings
from crossfix.config.gateway import GatewaySettings, IdentitySettings
from crossfix.config.guard import GuardSettings, PolicySettings, SpendSettings
from crossfix.config.live import LiveSettings
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
            description="URL of the Valkey or Redis server that counters are kept in, and through "
            "which gateways with logs of their own tell each other what arrives; without it every "
            "process counts for itself",
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


class MeaningSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is compared by its meaning, once encoders are installed."""

    texts: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000_000,
            description="of how many texts a hunt compares the meaning, 1 to 2 ms each; 0 compares "
            "none",
        ),
    ] = 10_000


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
    meaning: MeaningSettings = MeaningSettings()
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
