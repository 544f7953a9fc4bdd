"""Clients of the real SDKs that ask the guard before every call, by whatever method."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import openai
import pytest
from tests.guard.gateway_process import Scripted
from tests.guard.shells.conftest import Keyed

from crossfix.errors import InputError
from crossfix.guard.shells.sdk import AsyncCrossfixClient, CrossfixClient, RefusedError, guarded


def ask(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


@pytest.fixture
def client(keyed: Keyed, upstream: Scripted) -> Iterator[openai.OpenAI]:
    guard = CrossfixClient(keyed.url, keyed.key)
    with openai.OpenAI(base_url=upstream.url, api_key="sk-direct") as plain:
        yield guarded(plain, guard, account=lambda: "wrapped")


@pytest.fixture
def claude(keyed: Keyed, upstream: Scripted) -> Iterator[anthropic.Anthropic]:
    guard = CrossfixClient(keyed.url, keyed.key)
    address = upstream.url.removesuffix("/v1")
    with anthropic.Anthropic(base_url=address, api_key="sk-direct") as plain:
        yield guarded(plain, guard, account=lambda: "wrapped")


def drained(manager: Any) -> str:
    """What a stream of a helper of either SDK says."""
    with manager as stream:
        said = [getattr(e, "delta", "") for e in stream]
    return "".join(text for text in said if isinstance(text, str))


Make = Callable[[openai.OpenAI, str], Any]
CALLS: dict[str, Make] = {
    "create": lambda c, t: c.chat.completions.create(model="echo", messages=ask(t)),
    "stream": lambda c, t: list(
        c.chat.completions.create(model="echo", messages=ask(t), stream=True)
    ),
    "helper": lambda c, t: drained(c.chat.completions.stream(model="echo", messages=ask(t))),
    "parse": lambda c, t: c.chat.completions.parse(model="echo", messages=ask(t)),
    "raw": lambda c, t: c.chat.completions.with_raw_response.create(model="echo", messages=ask(t)),
    "copy": lambda c, t: c.with_options(timeout=9).chat.completions.create(
        model="echo", messages=ask(t)
    ),
    "responses": lambda c, t: c.responses.create(model="echo", input=t),
    "responses helper": lambda c, t: drained(c.responses.stream(model="echo", input=t)),
    "completions": lambda c, t: c.completions.create(model="echo", prompt=t),
}


@pytest.mark.parametrize("how", list(CALLS))
def test_a_call_that_is_refused_reaches_no_model(
    client: openai.OpenAI, upstream: Scripted, how: str
) -> None:
    assert CALLS[how](client, "fine words")
    before = len(upstream.calls())
    with pytest.raises(RefusedError) as refused:
        CALLS[how](client, "xblock")
    assert refused.value.decided.reasons[0]["policy"] == "blocks"
    assert len(upstream.calls()) == before


@pytest.mark.parametrize("how", [h for h in CALLS if h not in ("parse", "completions")])
def test_an_answer_that_is_refused_is_an_error_streams_at_their_end(
    client: openai.OpenAI, how: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        CALLS[how](client, "say xleak")
    assert refused.value.decided.reasons[0]["policy"] == "leaks"


def test_the_sdks_own_objects_are_read_and_so_are_tools_results(client: openai.OpenAI) -> None:
    tools: Any = [{"type": "function", "function": {"name": "weather", "parameters": {}}}]
    called = client.chat.completions.create(model="tool", messages=ask("hm"), tools=tools)
    turns: Any = [
        *ask("hm"), called.choices[0].message,
        {"role": "tool", "tool_call_id": "call_1", "content": "xblock"},
    ]  # fmt: skip
    with pytest.raises(RefusedError):
        client.chat.completions.create(model="echo", messages=turns)


def test_a_stream_that_is_left_is_told_as_far_as_it_came(keyed: Keyed, upstream: Scripted) -> None:
    plain = openai.OpenAI(base_url=upstream.url, api_key="sk-direct")
    client = guarded(plain, CrossfixClient(keyed.url, keyed.key), account=lambda: "leaver")
    with (
        client,
        client.chat.completions.create(
            model="lasts", messages=ask("leave early"), stream=True
        ) as stream,
    ):
        for _, _ in zip(range(6), stream, strict=False):
            pass
    told = keyed.serving.events("leaver", count=4)
    assert [bool(e["text"]) for e in told if e["action"] == "completion"] == [True]


def test_embeddings_are_asked_about_and_lists_of_models_are_not(client: openai.OpenAI) -> None:
    assert client.embeddings.create(model="echo", input="fine").data
    with pytest.raises(RefusedError):
        client.embeddings.create(model="echo", input="xblock")
    assert client.models.list().data


def test_anthropics_client_asks_alike(claude: anthropic.Anthropic, upstream: Scripted) -> None:
    def call(text: str) -> str:
        answer = claude.messages.create(model="echo", max_tokens=9, messages=ask(text))
        return str(getattr(answer.content[0], "text", ""))

    assert call("fine words") == "fine words"
    for text in ("xblock", "say xleak"):
        with pytest.raises(RefusedError):
            call(text)
        with (
            pytest.raises(RefusedError),
            claude.messages.stream(model="echo", max_tokens=9, messages=ask(text)) as stream,
        ):
            list(stream)


async def _asked(keyed: Keyed, upstream: Scripted, text: str) -> list[str]:
    said: list[str] = []
    async with AsyncCrossfixClient(keyed.url, keyed.key) as guard:
        client = guarded(
            openai.AsyncOpenAI(base_url=upstream.url, api_key="sk-direct"), guard,
            account=lambda: "alone",
        )  # fmt: skip
        for stream in (False, True):
            try:
                answer = await client.chat.completions.create(
                    model="echo", messages=ask(text), stream=stream
                )
                if stream:
                    said.append("".join([c.choices[0].delta.content or "" async for c in answer]))
                else:
                    said.append(answer.choices[0].message.content)
            except RefusedError as e:
                said.append(e.decided.reasons[0]["policy"])
        await client.close()
    return said


@pytest.mark.parametrize(
    ("text", "said"),
    [("fine", "fine"), ("xblock", "blocks"), ("say xleak", "leaks")],
)
def test_asynchronous_clients_ask_alike(
    keyed: Keyed, upstream: Scripted, text: str, said: str
) -> None:
    assert asyncio.run(_asked(keyed, upstream, text)) == [said, said]


def test_clients_of_different_kinds_are_told_so(keyed: Keyed) -> None:
    guard = CrossfixClient(keyed.url, keyed.key)
    with pytest.raises(InputError, match="one kind"):
        guarded(openai.AsyncOpenAI(api_key="x"), guard, account=lambda: "a")
    with pytest.raises(InputError, match="no client"):
        guarded(object(), guard, account=lambda: "a")
