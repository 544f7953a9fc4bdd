"""The effects of a policy, read and checked against the actions it looks at."""

from __future__ import annotations

from crossfix.accounts.standing import TIERS
from crossfix.policy.document import Document, Node
from crossfix.policy.duration import LONGEST_EFFECT, rate, seconds
from crossfix.policy.mistake import nearest
from crossfix.policy.policy import ANSWERING, EFFECTS, Effect
from crossfix.policy.reading import lasting, mapping, shaped
from crossfix.policy.vocabulary import OBSERVED, OUTWARD

Placed = tuple[Effect, Node]


def read_effects(document: Document, node: Node) -> list[Placed] | None:
    """Read the list of effects, each with its place."""
    nodes = node.value if node.kind == "list" else [node]
    found: list[Placed] = []
    for one in nodes:
        effect = _effect(document, one)
        if effect is None:
            continue
        if any(effect.kind == known.kind != "label" for known, _ in found):
            document.wrong(one, f"{effect.kind} stands here twice")
        else:
            found.append((effect, one))
    if not nodes:
        document.wrong(node, "a policy has at least one effect")
    return found


def _effect(document: Document, node: Node) -> Effect | None:
    if node.kind == "text":
        return _bare(document, node)
    if node.kind != "mapping" or len(node.pairs()) != 1:
        document.wrong(node, "an effect is a word, or one word with its value, as in limit: 1d")
        return None
    key, value = node.pairs()[0]
    kind = str(key.value)
    if kind not in EFFECTS:
        document.wrong(key, f"there is no effect {kind!r}{nearest(kind, EFFECTS)}")
        return None
    if kind in ("flag", "block", "notify"):
        document.wrong(value, f"{kind} stands alone, without a value")
        return None
    if kind == "throttle":
        found = rate(str(value.value)) if value.kind == "text" else None
        if found is None:
            document.wrong(value, "a rate is written as 10/m or 100/6h")
            return None
        return Effect(kind="throttle", requests=found[0], seconds=found[1])
    if kind == "challenge":
        return _challenge(document, value)
    if kind == "label":
        return _label(document, value)
    lasts = seconds(str(value.value), LONGEST_EFFECT) if value.kind == "text" else None
    if lasts is None:
        document.wrong(value, f"{kind} lasts for a time: 30s, 10m, 6h or 7d")
        return None
    return Effect(kind=kind, seconds=lasts)


def _bare(document: Document, node: Node) -> Effect | None:
    kind = str(node.value)
    if kind not in EFFECTS:
        document.wrong(node, f"there is no effect {kind!r}{nearest(kind, EFFECTS)}")
        return None
    needs = {"throttle": "10/m", "challenge": "email", "watch": "1h", "limit": "1d",
             "label": "{name: lures, for: 7d}"}  # fmt: skip
    if kind in needs:
        document.wrong(node, f"{kind} needs a value, as in {kind}: {needs[kind]}")
        return None
    return Effect(kind=kind)


def _challenge(document: Document, node: Node) -> Effect | None:
    tier = str(node.value)
    if tier not in TIERS[1:]:
        document.wrong(node, f"there is no tier {tier!r} to ask for{nearest(tier, TIERS[1:])}")
        return None
    return Effect(kind="challenge", tier=tier)


def _label(document: Document, node: Node) -> Effect | None:
    name = shaped(r"[a-z0-9][a-z0-9_-]{0,63}", "a label has a-z, 0-9, - and _")
    found = mapping(document, node, {"name": name, "for": lasting(LONGEST_EFFECT)}, "a label")
    if found is None or len(found) < 2:
        if found is not None and not any(k.value in ("name", "for") for k, _ in node.pairs()):
            document.wrong(node, "a label has a name and a time: {name: lures, for: 7d}")
        elif found is not None and len(node.pairs()) < 2:
            document.wrong(node, "a label has both a name and a time: {name: lures, for: 7d}")
        return None
    return Effect(kind="label", label=found["name"], seconds=found["for"])


def unreachable(document: Document, effects: list[Placed], actions: frozenset[str]) -> None:
    """Note the effects that can never be seen."""
    answers = [(ANSWERING.index(e.kind), e, node) for e, node in effects if e.kind in ANSWERING]
    strongest = max((rank for rank, _, _ in answers), default=0)
    for rank, effect, node in answers:
        if rank < strongest:
            stronger = ANSWERING[strongest]
            document.wrong(node, f"{effect.kind} is never seen: {stronger} stands beside it")
        elif effect.kind == "block" and actions <= frozenset(OBSERVED):
            document.wrong(node, _late("block", actions))
        elif effect.kind in ("throttle", "challenge") and actions <= {*OBSERVED, *OUTWARD}:
            document.wrong(node, _late(effect.kind, actions))


def _late(kind: str, actions: frozenset[str]) -> str:
    seen = " or ".join(sorted(actions))
    return f"{kind} is never seen: a {seen} is past asking; limit or watch the account instead"
