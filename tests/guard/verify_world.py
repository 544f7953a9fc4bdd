"""A verification of a test's own: a real registry and journal, a clock that stands still."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

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
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop of what is asked without HTTP; a browser's test has one of its own."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        return self._loop

    def close(self) -> None:
        # A browser's test has a loop that runs in this thread.
        closing = threading.Thread(target=asyncio.run, args=(self.mount.close(),))
        closing.start()
        closing.join()
        if self._loop is None:
            return
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

    def raise_to(self, tier: str, account: str = "app:ann") -> None:
        """Give an account a tier the way an operator does."""
        from datetime import UTC, datetime

        from crossfix.accounts.keeping import set_by_hand
        from crossfix.store.registry import StandingTable, open_registry

        with open_registry(self.settings.url("registry")) as registry:
            moment = datetime.fromtimestamp(self.now, UTC)
            StandingTable(registry).change(
                account, lambda old: set_by_hand(old, tier=tier), now=moment
            )

    def tier(self, account: str = "app:ann") -> str:
        return self.standings.get(account, self.now).tier

    def code(self, answer: httpx.Response) -> str:
        found: str = answer.json()["errors"][0]["code"]
        return found

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve it over HTTP, by the real clock, and give the address."""
        self.mount._clock = time.time
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            config = uvicorn.Config(self.mount, lifespan="off", log_level="error")
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            address = f"http://localhost:{listening.getsockname()[1]}"
            self.mount.listening(address)
            try:
                while not server.started:
                    assert thread.is_alive()
                    time.sleep(0.01)
                yield address
            finally:
                server.should_exit = True
                thread.join()


class Device:
    """A passkey on a device of its own, in software: what an authenticator answers a page."""

    def __init__(self, *, host: str = "localhost", origin: str = "http://localhost:8080") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._host, self._origin = host, origin
        self.id = hashlib.sha256(repr(self._key.private_numbers()).encode()).digest()
        self.signed = 0

    def make(self, options: dict[str, Any], *, verified: bool = True) -> dict[str, Any]:
        numbers = self._key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        public = encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._data(0x45 if verified else 0x41) + attested
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._credential(
            clientDataJSON=bytes_to_base64url(client),
            attestationObject=bytes_to_base64url(attestation),
        )

    def use(self, options: dict[str, Any], *, verified: bool = True) -> dict[str, Any]:
        self.signed += 1
        data = self._data(0x05 if verified else 0x01)
        client = self._client("webauthn.get", options["challenge"])
        signature = self._key.sign(
            data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256())
        )
        return self._credential(
            clientDataJSON=bytes_to_base64url(client), authenticatorData=bytes_to_base64url(data),
            signature=bytes_to_base64url(signature),
        )  # fmt: skip

    def _data(self, flags: int) -> bytes:
        host = hashlib.sha256(self._host.encode()).digest()
        return host + bytes([flags]) + self.signed.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        assert base64url_to_bytes(challenge)
        said = {"type": kind, "challenge": challenge, "origin": self._origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _credential(self, **response: str) -> dict[str, Any]:
        id = bytes_to_base64url(self.id)
        return {"id": id, "rawId": id, "type": "public-key", "response": response,
                "clientExtensionResults": {}}  # fmt: skip
