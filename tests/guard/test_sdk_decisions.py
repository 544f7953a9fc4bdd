"""A blocked, a throttled and a challenged call as the users of the real SDKs see them."""

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path

import anthropic
import openai
import pytest
from tests.guard.gateway_process import Scripted, Serving
from tests.guard.policies_for_tests import write_policies

SECRET = "AKIA" + "IOSFODNN7QRSTUVW"


def ask(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def settings_of(policies: Path, **more: str) -> str:
    lines = [f"{name} = {value}" for name, value in more.items()]
    return "\n".join(["[policy]", f'directory = "{policies}"', "[gateway]", *lines, ""])


@pytest.fixture(scope="module")
def strict(upstream: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A gateway with the policies of tests, blocks said as errors."""
    folder = tmp_path_factory.mktemp("strict")
    policies = write_policies(folder / "policies")
    serving = Serving(folder, "--upstream", upstream.url, settings=settings_of(policies))
    yield serving
    assert serving.end() == 0, serving.said()


@pytest.fixture(scope="module")
def soft(upstream: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A gateway with the policies of tests, blocks said as filtered answers."""
    folder = tmp_path_factory.mktemp("soft")
    policies = write_policies(folder / "policies")
    text = settings_of(policies, block='"soft"')
    serving = Serving(folder, "--upstream", upstream.url, settings=text)
    yield serving
    serving.end()


@pytest.fixture
def client(strict: Serving) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=strict.url + "/v1", api_key="sk-test") as client:
        yield client


@pytest.fixture
def claude(strict: Serving) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=strict.url, api_key="sk-ant") as client:
        yield client


def test_a_block_is_permission_denied_with_reasons_and_a_reference_and_no_retry(
    client: openai.OpenAI, upstream: Scripted
) -> None:
    before = len(upstream.calls())
    with pytest.raises(openai.PermissionDeniedError) as refused:
        client.chat.completions.create(model="scripted", messages=ask("xblock"))
    error = refused.value
    assert error.code == "content_policy_violation"
    guard = error.body["guard"]
    assert guard["decision"] == "block"
    assert guard["reasons"][0]["policy"] == "blocks"
    assert guard["reasons"][0]["text"] == "The rule blocks says no."
    assert guard["ref"] in error.message
    assert error.response.headers["x-should-retry"] == "false"
    assert error.response.headers["x-crossfix-reference"] == guard["ref"]
    assert len(upstream.calls()) == before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1//chat/completions", 404), ("POST", "/v1/./chat/completions", 404),
        ("POST", "/v1/x/../chat/completions", 404), ("POST", "/v1/chat%252fcompletions", 404),
        ("POST", "/v1/chat/completions/", 403), ("POST", "/v1/CHAT/completions", 403),
        ("POST", "/v1/chat%2fcompletions", 403), ("PUT", "/v1/chat/completions", 405),
    ],
)  # fmt: skip
def test_no_other_spelling_of_a_path_gets_by(
    strict: Serving, upstream: Scripted, method: str, path: str, status: int
) -> None:
    before = len(upstream.calls())
    body = json.dumps({"model": "echo", "messages": ask("xblock")})
    connection = http.client.HTTPConnection(strict.url.removeprefix("http://"), timeout=20)
    connection.request(method, path, body, {"authorization": "Bearer sk-test"})
    assert connection.getresponse().status == status
    connection.close()
    assert len(upstream.calls()) == before


@pytest.mark.parametrize("path", ["/verify/%2e", "/verify/a%3Fb", "/verify/../v1/chat/completions"])
def test_paths_of_its_own_pages_are_never_passed_on_however_they_are_spelled(
    strict: Serving, upstream: Scripted, path: str
) -> None:
    before = len(upstream.calls())
    connection = http.client.HTTPConnection(strict.url.removeprefix("http://"), timeout=20)
    connection.request("GET", path, headers={"accept": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 404
    assert "error" not in json.loads(answer.read())  # the page's own answer, not a model API's
    connection.close()
    assert len(upstream.calls()) == before


def test_what_has_no_format_here_is_looked_at_and_its_user_is_told_apart(
    strict: Serving, client: openai.OpenAI, upstream: Scripted
) -> None:
    with pytest.raises(openai.PermissionDeniedError):
        client.post("/files/any", body={"model": "m", "prompt": "xblock"}, cast_to=object)
    client.post("/files/any", body={"model": "m", "prompt": "a fox", "user": "painter"},
                cast_to=object)  # fmt: skip
    sent = upstream.last()
    assert sent["path"] == "/v1/files/any"
    (prompt,) = [e for e in strict.events("/painter", count=2) if e["action"] == "prompt"]
    assert prompt["text"] == "a fox"


def test_a_stream_is_blocked_before_it_begins(client: openai.OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError):
        client.chat.completions.create(model="scripted", messages=ask("xblock"), stream=True)


def test_what_a_tool_answered_is_looked_at_and_what_was_said_before_is_not_asked_twice(
    client: openai.OpenAI,
) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    turns = [
        *ask("look it up"),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "xblock"}]},
    ]
    with pytest.raises(openai.PermissionDeniedError):
        client.chat.completions.create(model="scripted", messages=turns)


def test_words_put_into_the_models_mouth_are_new(client: openai.OpenAI) -> None:
    turns = [*ask("go on"), {"role": "assistant", "content": "Sure, here is xblock:"}]
    with pytest.raises(openai.PermissionDeniedError):
        client.chat.completions.create(model="scripted", messages=turns)


@pytest.mark.parametrize("role", ["system", "user", "assistant", "tool"])
def test_a_history_that_was_made_up_is_looked_at(client: openai.OpenAI, role: str) -> None:
    forged = {"role": role, "content": "xblock"} | ({"tool_call_id": "c"} if role == "tool" else {})
    turns = [forged, {"role": "assistant", "content": "Sure."}, *ask(f"go on, {role}")]
    for _ in range(2):  # to have been refused does not make it known
        with pytest.raises(openai.PermissionDeniedError):
            client.chat.completions.create(model="scripted", messages=turns)


def test_a_conversation_that_took_place_is_not_looked_at_again(
    strict: Serving, client: openai.OpenAI
) -> None:
    turns = ask("xflag this conversation once")
    raw = client.chat.completions.with_raw_response
    first = raw.create(model="scripted", messages=turns, user="talks")
    assert first.headers["x-crossfix-decision"] == "flag"
    for turn in range(3):
        said = first.parse().choices[0].message.content
        turns += [{"role": "assistant", "content": said}, *ask(f"and then? {turn}")]
        first = raw.create(model="scripted", messages=turns, user="talks")
        assert first.headers["x-crossfix-decision"] == "allow"
    other = raw.create(model="scripted", messages=turns, user="others")  # it never said this
    assert other.headers["x-crossfix-decision"] == "flag"
    texts = [e["text"] for e in strict.events("talks", count=8) if e["action"] == "prompt"]
    assert sorted(texts)[:3] == [f"and then? {turn}" for turn in range(3)]


def test_a_throttle_is_a_rate_limit_error_that_says_when_to_come_again(
    client: openai.OpenAI,
) -> None:
    def call() -> None:
        client.chat.completions.create(
            model="scripted", messages=ask("xthrottle"), user="in a hurry"
        )

    call()
    began = time.monotonic()
    with pytest.raises(openai.RateLimitError) as refused:
        call()
    assert time.monotonic() - began < 5  # an hour's wait is not sat out with an open socket
    assert refused.value.code == "rate_limit_exceeded"
    headers = refused.value.response.headers
    assert 3000 < int(headers["retry-after"]) <= 3600
    assert int(headers["retry-after-ms"]) > 3_000_000
    assert headers["x-should-retry"] == "false"
    assert int(headers["x-ratelimit-remaining-requests"]) > 0


def test_an_allowed_call_says_how_the_limits_stand(client: openai.OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model="scripted", messages=ask("hi"), user="limits"
    )
    assert int(raw.headers["x-ratelimit-limit-requests"]) > 0
    assert int(raw.headers["x-ratelimit-limit-tokens"]) > 0
    assert raw.headers["x-crossfix-decision"] == "allow"


def test_a_challenge_is_permission_denied_and_names_the_tier(client: openai.OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError) as refused:
        client.chat.completions.create(model="scripted", messages=ask("xchallenge"))
    assert refused.value.code == "verification_required"
    assert refused.value.body["guard"]["tier"] == "email"
    assert refused.value.response.headers["x-should-retry"] == "false"


def test_a_flag_changes_nothing_but_a_header(client: openai.OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="echo", messages=ask("xflag"))
    assert raw.headers["x-crossfix-decision"] == "flag"
    assert raw.parse().choices[0].message.content == "xflag"


def test_an_answer_is_blocked_too(client: openai.OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError) as refused:
        client.chat.completions.create(model="echo", messages=ask("say xleak please"))
    assert refused.value.body["guard"]["reasons"][0]["policy"] == "leaks"


def test_a_secret_never_leaves_in_a_stream_even_in_parts(client: openai.OpenAI) -> None:
    text = "Here you are. " * 90 + f" the key is {SECRET} " + " and so on." * 40
    stream = client.chat.completions.create(model="echo", messages=ask(text), stream=True)
    parts: list[str] = []
    with pytest.raises(openai.APIError) as refused:
        parts.extend(c.delta.content or "" for chunk in stream for c in chunk.choices)
    said = "".join(parts)
    assert refused.value.code == "content_policy_violation"
    assert said.startswith("Here you are.")
    assert SECRET[:8] not in said


def test_what_ended_a_stream_is_found_by_the_reference_that_its_user_was_shown(
    strict: Serving, client: openai.OpenAI
) -> None:
    stream = client.chat.completions.create(
        model="echo", messages=ask(f"the key is {SECRET} " + "and so on " * 90), stream=True,
        user="ended",
    )  # fmt: skip
    with pytest.raises(openai.APIError) as refused:
        list(stream)
    assert isinstance(refused.value.body, dict)
    shown = refused.value.body["guard"]["ref"]
    events = strict.events("/ended", count=4)
    decided = {
        e["attributes"]["reference"]: e["attributes"] for e in events if e["action"] == "decision"
    }
    assert decided[shown]["answer"] == "block"
    assert decided[shown]["policies"] == "secrets@3"
    assert sum(e["action"] == "completion" for e in events) == 1


def test_responses_and_completions_are_blocked_alike(client: openai.OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError):
        client.responses.create(model="echo", input="xblock")
    with pytest.raises(openai.PermissionDeniedError):
        client.responses.create(
            model="echo", input=[{"role": "user", "content": [
                {"type": "input_text", "text": "xblock"}]}]
        )  # fmt: skip
    with pytest.raises(openai.PermissionDeniedError):
        client.completions.create(model="echo", prompt=["fine", "xblock"])
    with pytest.raises(openai.PermissionDeniedError):
        client.embeddings.create(model="echo", input="xblock")


def test_a_stream_of_a_response_ends_with_an_error(client: openai.OpenAI) -> None:
    with (
        pytest.raises(openai.APIError),
        client.responses.stream(model="echo", input="fine words " * 120 + "xleak") as stream,
    ):
        for _ in stream:
            pass


def test_anthropics_sdk_sees_the_same_decisions(claude: anthropic.Anthropic) -> None:
    def call(text: str, model: str = "echo") -> str:
        answer = claude.messages.create(model=model, max_tokens=9, messages=ask(text))
        return answer.content[0].text

    assert call("fine words") == "fine words"
    with pytest.raises(anthropic.PermissionDeniedError) as refused:
        call("xblock")
    assert refused.value.body["error"]["guard"]["decision"] == "block"
    with pytest.raises(anthropic.PermissionDeniedError) as refused:
        call("xchallenge")
    assert refused.value.body["error"]["code"] == "verification_required"
    call("xthrottle")
    with pytest.raises(anthropic.RateLimitError):
        call("xthrottle")


def test_anthropics_streams_come_through_and_are_ended_with_an_error(
    claude: anthropic.Anthropic,
) -> None:
    with claude.messages.stream(model="echo", max_tokens=9, messages=ask("fine words")) as stream:
        assert "".join(stream.text_stream) == "fine words"
    parts: list[str] = []
    text = "fine words " * 120 + "xleak"
    stream = claude.messages.create(model="echo", max_tokens=9, messages=ask(text), stream=True)
    with pytest.raises(anthropic.APIStatusError):
        parts.extend(getattr(getattr(e, "delta", None), "text", "") for e in stream)
    assert "fine words" in "".join(parts)
    assert "xleak" not in "".join(parts)


def test_a_message_that_is_ended_in_its_second_block_is_an_error_and_no_crash(
    claude: anthropic.Anthropic,
) -> None:
    with (
        pytest.raises(anthropic.APIStatusError) as refused,
        claude.messages.stream(
            model="echo",
            max_tokens=2000,
            messages=ask(f"the key is {SECRET} " + "and on " * 90),
            thinking={"type": "enabled", "budget_tokens": 1024},
        ) as stream,
    ):
        for _ in stream:
            pass
    assert refused.value.body["error"]["guard"]["decision"] == "block"  # type: ignore[index]


def test_anthropics_user_is_a_keyed_hash(claude: anthropic.Anthropic, upstream: Scripted) -> None:
    claude.messages.create(
        model="echo", max_tokens=9, messages=ask("hi"), metadata={"user_id": "anna"}
    )
    seen = upstream.last()
    assert len(seen["body"]["metadata"]["user_id"]) == 64
    assert "sk-ant" in (seen["headers"].get("x-api-key") or seen["headers"]["authorization"])


def test_a_soft_block_is_an_ordinary_answer_that_a_filter_ended(soft: Serving) -> None:
    with openai.OpenAI(base_url=soft.url + "/v1", api_key="k") as client:
        answer = client.chat.completions.create(model="echo", messages=ask("xblock")).choices[0]
        assert answer.finish_reason == "content_filter"
        assert "The rule blocks says no." in answer.message.refusal
        finishes, said = [], ""
        for chunk in client.chat.completions.create(
            model="echo", messages=ask("fine words " * 120 + "xleak"), stream=True
        ):
            finishes += [c.finish_reason for c in chunk.choices if c.finish_reason]
            said += "".join(c.delta.content or "" for c in chunk.choices)
        assert finishes == ["content_filter"]
        assert "xleak" not in said
        response = client.responses.create(model="echo", input="xblock")
        assert response.status == "incomplete"
        assert response.incomplete_details.reason == "content_filter"
        with pytest.raises(openai.PermissionDeniedError):
            client.embeddings.create(model="echo", input="xblock")
    with anthropic.Anthropic(base_url=soft.url, api_key="k") as claude:
        message = claude.messages.create(model="echo", max_tokens=9, messages=ask("xblock"))
        assert message.stop_reason == "refusal"
        with claude.messages.stream(
            model="echo", max_tokens=9, messages=ask("fine " * 60 + "xleak")
        ) as stream:
            assert "xleak" not in "".join(stream.text_stream)
            assert stream.get_final_message().stop_reason == "refusal"


def test_decisions_can_be_explained_from_the_log(strict: Serving, client: openai.OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError) as refused:
        client.chat.completions.create(model="echo", messages=ask("xblock"), user="why")
    mine = strict.events("/why", count=2)
    decision = next(e for e in mine if e["action"] == "decision")["attributes"]
    assert decision["answer"] == "block"
    assert decision["policies"] == "blocks@3"
    assert decision["reference"] == refused.value.body["guard"]["ref"]


def test_streams_that_are_blocked_softly_say_why_and_end_as_sdks_expect(soft: Serving) -> None:
    with openai.OpenAI(base_url=soft.url + "/v1", api_key="k") as client:
        chunks = list(
            client.chat.completions.create(model="echo", messages=ask("xblock"), stream=True)
        )
        assert "The rule blocks says no." in (chunks[-1].choices[0].delta.refusal or "")
        for text in ("xblock", f"the key is {SECRET} " + "and on " * 90):
            with client.responses.stream(model="echo", input=text) as stream:
                kinds = [event.type for event in stream]
            assert (kinds[0], kinds[-1]) == ("response.created", "response.incomplete")
    with (
        anthropic.Anthropic(base_url=soft.url, api_key="k") as claude,
        claude.messages.stream(model="echo", max_tokens=9, messages=ask("xblock")) as said,
    ):
        final = said.get_final_message()
    assert final.stop_reason == "refusal"
    assert "The rule blocks says no." in str(getattr(final.content[0], "text", ""))
