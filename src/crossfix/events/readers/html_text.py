"""What people see of HTML: its text, its links, its parts, whatever state the markup is in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

MAX_HTML = 4 * 1024 * 1024
"""Bytes of one document that are looked at."""

MAX_LINKS = 5_000
_HIDDEN = frozenset({"script", "style", "noscript", "template", "head", "svg", "math", "iframe"})
_BLOCKS = frozenset(
    {
        "p", "div", "br", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6",
        "section", "article", "header", "footer", "blockquote", "pre", "hr", "dd", "dt", "nav",
        "main", "aside", "figure", "figcaption", "form", "option",
    }
)  # fmt: skip
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])", re.I)
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\s*\n\s*")


def parse(html: str | bytes, encoding: str | None = None) -> Any | None:
    """Return the root element of a document, repaired where it is broken; None where there is none.

    At most `MAX_HTML` bytes are read, nothing is fetched, and depth is bounded by the parser.
    """
    raw = html.encode("utf-8", "replace") if isinstance(html, str) else html
    said = "utf-8" if isinstance(html, str) else encoding
    raw = raw[:MAX_HTML].replace(b"\x00", b"")
    if not raw.strip():
        return None
    for guess in (said, None):
        try:
            parser = etree.HTMLParser(
                encoding=guess, no_network=True, recover=True, huge_tree=False,
                remove_comments=True, remove_pis=True,
            )  # fmt: skip
            return etree.fromstring(raw, parser)
        except LookupError:
            continue  # an encoding nobody knows
        except (etree.LxmlError, ValueError):
            return None
    return None


def visible_text(root: Any) -> str:
    """Return the text that a reader of the page would see, a line for each block."""
    parts: list[str] = []
    skipped: Any = None
    for step, element in etree.iterwalk(root, events=("start", "end")):
        if step == "end":
            if element is skipped:
                skipped = None
            if skipped is None:
                if element.tag in _BLOCKS:
                    parts.append("\n")
                if element is not root:
                    parts.append(element.tail or "")
            continue
        if skipped is not None:
            continue
        if element.tag in _HIDDEN or _unseen(element):
            skipped = element
            continue
        if element.tag in _BLOCKS:
            parts.append("\n")
        parts.append(element.text or "")
    return _BREAKS.sub("\n", _SPACES.sub(" ", "".join(parts))).strip()


def _unseen(element: Any) -> bool:
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return bool(style and _UNSEEN.search(style[:1000]))


def links(root: Any) -> Iterator[str]:
    """Yield the web addresses that the page's anchors, areas and forms lead to, 5,000 at most."""
    given = 0
    for element in root.iter("a", "area", "form"):
        address = (element.get("href") or element.get("action") or "").strip()
        if address and len(address) <= 8192:
            yield address
            given += 1
            if given == MAX_LINKS:
                return


def text_and_links(html: str) -> tuple[str, list[str]]:
    """Return the visible text of a fragment and the ``http`` addresses it links to, in order."""
    if "<" not in html and "&" not in html:
        return html.strip(), []
    root = parse(html)
    if root is None:
        return "", []
    found = (link for link in links(root) if link.lower().startswith(("http://", "https://")))
    return visible_text(root), list(dict.fromkeys(found))
