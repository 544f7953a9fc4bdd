"""Answers of every shape, and of none, over real connections."""

import asyncio
import gzip
import itertools
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.guard.connection import MOST_HEAD_BYTES
from crossfix.guard.connections import Connections, SlowConnectError, UnreachableError
from crossfix.guard.origin import Origin
from crossfix.guard.response import LostError, Response

MOST = 1 << 20
OK = b"HTTP/1.1 200 OK\r\n"
CUT_GZIP = gzip.compress(b"x" * 99, mtime=0)[:20]
CHUNKED = (
    OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: 1\r\n\r\n"
)
COUNTED = OK + b"Content-Length: 11\r\n\r\nhello world"


class Upstream:
    """Answers each request with the next of its answers, in the pieces given."""

    def __init__(self, *answers: list[bytes], end: bool = False, pause: float = 0.0) -> None:
        self.answers = list(answers)
        self.end = end
        self.pause = pause
        self.connections = 0
        self.heads: list[bytes] = []
        self.left = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length: "):
                        await reader.readexactly(int(line[16:]))
                for piece in self.answers.pop(0) if self.answers else []:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(self.pause)
                if self.end:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left.set()
        finally:
            writer.close()


@asynccontextmanager
async def served(
    upstream: Upstream, silence: float = 5.0, trust: ssl.SSLContext | None = None,
    own: ssl.SSLContext | None = None, name: str = "127.0.0.1",
) -> AsyncIterator[Callable[..., Awaitable[Response]]]:  # fmt: skip
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0, ssl=own)
    port = server.sockets[0].getsockname()[1]
    origin = Origin(f"{'https' if own else 'http'}://{name}:{port}/v1")
    connections = Connections(2.0, silence, trust)

    async def ask(method: str = "POST", body: bytes = b"{}", **more: object) -> Response:
        headers = more.get("headers", [(b"x", b"y")])
        path = str(more.get("path", "/chat"))
        return await connections.request(origin, method, path, b"", headers, body)  # type: ignore[arg-type]

    try:
        yield ask
    finally:
        await connections.close()
        server.close()


def answered(raw: list[bytes], *, end: bool = False, method: str = "POST") -> tuple[int, bytes]:
    async def run() -> tuple[int, bytes]:
        async with served(Upstream(raw, end=end)) as ask:
            response = await ask(method)
            try:
                body = await response.read(MOST)
            finally:
                response.release()
            assert body is not None
            return response.status, body

    return asyncio.run(run())


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from([CHUNKED, COUNTED]),
    st.lists(st.integers(1, len(COUNTED)), max_size=6).map(sorted),
    st.booleans(),
)
def test_an_answer_is_the_same_however_it_is_cut(raw: bytes, cuts: list[int], early: bool) -> None:
    places = [0, *cuts, len(raw)]
    pieces = [raw[a:b] for a, b in itertools.pairwise(places)]
    first = [b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"] if early else []
    assert answered([*first, *pieces]) == (200, b"hello world")


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    assert answered([OK + b"\r\nhello", b" world"], end=True) == (200, b"hello world")


def test_an_answer_to_head_has_no_body() -> None:
    assert answered([OK + b"content-length: 11\r\n\r\n"], method="HEAD") == (200, b"")


def test_a_compressed_body_is_opened() -> None:
    packed = gzip.compress(b"hello world" * 300_000, mtime=0)
    raw = OK + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed) + packed

    async def run() -> int:
        async with served(Upstream([raw])) as ask:
            response, size = await ask(), 0
            while part := await response.part():
                assert len(part) <= 1 << 20
                size += len(part)
            response.release()
            return size

    assert asyncio.run(run()) == 3_300_000


@pytest.mark.parametrize(
    "raw",
    [b"", b"garbage\r\n\r\n", b"\x00" * 100, OK, OK + b"content-length: 20\r\n\r\nhello",
     OK + b"content-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
     OK + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
     OK + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
     OK + b"transfer-encoding: chunked\r\n\r\n5\r\nhe",
     OK + b"content-encoding: br\r\ncontent-length: 1\r\n\r\nx",
     OK + b"content-encoding: gzip\r\ncontent-length: 1\r\n\r\nx",
     OK + b"content-encoding: gzip\r\ncontent-length: 20\r\n\r\n" + CUT_GZIP,
     b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
     OK + b"x: " + b"y" * (MOST_HEAD_BYTES + 1) + b"\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_whole_answer_is_lost(raw: bytes) -> None:
    with pytest.raises(LostError):
        answered([raw], end=True)


def test_a_head_that_never_ends_is_given_up() -> None:
    with pytest.raises(LostError, match="head"):
        answered([OK, *[b"x-%d: " % n + b"y" * 10_000 + b"\r\n" for n in range(100)]])
    with pytest.raises(LostError, match="head"):
        answered([OK + b"x: ", *[b"y" * 10_000] * 100])


def test_a_connection_serves_one_request_after_another() -> None:
    async def run() -> None:
        upstream = Upstream([CHUNKED], [COUNTED], [COUNTED])
        async with served(upstream) as ask:
            for _ in range(3):
                response = await ask()
                assert await response.read(MOST) == b"hello world"
                response.release()
        assert upstream.connections == 1

    asyncio.run(run())


def test_the_end_of_a_stream_may_come_after_it_is_let_go() -> None:
    async def run() -> None:
        upstream = Upstream([CHUNKED[:-12], CHUNKED[-12:]], [COUNTED], pause=0.05)
        async with served(upstream) as ask:
            response = await ask()
            assert await response.part()
            response.release()
            await asyncio.sleep(0.2)
            assert await (await ask()).read(MOST) == b"hello world"
        assert upstream.connections == 1

    asyncio.run(run())


@pytest.mark.parametrize("more", [COUNTED, b"x", b"HTTP/1.1 200 OK\r\n"])
def test_what_was_not_asked_for_answers_nothing(more: bytes) -> None:
    async def run() -> None:
        for pieces in ([COUNTED + more], [COUNTED, more]):
            upstream = Upstream(pieces, [COUNTED], pause=0.05)
            async with served(upstream) as ask:
                response = await ask()
                assert await response.read(MOST) == b"hello world"
                response.release()
                await asyncio.sleep(0.15)
                upstream.answers = [[OK + b"content-length: 4\r\n\r\nmine"]]
                assert await (await ask()).read(MOST) == b"mine"
            assert upstream.connections == 2

    asyncio.run(run())


def test_silence_is_given_up_before_the_head_and_after() -> None:
    async def run() -> None:
        async with served(Upstream([], [OK]), silence=0.2) as ask:
            with pytest.raises(TimeoutError):
                await ask()
        async with served(Upstream([CHUNKED[:60]]), silence=0.2) as ask:
            response = await ask()
            with pytest.raises(TimeoutError):
                await response.read(MOST)

    asyncio.run(run())


@pytest.mark.parametrize("begun", [False, True])
def test_who_is_cancelled_leaves_the_upstream(begun: bool) -> None:
    async def run() -> None:
        upstream = Upstream([CHUNKED[:60]] if begun else [])
        async with served(upstream) as ask:

            async def call() -> None:
                response = await ask()
                try:
                    await response.read(MOST)
                finally:
                    response.close()

            task = asyncio.create_task(call())
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.wait_for(upstream.left.wait(), 2)

    asyncio.run(run())


def test_a_long_body_waits_until_it_is_read() -> None:
    size = 64 << 20
    sent = 0

    async def run() -> None:
        nonlocal sent

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK + b"content-length: %d\r\n\r\n" % size)
            while sent < size:
                writer.write(b"x" * 65_536)
                await writer.drain()
                sent += 65_536
            writer.close()

        upstream = Upstream()
        upstream.serve = serve  # type: ignore[method-assign]
        async with served(upstream) as ask:
            response = await ask("GET", b"")
            await asyncio.sleep(0.3)
            assert sent < size / 2
            got = 0
            while part := await response.part():
                got += len(part)
            assert got == size
            response.release()

    asyncio.run(run())


def test_a_body_longer_than_is_allowed_is_not_returned() -> None:
    async def run() -> None:
        for raw in (CHUNKED, COUNTED):
            async with served(Upstream([raw])) as ask:
                response = await ask()
                assert await response.read(10) is None
                response.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    "headers",
    [[(b"a", b"b\r\nc: d")], [(b"a\r\nb", b"c")], [(b"a:b", b"c")], [(b"", b"c")],
     [(b"a", b"\x00")], [(b"a", b"b\nc: d")]],
)  # fmt: skip
def test_nothing_begins_another_line(headers: list[tuple[bytes, bytes]]) -> None:
    async def run() -> None:
        async with served(Upstream([COUNTED])) as ask:
            with pytest.raises(ValueError, match="header"):
                await ask(headers=headers)

    asyncio.run(run())


def test_an_address_is_quoted() -> None:
    async def run() -> bytes:
        upstream = Upstream([COUNTED])
        async with served(upstream) as ask:
            (await ask(path="/a b\r\nx: y?z#é")).release()
        return upstream.heads[0].split(b"\r\n")[0]

    assert asyncio.run(run()) == b"POST /v1/a%20b%0D%0Ax:%20y%3Fz%23%C3%A9 HTTP/1.1"


def test_where_nobody_listens_is_unreachable() -> None:
    async def run() -> None:
        connections = Connections(2.0, 2.0)
        with pytest.raises(UnreachableError):
            await connections.request(Origin("http://127.0.0.1:9"), "GET", "/", b"", [], b"")
        await connections.close()

    asyncio.run(run())


def test_who_accepts_and_does_not_speak_tls_is_slow() -> None:
    async def run() -> None:
        release = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await release.wait()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        connections = Connections(0.3, 2.0)
        with pytest.raises(SlowConnectError):
            await connections.request(
                Origin(f"https://127.0.0.1:{port}"), "GET", "/", b"", [], b""
            )  # fmt: skip
        release.set()
        server.close()
        await connections.close()

    asyncio.run(run())


def certificate(folder: Path, name: str) -> ssl.SSLContext:
    """Return a server's side of TLS, its own issuer; ``folder/own.pem`` is what trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "own.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(folder / "own.pem", folder / "key.pem")
    return own


@pytest.mark.parametrize(
    ("name", "trusted", "reached"),
    [("localhost", True, True), ("localhost", False, False), ("other.example", True, False)],
)
def test_tls_believes_only_a_trusted_issuer_and_the_right_name(
    tmp_path: Path, name: str, trusted: bool, reached: bool
) -> None:
    own = certificate(tmp_path, name)
    trust = ssl.create_default_context(cafile=str(tmp_path / "own.pem")) if trusted else None

    async def run() -> bytes | None:
        upstream = Upstream([CHUNKED], [COUNTED])
        async with served(upstream, trust=trust, own=own, name="localhost") as ask:
            first = await ask()
            assert await first.read(MOST) == b"hello world"
            first.release()
            second = await ask()
            body = await second.read(MOST)
            second.release()
            assert upstream.connections == 1
            return body

    if reached:
        assert asyncio.run(run()) == b"hello world"
    else:
        with pytest.raises(UnreachableError):
            asyncio.run(run())
