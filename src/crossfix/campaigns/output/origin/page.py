"""The report of an origin pass: one file that loads nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from crossfix.campaigns.fanout import FanOut
from crossfix.counted import counted
from crossfix.traces.chain import Chain
from crossfix.traces.origin import Sighting
from crossfix.traces.origin.alignment import Part, aligned

RESPONSES = 200
PER_RESPONSE = 60
CHAINS = 100
ENDS = 20
LONGEST = 1_200


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("crossfix.campaigns.output.origin"),
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["counted"] = counted
    environment.filters["short"] = _short
    environment.filters["delay"] = _delay
    environment.globals["most_ends"] = ENDS
    environment.filters["when"] = lambda time: f"{time:%Y-%m-%d %H:%M} UTC"
    return environment


def render(
    sightings: Sequence[Sighting], found: Sequence[FanOut], chains: Sequence[Chain],
    summary: dict[str, Any],
) -> str:  # fmt: skip
    """Return the report, under a policy that lets it load and run nothing.

    Whatever is left out for the sake of size is counted in the text.
    """
    groups: dict[tuple[str, str], list[Sighting]] = {}
    for sighting in sightings:
        key = (sighting.output.service, sighting.output.response)
        groups.setdefault(key, []).append(sighting)
    wide = {(f.service, f.response): f for f in found}
    order = [*wide, *(key for key in groups if key not in wide)]
    shown = [
        {
            "fan_out": wide.get(key), "output": groups[key][0].output,
            "more": max(0, len(groups[key]) - PER_RESPONSE),
            "sightings": [_view(s) for s in groups[key][:PER_RESPONSE]],
        }
        for key in order[:RESPONSES]
    ]  # fmt: skip
    template = _environment().get_template("origin.html")
    style = (files(__package__) / "templates" / "origin.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return template.render(
        responses=shown, unlisted=max(0, len(order) - RESPONSES), summary=summary,
        style=Markup(style),  # noqa: S704  (our own file)
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
               "form-action 'none'",
        sightings=len(sightings), fan_outs=len(found), chains=chains[:CHAINS],
        unlisted_chains=max(0, len(chains) - CHAINS),
    )  # fmt: skip


def _view(sighting: Sighting) -> dict[str, Any]:
    parts: Sequence[Part] = ()
    if sighting.kind in ("verbatim", "edited", "contained"):
        parts = aligned(sighting.segment_text[:LONGEST], sighting.post.text[:LONGEST])
    return {"it": sighting, "parts": parts, "delay": _lasting(sighting)}


def _lasting(sighting: Sighting) -> str:
    delay = sighting.delay
    return _delay(None if delay is None else delay.total_seconds())


def _delay(seconds: float | None) -> str:
    if seconds is None:
        return "after an unknown time"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"after {counted(minutes, 'minute')}"
    if minutes < 48 * 60:
        return f"after {counted(minutes // 60, 'hour')}"
    return f"after {counted(minutes // 1440, 'day')}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
