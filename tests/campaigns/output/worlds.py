"""Fabricated results of a hunt, friendly and hostile, for tests of the writers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from crossfix.campaigns.campaign import Campaign, Change, Link, Member, Post, SharedKey, Tag
from crossfix.campaigns.result import (
    AccountScore,
    Edge,
    FileAccount,
    HuntResult,
    Limit,
    Node,
    Timeline,
)
from crossfix.network.layout import layout

START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 28

HOSTILE = (
    "<script>window.pwned = 1</script><img src=x onerror='window.pwned=2'>",
    "</script><!--<script>window.pwned=3//",
    "\u202egpj.exe\u202c looks harmless \u2066and\u2069 so on",
    "vo\u200bte\u200b\u200b\u200b now\ufeff \U000e0041\U000e0042 tagged",
    "{{ 7 * 7 }} {% raw %} ${7*7} javascript:alert(1)",
    "see http://evil.example/a?b=<i>&c='\"> and https://user:pw@bad.example.org:81/x",
    "Z̸̨̛̗̭̹͔̳̖̰̘͉̟͇̈́̈́̽͊̑́̒̈́̅̿͝͝a̵̡̢̛̛̬̼͇̟̟͈̎̂̇̈́̇l̴̢͈̝̭͔̗̩̒̈́̃̋͑̚ģ̷͖͕̼̐́̒͛̎̒͗̀ó",
    "👩‍👩‍👧 family 🇺🇦 🏴‍☠️ نیم‌فاصله \x00 nul \x07 bell \x1b[31m",
    "=HYPERLINK(\"http://evil.example\",\"click\")",
    "W" * 10_000,
)  # fmt: skip

STORIES = (
    ("BREAKING: the harbour bridge was closed tonight after officials hid the inspection report "
     "for months. Share before they delete it https://harbour-truth.example/report #BridgeGate",
     "url", "https://harbour-truth.example/report"),
    ("Nobody in the capital asked us. Sign the petition and tell your neighbours what the council "
     "has planned for our river #OurRiver", "near_text", "sign the petition and tell your"),
    ("Die Wahrheit über die Windräder, die man euch verschweigt: jetzt lesen, bevor es weg ist! "
     "https://wind-fakten.example/akte", "domain", "wind-fakten.example"),
    ("تم الكشف اليوم عن وثائق جديدة حول الصفقة، انشروا الحقيقة قبل أن تحذف #الحقيقة_الآن",
     "hashtag_set", "الحقيقة_الآن"),
    ("记者刚刚披露了一份关于港口合同的内部文件请大家转发扩散让更多人看到真相",
     "text", "记者刚刚披露了一份关于港口合同的内部文件"),
)  # fmt: skip
_OPENERS = ("", "Wow. ", "My cousin sent me this: ", "READ THIS!! ", "so it is true... ", "fyi → ")
_ENDINGS = ("", " Please RT", " 😡😡", " what do you think?", " (thread)", " !!!")
_SERVICES = ("x", "telegram", "facebook", "web:harbour-truth.example")
_KINDS = ("repost", "url", "near_text", "hashtag_set", "domain")


def world(
    campaigns: int = 9, accounts: int = 260, seed: int = 0, hostile: bool = True, size: int = 0
) -> HuntResult:
    """A hunt over ``accounts`` accounts; hostile strings stand wherever a stranger writes."""
    rng = np.random.default_rng(seed)
    sizes = [size or int(s) for s in np.maximum(3, rng.geometric(0.09, campaigns) + 2)]
    found = tuple(_campaign(i, s, rng, hostile) for i, s in enumerate(sizes))
    scores = _scores(found, max(accounts, sum(sizes)), rng, hostile)
    nodes, edges = _network(found, scores, rng)
    return HuntResult(
        seed=seed, version="0.1.0", files=_files(hostile),
        events=accounts * 37, services={"x": accounts * 30, "telegram": accounts * 6,
                                        "facebook": accounts},
        first=START, last=START + timedelta(days=DAYS),
        traces={kind: accounts * 11 * (i + 1) for i, kind in enumerate(_KINDS)},
        campaigns=found, accounts=scores, nodes=nodes, edges=edges,
        timeline=_timeline(found, accounts, rng),
        limits=(
            Limit(kind="url", key="https://viral.example/cat?<b>", accounts=accounts // 2,
                  shares=accounts * 2, window_seconds=60),
            Limit(kind="hashtag_set", key="monday", accounts=accounts // 3, shares=accounts,
                  window_seconds=0),
        ),
        notes=("Reposts are compared as a kind of their own.",),
    )  # fmt: skip


def tables() -> tuple[pa.Table, pa.Table]:
    """Links and evidence as the campaign stage passes them in."""
    links = pa.table({
        "account_a": ["x:1", "x:2"], "account_b": ["x:2", "x:3"], "kind": ["url", "repost"],
        "window": pa.array([60, 3600], pa.int64()), "shared_keys": pa.array([4, 9], pa.int64()),
        "expected": [0.01, 0.2], "llr": [41.5, 80.25], "q_value": [1e-9, 1e-12],
    })  # fmt: skip
    evidence = pa.table({"campaign": ["a", "a"], "text": ["<b>", None]})
    return links, evidence


def empty() -> HuntResult:
    """A hunt over files in which nothing could be read."""
    return HuntResult(
        seed=0, version="0.1.0",
        files=(FileAccount(path="posts.csv", format="posts", read=0, skipped={"no account": 3}),),
        events=0, services={}, first=None, last=None, traces={}, campaigns=(), accounts=(),
        nodes=(), edges=(), timeline=None,
    )  # fmt: skip


def _files(hostile: bool) -> tuple[FileAccount, ...]:
    name = "data/<b>posts\u202e.csv" if hostile else "data/posts.csv"
    return (
        FileAccount(path=name, format="posts", read=9_321,
                    skipped={"the time is in the future": 12, "no account": 3},
                    notes=("The column created_at was read as time.",)),
        FileAccount(path="data/telegram.json", format="telegram", read=299, skipped={}),
    )  # fmt: skip


def _name(c: int, i: int) -> str:
    word = ("liberty", "river", "maria", "news24", "ok")[c % 5]
    return f"{_SERVICES[(i + c) % 3]}:{word}_{c}_{i:03}"


def _campaign(c: int, size: int, rng: np.random.Generator, hostile: bool) -> Campaign:
    first = START + timedelta(days=float(rng.uniform(0, 12)))
    last = first + timedelta(days=float(rng.uniform(0.4, 15)))
    names = [_name(c, i) for i in range(size)]
    members = tuple(
        Member(
            account=name, service=name.split(":")[0], score=float(1 - i / (2 * size)),
            events=int(rng.integers(3, 400)), first=first, last=last,
            display_name=HOSTILE[(c + i) % len(HOSTILE)] if hostile and i % 3 == 0 else f"User {i}",
            url=f"https://{name.split(':')[0]}.example/{name}" if i % 2 == 0 else None,
            actor="actor-1" if i in (1, 2) else None,
        )
        for i, name in enumerate(names)
    )  # fmt: skip
    services = tuple(sorted({m.service for m in members}))
    coordination = float(np.clip(0.97 - 0.05 * c + rng.normal(0, 0.02), 0.3, 0.995))
    inauthenticity = float(np.clip([0.86, 0.74, 0.21, 0.63, 0.12, 0.44][c % 6], 0, 1))
    return Campaign(
        id=f"cf-{c:03}{seed_word(c)}", members=members, coordination=coordination,
        inauthenticity=inauthenticity,
        parts={"newness": min(1.0, inauthenticity + 0.1), "rhythm": inauthenticity / 2,
               "template_reuse": 0.4, "amplification_share": min(1.0, 0.9 * inauthenticity)},
        p_value=10.0 ** -(9 - c % 6), density=0.55 - 0.03 * (c % 9), services=services,
        first=first, last=last,
        kinds={"url": 41 - c % 9, "near_text": 22 + c, "repost": 7 * (c % 3), "hashtag_set": 3},
        summary=f"{size} accounts on {' and '.join(services)} posted the same links and near "
        f"copies of the same texts within minutes of each other, from {first:%d %B} to "
        f"{last:%d %B %Y}, most of them between 08:00 and 17:00 UTC.",
        tags=(
            Tag(framework="DISARM", id="T0049.003", name="Bots amplify via automated forwarding",
                because="reposts come within 9 s of the original"),
            Tag(framework="kill-chain", id="7", name="Coordinating and planning",
                because="members share links before these are public elsewhere"),
        ),
        breakout=1 + c % 3, breakout_because=f"members act on {len(services)} services",
        change=Change(what="grown", joined=tuple(names[:3]), left=("x:gone",)) if c % 2
        else Change(what="new", joined=tuple(names)),
        links=_links(names, rng), evidence=_evidence(c, names, first, hostile),
    )  # fmt: skip


def seed_word(c: int) -> str:
    """Two letters that look like the end of a hash."""
    return "abcdef"[c % 6] + "9731"[c % 4]


def _links(names: list[str], rng: np.random.Generator) -> tuple[Link, ...]:
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 : i + 4]]
    return tuple(
        Link(account_a=a, account_b=b, kind=_KINDS[i % 3],
             window_seconds=(10, 60, 3600, 604800)[i % 4],
             shared_keys=int(rng.integers(3, 40)), expected=float(rng.exponential(0.05)),
             llr=float(rng.uniform(20, 300)), q_value=float(10.0 ** -rng.uniform(3, 30)))
        for i, (a, b) in enumerate(pairs)
    )  # fmt: skip


def _evidence(c: int, names: list[str], first: datetime, hostile: bool) -> tuple[SharedKey, ...]:
    keys = []
    for k in range(4):
        text, kind, key = STORIES[(c + k) % len(STORIES)]
        posts = tuple(
            Post(event=f"{c}-{k}-{i}", account=name, service=name.split(":")[0],
                 action="post" if i % 3 else "repost",
                 time=first + timedelta(seconds=37 * i * (k + 1)),
                 text=_OPENERS[(i + k) % 6] + text + _ENDINGS[(i * 5 + k) % 6],
                 url=f"https://x.example/{i}/status/{c}{k}{i}")
            for i, name in enumerate(names[:7])
        )  # fmt: skip
        keys.append(SharedKey(kind=kind, key=key, popularity=len(posts) + k, posts=posts))
    if hostile:
        posts = tuple(
            Post(event=f"h{i}", account=names[i % len(names)], service="x", action="post",
                 time=first + timedelta(minutes=i), text=f"{text} the very same few words {text}",
                 shared=("the very same",))
            for i, text in enumerate(HOSTILE)
        )  # fmt: skip
        keys.append(SharedKey(kind="url", key=HOSTILE[5], popularity=99, posts=posts))
        keys.append(SharedKey(kind="text", key=HOSTILE[0], popularity=9, posts=posts[5:]))
    return tuple(keys)


def _scores(
    found: tuple[Campaign, ...], accounts: int, rng: np.random.Generator, hostile: bool
) -> tuple[AccountScore, ...]:
    rows = [
        AccountScore(account=m.account, campaign=c.id, score=m.score, coordination=c.coordination,
                     inauthenticity=c.inauthenticity, links=5, display_name=m.display_name,
                     url=m.url)
        for c in found for m in c.members
    ]  # fmt: skip
    rows += [
        AccountScore(account=f"x:person_{i}", campaign=None, score=float(rng.beta(1, 9)) / 2,
                     coordination=0.0, inauthenticity=0.0, links=i % 3,
                     display_name=HOSTILE[i % len(HOSTILE)] if hostile and i < 10 else None)
        for i in range(accounts - len(rows))
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda a: (-a.score, a.account)))


def _network(
    found: tuple[Campaign, ...], scores: tuple[AccountScore, ...], rng: np.random.Generator
) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    number = {c.id: i for i, c in enumerate(found)}
    chosen = [a for a in scores if a.campaign or a.links == 2][:8_000]
    at = {a.account: i for i, a in enumerate(chosen)}
    pairs = [
        (at[k.account_a], at[k.account_b], k.kind)
        for c in found
        for k in c.links
        if k.account_a in at and k.account_b in at
    ]
    loose = [i for i, a in enumerate(chosen) if not a.campaign]
    pairs += [(i, int(rng.integers(len(chosen))), "url") for i in loose[: len(loose) // 2]]
    pairs = [(a, b, kind) for a, b, kind in pairs if a != b]
    src, dst = (np.array([p[i] for p in pairs], dtype=np.int64) for i in (0, 1))
    community = np.array([number.get(a.campaign or "", -1) for a in chosen], dtype=np.int64)
    weight = rng.uniform(0.1, 1, len(pairs))
    place = layout(len(chosen), src, dst, weight, community, seed=1)
    nodes = tuple(
        Node(account=a.account, campaign=a.campaign, score=a.score, x=float(x), y=float(y))
        for a, (x, y) in zip(chosen, place, strict=True)
    )
    edges = tuple(
        Edge(source=chosen[a].account, target=chosen[b].account, kinds=(kind,), weight=float(w))
        for (a, b, kind), w in zip(pairs, weight, strict=True)
    )
    return nodes, edges


def _timeline(found: tuple[Campaign, ...], accounts: int, rng: np.random.Generator) -> Timeline:
    hours = np.arange(DAYS * 24)
    day = 1 + 0.8 * np.sin((hours % 24 - 8) / 24 * 2 * np.pi)
    everyone = rng.poisson(accounts / 8 * day)
    rows = {}
    for c in found:
        begun = (c.first - START).total_seconds() / 3600
        ended = (c.last - START).total_seconds() / 3600
        bursts = (hours >= begun) & (hours <= ended) & (rng.random(len(hours)) < 0.3)
        counts = rng.poisson(3 * len(c.members) ** 0.5, len(hours)) * bursts
        rows[c.id] = tuple(counts.tolist())
    return Timeline(
        start=START, bin_seconds=3600, everyone=tuple(everyone.tolist()), campaigns=rows
    )
