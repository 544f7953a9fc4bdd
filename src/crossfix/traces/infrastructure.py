"""Infrastructure in common: what accounts act from, pay with and are reached at.

Each kind is the value of one reserved attribute, brought to one spelling.
"""

from __future__ import annotations

import ipaddress
import re
from abc import abstractmethod
from functools import lru_cache
from typing import ClassVar

import pyarrow as pa

from crossfix.traces.columns import attribute, mapped
from crossfix.traces.free_mail import FREE_MAIL
from crossfix.traces.sample import sample
from crossfix.traces.trace import Example, Extractor, Keys

LONGEST = 256
"""Characters of a value that are looked at: longer ones are no key."""

_HEX = re.compile(r"[0-9a-f]{16,128}")


class Infrastructure(Extractor):
    """The value of one attribute, in one spelling."""

    family = "infrastructure"
    attribute: ClassVar[str]

    @abstractmethod
    def spell(self, value: str) -> str | None:
        """Return the one spelling of a value (no space around it), or None if it is no key."""

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Find the values."""
        found = attribute(events, self.attribute)
        if not len(found.rows):
            return found
        unique = found.values.dictionary_encode()
        spelled = [
            self.spell(value.strip()) if len(value) <= LONGEST else None
            for value in unique.dictionary.to_pylist()
        ]
        return mapped(found, pa.array(spelled, pa.string()).take(unique.indices))

    def _shows(self, *pairs: tuple[str, str | None]) -> list[Example]:
        """Return examples from values of the attribute and the keys they must leave."""
        return [
            Example(
                sample(action="login", attributes={self.attribute: value}), (key,) if key else ()
            )
            for value, key in pairs
        ]


def opaque(value: str) -> str | None:
    """Return an identifier in lower case, unless it stands for none."""
    value = value.lower()
    return None if value in _NO_VALUE or not value.strip("0-") else value


_NO_VALUE = frozenset({"", "none", "null", "nil", "nan", "n/a", "na", "unknown", "undefined", "-"})


class IpBlock(Infrastructure):
    """The block of an IP address: /24 of IPv4, /48 of IPv6. Private addresses say nothing."""

    kind = "ip_block"
    attribute = "ip"
    phrase = "acted from the same block of IP addresses"

    def spell(self, value: str) -> str | None:
        """Return the block in CIDR notation."""
        return _block(value)

    def examples(self) -> list[Example]:
        """Return addresses of both versions, and some that say nothing."""
        return self._shows(
            ("198.51.100.7", "198.51.100.0/24"),
            ("::ffff:198.51.100.200", "198.51.100.0/24"),
            ("2001:DB8:1:2::3", "2001:db8:1::/48"),
            ("10.0.0.1", None),
            ("127.0.0.1", None),
            ("localhost", None),
        )


_PRIVATE = tuple(
    ipaddress.ip_network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)


@lru_cache(maxsize=1 << 14)
def _block(value: str) -> str | None:
    try:
        address = ipaddress.ip_address(value.partition("%")[0].strip("[]"))
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    local = address.is_loopback or address.is_link_local or address.is_unspecified
    if local or address.is_multicast or any(address in net for net in _PRIVATE):
        return None
    length = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address, length), strict=False))


class Asn(Infrastructure):
    """The number of the autonomous system."""

    kind = "asn"
    attribute = "asn"
    phrase = "acted from the same network operator"

    def spell(self, value: str) -> str | None:
        """Return the number with ``AS`` before it."""
        found = re.fullmatch(r"(?:as)?\s?([0-9]{1,10})\b.*", value.lower(), re.ASCII | re.DOTALL)
        number = int(found[1]) if found else 0
        return f"AS{number}" if 0 < number < 2**32 else None

    def examples(self) -> list[Example]:
        """Return spellings of one number, and what is none."""
        return self._shows(
            ("64496", "AS64496"), ("as64496 Example Net", "AS64496"), ("0", None), ("x", None)
        )


class Device(Infrastructure):
    """The identifier of the device or browser."""

    kind = "device"
    attribute = "device"
    phrase = "used the same device"

    def spell(self, value: str) -> str | None:
        """Return the identifier; a privacy setting's all-zero one is none."""
        return opaque(value)

    def examples(self) -> list[Example]:
        """Return an identifier and two that are none."""
        zeros = "00000000-0000-0000-0000-000000000000"
        return self._shows(("D-77aF", "d-77af"), (zeros, None), ("unknown", None))


class Tls(Infrastructure):
    """The fingerprint of the TLS client hello (JA4)."""

    kind = "tls"
    attribute = "tls"
    phrase = "used the same TLS client"

    def spell(self, value: str) -> str | None:
        """Return the fingerprint."""
        return opaque(value)

    def examples(self) -> list[Example]:
        """Return a JA4 fingerprint and none."""
        ja4 = "t13d1516h2_8daaf6152771_b186095e22b6"
        return self._shows((ja4, ja4), (ja4.upper(), ja4), ("", None))


class Payment(Infrastructure):
    """The keyed hash of the payment instrument."""

    kind = "payment"
    attribute = "payment"
    phrase = "paid with the same instrument"

    def spell(self, value: str) -> str | None:
        """Return the hash."""
        return opaque(value)

    def examples(self) -> list[Example]:
        """Return a hash and none."""
        return self._shows(("PM-1f", "pm-1f"), ("null", None))


class EmailDomain(Infrastructure):
    """The domain of the account's e-mail address, unless anybody can get an address there."""

    kind = "email_domain"
    attribute = "email_domain"
    phrase = "registered with the same e-mail domain"

    def spell(self, value: str) -> str | None:
        """Return the domain in lower case."""
        domain = value.lower().rpartition("@")[2].strip(".")
        if not re.fullmatch(r"[^\s@/]+\.[^\s@/.]{2,}", domain):
            return None
        return None if domain in FREE_MAIL else domain

    def examples(self) -> list[Example]:
        """Return a domain, an address, a free mail provider."""
        return self._shows(
            ("Mail.Example", "mail.example"), ("a@mail.example", "mail.example"),
            ("gmail.com", None), ("x", None),
        )  # fmt: skip


class Certificate(Infrastructure):
    """The hash of a site's TLS certificate."""

    kind = "certificate"
    attribute = "certificate"
    phrase = "served the same TLS certificate"

    def spell(self, value: str) -> str | None:
        """Return the hash in plain hexadecimal."""
        plain = value.lower().removeprefix("sha256:").removeprefix("sha1:").replace(":", "")
        return plain if _HEX.fullmatch(plain) and plain.strip("0") else None

    def examples(self) -> list[Example]:
        """Return two spellings of one hash."""
        return self._shows(
            ("AB:CD:" * 9 + "AB:CD", "abcd" * 10), ("sha256:" + "ab" * 32, "ab" * 32), ("no", None)
        )


class Credential(Infrastructure):
    """The keyed hash of the credential that was used."""

    kind = "credential"
    attribute = "credential"
    phrase = "used the same credential"

    def spell(self, value: str) -> str | None:
        """Return the hash."""
        return opaque(value)

    def examples(self) -> list[Example]:
        """Return a hash and none."""
        return self._shows(("K-9c", "k-9c"), ("none", None))
