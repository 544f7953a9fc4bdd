"""Ingest paths at a real port, with a log of SQLite and keys of every role."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.guard.served import Application, Served

from crossfix.events import Event
from crossfix.guard.access import Access
from crossfix.guard.asgi import only
from crossfix.guard.ingest import Ingest, Intake
from crossfix.guard.keys import Keyring, new_key
from crossfix.store.log import open_log


class Ingesting:
    """A server that takes events in, as a test sees it."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.log_url = f"sqlite:///{folder}/events.sqlite"
        now = datetime.now(UTC)
        made = {
            role: new_key(role.ljust(32).encode(), now=now, name=role, role=role)
            for role in ("sensor", "application", "monitor")
        }
        old = new_key(
            b"o" * 32, now=now - timedelta(days=2), name="old", role="sensor",
            lasts=timedelta(days=1),
        )  # fmt: skip
        self.keys = {role: secret for role, (secret, _) in made.items()} | {"old": old[0]}
        self.ids = {role: key.id for role, (_, key) in made.items()}
        self.witnessed: list[Event] = []
        self.intake = Intake(lambda: open_log(self.log_url), **more)
        ingest = Ingest(
            self.intake,
            Access(Keyring([key for _, key in made.values()] + [old[1]]), time.time),
            time.time,
            lambda event, now: self.witnessed.append(event),
        )
        routes = {
            "/v1/events": only(ingest.events, "POST"), "/v1/traces": only(ingest.traces, "POST")
        }  # fmt: skip
        self.served = Served(Application(routes, self.intake.start, self.intake.stop))
        self.url = self.served.url
        self.client = httpx.Client(base_url=self.url, timeout=30)

    def post(
        self, body: bytes, path: str = "/v1/events", role: str = "sensor", **headers: str
    ) -> httpx.Response:
        sent = {"authorization": f"Bearer {self.keys[role]}", "content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, content=body, headers=sent)

    def events(self) -> list[dict[str, Any]]:
        with open_log(self.log_url) as log:
            rows = [row for batch in log.read() for row in batch.to_pylist()]
        return [row | {"attributes": dict(row["attributes"])} for row in rows]


@pytest.fixture
def ingesting(tmp_path: Path) -> Iterator[Ingesting]:
    server = Ingesting(tmp_path)
    yield server
    server.client.close()
    server.served.stop()
