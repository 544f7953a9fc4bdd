"""What services are called and what surface each belongs to."""

from __future__ import annotations

import re

from crossfix.events.event import Surface

_SAME = {
    "twitter": "x", "tw": "x", "twitter.com": "x", "x.com": "x", "x-twitter": "x", "x/twitter": "x",
    "fb": "facebook", "facebook.com": "facebook",
    "ig": "instagram", "insta": "instagram", "instagram.com": "instagram",
    "tg": "telegram", "t.me": "telegram",
    "yt": "youtube", "youtube.com": "youtube",
    "tt": "tiktok", "tik tok": "tiktok", "tiktok.com": "tiktok",
    "bsky": "bluesky", "atproto": "bluesky", "bsky.app": "bluesky",
    "vkontakte": "vk", "vk.com": "vk",
    "reddit.com": "reddit",
    "claude": "anthropic", "chatgpt": "openai", "azure_openai": "azure", "vertex_ai": "google",
    "gemini": "google", "mistralai": "mistral", "mail": "email", "e-mail": "email",
}  # fmt: skip

_SURFACES: dict[str, Surface] = {
    **dict.fromkeys(
        ("x", "facebook", "instagram", "telegram", "youtube", "tiktok", "bluesky", "mastodon",
         "reddit", "vk", "ok", "threads", "gab", "gettr", "parler", "truthsocial", "rumble",
         "4chan", "8kun", "linkedin", "pinterest", "tumblr", "discord", "whatsapp", "wechat",
         "weibo", "douyin", "snapchat", "twitch", "medium", "quora", "odnoklassniki", "line",
         "koo", "minds", "mewe", "lemmy", "pixelfed", "peertube", "signal", "bitchute", "github",
         "activitypub", "fediverse", "imgur", "9gag", "livejournal", "slack", "matrix"), "social"
    ),
    **dict.fromkeys(
        ("openai", "anthropic", "google", "azure", "bedrock", "mistral", "cohere", "groq", "xai",
         "deepseek", "meta-ai", "perplexity", "together", "fireworks", "ollama", "vllm", "litellm",
         "openrouter", "huggingface", "replicate", "stability", "midjourney", "ai"), "ai"
    ),
    "web": "web",
    "email": "email",
}  # fmt: skip

_ODD = re.compile(r"[^\w.\-/:]+")


def service_of(said: str) -> str:
    """Return a service's name as crossfix writes it: lower case, Twitter as ``x``."""
    name = said.strip().lower()
    name = _SAME.get(name, name)
    return _ODD.sub("-", name).strip("-:")[:120]


def surface_of(service: str) -> Surface:
    """Return the surface a service belongs to; ``web:host`` is web, ``email:host`` email."""
    return _SURFACES.get(service.partition(":")[0], "other")


def service_before(account: str) -> str | None:
    """Return the service that stands before an account's own id, as in ``x:bob``, if it is one."""
    said, colon, own = account.partition(":")
    service = service_of(said)
    return service if colon and own and service in _SURFACES else None


def service_in(name: str) -> str | None:
    """Return the service that a file's name contains as a word, if it names exactly one."""
    words = {service_of(word) for word in re.split(r"[^a-z0-9]+", name.lower()) if len(word) > 2}
    if "tweets" in words or "tweet" in words:
        words.add("x")
    known = sorted(
        word for word in words if word in _SURFACES and word not in ("web", "ai", "line")
    )
    return known[0] if len(known) == 1 else None
