"""The real OpenAI SDK against the gateway: one line changed, its base URL."""

import json

import openai
import pytest
from tests.guard.gateway_process import Scripted, Serving, wait_for

SENTENCE = "The quick brown fox jumps over the lazy dog."
HELLO = [{"role": "user", "content": "hello"}]


@pytest.fixture
def client(gateway: Serving):
    with openai.OpenAI(base_url=gateway.url + "/v1", api_key="sk-test", max_retries=0) as client:
        yield client


def test_a_completion_comes_through_whole(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="scripted", messages=HELLO)
    assert answer.choices[0].message.content == SENTENCE
    assert answer.usage.total_tokens == 21


def test_a_stream_comes_through_whole(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(model="scripted", messages=HELLO, stream=True, n=2)
    said = {0: "", 1: ""}
    for chunk in stream:
        for choice in chunk.choices:
            said[choice.index] += choice.delta.content or ""
    assert said == {0: SENTENCE, 1: SENTENCE}


def test_a_stream_is_read_as_it_is_written_where_no_policy_could_end_it(
    client: openai.OpenAI,
) -> None:
    stream = client.with_options(timeout=20).chat.completions.create(
        model="stalls", messages=HELLO, stream=True
    )  # four chunks come, and then nothing for an hour
    said = [next(stream).choices[0].delta.content or "" for _ in range(4)]
    assert SENTENCE.startswith("".join(said))
    assert "".join(said)
    stream.close()


async def _asked(base_url: str) -> tuple[str, str]:
    async with openai.AsyncOpenAI(base_url=base_url, api_key="sk-test") as client:
        whole = await client.chat.completions.create(model="scripted", messages=HELLO)
        said = ""
        async for chunk in await client.chat.completions.create(
            model="scripted", messages=HELLO, stream=True
        ):
            said += chunk.choices[0].delta.content or ""
    return whole.choices[0].message.content or "", said


def test_the_asynchronous_client_is_served_alike(gateway: Serving) -> None:
    import asyncio

    assert asyncio.run(_asked(gateway.url + "/v1")) == (SENTENCE, SENTENCE)


def test_tool_calls_come_through_streamed_and_not(client: openai.OpenAI) -> None:
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {}}}]
    whole = client.chat.completions.create(model="tool", messages=HELLO, tools=tools)
    call = whole.choices[0].message.tool_calls[0].function
    assert json.loads(call.arguments) == {"city": "Bern"}
    streamed = ""
    for chunk in client.chat.completions.create(
        model="tool", messages=HELLO, tools=tools, stream=True
    ):
        for part in chunk.choices[0].delta.tool_calls or ():
            streamed += part.function.arguments or ""
    assert json.loads(streamed) == {"city": "Bern"}


def test_responses_come_through_streamed_and_not(client: openai.OpenAI) -> None:
    assert client.responses.create(model="echo", input="say this").output_text == "say this"
    with client.responses.stream(model="echo", input="say this slowly") as stream:
        kinds = [event.type for event in stream]
        assert stream.get_final_response().output_text == "say this slowly"
    assert kinds[-1] == "response.completed"


def test_completions_embeddings_and_models_come_through(client: openai.OpenAI) -> None:
    assert client.completions.create(model="m", prompt="x").choices[0].text == SENTENCE
    assert client.embeddings.create(model="m", input="x").data[0].embedding == [0.5, -0.25]
    assert [m.id for m in client.models.list()] == ["scripted"]


def test_a_path_without_a_format_goes_on_unread(client: openai.OpenAI, upstream: Scripted) -> None:
    client.files.retrieve("file-1")
    assert upstream.last()["path"] == "/v1/files/file-1"
    assert upstream.last()["headers"]["authorization"] == "Bearer sk-test"


def test_unknown_fields_reach_the_upstream_unchanged(
    client: openai.OpenAI, upstream: Scripted
) -> None:
    strange = {"moderation": {"model": "m"}, "x": [1.5, None, 10**40, "\u0000é"], "deep": {"a": {}}}
    client.chat.completions.create(
        model="scripted", messages=HELLO, prompt_cache_key="k", extra_body=strange
    )
    body = upstream.last()["body"]
    assert {k: body[k] for k in strange} == strange
    assert body["prompt_cache_key"] == "k"
    assert body["messages"] == HELLO


def test_the_provider_is_told_a_keyed_hash_and_never_what_the_client_says(
    client: openai.OpenAI, upstream: Scripted
) -> None:
    def identifier(**said: str) -> str:
        client.chat.completions.create(model="scripted", messages=HELLO, **said)
        body = upstream.last()["body"]
        assert "user" not in body
        return str(body["safety_identifier"])

    anna = identifier(user="anna")
    assert len(anna) == 64
    assert "anna" not in anna
    assert identifier(safety_identifier="anna") == anna
    assert identifier(user="bert") != anna
    assert identifier(user=anna) != anna


def test_an_error_of_the_upstream_is_the_error_that_the_user_sees(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="policy", messages=HELLO)
    assert refused.value.code == "content_policy_violation"
    with pytest.raises(openai.InternalServerError, match="boom"):
        client.chat.completions.create(model="fails", messages=HELLO)


def test_the_sdk_tries_again_as_it_does_without_a_gateway(
    gateway: Serving, upstream: Scripted
) -> None:
    before = len(upstream.calls())
    client = openai.OpenAI(base_url=gateway.url + "/v1", api_key="k", max_retries=2)
    with client, pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="fails", messages=HELLO)
    assert len(upstream.calls()) - before == 3


def test_every_call_is_three_events_of_one_account(client: openai.OpenAI, gateway: Serving) -> None:
    client.chat.completions.create(
        model="echo", messages=[{"role": "user", "content": "three events"}], user="events"
    )
    mine = gateway.events("/events", count=3)
    assert sorted(e["action"] for e in mine) == ["completion", "decision", "prompt"]
    prompt, completion = (
        next(e for e in mine if e["action"] == a) for a in ("prompt", "completion")
    )
    assert prompt["text"] == completion["text"] == "three events"
    assert completion["parent"] == prompt["id"]
    assert completion["attributes"]["tokens_out"] == "12"


@pytest.mark.parametrize("model", ["refuses", "filtered", "policy"])
def test_a_refusal_of_the_provider_is_an_event_of_the_account(
    client: openai.OpenAI, gateway: Serving, model: str
) -> None:
    try:
        client.chat.completions.create(model=model, messages=HELLO, user=f"refused-{model}")
    except openai.BadRequestError:
        assert model == "policy"
    mine = gateway.events(f"/refused-{model}", count=3)
    assert sorted(e["action"] for e in mine) == ["decision", "prompt", "refusal"]


def test_who_leaves_before_the_first_byte_ends_the_upstream_call(
    client: openai.OpenAI, upstream: Scripted
) -> None:
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=0.5).chat.completions.create(model="waits", messages=HELLO)
    wait_for(lambda: any("cancelled" in line for line in upstream.seen()), 5)


def test_who_leaves_in_the_middle_of_a_stream_ends_the_upstream_call(
    client: openai.OpenAI, upstream: Scripted, gateway: Serving
) -> None:
    stream = client.chat.completions.create(
        model="lasts", messages=HELLO, stream=True, user="leaver"
    )
    next(iter(stream))
    stream.close()
    left = wait_for(lambda: [x for x in upstream.seen() if "stream_left_after" in x], 10)
    assert left[-1]["stream_left_after"] < 590
    mine = {e["action"]: e["attributes"].get("finish") for e in gateway.events("/leaver", count=3)}
    assert mine["completion"] == "client_left"
