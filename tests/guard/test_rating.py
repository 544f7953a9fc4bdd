"""Classifiers behind real HTTP servers, asked by the gateway beside a call and before it."""

import asyncio
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from aiohttp import web
from tests.guard.gateway_process import Serving, wait_for
from tests.guard.policies_for_tests import policy

from crossfix.config.checks import ClassifierSettings
from crossfix.errors import SettingError
from crossfix.guard.rating import MOST_PIECES, PIECE_CHARACTERS, Rated, Raters


class Rating:
    """A moderation endpoint: "hateful" is hate, "slow" takes its time, "broken" is an error."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        wait_for(lambda: self.url)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.run_forever()

    async def _serve(self) -> None:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_post("/v1/moderations", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def _answer(self, request: web.Request) -> web.Response:
        texts = (await request.json())["input"]
        self.asked.append(texts)
        if any("broken" in text for text in texts):
            return web.Response(status=500)
        if any("slow" in text for text in texts):
            await asyncio.sleep(5)
        scores = [{"hate": 0.9 if "hateful" in t else 0.01, "sexual": 0.6} for t in texts]
        return web.json_response({"results": [{"category_scores": s} for s in scores]})

    def end(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


@pytest.fixture
def rating() -> Iterator[Rating]:
    made = Rating()
    yield made
    made.end()


def settings_of(rating: Rating, tmp_path: Path, more: str = "") -> str:
    folder = tmp_path / "policies"
    folder.mkdir(exist_ok=True)
    rule = policy(
        "rated", 'found("classifier", "hate")', "watch: 1h", when="decision",
        more='findings: [{check: classifier, name: hate, score: 0.9}]',
    )  # fmt: skip
    (folder / "rated.yaml").write_text(rule, encoding="utf-8")
    return (
        f'[policy]\ndirectory = "{folder}"\n[checks.classifiers.near]\nurl = "{rating.url}"\n'
        f'categories = ["hate"]\ntimeout_seconds = 0.5\n{more}\n'
    )


def say(serving: Serving, text: str, user: str) -> Any:
    with openai.OpenAI(base_url=serving.url + "/v1", api_key="sk-t", max_retries=0) as client:
        return client.chat.completions.with_raw_response.create(
            model="scripted", messages=[{"role": "user", "content": text}], user=user
        )


def metrics(serving: Serving) -> str:
    with urllib.request.urlopen(serving.url + "/metrics") as answer:
        return str(answer.read().decode())


def test_beside_a_call_a_finding_is_an_event_just_after_that_policies_judge(
    rating: Rating, serve: Callable[..., Serving], upstream: Any, tmp_path: Path
) -> None:
    serving = serve("--upstream", upstream.url, "--open", settings=settings_of(rating, tmp_path))
    assert say(serving, "hateful words", "mean").headers["x-crossfix-decision"] == "allow"
    assert say(serving, "kind words", "kind").headers["x-crossfix-decision"] == "allow"

    def rated() -> list[dict[str, Any]]:
        events = serving.events("mean")
        return [e for e in events if "findings" in e["attributes"] and e["action"] == "decision"]

    (event,) = wait_for(rated, 15)
    assert '"hate"' in event["attributes"]["findings"]
    assert '"sexual"' not in event["attributes"]["findings"]
    prompts = [e["id"] for e in serving.events("mean") if e["action"] == "prompt"]
    assert event["parent"] in prompts
    assert any("rated@3" in e["attributes"].get("policies", "") for e in serving.events("mean"))
    # What the policy made of the account holds for its next request.
    assert say(serving, "hello", "mean").headers["x-crossfix-decision"] == "flag"
    assert say(serving, "hello", "kind").headers["x-crossfix-decision"] == "allow"
    assert ["hateful words"] in rating.asked


def test_a_call_does_not_wait_for_what_is_asked_beside_it(
    rating: Rating, serve: Callable[..., Serving], upstream: Any, tmp_path: Path
) -> None:
    settings = settings_of(rating, tmp_path).replace("= 0.5", "= 4")
    serving = serve("--upstream", upstream.url, "--open", settings=settings)
    began = time.monotonic()
    assert say(serving, "slow", "a").headers["x-crossfix-decision"] == "allow"
    assert time.monotonic() - began < 3
    missed = 'crossfix_degraded_total{check="classifier"} 1'
    wait_for(lambda: missed in metrics(serving), 10)


@pytest.mark.parametrize(("fail", "status"), [("open", 200), ("closed", 503)])
def test_before_a_call_a_finding_flags_and_a_failure_fails_as_set(
    rating: Rating, serve: Callable[..., Serving], upstream: Any, tmp_path: Path, fail: str,
    status: int,
) -> None:  # fmt: skip
    more = f'mode = "hold"\nfail = "{fail}"'
    settings = settings_of(rating, tmp_path, more)
    serving = serve("--upstream", upstream.url, "--open", settings=settings)
    assert say(serving, "hateful words", "a").headers["x-crossfix-decision"] == "flag"
    for number in range(4):  # the fourth is not even asked
        if status == 200:
            headers = say(serving, f"broken {number}", "a").headers
        else:
            with pytest.raises(openai.InternalServerError) as refused:
                say(serving, f"broken {number}", "a")
            assert refused.value.status_code == 503
            headers = refused.value.response.headers
        assert headers["x-crossfix-degraded"] == "classifier" or status == 503
    assert sum("broken" in texts[0] for texts in rating.asked) == 3
    assert 'crossfix_degraded_total{check="classifier"} 4' in metrics(serving)


def rate(rating: Rating, *texts: str, **more: Any) -> Rated:
    async def run() -> Rated:
        given = ClassifierSettings(url=rating.url, mode="hold", **more)
        raters = Raters({"near": given}, time.monotonic)
        await raters.open()
        try:
            return await raters.before(texts)
        finally:
            await raters.close()

    return asyncio.run(run())


def test_of_a_text_of_any_length_what_is_not_rated_is_said(rating: Rating) -> None:
    long = "x" * (PIECE_CHARACTERS * MOST_PIECES)
    assert rate(rating, long, threshold=0.7) == Rated()
    beyond = rate(rating, long + "hateful", threshold=0.7)
    assert (beyond.findings, beyond.missed) == ((), "near: the text is too long")
    (found,) = rate(rating, "x" * PIECE_CHARACTERS + "hateful", threshold=0.7).findings
    assert (found.check, found.name, found.score) == ("classifier", "hate", 0.9)
    assert rate(rating) == Rated()


def test_a_key_that_is_not_there_is_said_at_the_start() -> None:
    given = ClassifierSettings(url="http://localhost:1/v1", key="NOT_THERE")
    with pytest.raises(SettingError, match="NOT_THERE of the classifier near"):
        Raters({"near": given}, time.monotonic, {})
