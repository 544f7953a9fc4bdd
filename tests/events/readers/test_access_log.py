import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crossfix.events.readers.access_log import AccessLog
from crossfix.events.readers.registry import choose
from crossfix.events.readers.source import Source

Read = Callable[..., Any]


def test_lines_of_the_combined_format_become_visits(read: Read) -> None:
    reader = AccessLog()
    (first, again, login), tally = read(reader, *reader.examples()[0])
    assert first.action == "visit"
    assert first.account == "web:access:192.0.2.7"
    assert first.urls == ("/ferry?id=1",)
    assert first.time == datetime(2015, 5, 17, 10, 5, 3, tzinfo=UTC)
    assert first.attributes == {
        "ip": "192.0.2.7", "user_agent": 'Mozilla/5.0 (X11) "quoted"', "method": "GET",
        "referrer": "http://harbour.example/", "status": "200",
    }  # fmt: skip
    assert again.id != first.id
    assert login.account == "web:access:crane"
    assert login.time == datetime(2015, 5, 17, 8, 5, 43, tzinfo=UTC)
    assert login.attributes["ip"] == "2001:db8::1"
    assert not tally.skipped


def test_the_host_that_was_asked_is_the_service(read: Read) -> None:
    reader = AccessLog()
    (harbour, pier), _ = read(reader, *reader.examples()[1])
    assert (harbour.service, pier.service) == ("web:harbour.example", "web:pier.example")
    assert harbour.urls == ("http://harbour.example/",)
    assert (pier.urls, pier.attributes["status"]) == ((), "400")


def test_lines_of_caddy_become_visits(read: Read) -> None:
    reader = AccessLog()
    (first, _), _ = read(reader, *reader.examples()[2])
    assert first.account == "web:harbour.example:192.0.2.8"
    assert first.urls == ("http://harbour.example/ferry/0",)
    assert first.attributes["user_agent"] == "curl/8"
    assert first.time == datetime(2022, 3, 9, 21, 30, 1, 500_000, UTC)


def test_lines_of_nginx_become_visits(read: Read) -> None:
    row = {
        "time_local": "17/May/2015:10:05:03 +0000", "remote_addr": "192.0.2.1",
        "remote_user": "", "request": "GET /a HTTP/1.1", "status": "404",
        "http_referrer": "-", "http_user_agent": "x", "http_host": "A.example:8080",
    }  # fmt: skip
    (event,), _ = read(AccessLog(), "n.json", json.dumps(row).encode())
    assert event.account == "web:a.example:192.0.2.1"
    assert event.urls == ("http://a.example/a",)
    assert "referrer" not in event.attributes


def test_rotated_logs_are_one_service(read: Read) -> None:
    data = AccessLog().examples()[0][1]
    for name in ("access.log", "access.log.1", "access.log.12.gz", "access-20150517.log"):
        raw = gzip.compress(data) if name.endswith("gz") else data
        events, _ = read(AccessLog(), name, raw)
        assert events[0].service == "web:access"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("hello", "not a line of an access log"),
        ('a - - [17/May/2015:10:05:03 +0000] "GET /" two 3', "not a line of an access log"),
        ('a - - [yesterday] "GET / HTTP/1.1" 200 3', "time is not readable"),
        ('{"remote_addr": "1.2.3.4", "status": 200}', "time is not readable"),
        ('{"time": "2020-01-01"}', "no account"),
        ('{"time": ', "not JSON"),
        ('a - - [17/May/1985:10:05:03 +0000] "GET / HTTP/1.1" 200 3', "time is before 1990"),
    ],
)
def test_other_lines_are_refused_with_their_reason(read: Read, line: str, reason: str) -> None:
    events, tally = read(AccessLog(), "x.log", line.encode())
    assert not events
    assert tally.skipped == {reason: 1}


def test_a_hostile_line_costs_little(read: Read) -> None:
    for line in ("a " * 100_000, '"' * 100_000, "[" * 100_000, 'a - - [x] "' + "\\" * 100_000):
        read(AccessLog(), "x.log", line.encode())


@pytest.mark.realdata
def test_every_line_of_a_real_log_is_read(read: Read, data_dir: Path) -> None:
    raw = (data_dir / "weblogs_unlabelled" / "apache_logs.gz").read_bytes()
    assert choose(Source.of_bytes("apache_logs.gz", raw)).name == "access-log"
    events, tally = read(AccessLog(), "apache_logs.gz", raw)
    assert len(events) + sum(tally.skipped.values()) == 10_000
    assert len(events) >= 9_999
    assert len({event.id for event in events}) == len(events)
    assert all(event.attributes["ip"] for event in events)
