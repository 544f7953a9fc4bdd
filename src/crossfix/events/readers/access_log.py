"""Access logs of web servers: common, combined and with virtual hosts, and as JSON lines."""

from __future__ import annotations

import ipaddress
import json
import re
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa

from crossfix.events.event import Event, event_id
from crossfix.events.readers.batches import BAD_TIME, NO_ACCOUNT, batches
from crossfix.events.readers.json_fields import RefusedError, decoded, first, member, some, string
from crossfix.events.readers.json_records import events_of_each, sample, share
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.services import service_of
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally
from crossfix.events.readers.times import parse_time

_REMEMBERED = 65_536
NOT_A_LINE = "not a line of an access log"
_QUOTED = r'"((?:[^"\\]|\\.)*+)"'
_LINE = re.compile(
    r"(?:(?P<host>\S{1,255}) )?(?P<ip>\S{1,255}) \S{1,255} (?P<user>\S{1,255}) "
    rf"\[(?P<time>[^\]]{{1,40}})\] (?P<rest>{_QUOTED} .*)"
)
_REST = re.compile(rf"{_QUOTED} (\d{{3}}|-) (?:\d+|-)(?: {_QUOTED} {_QUOTED})?(?: .*)?")
_REQUEST = re.compile(r"([A-Z]{1,20}) (\S+)(?: HTTP/[\d.]+)?")
_ROTATED = re.compile(r"([.\-_](log|txt|json|jsonl|\d+))+$")
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.)")

_NAMES: dict[str, tuple[str, ...]] = {
    "ip": ("remote_addr", "client_ip", "remote_ip", "clientip", "request.client_ip",
           "request.remote_ip", "ClientIP", "client.ip", "ip", "remote_host"),
    "time": ("time_iso8601", "time_local", "@timestamp", "timestamp", "time", "ts", "msec",
             "EdgeStartTimestamp", "datetime"),
    "user": ("remote_user", "user_id", "auth_user"),
    "host": ("http_host", "host", "server_name", "vhost", "request.host", "ClientRequestHost"),
    "method": ("request_method", "method", "request.method", "verb", "ClientRequestMethod"),
    "path": ("request_uri", "uri", "path", "request.uri", "url", "request_url",
             "ClientRequestURI"),
    "status": ("status", "status_code", "response", "EdgeResponseStatus"),
    "referrer": ("http_referer", "referer", "referrer", "http_referrer", "ClientRequestReferer"),
    "user_agent": ("http_user_agent", "user_agent", "agent", "useragent",
                   "ClientRequestUserAgent"),
    "tls": ("ja4", "tls.ja4", "ssl_ja4", "http_ssl_ja4"),
}  # fmt: skip


class Visit(NamedTuple):
    """One request, as far as the log says it."""

    ip: str
    time: datetime
    user: str | None = None
    host: str | None = None
    method: str | None = None
    path: str | None = None
    status: str | None = None
    referrer: str | None = None
    user_agent: str | None = None
    tls: str | None = None


class AccessLog(Reader):
    """Reads requests as events ``visit``.

    The service is ``web:`` and the host that was asked, else the name of the log. The account is
    whoever logged in, else the address that asked. Equal lines are counted apart.
    """

    name = "access-log"

    def recognises(self, source: Source) -> float:
        """Return how many of the first lines are requests, at most .95."""
        lines = [line for line in source.head.split(b"\n")[:21] if line.strip()]
        if len(lines) > 1 and len(source.head) >= len(lines[-1]):
            lines = lines[:20]
        said = [line.decode("utf-8", "replace").rstrip("\r") for line in lines]
        if said and said[0].lstrip().startswith("{"):
            return 0.85 * share(sample(source), _fits)
        return 0.95 * share(said, lambda line: _LINE.fullmatch(line) is not None)

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield one visit a line."""
        service = service_of(options.service) if options.service else None
        log = f"web:{_ROTATED.sub('', source.name) or 'log'}"
        make = _Maker(service, log)
        rows = ((n, line) for n, line in source.lines(tally) if line.strip())
        yield from batches(events_of_each(rows, make, tally), options, tally)

    def examples(self) -> list[tuple[str, bytes]]:
        """Return a log in the combined format, one with hosts, and one of Caddy's."""
        return [("access.log", _COMBINED), ("vhosts.log", _VHOSTS), ("caddy.log", _CADDY)]


def _fits(row: Any) -> bool:
    asks = first(row, *_NAMES["path"]) or string(row, "request")
    return bool(first(row, *_NAMES["ip"]) and asks and first(row, *_NAMES["status"]))


class _Maker:
    """Turns lines into events; counts equal requests among the last 65,536 different ones.

    Servers write a request when it ends, so that the lines of one second may stand apart.
    """

    def __init__(self, service: str | None, log: str) -> None:
        self._service = service
        self._log = log
        self._same: OrderedDict[Visit, int] = OrderedDict()

    def __call__(self, line: bytes) -> Iterator[Event]:
        visit = visit_of_json(line) if line.lstrip()[:1] == b"{" else visit_of_line(line.decode())
        again = self._same.pop(visit, -1) + 1
        self._same[visit] = again
        if len(self._same) > _REMEMBERED:
            self._same.popitem(last=False)
        host = _host(visit.host)
        service = self._service or (f"web:{host}" if host else self._log)
        yield Event(
            id=event_id("web", None, *visit, again),
            time=visit.time,
            received=visit.time,
            service=service,
            surface="web",
            account=f"{service}:{visit.user or visit.ip}",
            action="visit",
            urls=_address(host, visit.path),
            attributes=some(
                ip=_ip(visit.ip),
                user_agent=visit.user_agent,
                referrer=visit.referrer,
                status=visit.status,
                method=visit.method,
                tls=visit.tls,
            ),
        )


def visit_of_line(line: str) -> Visit:
    """Return the request of a line in the common or combined format."""
    found = _LINE.fullmatch(line)
    rest = _REST.fullmatch(found.group("rest")) if found else None
    if found is None or rest is None:
        raise RefusedError(NOT_A_LINE)
    time = _time(found.group("time"))
    if time is None:
        raise RefusedError(BAD_TIME)
    request, status, referrer, user_agent = rest.groups()
    method, path = _request(_plain(request))
    return Visit(
        found.group("ip"), time, _said(found.group("user")), _said(found.group("host")), method,
        path, _said(status), _said(referrer), _said(user_agent),
    )  # fmt: skip


def visit_of_json(line: bytes) -> Visit:
    """Return the request of a JSON line of nginx, Caddy, Apache or a content network."""
    row = decoded(line)
    said = {name: first(row, *paths) for name, paths in _NAMES.items()}
    if said["ip"] is None:
        raise RefusedError(NO_ACCOUNT)
    stamps = (first(row, name) or member(row, name) for name in _NAMES["time"])
    time = next((parsed for stamp in stamps if (parsed := _stamp(stamp))), None)
    if time is None:
        raise RefusedError(BAD_TIME)
    method, path = _request(string(row, "request") or "")
    headers = member(row, "request", "headers")
    return Visit(
        ip=said["ip"],
        time=time,
        user=_said(said["user"]),
        host=_said(said["host"]),
        method=said["method"] or method,
        path=said["path"] or path,
        status=said["status"],
        referrer=_said(said["referrer"] or string(headers, "Referer", 0)),
        user_agent=_said(said["user_agent"] or string(headers, "User-Agent", 0)),
        tls=said["tls"],
    )


def _stamp(value: Any) -> datetime | None:
    return _time(value) if isinstance(value, str) else parse_time(value)


@lru_cache(maxsize=64)
def _time(text: str) -> datetime | None:
    """Return a time; logs repeat theirs, line after line."""
    return parse_time(text)


def _request(request: str) -> tuple[str | None, str | None]:
    found = _REQUEST.fullmatch(request)
    return (found.group(1), found.group(2)) if found else (None, None)


def _said(value: str | None) -> str | None:
    return None if value in (None, "", "-") else _plain(value or "")


def _plain(text: str) -> str:
    """Return a logged text without its escapes; NULs are dropped."""
    if "\\" not in text:
        return text

    def one(found: re.Match[str]) -> str:
        code = found.group(1)
        if len(code) == 3:
            return chr(int(code[1:], 16))
        return {"n": "\n", "t": "\t", "r": "\r"}.get(code, code)

    return _ESCAPE.sub(one, text).replace("\x00", "")


def _host(said: str | None) -> str | None:
    """Return a host in lower case without its port."""
    if said is None:
        return None
    host = said.lower() if said.endswith("]") else re.sub(r":\d{1,5}$", "", said.lower())
    return host if re.fullmatch(r"[\w.\-:\[\]]{1,253}", host) and host not in ("_", "*") else None


def _address(host: str | None, path: str | None) -> tuple[str, ...]:
    """Return what was asked: an address where the host is known, else the path."""
    if not path or path == "*":
        return ()
    return (f"http://{host}{path}",) if host and path.startswith("/") else (path,)


def _ip(said: str) -> str | None:
    try:
        return str(ipaddress.ip_address(said.strip("[]")))
    except ValueError:
        return None


_COMBINED = b"""\
192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /ferry?id=1 HTTP/1.1" 200 203 \
"http://harbour.example/" "Mozilla/5.0 (X11) \\"quoted\\""
192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /ferry?id=1 HTTP/1.1" 200 203 \
"http://harbour.example/" "Mozilla/5.0 (X11) \\"quoted\\""
2001:db8::1 - crane [17/May/2015:10:05:43 +0200] "POST /login HTTP/2.0" 302 - "-" "curl/8"
"""

_VHOSTS = b"""\
harbour.example:443 192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 3 "-" "-"
pier.example:443 192.0.2.7 - - [17/May/2015:10:05:04 +0000] "\\x16\\x03\\x01" 400 226 "-" "-"
"""

_CADDY = b"".join(
    json.dumps(
        {
            "level": "info", "ts": 1_646_861_401.5 + n, "logger": "http.log.access",
            "msg": "handled request", "status": 200, "user_id": "",
            "request": {
                "remote_ip": "192.0.2.7", "client_ip": "192.0.2.8", "proto": "HTTP/2.0",
                "method": "GET", "host": "harbour.example", "uri": f"/ferry/{n}",
                "headers": {"User-Agent": ["curl/8"], "Referer": ["https://pier.example/"]},
            },
        }
    ).encode()
    + b"\n"
    for n in range(2)
)  # fmt: skip
