"""Visits of web sites, as lines of a server's log and the events that they are."""

from __future__ import annotations

from random import Random

from crossfix.events import Event
from crossfix.events.event import event_id
from crossfix.events.readers.access_log import visit_of_line
from crossfix.scenarios.cases.making import Making

_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", "Mozilla/5.0 (iPhone; iOS 17) Safari/605.1",
    "Mozilla/5.0 (Windows NT 10.0) Chrome/126.0", "Mozilla/5.0 (Android 14) Chrome/126.0",
)  # fmt: skip
_PATHS = ("/", "/about", "/contact", "/cases", "/news")


def add_visits(making: Making, rng: Random, host: str, count: int) -> None:
    """Add requests of strangers for pages of a host, each from an address of its own."""
    for _ in range(count):
        person = making.person(rng)
        ip = making.address(rng, person, 0.0)
        time = making.moment(rng, person)
        line = (
            f"{host}:443 {ip} - - [{time.strftime('%d/%b/%Y:%H:%M:%S +0000')}] "
            f'"GET {rng.choice(_PATHS)} HTTP/2.0" 200 {rng.randrange(500, 9000)} "-" '
            f'"{rng.choice(_AGENTS)}"'
        )
        _add(making, host, line, making.named(f"web:{host}:{ip}", person))


def _add(making: Making, host: str, line: str, account: str) -> None:
    """Add the event that the reader of access logs makes of a line."""
    visit = visit_of_line(line)
    making.document(
        Event(
            id=event_id("web", None, *visit, 0), time=visit.time, received=visit.time,
            service=f"web:{host}", surface="web", account=account, action="visit",
            urls=(f"http://{host}{visit.path}",),
            attributes={"ip": visit.ip, "user_agent": visit.user_agent or "", "status": "200",
                        "method": "GET"},
        ),
        line.encode(),
    )  # fmt: skip
