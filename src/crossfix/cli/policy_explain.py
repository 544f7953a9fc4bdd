"""What ``crossfix policy explain`` reads and prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from crossfix.cli.printable import printable

if TYPE_CHECKING:
    from crossfix.config import Settings
    from crossfix.events import Event
    from crossfix.policy.explain import Explanation, Why


def decisions_about(settings: Settings, asked: str) -> Iterator[Event]:
    """Yield the decisions in the event log that have a reference or are about an account."""
    import pyarrow.compute as pc

    from crossfix.events import from_batch
    from crossfix.store.kept import kept_log

    settings.data_directory.mkdir(parents=True, exist_ok=True)
    with kept_log(settings) as log:
        for batch in log.read():
            decisions = batch.filter(pc.equal(batch["action"], "decision"))
            for event in from_batch(decisions):
                if event.account == asked or event.attributes.get("reference") == asked:
                    yield event


def as_rows(found: Sequence[Explanation]) -> list[dict[str, Any]]:
    """Return explanations as data."""
    return [
        {
            "reference": e.reference, "account": e.account, "time": e.time.isoformat(),
            "answer": e.answer, "codes": list(e.codes), "degraded": list(e.degraded),
            "policies": [
                {"policy": w.policy, "version": w.version, "version_now": w.now,
                 "title": w.title, "text": w.text, "shadow": w.shadow, "evidence": w.evidence}
                for w in e.policies
            ],
        }
        for e in found
    ]  # fmt: skip


def say(found: Sequence[Explanation]) -> None:
    """Print explanations for people."""
    for number, one in enumerate(found):
        lines = [] if number == 0 else [""]
        lines.append(f"{one.time.isoformat('T', 'seconds')} {one.account}: {one.answer}")
        lines.append(f"  reference {one.reference}")
        if one.codes:
            lines.append(f"  the guard's own reasons: {', '.join(one.codes)}")
        for why in one.policies:
            lines += _said(why)
        if one.degraded:
            lines.append(f"  these checks could not be made: {', '.join(one.degraded)}")
        click.echo(printable("\n".join(lines)))


def _said(why: Why) -> list[str]:
    version = f" version {why.version}" if why.version else ""
    lines = [f"  policy {why.policy}{version}{' (in shadow, no effect)' if why.shadow else ''}"]
    if why.now is None:
        lines.append("    it is not among the policies any more")
    else:
        lines.append(f"    {why.title}")
        if why.version and why.version != why.now:
            lines.append(f"    it has changed since: version {why.now} stands there now")
    lines += [f"    {said} = {value}" for said, value in why.evidence.items()]
    if why.text:
        lines.append(f"    what people read: {' '.join(why.text.split())}")
    return lines
