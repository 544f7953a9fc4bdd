"""One typed settings object: file < environment < argument."""

from crossfix.config.key import secret_key
from crossfix.config.loading import (
    NOT_SETTINGS,
    SettingDescription,
    describe_settings,
    load_settings,
)
from crossfix.config.settings import PrivacySettings, Settings, StoreSettings

__all__ = [
    "NOT_SETTINGS",
    "PrivacySettings",
    "SettingDescription",
    "Settings",
    "StoreSettings",
    "describe_settings",
    "load_settings",
    "secret_key",
]
