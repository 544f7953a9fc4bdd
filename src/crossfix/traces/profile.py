"""Profiles made after one pattern: names, descriptions, pictures, times of creation."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crossfix.content import fold, fold_one, says_enough
from crossfix.traces.columns import attribute, choose
from crossfix.traces.fingerprint import digest, digests
from crossfix.traces.infrastructure import opaque
from crossfix.traces.sample import sample
from crossfix.traces.trace import Example, Extractor, Keys

_LONGEST_NAME = 64
_LONGEST_TIME = 64
_RUNS = re.compile(r"([A-Z][a-z]+)|([A-Z]{2,}|[A-Z])|([a-z]+)|([0-9]+)|([._\-])")


def name_shape(handle: str) -> str | None:
    """Return the pattern that a generated handle follows, or None if it looks chosen.

    ``First_Last84736251`` becomes ``Aa_Aa9{8}``: capitals, small letters, the separator, and how
    many digits. Only names that end in four digits or more have a shape: they are what account
    factories and sign-up suggestions make; a word is a name that somebody chose.
    """
    if not re.fullmatch(r"[A-Za-z0-9._\-]{6,64}", handle):
        return None
    digits = re.search(r"[0-9]+$", handle)
    if digits is None or len(digits[0]) < 4 or len(digits[0]) == len(handle):
        return None
    if len(digits[0]) == 4 and digits[0][:2] in ("19", "20"):
        return None  # a year of birth
    shape = []
    for capitalised, upper, lower, number, mark in _RUNS.findall(handle):
        shape.append(
            ("Aa" if capitalised else "A" if upper else "a" if lower else mark)
            or f"9{{{len(number)}}}"
        )
    return "".join(shape)


def created_at(value: str) -> datetime | None:
    """Return the time an account was made, from ISO 8601, in UTC; None for a bare date."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.{0,20}", value, re.ASCII):
        return None
    try:
        when = datetime.fromisoformat(value)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class ProfileBirth(Extractor):
    """Accounts of one service and one name pattern that were made within one hour.

    The pattern alone is common (services suggest such names), and so is the hour; together they
    are what a factory leaves.
    """

    kind = "profile_birth"
    attribute = "created"
    family = "profile"
    phrase = "was made in the same hour with a name of the same pattern"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Join service, hour and shape of name."""
        found = attribute(events, "created")
        rows, values = [], []
        shown = attribute(events, "display_name")
        # Few names have a shape: the others are passed over as a column.
        numbered = _numbered(events.column("account"))
        numbered[shown.rows[_numbered(shown.values)]] = True
        found = choose(found, numbered[found.rows])
        accounts = events.column("account").take(pa.array(found.rows)).to_pylist()
        names = dict(zip(shown.rows.tolist(), shown.values.to_pylist(), strict=True))
        entries = zip(found.rows.tolist(), found.values.to_pylist(), accounts, strict=True)
        for row, created, account in entries:
            value = _birth(account, created[:_LONGEST_TIME], names.get(row, "")[:_LONGEST_NAME])
            if value is not None:
                rows.append(row)
                values.append(value)
        return Keys(np.array(rows, dtype=np.int64), pa.array(values, pa.string()))

    def examples(self) -> list[Example]:
        """Return two accounts of one factory and one that chose its name."""

        def made(account: str, created: str) -> Example:
            key = ("x 2026-01-05T10 Aa_Aa9{8}",) if "_" in account else ()
            event = sample(action="profile", account=account, attributes={"created": created})
            return Example(event, key)

        return [
            made("x:Ada_Byron84736251", "2026-01-05T10:02:11Z"),
            made("x:Bob_Stone19283746", "2026-01-05T11:59:00+01:00"),
            made("x:ada", "2026-01-05T10:02:11Z"),
            made("x:Ada1985", "2026-01-05T10:02:11Z"),
        ]


def _numbered(names: pa.Array) -> NDArray[np.bool_]:
    """Tell which names end in four digits, as all do that have a shape."""
    found: NDArray[np.bool_] = np.array(pc.match_substring_regex(names, r"[0-9]{4}$"), np.bool_)
    return found


@lru_cache(maxsize=65_536)
def _birth(account: str, created: str, name: str) -> str | None:
    service, _, handle = account.partition(":")
    shape = name_shape(handle) or name_shape(name)
    when = created_at(created) if shape else None
    return f"{service} {when:%Y-%m-%dT%H} {shape}" if when else None


class ProfileBio(Extractor):
    """The digest of an account's folded description of itself, if it says enough."""

    kind = "profile_bio"
    attribute = "bio"
    family = "profile"
    phrase = "described itself in the same words"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Fold and digest the descriptions."""
        found = attribute(events, "bio")
        texts = fold(pc.utf8_slice_codeunits(found.values, 0, 1_000))
        texts_found = choose(Keys(found.rows, texts), says_enough(texts))
        return Keys(texts_found.rows, digests(texts_found.values))

    def examples(self) -> list[Example]:
        """Return two spellings of one description and one that is too short."""
        said = "Proud mother of three, patriot, coffee lover"
        key = (digest(fold_one(said)),)
        return [
            Example(sample(action="profile", attributes={"bio": said}), key),
            Example(sample(attributes={"bio": said.upper() + " https://t.co/x"}), key),
            Example(sample(action="profile", attributes={"bio": "Coffee lover"}), ()),
        ]


class ProfileAvatar(Extractor):
    """The hash of an account's picture."""

    kind = "profile_avatar"
    attribute = "avatar"
    family = "profile"
    phrase = "used the same profile picture"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Find the hashes; those of blank pictures are none."""
        found = attribute(events, "avatar")
        spelled = [_picture(value[:300].strip()) for value in found.values.to_pylist()]
        return choose(Keys(found.rows, pa.array(spelled, pa.string())), None)

    def examples(self) -> list[Example]:
        """Return a picture and a blank one."""
        return [
            Example(sample(action="profile", attributes={"avatar": "C3a1"}), ("c3a1",)),
            Example(sample(action="profile", attributes={"avatar": "0000"}), ()),
        ]


def _picture(value: str) -> str | None:
    plain = opaque(value)
    default = plain is None or "default_profile" in plain or not plain.strip("f")
    return None if default or len(value) > 256 else plain
