"""What a web page says: text, links out, language, dates and the ids of who runs it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import xxhash

from crossfix.events.event import Event, event_id
from crossfix.events.readers.html_text import links, parse, visible_text
from crossfix.events.readers.json_fields import RefusedError, some
from crossfix.events.readers.times import parse_time
from crossfix.events.readers.web_ids import metas_of, site_ids

NO_ADDRESS = "page does not say its address"
NO_HTML = "no HTML"
_MAX_TEXT = 1_000_000
_MAX_ADDRESS = 4096
_SAVED = re.compile(
    rb"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url: )(https?://\S{1,2000})"
)
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "dc.date",
    "dc.date.issued", "date", "pubdate", "publishdate", "article:modified_time", "datemodified",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A page as far as it was understood; ``links`` lead to other registrable domains."""

    url: str
    host: str
    domain: str
    title: str | None
    text: str | None
    language: str | None
    links: tuple[str, ...]
    ids: tuple[str, ...]
    canonical: str | None
    published: datetime | None
    site: str | None
    generator: str | None


@cache
def _suffixes() -> Any:
    """Return the public suffixes that the package carries; nothing is fetched or cached."""
    import tldextract  # takes long to load, and most files hold no page

    return tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
    )


@lru_cache(maxsize=65_536)
def registrable_domain(host: str) -> str:
    """Return the part of a host that somebody registered; an address or bare name is itself."""
    found = _suffixes()(host)
    return f"{found.domain}.{found.suffix}" if found.domain and found.suffix else host


def host_of(url: str) -> str | None:
    """Return the host of a web address in lower case."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        return None
    return host.rstrip(".").lower()[:255] or None if host else None


def page_of(raw: bytes, url: str | None, charset: str | None = None) -> Page:
    """Return what a page says; ``url`` is where it was found, else the page has to say it.

    Raises:
        RefusedError: there is no HTML in it, or nothing says where it was.
    """
    root = parse(raw, charset or _encoding(raw))
    if root is None:
        raise RefusedError(NO_HTML)
    metas = metas_of(root)
    said = dict(reversed(metas))
    canonical = _canonical(root, said, url)
    where = url or _saved(raw) or canonical
    host = host_of(where) if where else None
    if where is None or host is None:
        raise RefusedError(NO_ADDRESS)
    domain = registrable_domain(host)
    times = (parse_time(said[name]) for name in _PUBLISHED if name in said)
    return Page(
        url=where[:_MAX_ADDRESS],
        host=host,
        domain=domain,
        title=_title(root, said),
        text=visible_text(root)[:_MAX_TEXT] or None,
        language=_language(root, said),
        links=_links(root, where, domain),
        ids=site_ids(raw[: 4 * _MAX_TEXT].decode("utf-8", "replace"), metas),
        canonical=canonical,
        published=next((time for time in times if time), None),
        site=said.get("og:site_name"),
        generator=said.get("generator"),
    )


def event_of(page: Page, time: datetime, service: str | None = None, **more: str | None) -> Event:
    """Return the event ``post`` that a page is; ``more`` are attributes known from elsewhere."""
    service = service or f"web:{page.domain}"
    digest = xxhash.xxh3_64_hexdigest((page.text or "").encode("utf-8", "replace"))
    canonical = page.canonical if page.canonical != page.url else None
    return Event(
        id=event_id("web", None, "page", page.url, time, digest),
        time=time,
        received=time,
        service=service,
        surface="web",
        account=f"{service}:{page.host}",
        action="post",
        text=page.text,
        language=page.language,
        urls=page.links,
        attributes=some(
            url=page.url,
            subject=page.title,
            display_name=page.site,
            analytics=" ".join(page.ids),
            canonical=canonical,
            client=page.generator,
            **more,
        ),
    )


def _encoding(raw: bytes) -> str | None:
    """Return UTF-8 for what is UTF-8; else the parser looks for what the page declares."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        # Only the end may be cut in the middle of a character.
        return "utf-8" if error.start > len(raw) - 4 and len(raw) > 4 else None
    return "utf-8"


def _saved(raw: bytes) -> str | None:
    found = _SAVED.search(raw[:8192])
    return found.group(1).decode("utf-8", "replace") if found else None


def _absolute(address: str, base: str | None) -> str | None:
    try:
        whole = urljoin(base, address) if base else address
    except ValueError:
        return None
    return whole if host_of(whole) and len(whole) <= _MAX_ADDRESS else None


def _canonical(root: Any, said: dict[str, str], base: str | None) -> str | None:
    for element in root.iter("link"):
        if "canonical" in (element.get("rel") or "").lower().split():
            return _absolute((element.get("href") or "").strip(), base)
    return _absolute(said["og:url"], base) if "og:url" in said else None


def _title(root: Any, said: dict[str, str]) -> str | None:
    for element in root.iter("title"):
        title = " ".join("".join(element.itertext()).split())
        if title:
            return title[:1000]
    return said.get("og:title")


def _language(root: Any, said: dict[str, str]) -> str | None:
    language = root.get("lang") or said.get("content-language") or said.get("og:locale") or ""
    found = re.match(r"[A-Za-z]{2,3}(?=[-_,;\s]|$)", language.strip())
    return found.group().lower() if found else None


def _links(root: Any, base: str, domain: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    domains: dict[str, str] = {}
    for address in links(root):
        whole = _absolute(address, base)
        host = host_of(whole) if whole else None
        if whole is None or host is None:
            continue
        if host not in domains:
            domains[host] = registrable_domain(host)
        if domains[host] != domain:
            found[whole] = None
    return tuple(found)
