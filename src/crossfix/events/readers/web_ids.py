"""Ids that tie websites together: analytics, advertising and verification codes in their HTML."""

from __future__ import annotations

import re
from typing import Any

_MOST = 50
# Who owns the code is what counts: the counter behind a Universal Analytics account is cut off.
_CODES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("", r"\b(UA-\d{4,10})-\d{1,4}\b"),
        ("", r"[\"'=/](G-[A-Z0-9]{6,12})\b"),
        ("", r"\b(GTM-[A-Z0-9]{4,9})\b"),
        ("", r"\b(AW-\d{9,11})\b"),
        ("", r"\b(?:ca-)?(pub-\d{10,20})\b"),
        ("fb:", r"fbq\(\s*[\"']init[\"']\s*,\s*[\"']?(\d{6,20})"),
        ("fb:", r"facebook\.com/tr/?\?(?:[^\"'\s]{0,200}&(?:amp;)?)?id=(\d{6,20})"),
        ("ym:", r"\bym\(\s*(\d{4,12})\s*,"),
        ("ym:", r"mc\.yandex\.[a-z]{2,3}/watch/(\d{4,12})"),
        ("hotjar:", r"hjid\s*:\s*(\d{4,10})"),
        ("clarity:", r"clarity\.ms/tag/([a-z0-9]{6,16})"),
        ("clarity:", r"[\"']clarity[\"']\s*,\s*[\"']script[\"']\s*,\s*[\"']([a-z0-9]{6,16})[\"']"),
        ("tiktok:", r"ttq\.load\(\s*[\"']([A-Z0-9]{10,30})"),
        ("linkedin:", r"_linkedin_partner_id\s*=\s*[\"'](\d{4,12})"),
        ("vk:", r"\b(VK-RTRG-\d{3,10}-[A-Za-z0-9]{2,10})\b"),
        ("baidu:", r"hm\.baidu\.com/hm\.js\?([0-9a-f]{32})"),
        ("cloudflare:", r"[\"']token[\"']\s*:\s*[\"']([0-9a-f]{32})[\"']"),
        ("liveinternet:", r"counter\.yadro\.ru/hit;([A-Za-z0-9_\-]{2,40})"),
        ("addthis:", r"pubid=(ra-[0-9a-f]{10,20})"),
    )
)
_MATOMO_SITE = re.compile(r"setSiteId[\"']\s*,\s*[\"']?(\d{1,8})")
_MATOMO_HOST = re.compile(
    r"(?:var\s+u\s*=\s*|setTrackerUrl[\"']\s*,\s*)[\"'](?:https?:)?//([\w.\-]{3,200})"
)
_VERIFICATIONS = {
    "google-site-verification": "google-verify:",
    "msvalidate.01": "bing-verify:",
    "yandex-verification": "yandex-verify:",
    "facebook-domain-verification": "facebook-verify:",
    "p:domain_verify": "pinterest-verify:",
    "fb:app_id": "fb-app:",
    "fb:pages": "fb-page:",
    "fb:admins": "fb-admin:",
}
_TOKEN = re.compile(r"[\w\-=.+/]{4,120}")


def site_ids(html: str, metas: list[tuple[str, str]]) -> tuple[str, ...]:
    """Return the ids in a page in sorted order, 50 at most.

    ``metas`` are its meta elements as (name in lower case, content).
    """
    found: set[str] = set()
    for kind, pattern in _CODES:
        found.update(f"{kind}{code}" for code in pattern.findall(html))
    site, host = _MATOMO_SITE.search(html), _MATOMO_HOST.search(html)
    if site and host:
        found.add(f"matomo:{host.group(1).lower()}/{site.group(1)}")
    for name, content in metas:
        prefix = _VERIFICATIONS.get(name)
        if prefix:
            found.update(
                f"{prefix}{token}"
                for token in re.split(r"[,\s]+", content)[:10]
                if _TOKEN.fullmatch(token)
            )
    return tuple(sorted(found)[:_MOST])


def metas_of(root: Any) -> list[tuple[str, str]]:
    """Return a page's meta elements as (name or property in lower case, content)."""
    found = []
    for element in root.iter("meta"):
        name = element.get("name") or element.get("property") or element.get("itemprop")
        name = name or element.get("http-equiv")
        content = element.get("content")
        if name and content:
            found.append((name.strip().lower(), content.strip()[:2000]))
        if len(found) == 500:
            break
    return found
