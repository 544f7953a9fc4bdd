import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crossfix.cli import cli
from crossfix.errors import CrossfixError
from crossfix.events import Event, to_batch
from crossfix.store.log import open_log

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
GOOD = """\
title: Many prompts
id: many-prompts
status: live
when: prompt
condition: count("prompt", within="1m") > 5
effects: [{throttle: 5/m}]
text: {en: Slowly., fr: Doucement.}
tests:
  - name: many
    events: [{action: prompt, repeat: 9}]
    expect: hit
"""


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(w) for w in words])


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.yaml"
    path.write_text(GOOD, "utf-8")
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory whose log has ten prompts of one account, and a decision about it."""
    folder = tmp_path / "data"
    folder.mkdir()
    common = {"service": "app", "surface": "ai", "account": "app:1"}
    times = [NOON + timedelta(seconds=n) for n in range(10)]
    events = [
        Event(id=f"{n:032x}", time=t, received=t, action="prompt", text="hi", **common)
        for n, t in enumerate(times)
    ]
    given = {"answer": "throttle", "reference": "REF-1", "reasons": "policy",
             "policies": "many-prompts@1",
             "evidence": '{"many-prompts": {"count": "6"}}'}  # fmt: skip
    events.append(Event(id="f" * 32, time=times[5], received=times[5], action="decision",
                        attributes=given, **common))  # fmt: skip
    with open_log(f"sqlite:///{folder.absolute() / 'events'}.sqlite") as log:
        log.append(to_batch(events))
    return folder


def test_policies_without_mistakes_are_listed(good: Path) -> None:
    result = run("policy", "check", good)
    assert result.exit_code == 0
    assert result.stdout == "live   many-prompts                        Many prompts\n"
    assert json.loads(run("policy", "check", good, "--json").stdout) == {
        "policies": ["many-prompts"], "mistakes": [],
    }  # fmt: skip


def test_all_mistakes_of_all_files_are_shown_at_once(good: Path, tmp_path: Path) -> None:
    bad = GOOD.replace("live", "alive").replace("count(", "cuont(").replace("many", "more")
    (tmp_path / "bad.yaml").write_text(bad, "utf-8")
    (tmp_path / "twice.yaml").write_text(GOOD, "utf-8")
    with pytest.raises(CrossfixError) as raised:
        CliRunner().invoke(cli, ["policy", "check", str(tmp_path)], catch_exceptions=False)
    shown = str(raised.value).replace(f"{tmp_path}/", "")
    assert raised.value.exit_code == 2
    assert shown == (
        "bad.yaml:3:9: there is no 'alive' here; did you mean 'live'?\n"
        "    3 | status: alive\n"
        "      |         ^^^^^\n"
        "bad.yaml:5:12: there is no function 'cuont'; did you mean 'count'?\n"
        '    5 | condition: cuont("prompt", within="1m") > 5\n'
        "      |            ^^^^^\n"
        "twice.yaml:2:5: there is a policy 'many-prompts' already, in good.yaml\n"
        "    2 | id: many-prompts\n"
        "      |     ^^^^^^^^^^^^\n"
        "3 mistakes in 2 files."
    )
    result = run("policy", "check", tmp_path, "--json")
    assert result.exit_code == 2
    assert len(json.loads(result.stdout)["mistakes"]) == 3


def test_the_starter_pack_is_checked_and_tested_where_nothing_is_named() -> None:
    assert "phishing-lures" in run("policy", "check").stdout
    tested = run("policy", "test")
    assert tested.exit_code == 0
    assert "FAILED" not in tested.stdout


def test_a_failing_test_is_shown_with_its_line_and_what_was_seen(good: Path) -> None:
    good.write_text(GOOD.replace("expect: hit", "expect: none"), "utf-8")
    result = run("policy", "test", good)
    assert result.exit_code == 1
    assert "FAILED many-prompts: many" in result.stdout
    assert "good.yaml:9: expected no hit, there is one from event 6" in result.stdout
    assert "count('prompt', within='1m') = 6" in result.stdout
    (row,) = json.loads(run("policy", "test", good, "--json").stdout)
    assert (row["passed"], row["first_hit"]) == (False, 6)


def test_a_backtest_over_the_log_says_who_would_have_been_met(good: Path, data: Path) -> None:
    result = run("policy", "backtest", good, "--data", data)
    assert result.exit_code == 0, result.output
    assert "5 hits among 10 events, 1 accounts, 100.00% of good users" in result.stdout
    told = json.loads(run("policy", "backtest", good, "--data", data, "--json").stdout)
    assert told["policies"][0]["first_hit"] == "2026-01-05T12:00:05+00:00"
    assert told["policies"][0]["samples"][0]["event_of_account"] == 6
    late = run("policy", "backtest", good, "--data", data, "--json", "--since",
               "2026-01-05T12:00:06")  # fmt: skip
    assert json.loads(late.stdout)["policies"][0]["hits"] == 0


def test_a_backtest_reads_files_and_who_is_known_to_abuse(good: Path, tmp_path: Path) -> None:
    calls = [
        {"created": int(NOON.timestamp()) + n, "user": "u1", "model": "m", "provider": "ai",
         "id": f"c{n}", "object": "chat.completion",
         "messages": [{"role": "user", "content": f"question {n}"}],
         "choices": [{"index": 0, "message": {"role": "assistant", "content": "answer"}}]}
        for n in range(8)
    ]  # fmt: skip
    log = tmp_path / "calls.jsonl"
    log.write_text("".join(json.dumps(call) + "\n" for call in calls), "utf-8")
    first = run("policy", "backtest", good, "--events", log, "--data", tmp_path / "d", "--json")
    told = json.loads(first.stdout)
    assert told["policies"][0]["hits"] == 3
    (account,) = {s["account"] for s in told["policies"][0]["samples"]}
    (tmp_path / "abusers.txt").write_text(f"account\n{account}\n", "utf-8")
    again = run("policy", "backtest", good, "--events", log, "--data", tmp_path / "d",
                "--abusers", tmp_path / "abusers.txt")  # fmt: skip
    assert "Of 1 abusers 1 would have been held up, 1 of them within 50 events." in again.stdout


def test_times_that_are_none_are_refused(good: Path) -> None:
    result = run("policy", "backtest", good, "--since", "yesterday")
    assert result.exit_code == 2
    assert "write 2026-01-31" in result.output


def test_a_decision_is_explained_by_its_reference_and_by_its_account(
    good: Path, data: Path, tmp_path: Path
) -> None:
    config = tmp_path / "crossfix.toml"
    (tmp_path / "policies").mkdir()
    good.rename(tmp_path / "policies" / "good.yaml")
    config.write_text('[policy]\ndirectory = "policies"\n', "utf-8")
    place = ("--data", data, "--config", config)
    for asked in ("REF-1", "app:1"):
        result = run("policy", "explain", asked, *place, "--language", "fr")
        assert result.exit_code == 0, result.output
        assert "app:1: throttle" in result.stdout
        assert "policy many-prompts version 1" in result.stdout
        assert "count = 6" in result.stdout
        assert "what people read: Doucement." in result.stdout
    (row,) = json.loads(run("policy", "explain", "REF-1", *place, "--json").stdout)
    assert row["policies"][0]["evidence"] == {"count": "6"}


def test_a_decision_that_is_not_there_is_said_to_be_missing(data: Path) -> None:
    result = run("policy", "explain", "REF-2", "--data", data)
    assert isinstance(result.exception, CrossfixError)
    assert result.exception.exit_code == 2
    assert "REF-2" in str(result.exception)


def test_the_page_for_users_is_written_in_their_language(good: Path, tmp_path: Path) -> None:
    out = tmp_path / "usage.html"
    result = run("policy", "page", good, "--language", "fr", "--out", out)
    assert result.exit_code == 0, result.output
    assert "Doucement." in out.read_text("utf-8")
    assert run("policy", "page", good).stdout.startswith("<!doctype html>")
