"""Indicators: values that somebody wants recognised, with who says so and how surely."""

from __future__ import annotations

import re
from typing import Literal, get_args

import msgspec

from crossfix.content.plain import plain, without_links
from crossfix.errors import InputError
from crossfix.traces.canonical_url import canonical_url
from crossfix.traces.fingerprint import digest

Kind = Literal["domain", "url", "hash", "phrase", "regex", "text", "near_text"]

KINDS: tuple[Kind, ...] = get_args(Kind)
"""What an indicator's value is. The last two are fingerprints: the digest of a folded text, and
the signature of a text that its near-duplicates nearly share."""

LEAST_PHRASE = 3
LONGEST_PHRASE = 300
_DEFANGED = re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}")
_DIGEST = re.compile(r"[0-9a-f]{32}")
_SIGNATURE = re.compile(r"[0-9a-f]{512}")


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """A value to match, with its source, marking, confidence and expiry.

    ``value`` is in the one spelling of its kind, as `indicator` makes it. ``marking`` is a TLP
    label, ``confidence`` from 0 to 1, ``expires`` in seconds since 1970 UTC or None, ``text`` the
    reason that a person is told.
    """

    id: str
    kind: Kind
    value: str
    source: str = ""
    marking: str = "TLP:AMBER"
    confidence: float = 1.0
    expires: float | None = None
    text: str = ""

    def holds(self, now: float) -> bool:
        """Tell whether it has not run out."""
        return self.expires is None or now < self.expires


def indicator(kind: str, value: str, **rest: object) -> Indicator:
    """Return the indicator of a value, brought to the one spelling of its kind.

    Defanged addresses (``hxxp``, ``[.]``) are taken as meant. Without an ``id`` it gets one made
    from kind, value and source.

    Raises:
        InputError: there is no such kind, or the value is none of its kind.
    """
    spelled = spelling(kind, value)
    fields = {name: given for name, given in rest.items() if given is not None and given != ""}
    fields.setdefault("id", digest(f"{kind}\x1f{spelled}\x1f{fields.get('source', '')}")[:16])
    try:
        found = msgspec.convert(fields | {"kind": kind, "value": spelled}, Indicator, strict=False)
    except msgspec.ValidationError as e:
        raise InputError(f"An indicator is not as it should be: {e}.") from None
    if not 0 <= found.confidence <= 1:
        raise InputError(f"A confidence is from 0 to 1, not {found.confidence:g}.")
    return found


def spelling(kind: str, value: str) -> str:
    """Return the one spelling of a value of this kind.

    Raises:
        InputError: there is no such kind, or the value is none of its kind.
    """
    value = value.strip()
    if kind in ("domain", "url"):
        return _address(kind, value)
    if kind == "phrase":
        folded = without_links(plain(value[: 4 * LONGEST_PHRASE]))
        if LEAST_PHRASE <= len(folded) <= LONGEST_PHRASE:
            return folded
        raise InputError(
            f"A phrase has {LEAST_PHRASE} to {LONGEST_PHRASE} characters, not {len(folded)}."
        )
    if kind == "regex":
        if value:
            return value
        raise InputError("A regular expression is empty.")
    shapes = {"hash": _HASH, "text": _DIGEST, "near_text": _SIGNATURE}
    if kind not in shapes:
        raise InputError(f"There is no kind {kind!r}: {', '.join(KINDS)}.")
    if shapes[kind].fullmatch(value.lower()):
        return value.lower()
    raise InputError(f"This is no value of kind {kind}: {value[:80]!r}.")


def refanged(value: str) -> str:
    """Return an address as it is meant, without what keeps it from being followed."""
    value = _DEFANGED.sub(".", value)
    return re.sub(r"^(?:hxxp|h\*\*p|htxp)(s?)(?=\[?:)", r"http\1", value, flags=re.I).replace(
        "[:]", ":"
    )


def _address(kind: str, value: str) -> str:
    meant = refanged(value)
    if kind == "domain":
        meant = meant.removeprefix("*.").strip(".")
    spelled = canonical_url(meant if "://" in meant else f"http://{meant}")
    if spelled and "." in spelled and (kind == "url" or not re.search(r"[/?#:\[]", spelled)):
        return spelled
    raise InputError(f"This is no {'address' if kind == 'url' else 'domain'}: {value[:80]!r}.")
