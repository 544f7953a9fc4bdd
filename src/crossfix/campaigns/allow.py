"""Allow-lists: families of accounts that act as one and are known, such as a newsroom's pages.

::

    # A family is a name in brackets, a reason, and its accounts, one a line.
    [Example Times]
    reason: pages of one publisher, confirmed by its imprint
    x:exampletimes
    facebook:example-times-*

An account is ``service:native-id``; a star at the end stands for the rest of the id, after three
characters of it at least. A campaign that a family covers is marked, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from crossfix.errors import InputError

_MOST_BYTES = 16 << 20
_LONGEST_LINE = 1_000
_SECTION = re.compile(r"\[([^\[\]]{1,200})\]")
_ACCOUNT = re.compile(r"([a-z0-9._-]{1,64}(?::[a-z0-9._-]{1,64})?):([^\s*]{1,500})(\*?)", re.I)


@dataclass
class Family:
    """Accounts that belong together and may act as one."""

    name: str
    line: int
    reason: str = ""
    accounts: set[str] = field(default_factory=set)
    prefixes: set[str] = field(default_factory=set)

    def __contains__(self, account: str) -> bool:
        lengths = {len(p) for p in self.prefixes}
        return account in self.accounts or any(account[:n] in self.prefixes for n in lengths)


@dataclass(frozen=True)
class AllowList:
    """The families of one or more files."""

    families: tuple[Family, ...] = ()

    def covering(self, members: Collection[str]) -> str | None:
        """Return the family that covers four members in five, with its reason, if one does."""
        best, entry = 0, None
        for family in self.families:
            covered = sum(account in family for account in members)
            if covered > best and 5 * covered >= 4 * len(members):
                best, entry = covered, f"{family.name}: {family.reason}"
        return entry


def read_allow_list(path: Path) -> AllowList:
    """Read an allow-list.

    Raises:
        InputError: the file cannot be read, or a line of it cannot be understood.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise InputError("an allow-list may have 16 MB", path=str(path))
        text = content.decode("utf-8-sig")
    except OSError as e:
        raise InputError(f"the allow-list cannot be read: {e.strerror or e}", path=str(path)) from e
    except UnicodeDecodeError as e:
        line = content[: e.start].count(b"\n") + 1
        raise InputError("this is not UTF-8", path=str(path), line=line) from e
    return parse_allow_list(text, str(path))


def parse_allow_list(text: str, path: str) -> AllowList:
    """Parse an allow-list; ``path`` is what errors call it."""
    families: dict[str, Family] = {}
    family: Family | None = None
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if len(line) > _LONGEST_LINE:
            raise InputError("a line may have 1,000 characters", path=path, line=number)
        section = _SECTION.fullmatch(line)
        if section:
            family = _open(section[1].strip(), number, families, path)
        elif family is None:
            raise InputError(
                "an account before the first family", path=path, line=number,
                hint="Begin with the family's name in brackets: [Example Times]",
            )  # fmt: skip
        elif line.startswith("reason:"):
            family.reason = _reason(line[7:].strip(), family, path, number)
        else:
            _account(line, family, path, number)
    for family in families.values():
        if not family.reason or not (family.accounts or family.prefixes):
            lacks = "accounts" if family.reason else "reason"
            raise InputError(f"family {family.name!r} has no {lacks}", path=path, line=family.line)
    return AllowList(tuple(families.values()))


def _open(name: str, line: int, families: dict[str, Family], path: str) -> Family:
    if not name or not name.isprintable():
        raise InputError("a family needs a name of printable characters", path=path, line=line)
    if name in families:
        raise InputError(f"family {name!r} stands there twice", path=path, line=line)
    families[name] = Family(name, line)
    return families[name]


def _reason(reason: str, family: Family, path: str, line: int) -> str:
    if not reason or family.reason or not reason.isprintable():
        said = "a second reason" if family.reason else "a reason needs printable words"
        raise InputError(said, path=path, line=line)
    return reason


def _account(said: str, family: Family, path: str, line: int) -> None:
    found = _ACCOUNT.fullmatch(said)
    if not found or not said.isprintable():
        raise InputError(
            "this is neither an account, a reason nor a family", path=path, line=line,
            hint="An account is service:id, or service:prefix* for all ids that begin so.",
        )  # fmt: skip
    if not found[3]:
        family.accounts.add(said)
    elif len(found[2]) >= 3:
        family.prefixes.add(said[:-1])
    else:
        raise InputError("a star needs three characters of the id before it", path=path, line=line)
