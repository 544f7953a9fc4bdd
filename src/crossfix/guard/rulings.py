"""From what policies say to what the guard does about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crossfix.accounts.standing import Tier
from crossfix.guard.decision import ANSWERS, Answer
from crossfix.guard.ruling import Rules, Ruling
from crossfix.policy import Facts, Hit, Memory, Policy, compile_policies
from crossfix.store.counters import Ask, ProcessLimiter

_HOLDING = frozenset({"throttle", "challenge", "block"})
_STATES = {"watch": "watched", "limit": "limited"}


def rules_of(policies: Iterable[Policy], memory: Memory | None = None) -> Rules:
    """Return policies as the guard asks them; drafts are left out.

    ``memory`` is what they count with; one that was used with other policies goes on with what
    these have in common with them. A throttle's rate is counted for each account and policy.
    """
    return PolicyRules(policies, Memory() if memory is None else memory)


class PolicyRules:
    """Policies made ready for one guard; see `rules_of`."""

    def __init__(self, policies: Iterable[Policy], memory: Memory) -> None:
        known = {policy.id: policy for policy in policies}
        self._ruleset = compile_policies(known.values())
        self._memory = memory
        self._paces = ProcessLimiter()
        self._texts = {id: (said(policy), policy.text) for id, policy in known.items()}
        self._holding = frozenset(
            action
            for policy in known.values()
            if policy.status == "live" and any(e.kind in _HOLDING for e in policy.effects)
            for action in policy.when.actions
        )

    def __call__(self, facts: Facts) -> list[Ruling]:
        """Rule on an event, once."""
        hits = self._ruleset.judge(facts, self._memory)
        if not hits:
            return []
        texts, paces = self._texts, self._paces
        return [_ruling(hit, texts[hit.policy], facts, paces) for hit in hits]

    def rehearse(self, facts: Facts) -> list[Ruling]:
        """Return what would be ruled on an event that still grows; nothing is counted.

        What a throttle would make of it is not known then: it flags.
        """
        hits = self._ruleset.rehearse(facts, self._memory)
        return [_ruling(hit, self._texts[hit.policy], facts, None) for hit in hits]

    def refuses(self, action: str) -> bool:
        """Say whether a live policy can hold up an event of an action."""
        return action in self._holding


def said(policy: Policy, language: str = "en") -> str:
    """Return what a person reads of a policy, in a language if it has that."""
    text = policy.text
    return text.get(language) or next(iter(text.values()), "") or policy.title


def _ruling(
    hit: Hit, said: tuple[str, Mapping[str, str]], facts: Facts, paces: ProcessLimiter | None
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
        elif kind == "throttle" and paces is not None and not hit.shadow:
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
