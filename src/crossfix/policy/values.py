"""What compiled conditions call at run time, and what the vocabulary's words mean exactly."""

from __future__ import annotations

from math import isnan

from crossfix.content.finding import Finding
from crossfix.policy.facts import Facts
from crossfix.policy.vocabulary import SCRIPTS

LONGEST_SHOWN = 200
_RANGES = (
    (0x0041, 0x024F, "latin"), (0x1E00, 0x1EFF, "latin"), (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "cyrillic"), (0x0590, 0x05FF, "hebrew"), (0x0600, 0x077F, "arabic"),
    (0x08A0, 0x08FF, "arabic"), (0x0900, 0x097F, "devanagari"), (0x0980, 0x09FF, "bengali"),
    (0x0E00, 0x0E7F, "thai"), (0x1100, 0x11FF, "hangul"), (0xAC00, 0xD7AF, "hangul"),
    (0x3040, 0x30FF, "kana"), (0x3400, 0x4DBF, "han"), (0x4E00, 0x9FFF, "han"),
    (0xFB50, 0xFDFF, "arabic"), (0x20000, 0x3134F, "han"),
)  # fmt: skip


def found(findings: tuple[Finding, ...], check: str, name: str) -> bool:
    """Tell whether a check found something, of this name unless it is empty."""
    return any(f.check == check and (not name or f.name == name) for f in findings)


def score(findings: tuple[Finding, ...], name: str, check: str) -> float:
    """Return the highest score of findings of a name, of this check unless it is empty."""
    scores = [f.score for f in findings if f.name == name and (not check or f.check == check)]
    return max(scores, default=0.0)


def amount(attributes: dict[str, str], name: str) -> int:
    """Return an attribute as a whole number, 0 where it is none."""
    text = attributes.get(name, "")
    return int(text) if len(text) < 16 and text.isascii() and text.isdigit() else 0


def words(text: str) -> int:
    """Return the number of words in the first 20,000 characters."""
    return len(text[:20_000].split())


def script(text: str) -> str:
    """Return the writing system of most of the first 400 letters; ``other`` without letters."""
    if text.isascii():
        return "latin" if any(map(str.isalpha, text[:400])) else "other"
    counts = dict.fromkeys(SCRIPTS, 0)
    for char in text[:400]:
        if char.isalpha():
            point = ord(char)
            name = next((n for first, last, n in _RANGES if first <= point <= last), "other")
            counts[name] += 1
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else "other"


def hour(time: float) -> int:
    """Return the hour of the day in UTC."""
    return int(time // 3600 % 24)


def weekday(time: float) -> int:
    """Return the day of the week in UTC, 0 for Monday: 1 January 1970 was a Thursday."""
    return int((time // 86_400 + 3) % 7)


def ip_block(address: str) -> str:
    """Return the /24 of an IPv4 address, the /48 of an IPv6 address."""
    if ":" not in address:
        return address.rpartition(".")[0]
    if address.lower().startswith("::ffff:") and "." in address:
        return address[7:].rpartition(".")[0]
    head, gap, _ = address.lower().partition("::")
    parts = head.split(":") if head else []
    if gap:
        parts += ["0"] * 3
    return ":".join(part.lstrip("0") or "0" for part in parts[:3])


def divided(left: float, right: float) -> float:
    """Return a quotient, unknown where there is none."""
    return left / right if right else float("nan")


def differ(left: object, right: object) -> bool:
    """Tell whether two known values differ; what is unknown differs from nothing."""
    return left != right and left == left and right == right


def shown(value: object) -> str:
    """Return a value as evidence shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "unknown" if isnan(value) else f"{value:.6g}"
    if isinstance(value, tuple):
        return " ".join(value)[:LONGEST_SHOWN]
    return str(value)[:LONGEST_SHOWN]


def value_of(facts: Facts, name: str) -> str | tuple[str, ...]:
    """Return what a group or a value of `distinct` is called in an event, empty where it is not."""
    if name == "all":
        return "all"
    if name == "ip_block":
        return ip_block(facts.attributes.get("ip", ""))
    if name in Facts.__struct_fields__:
        found: str | tuple[str, ...] = getattr(facts, name)
        return found
    return facts.attributes.get(name, "")


def amount_of(facts: Facts, name: str) -> int:
    """Return what `sum` adds for an event."""
    if name == "tokens":
        return facts.tokens
    if name == "length":
        return len(facts.text)
    return amount(facts.attributes, name)
