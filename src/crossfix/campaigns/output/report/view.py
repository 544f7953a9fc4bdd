"""A campaign as the report shows it: chosen, bounded and in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

from crossfix.campaigns.campaign import Campaign, Member, Post, SharedKey
from crossfix.campaigns.output.hostile import clipped, shown
from crossfix.campaigns.output.marks import marks, pieces, union
from crossfix.campaigns.output.report.wording import key, lasting
from crossfix.campaigns.summary import listed
from crossfix.counted import counted

COLOURS = 10
_PLAIN_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_COMPARED = 4_000
"""Characters of a post that are compared with the others."""


@dataclass(frozen=True)
class Bounds:
    """How much of one campaign is shown."""

    members: int
    keys: int
    posts: int
    links: int
    text: int


FULL = Bounds(members=200, keys=12, posts=6, links=60, text=600)
SHORT = Bounds(members=40, keys=5, posts=4, links=15, text=360)
LEAST = Bounds(members=10, keys=2, posts=2, links=5, text=240)
NAMED = Bounds(members=0, keys=0, posts=0, links=0, text=0)


@dataclass(frozen=True)
class Bar:
    """A labelled bar, its length from 0 to 100."""

    label: str
    length: float
    said: str


@dataclass(frozen=True)
class PostView:
    """A post beside the others on one key."""

    post: Post
    text: Markup | None
    cut_before: bool
    cut_after: bool
    tall: bool
    """Whether the text may need scrolling, and so the keyboard must reach it."""
    after: str
    """How long after the first post on this key."""


@dataclass(frozen=True)
class KeyView:
    """A shared key and the posts that carry it."""

    shared: SharedKey
    key: Markup
    posts: tuple[PostView, ...]
    said: str
    hidden: int


@dataclass(frozen=True)
class CampaignView:
    """Everything the template says of a campaign."""

    campaign: Campaign
    number: int
    anchor: str
    colour: int
    where: str
    parts: tuple[Bar, ...]
    kinds: tuple[Bar, ...]
    members: tuple[Member, ...]
    keys: tuple[KeyView, ...]
    bounds: Bounds


def anchor(campaign: Campaign, number: int) -> str:
    """Return the id of the campaign's place in the page: its own id where that is plain."""
    return f"c-{campaign.id}" if _PLAIN_ID.fullmatch(campaign.id) else f"c-{number}"


def campaign_view(campaign: Campaign, number: int, bounds: Bounds) -> CampaignView:
    """Choose and phrase what is shown of a campaign; ``number`` counts from 1."""
    ranked = sorted(campaign.members, key=lambda m: (-m.score, m.account)) if bounds.members else []
    return CampaignView(
        campaign=campaign,
        number=number,
        anchor=anchor(campaign, number),
        colour=(number - 1) % COLOURS,
        where=listed(campaign.services, "service"),
        parts=_parts(campaign.parts),
        kinds=_kinds(campaign.kinds),
        members=tuple(ranked[: bounds.members]),
        keys=tuple(key_view(shared, bounds) for shared in campaign.evidence[: bounds.keys]),
        bounds=bounds,
    )


def _parts(parts: dict[str, float]) -> tuple[Bar, ...]:
    return tuple(
        Bar(name.replace("_", " "), 100 * min(max(value, 0.0), 1.0), f"{value:.2f}")
        for name, value in sorted(parts.items(), key=lambda p: (-p[1], p[0]))
    )


def _kinds(kinds: dict[str, int]) -> tuple[Bar, ...]:
    most = max(kinds.values(), default=0) or 1
    return tuple(
        Bar(name.replace("_", " "), 100 * count / most, f"{count:,}")
        for name, count in sorted(kinds.items(), key=lambda p: (-p[1], p[0]))
        if count
    )


def key_view(shared: SharedKey, bounds: Bounds) -> KeyView:
    """Set the posts on one key side by side, with what they have in common marked."""
    posts = shared.posts[: bounds.posts]
    texts = [(p.text or "")[:_COMPARED] for p in posts]
    common = marks(texts)
    begun = posts[0].time if posts else None
    shown_posts = []
    for post, text, spans in zip(posts, texts, common, strict=True):
        spans = union([*spans, *pieces(text, post.shared)])
        start, end = clipped(text, bounds.text, spans)
        inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans]
        kept = [(a, b) for a, b in inside if a < b]
        later = (post.time - begun).total_seconds() if begun else 0.0
        shown_posts.append(
            PostView(
                post=post,
                text=shown(text[start:end], kept) if text else None,
                cut_before=start > 0,
                cut_after=end < len(post.text or ""),
                tall=end - start + 40 * text.count("\n", start, end) > 200,
                after=f"{lasting(later)} later" if later > 0 else "",
            )
        )
    return KeyView(
        shared=shared,
        key=key(shared.kind, shared.key),
        posts=tuple(shown_posts),
        said=_said(shared),
        hidden=len(shared.posts) - len(posts),
    )


def _said(shared: SharedKey) -> str:
    who = len({p.account for p in shared.posts})
    times = [p.time for p in shared.posts]
    took = lasting((max(times) - min(times)).total_seconds()) if times else "0 s"
    everyone = counted(shared.popularity, "account")
    return (
        f"{counted(who, 'member')} in {counted(len(shared.posts), 'post')} within {took}; "
        f"{everyone} of the whole input left this mark."
    )
