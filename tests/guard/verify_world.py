"""A verification of a test's own: a real registry and journal, a clock that stands still."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx

from crossfix.accounts.standings import Standings
from crossfix.config import Settings, load_settings
from crossfix.events import Event
from crossfix.guard.verify.mount import VerifyMount

SECRET = bytes(range(32))
START = 1_790_000_000.0
HTML = {"accept": "text/html", "accept-language": "en"}


class World:
    """The mount of verification as a gateway has it, asked over ASGI."""

    def __init__(self, folder: Path, **arguments: Any) -> None:
        given = {"data_directory": folder, "verify.proof_cost": 10, "verify.proof_tries": 20}
        named = {name.replace("__", "."): value for name, value in arguments.items()}
        self.settings: Settings = load_settings(environment={}, arguments=given | named)
        self.now = START
        self.standings = Standings()
        self.events: list[Event] = []
        self.mount = VerifyMount(
            self.settings, SECRET, self.standings, self.events.append, lambda: self.now
        )
        self.mount.listening("http://localhost:8080")
        self.loop = asyncio.new_event_loop()

    def close(self) -> None:
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def url(self, account: str = "app:ann", tier: str = "proof_of_work") -> str:
        return self.mount.url(account, tier)

    def ask(self, method: str, url: str, *, ip: str = "192.0.2.1", **more: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.mount, client=(ip, 1))  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport) as client:
                return await client.request(method, url, **more)

        return self.loop.run_until_complete(asked())

    def get(self, url: str, **more: Any) -> httpx.Response:
        return self.ask("GET", url, **more)

    def post(self, url: str, **more: Any) -> httpx.Response:
        return self.ask("POST", url, **more)

    def tier(self, account: str = "app:ann") -> str:
        return self.standings.get(account, self.now).tier

    def code(self, answer: httpx.Response) -> str:
        found: str = answer.json()["errors"][0]["code"]
        return found
