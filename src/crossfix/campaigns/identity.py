"""Identity that lasts: which campaign of the run before a community is."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec

from crossfix.campaigns.campaign import Change
from crossfix.errors import InputError

FILE = "campaigns.jsonl"
_LONGEST_LINE = 256 << 20


@dataclass(frozen=True)
class Known:
    """A campaign of an earlier run: its id and the accounts that were its members."""

    id: str
    members: frozenset[str]


What = Literal["new", "same", "grown", "shrunk", "split", "merged"]


class _SavedMember(msgspec.Struct):
    account: str


class _Saved(msgspec.Struct):
    id: str
    members: list[_SavedMember]


def load_previous(directory: Path) -> list[Known]:
    """Read the campaigns that an earlier hunt wrote to a folder.

    Raises:
        InputError: the folder has no ``campaigns.jsonl``, or a line of it is not a campaign.
    """
    path = directory / FILE
    known: dict[str, Known] = {}
    decoder = msgspec.json.Decoder(_Saved)
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), 1):
                if not line.strip():
                    continue
                saved = _decode(decoder, line, path, number)
                if saved.id in known:
                    raise InputError(
                        f"campaign {saved.id!r} stands there twice", path=str(path), line=number
                    )
                known[saved.id] = Known(saved.id, frozenset(m.account for m in saved.members))
    except OSError as e:
        raise InputError(
            f"the earlier hunt cannot be read: {e.strerror or e}",
            path=str(path),
            hint=f"Give the folder that an earlier hunt wrote; it holds {FILE}.",
        ) from e
    return list(known.values())


def _decode(decoder: msgspec.json.Decoder[_Saved], line: bytes, path: Path, number: int) -> _Saved:
    try:
        saved = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise InputError(f"this is no campaign: {e}", path=str(path), line=number) from e
    if not saved.id or not saved.members:
        raise InputError(
            "this is no campaign: it has no id or no members", path=str(path), line=number
        )
    return saved


def birth_id(members: Iterable[str], taken: Set[str] = frozenset()) -> str:
    """Return the id of a new campaign: ``c-`` and ten letters made from its members at birth."""
    content = "\n".join(sorted(members))
    for attempt in range(1_000):
        digest = hashlib.blake2b(content.encode("utf-8", "surrogatepass"), salt=_salt(attempt))
        name = "c-" + base64.b32encode(digest.digest()).decode("ascii")[:10].lower()
        if name not in taken:
            return name
    raise AssertionError("a thousand ids of 50 bits are taken")


def _salt(attempt: int) -> bytes:
    return attempt.to_bytes(16, "little")


def match(previous: Sequence[Known], communities: Sequence[Set[str]]) -> list[tuple[str, Change]]:
    """Give each community its id and what became of it, in the order of the communities.

    A community continues a campaign if it holds half of the campaign's members, or if half of its
    own members come from it, and they have two members in common. Where several could, pairs are
    taken greedily by Jaccard similarity, then by common members, then by id, so that neither the
    order of campaigns nor that of communities matters. A campaign that went into a community
    without being continued by another was merged into it; a community that came out of a
    campaign that another continues was split from it.

    Communities must not share members.
    """
    old = sorted(previous, key=lambda k: k.id)
    common = _common(old, communities)
    continued = _continue(old, communities, common)
    taken = {k.id for k in old}
    ids: list[str] = [""] * len(communities)
    for c in sorted(range(len(communities)), key=lambda c: min(communities[c], default="")):
        ids[c] = old[continued[c]].id if c in continued else birth_id(communities[c], taken)
        taken.add(ids[c])
    changes = []
    for c, members in enumerate(communities):
        merged = _merged(c, old, common, continued)
        pieces, origin = _pieces(c, communities, common, continued)
        others = [old[k].id for k in merged] or [ids[d] for d in pieces]
        if origin is not None:
            others = [old[origin].id]
        before = old[continued[c]].members if c in continued else frozenset()
        what = _what(len(before), len(members), bool(merged), bool(pieces) or origin is not None)
        changes.append(
            Change(
                what=what,
                joined=tuple(sorted(members - before)) if before else (),
                left=tuple(sorted(before - members)),
                others=tuple(sorted(others)),
            )
        )
    return list(zip(ids, changes, strict=True))


_Common = dict[tuple[int, int], int]
"""(campaign, community) -> members in common."""


def _common(old: Sequence[Known], communities: Sequence[Set[str]]) -> _Common:
    campaigns: dict[str, list[int]] = defaultdict(list)
    for k, known in enumerate(old):
        for member in known.members:
            campaigns[member].append(k)
    counts = Counter((k, c) for c, members in enumerate(communities)
                     for member in members for k in campaigns.get(member, ()))  # fmt: skip
    return {
        (k, c): n
        for (k, c), n in counts.items()
        if n >= 2 and (2 * n >= len(old[k].members) or 2 * n >= len(communities[c]))
    }


def _continue(
    old: Sequence[Known], communities: Sequence[Set[str]], common: _Common
) -> dict[int, int]:
    """Return community -> campaign that it continues."""

    def order(pair: tuple[int, int]) -> tuple[Fraction, int, int, str]:
        k, c = pair
        n = common[pair]
        union = len(old[k].members) + len(communities[c]) - n
        return -Fraction(n, union), -n, k, min(communities[c])

    continued: dict[int, int] = {}
    used: set[int] = set()
    for k, c in sorted(common, key=order):
        if k not in used and c not in continued:
            continued[c] = k
            used.add(k)
    return continued


def _merged(c: int, old: Sequence[Known], common: _Common, continued: dict[int, int]) -> list[int]:
    """Return the campaigns that went into a community besides the one it continues."""
    kept = set(continued.values())
    return [
        k for k in range(len(old))
        if k not in kept and 2 * common.get((k, c), 0) >= len(old[k].members)
    ]  # fmt: skip


def _pieces(
    c: int, communities: Sequence[Set[str]], common: _Common, continued: dict[int, int]
) -> tuple[list[int], int | None]:
    """Return the communities split from this one's campaign, and the campaign it was split from."""

    def came_from(d: int, k: int) -> bool:
        return 2 * common.get((k, d), 0) >= len(communities[d])

    if c in continued:
        own = continued[c]
        fresh = (d for d in range(len(communities)) if d not in continued)
        return [d for d in fresh if came_from(d, own)], None
    kept = sorted(set(continued.values()))
    origins = [k for k in kept if came_from(c, k)]
    return [], max(origins, key=lambda k: (common[k, c], -k), default=None)


def _what(before: int, now: int, merged: bool, split: bool) -> What:
    if merged:
        return "merged"
    if split:
        return "split"
    if not before:
        return "new"
    return "same" if before == now else "grown" if now > before else "shrunk"
