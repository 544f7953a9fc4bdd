"""E-mail addresses: what is one, whose it is, and which verify nothing."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

import msgspec

MOST_LENGTH = 254
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_SAME = {"googlemail.com": "gmail.com", "pm.me": "proton.me", "protonmail.com": "proton.me",
         "ya.ru": "yandex.ru", "yandex.com": "yandex.ru"}  # fmt: skip
_DOTS_MEAN_NOTHING = frozenset({"gmail.com"})


class Address(msgspec.Struct, frozen=True):
    """An address as mail goes there, its domain, and one form for all that reach one box."""

    text: str
    domain: str
    box: str


def address_of(text: str) -> Address | None:
    """Return an address, or nothing where a text is none.

    Tags after ``+`` and dots that a provider ignores lead to the same box.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or len(text) > MOST_LENGTH or not 0 < len(local) <= 64 or not _LOCAL.fullmatch(local):
        return None
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    if not _DOMAIN.fullmatch(domain):
        return None
    home = _SAME.get(domain, domain)
    name = local.lower().partition("+")[0] or local.lower()
    if home in _DOTS_MEAN_NOTHING:
        name = name.replace(".", "")
    return Address(text=f"{local}@{domain}", domain=domain, box=f"{name}@{home}")


def disposable(domain: str, blocked: Collection[str], allowed: Collection[str]) -> bool:
    """Say whether anybody has an address of a domain for a moment, or a setting blocks it.

    Names below such a domain count, too.
    """
    parts = domain.split(".")
    names = {".".join(parts[n:]) for n in range(len(parts) - 1)}
    if names & set(allowed):
        return False
    return bool(names & set(blocked)) or not names.isdisjoint(_known())


@cache
def _known() -> frozenset[str]:
    from disposable_email_domains import blocklist

    return frozenset(blocklist)
