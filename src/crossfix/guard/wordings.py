"""What decisions say to people, in their languages: tables that `wordings.toml` holds."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

import msgspec

from crossfix.guard.accepted import accepted_languages
from crossfix.guard.codes import CODES, LIFTS, PHRASES

ENGLISH = "en"

LONGEST_ACCEPTED = 200
"""Characters of what says which languages a person reads that are kept with a request."""


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What decisions say in one language.

    ``reasons`` has for each code why and what lifts it, ``lifts`` what lifts a policy's answer,
    ``phrases`` what stands around them.
    """

    reasons: dict[str, tuple[str, str]]
    lifts: dict[str, str]
    phrases: dict[str, str]


@cache
def wordings() -> Mapping[str, Wording]:
    """Return what decisions say by language, English first."""
    text = (files("crossfix.guard") / "wordings.toml").read_text(encoding="utf-8")
    own = {code: (one.text, one.lifts) for code, one in CODES.items()}
    english = Wording(own, {str(answer): text for answer, text in LIFTS.items()}, PHRASES)
    return {ENGLISH: english} | msgspec.convert(tomllib.loads(text), dict[str, Wording])


def wording(language: str) -> Wording:
    """Return what decisions say in a language, in English where there is none such."""
    held = wordings()
    return held.get(language) or held[ENGLISH]


@lru_cache(maxsize=1_024)
def language_of(accepted: str) -> str:
    """Return the language to speak to a person, of those there are.

    ``accepted`` is an ``Accept-Language`` header, or the code of one language.
    """
    held = wordings()
    codes = (name.partition("-")[0] for name in accepted_languages(accepted))
    return next((code for code in codes if code in held), ENGLISH)
