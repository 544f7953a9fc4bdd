"""Policies and events for benchmarks, drawn from a seed."""

from __future__ import annotations

import random

from crossfix.policy import Facts, Policy
from crossfix.policy.check import check_policy

WORDS = [
    "account",
    "order",
    "refund",
    "invoice",
    "delivery",
    "travel",
    "recipe",
    "garden",
    "school",
    "lesson",
    "music",
    "picture",
    "story",
    "letter",
    "summary",
    "email",
    "meeting",
    "project",
    "report",
    "table",
    "function",
    "error",
    "python",
    "window",
    "market",
    "price",
    "health",
    "doctor",
    "family",
    "friend",
    "winter",
    "summer",
    "river",
    "mountain",
    "city",
    "train",
    "ticket",
    "hotel",
]
MODELS = ("small", "medium", "large", "vision")
TIERS = ("anonymous", "email", "code")
RARE = tuple(f"rareword{n}" for n in range(40))
PHRASES = tuple(f"{a} {b}" for a in RARE[:20] for b in RARE[20:])


def alone(draw: random.Random) -> str:
    """Return a condition that looks at one event: three comparisons, as rules commonly have."""
    return draw.choice(
        (
            "tokens > {n} and model == '{m}' and age_days < {d}",
            "risk > 0.{r} and tokens > {n} and key != organisation",
            "contains('{p}') and tokens > {t}",
            "any_of('{p}', '{q}') and age_days < {d}",
            "model in ('{m}', 'other') and tokens > {n} and risk > 0.{r}",
            "attribute('ip') == '10.0.0.{t}' and tokens > {n}",
        )
    ).format(
        n=draw.randint(3_500, 3_990), m=draw.choice(MODELS), d=draw.randint(1, 30),
        r=draw.randint(950, 990), p=draw.choice(PHRASES), q=draw.choice(PHRASES),
        t=draw.randint(1, 250),
    )  # fmt: skip


def windowed(draw: random.Random) -> str:
    """Return a condition that looks back in time."""
    return draw.choice(
        (
            "count('prompt', within='{w}', by='{g}') > {n} and tier < 'email'",
            "distinct('ip', within='{w}') > {d} and risk > 0.9",
            "sum('tokens', within='{w}', by='{g}') > {s}",
            "count('prompt', within='{w}') > {d} and similar_share(within='1h') > 0.9",
            "first_seen('ip') < 60 and count('prompt', within='{w}') > {n}",
            "count('prompt', within='{w}', by='ip_block') > {n} and age_days < {d}",
        )
    ).format(
        w=draw.choice(("1m", "10m", "1h", "1d")), g=draw.choice(("account", "ip", "key")),
        n=draw.randint(460, 520), d=draw.randint(16, 30), s=draw.randint(900_000, 1_000_000),
    )  # fmt: skip


def policies(draw: random.Random, single: int, looking_back: int) -> list[Policy]:
    """Return policies that all look at prompts, so that none is spared by its action."""
    texts = [alone(draw) for _ in range(single)] + [windowed(draw) for _ in range(looking_back)]
    made = []
    for number, text in enumerate(texts):
        file = f"title: t\nid: policy-{number}\nstatus: live\nwhen: prompt\neffects: flag\n"
        policy, mistakes = check_policy("p", f"{file}condition: |\n  {text}\n".encode())
        if policy is None:
            raise ValueError(mistakes)
        made.append(policy)
    return made


def events(draw: random.Random, count: int, words: int) -> list[Facts]:
    """Return prompts of so many words from 2,000 accounts, a hundred a second."""
    return [
        Facts(
            time=1_790_000_000.0 + n * 0.01, action="prompt", service="app", surface="ai",
            account=f"app:u{int(draw.triangular(0, 2000, 0))}", text=_text(draw, words),
            model=draw.choice(MODELS), key=f"k{draw.randint(1, 50)}", organisation="acme",
            tokens=draw.randint(10, 4_000), tier=draw.choice(TIERS), risk=draw.random(),
            age_days=draw.uniform(0, 400),
            attributes={"ip": f"10.0.{draw.randint(0, 40)}.{draw.randint(1, 250)}"},
        )
        for n in range(count)
    ]  # fmt: skip


def _text(draw: random.Random, words: int) -> str:
    chosen = draw.choices(WORDS, k=words)
    if draw.random() < 0.01:
        chosen[:2] = draw.choice(PHRASES).split()
    return " ".join(chosen)
