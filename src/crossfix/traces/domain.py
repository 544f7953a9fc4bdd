"""Links to the same domain."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.traces.columns import mapped
from crossfix.traces.sample import sample
from crossfix.traces.trace import Example, Extractor, Keys
from crossfix.traces.url import own_links

_SHORTENER_NAMES = (
    "t.co bit.ly tinyurl.com goo.gl ow.ly buff.ly is.gd v.gd dlvr.it lnkd.in fb.me ift.tt rb.gy "
    "cutt.ly t.ly shorturl.at tiny.cc j.mp wp.me youtu.be amzn.to ebay.us trib.al nyti.ms wapo.st "
    "bbc.in reut.rs cnn.it econ.st on.ft.com ln.is po.st su.pr tl.gd twitpic.com adf.ly bl.ink "
    "s.id linktr.ee vk.cc clck.ru u.to goo.su shorte.st x.gd soo.gd tr.im urlz.fr 0rz.tw"
)
_SHORTENERS = frozenset(_SHORTENER_NAMES.split())


@cache
def _suffixes() -> Any:
    """Return the splitter of hosts: the public suffix list that tldextract carries, no fetch."""
    import tldextract

    return tldextract.TLDExtract(
        cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True
    )


@lru_cache(maxsize=65_536)
def registrable_domain(host: str) -> str | None:
    """Return the part of a host that somebody registered; None for addresses and bare suffixes.

    Private suffixes count: ``ada.github.io`` and ``bob.github.io`` are two domains. Where the list
    knows no suffix (a top level newer than the list, a reserved one), the last label is it.
    """
    parts = _suffixes().extract_str(host)
    found: str = parts.top_domain_under_public_suffix
    if not parts.suffix and parts.subdomain and not parts.domain.isdigit():
        found = f"{parts.subdomain.rpartition('.')[2]}.{parts.domain}"
    return found or None


def _informative(host: str) -> str | None:
    """Return the domain of a host, unless it belongs to a link shortener."""
    domain = registrable_domain(host)
    return None if domain in _SHORTENERS or host in _SHORTENERS else domain


class Domain(Extractor):
    """The registrable domain of each link, link shorteners aside.

    Popular platforms are left in: their popularity makes them weightless.
    """

    kind = "domain"
    family = "link"
    phrase = "linked to the same domain"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Find the domains."""
        links = own_links(events)
        if not len(links.rows):
            return links
        hosts = pc.replace_substring_regex(links.values, r"[:/?#].*", "").dictionary_encode()
        domains = pa.array(map(_informative, hosts.dictionary.to_pylist()), pa.string())
        return mapped(links, domains.take(hosts.indices))

    def examples(self) -> list[Example]:
        """Return pages of one domain, of one hoster, of a reserved name, and what has no domain."""
        return [
            Example(sample(urls=("https://blog.example.co.uk/1",)), ("example.co.uk",)),
            Example(sample(urls=("https://shop.example.co.uk:8080/2",)), ("example.co.uk",)),
            Example(sample(urls=("https://ada.github.io/", "https://bob.github.io/")),
                    ("ada.github.io", "bob.github.io")),
            Example(sample(urls=("https://news.town.example/3",)), ("town.example",)),
            Example(sample(urls=("https://t.co/x", "http://192.0.2.7/")), ()),
        ]  # fmt: skip
