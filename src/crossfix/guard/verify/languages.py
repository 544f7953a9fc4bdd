"""The languages of the page: what it says in each, and which one a visitor reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from crossfix.guard.accepted import accepted_languages

LANGUAGES: dict[str, str] = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "pt": "Português",
    "ru": "Русский",
    "ar": "العربية",
    "zh": "中文",
}
"""Code -> the language's own name; the first holds where no other is asked for."""

RIGHT_TO_LEFT = frozenset({"ar"})


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return everything that the page says in a language."""
    file = resources.files("crossfix.guard.verify").joinpath("texts", f"{language}.json")
    found: dict[str, str] = json.loads(file.read_text("utf-8"))
    return found


def chosen(wanted: str, accepted: str) -> str:
    """Return the language of a page: the one that is wanted, else the best one accepted.

    ``accepted`` is an ``Accept-Language`` header.
    """
    if wanted in LANGUAGES:
        return wanted
    codes = (name.partition("-")[0] for name in accepted_languages(accepted))
    return next((code for code in codes if code in LANGUAGES), next(iter(LANGUAGES)))
