"""Senders of mails as headers and tables write them: one account a mailbox.

``"Ann" <Ann+news@Example.org>`` and ``ann@example.org`` are one mailbox: the name is what is shown,
case means nothing to any server in use, and what follows a plus is a label of one's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import policy
from email.errors import MessageError

import pyarrow as pa
import pyarrow.compute as pc

EMAIL = "email"

SENDER_COLUMNS = frozenset(
    ("from", "sender", "from_address", "from_email", "mail_from", "sender_address", "sender_email")
)
"""Normalised names of columns that hold the senders of mails, if most of it is addresses."""

# What Python's parser of headers is known to raise on hostile ones, besides its own errors.
FAULTS = (
    MessageError, ValueError, TypeError, LookupError, AttributeError, AssertionError,
    RecursionError,
)  # fmt: skip
_BRACKETED = re.compile(r"<([^<>\s]{1,200}@[^<>\s]{1,255})>")
_BARE = re.compile(r"(?<![^\s<(\"',;:])([^\s<>()\"',;:@]{1,200}@[^\s<>()\"',;:@]{1,255})")
_PLAIN = re.compile(r"(?:([A-Za-z]{1,40}(?: [A-Za-z]{1,40}){0,3}) )?(<)?([A-Za-z0-9]{1,60}@"
                    r"[A-Za-z0-9-]{1,60}(?:\.[A-Za-z0-9-]{1,60}){1,4})(?(2)>)")  # fmt: skip
_LONGEST = 4096


@dataclass(frozen=True)
class Senders:
    """Columns, null where there is no address: the mailbox, the address, its domain, the name."""

    mailbox: pa.Array
    address: pa.Array
    domain: pa.Array
    name: pa.Array


def written(value: str | None) -> tuple[str | None, str | None]:
    """Return (display name, address in lower case) of the first address of a header."""
    if not value:
        return None, None
    plain = _PLAIN.fullmatch(value)
    if plain and (plain[2] or not plain[1]):
        return plain[1], plain[3].lower()
    return _parsed(value)


def _parsed(value: str) -> tuple[str | None, str | None]:
    line = re.sub(r"[\r\n]+\s*", " ", value)
    name, address = "", ""
    try:
        first = policy.default.header_factory("from", line).addresses[0]
        name, address = first.display_name, first.addr_spec
    except FAULTS:
        pass
    if "@" not in address.strip("<>@"):
        found = _BRACKETED.search(line) or _BARE.search(line)
        address = found.group(1) if found else ""
        name = name or decoded("subject", line[: found.start()] if found else line) or ""
    address = "".join(address.split()).strip("<>\"'").lower()
    name = name.replace("\x00", "").strip(' "')
    return name or None, address if "@" in address.strip("@") else None


def decoded(name: str, value: str | None) -> str | None:
    """Return a header's text with its encoded words decoded."""
    if value is None:
        return None
    line = re.sub(r"[\r\n]+\s*", " ", value)
    try:
        text = str(policy.default.header_factory(name, line))
    except FAULTS:
        text = line
    return text.replace("\x00", "").strip() or None


def mailbox(address: str) -> str:
    """Return an address (in lower case) without the label after a plus."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def addresses_in(values: pa.Array) -> float:
    """Return the share of the values (strings, nulls aside) that hold an address of a mail."""
    known = pc.drop_null(values)
    if not len(known):
        return 0.0
    found = pc.match_substring_regex(known, r"(^|[\s<(\"'])[^\s<>@\"']+@[^\s<>@\"']*[^\s<>@\"'.]")
    return float(pc.mean(found.cast(pa.float64())).as_py())


def senders(values: pa.Array) -> Senders:
    """Return what a column of senders says; each different value is looked at once."""
    coded = values.dictionary_encode()
    rows = []
    for value in coded.dictionary.to_pylist():
        name, address = written(value[:_LONGEST])
        rows.append(
            (address and mailbox(address), address, address and address.rpartition("@")[2], name)
        )
    columns = zip(*rows, strict=True) if rows else ((), (), (), ())
    taken = (pa.array(column, pa.string()).take(coded.indices) for column in columns)
    return Senders(*taken)


def addresses(values: pa.Array) -> pa.Array:
    """Return the first address of each value, as it is where it holds none."""
    return pc.coalesce(senders(values).address, values)
