"""From what policies say to what the guard does about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crossfix.accounts.standing import Tier
from crossfix.guard.decision import ANSWERS, Answer
from crossfix.guard.ruling import Rules, Ruling
from crossfix.policy import Facts, Hit, Memory, Policy, compile_policies
from crossfix.store.counters import Ask, ProcessLimiter

_STATES = {"watch": "watched", "limit": "limited"}


def rules_of(policies: Iterable[Policy], memory: Memory | None = None) -> Rules:
    """Return policies as the guard asks them; drafts are left out.

    ``memory`` is what they count with; one that was used with other policies goes on with what
    these have in common with them. A throttle's rate is counted for each account and policy.
    """
    known = {policy.id: policy for policy in policies}
    ruleset = compile_policies(known.values())
    remembered = Memory() if memory is None else memory
    paces = ProcessLimiter()
    texts = {id: (said(policy), policy.text) for id, policy in known.items()}

    def rules(facts: Facts) -> list[Ruling]:
        hits = ruleset.judge(facts, remembered)
        return [_ruling(hit, texts[hit.policy], facts, paces) for hit in hits] if hits else []

    return rules


def said(policy: Policy, language: str = "en") -> str:
    """Return what a person reads of a policy, in a language if it has that."""
    text = policy.text
    return text.get(language) or next(iter(text.values()), "") or policy.title


def _ruling(
    hit: Hit, said: tuple[str, Mapping[str, str]], facts: Facts, paces: ProcessLimiter
) -> Ruling:
    answer: Answer = "allow"
    found: dict[str, object] = {}
    labels: dict[str, float] = {}
    for effect in hit.effects:
        kind, seconds = effect.kind, effect.seconds or 0.0
        asked: Answer = "flag"
        if kind == "label":
            labels[str(effect.label)] = seconds
        elif kind == "notify":
            found["notify"] = True
        elif kind in _STATES:
            found |= {"state": _STATES[kind], "state_seconds": seconds}
        elif kind == "challenge":
            asked, found["tier"] = "challenge", _tier(effect.tier)
        elif kind == "block":
            asked = "block"
        elif kind == "throttle" and not hit.shadow:
            pace = Ask(f"{hit.policy}\x1f{facts.account}", effect.requests or 1, seconds)
            wait = paces.take([pace], facts.time).answers[0].retry_seconds
            if wait:
                asked, found["retry_seconds"] = "throttle", wait
        answer = max(answer, asked, key=ANSWERS.index)
    return Ruling(
        policy=hit.policy, answer=answer, text=said[0], wording=said[1], shadow=hit.shadow,
        labels=labels, evidence=hit.evidence, **found,  # type: ignore[arg-type]
    )  # fmt: skip


def _tier(name: str | None) -> Tier:
    return name or "proof_of_work"  # type: ignore[return-value]
