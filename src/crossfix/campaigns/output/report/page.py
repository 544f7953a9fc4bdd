"""The report as one string of HTML."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup

from crossfix.campaigns.order import both_high, first_look
from crossfix.campaigns.output.report import wording
from crossfix.campaigns.output.report.picture import picture
from crossfix.campaigns.output.report.timeline import timeline_view
from crossfix.campaigns.output.report.view import (
    FULL,
    LEAST,
    NAMED,
    SHORT,
    Bounds,
    CampaignView,
    campaign_view,
)
from crossfix.campaigns.result import HuntResult
from crossfix.counted import counted

IN_FULL = 50
IN_FULLEST = 12
LISTED = 600
BYTES = 3_000_000
"""What the campaigns may take together; later ones are shown shorter, then only listed."""

_HTML_IN_JSON = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028",
                 "\u2029": "\\u2029"}  # fmt: skip


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("crossfix.campaigns.output.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names = ("number", "score", "small", "when", "lasting", "listed", "kind", "name",
             "changed")  # fmt: skip
    environment.filters.update({name: getattr(wording, name) for name in names})
    environment.filters["counted"] = counted
    environment.filters["few"] = wording.few
    environment.filters["key_of"] = wording.key
    environment.filters["sum_values"] = lambda counts: sum(counts.values())
    return environment


def render(result: HuntResult) -> str:
    """Return the report: one file that loads nothing, under a policy that lets it load nothing.

    Campaigns come in the order of `first_look`. Whatever is left out for the sake of size is
    counted in the text.
    """
    ranked = sorted(result.campaigns, key=first_look)
    views = [campaign_view(c, i, NAMED) for i, c in enumerate(ranked[:LISTED], 1)]
    articles = _articles(views)
    timeline = timeline_view(result.timeline, views) if result.timeline else None
    drawn = picture(result.nodes, result.edges, views)
    style, script = _asset("report.css"), _asset("report.js")
    data = {"network": drawn.data, "timeline": _brush(timeline)}
    return (
        _environment()
        .get_template("report.html")
        .render(
            result=result,
            views=views,
            articles=articles,
            shown=set(articles),
            unlisted=len(ranked) - len(views),
            links=sum(a.links for a in result.accounts) // 2,
            both=sum(map(both_high, ranked)),
            timeline=timeline,
            picture=drawn,
            style=Markup(style),  # noqa: S704  (our own file)
            script=Markup(script),  # noqa: S704  (our own file)
            policy=_policy(style, script),
            data=_embedded(data),
        )
    )


def _articles(views: Sequence[CampaignView]) -> dict[str, Markup]:
    """Render campaigns by anchor, within `BYTES`: in full, then shorter, then not at all."""
    template = _environment().get_template("_campaign.html")
    left = BYTES
    articles: dict[str, Markup] = {}
    for view in views[:IN_FULL]:
        tries: tuple[Bounds, ...] = (SHORT, LEAST)
        if view.number <= IN_FULLEST:
            tries = (FULL, SHORT, LEAST)
        for bounds in tries:
            filled = campaign_view(view.campaign, view.number, bounds)
            html = template.render(view=filled, c=filled.campaign)
            size = len(html.encode("utf-8", "replace"))
            if size <= left:
                articles[view.anchor] = Markup(html)  # noqa: S704  (rendered with autoescape)
                left -= size
                break
    return articles


def _brush(timeline: Any) -> dict[str, Any] | None:
    if timeline is None:
        return None
    names = ("start", "bin_seconds", "bins", "active")
    return {name: getattr(timeline, name) for name in names}


def _asset(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    """Return a content security policy that allows this style and this script and nothing else."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _embedded(data: object) -> Markup:
    """Return data as JSON that cannot end the script element it stands in."""
    text = msgspec.json.encode(data).decode()
    for character, escaped in _HTML_IN_JSON.items():
        text = text.replace(character, escaped)
    return Markup(text)  # noqa: S704  (no mark-up is left in it)
