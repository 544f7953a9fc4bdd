"""`crossfix doctor` before real servers, and before everything that can be wrong."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.guard.alerts.receivers import Mailbox
from tests.guard.gateway_process import Scripted

import crossfix
from crossfix.cli import cli
from crossfix.events import Event
from crossfix.guard.doctor import CHECKS
from crossfix.guard.keys import new_key
from crossfix.store.journal import open_journal
from crossfix.store.log import open_log
from crossfix.store.registry import KeyTable, open_registry

Doctor = Callable[..., tuple[int, dict[str, list[dict[str, str]]]]]


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    monkeypatch.chdir(tmp_path)

    def run(settings: str = "", *arguments: str) -> tuple[int, dict[str, list[dict[str, str]]]]:
        (tmp_path / "crossfix.toml").write_text(settings, encoding="utf-8")
        called = ["doctor", "--json", "--data", str(tmp_path / "data"), *arguments]
        result = CliRunner().invoke(cli, called)
        lines: dict[str, list[dict[str, str]]] = {}
        for line in result.stdout.splitlines():
            row = json.loads(line)
            lines.setdefault(row["check"], []).append(row)
        return result.exit_code, lines

    return run


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_new_installation_is_well_and_nothing_is_made(doctor: Doctor, tmp_path: Path) -> None:
    code, lines = doctor()
    assert code == 0
    assert {line["status"] for found in lines.values() for line in found} <= {"ok", "warn"}
    assert all(line["todo"] for found in lines.values() for line in found if line["status"] != "ok")
    assert not (tmp_path / "data").exists()
    assert {name for name in lines if name in CHECKS} >= {"data", "disk", "store", "policies"}


def test_an_upstream_that_answers_says_its_models_and_the_time(
    doctor: Doctor, upstream: Scripted
) -> None:
    code, lines = doctor("", "--upstream", upstream.url)
    assert code == 0
    assert "lists 1 models" in lines["upstream default"][0]["said"]
    assert lines["clock"][0]["status"] == "ok"


def test_what_is_outside_and_away_is_exit_code_3(doctor: Doctor) -> None:
    port = free_port()
    code, lines = doctor(
        f'[gateway.upstreams.a]\nurl = "http://127.0.0.1:{port}/v1"\n'
        f'[store]\nvalkey = "valkey://127.0.0.1:{port}"\n'
        f'[smtp]\nurl = "smtp://127.0.0.1:{port}"\n[alerts]\nto = ["ops@example.org"]\n'
    )
    assert code == 3
    assert [lines[n][0]["status"] for n in ("upstream a", "valkey", "mail")] == ["fail"] * 3


def test_a_mail_server_that_answers_is_said_so(
    doctor: Doctor, mailbox: tuple[Mailbox, int]
) -> None:
    _, port = mailbox
    code, lines = doctor(
        f'[smtp]\nurl = "smtp://127.0.0.1:{port}"\n[alerts]\nto = ["ops@example.org"]\n'
    )
    assert (code, lines["mail"][0]["status"]) == (0, "ok")


def test_what_is_written_wrong_is_exit_code_2(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "bad.yaml").write_text("title: [", encoding="utf-8")
    code, lines = doctor(
        '[policy]\ndirectory = "policies"\n[spend]\nprices = "none.toml"\n'
        '[gateway.upstreams.a]\nurl = "http://127.0.0.1:9/v1"\nkey = "NO_SUCH_VARIABLE"\n'
        '[alerts.webhooks.ops]\nurl_variable = "NO_SUCH_VARIABLE"\n'
    )
    assert code == 2
    for name in ("policies", "prices", "upstream a", "alerts"):
        assert lines[name][0]["status"] == "fail", name


def test_a_key_that_others_may_read_fails(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    key = tmp_path / "data" / "secret.key"
    key.write_text("00" * 32)
    key.chmod(stat.S_IRUSR | stat.S_IRGRP)
    code, lines = doctor()
    assert code == 2
    assert "chmod 600" in lines["key file"][0]["todo"]


def test_a_changed_journal_fails(doctor: Doctor, tmp_path: Path) -> None:
    import sqlite3

    data = tmp_path / "data"
    now = datetime.now(UTC)
    with open_journal(f"sqlite:///{data}/journal.sqlite") as journal:
        for n in range(3):
            journal.append(who="a", what="b", why=f"{n}", now=now)
    open_log(f"sqlite:///{data}/events.sqlite").close()
    open_registry(f"sqlite:///{data}/registry.sqlite").close()
    assert doctor()[0] == 0
    database = sqlite3.connect(data / "journal.sqlite")
    for (name,) in database.execute(
        "SELECT name FROM sqlite_master WHERE type='trigger'"
    ).fetchall():
        database.execute(f"DROP TRIGGER {name}")
    table = database.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
    (entries,) = [n for (n,) in table if "entr" in n or "journal" in n]
    columns = database.execute(f"PRAGMA table_info({entries})").fetchall()
    body = next(column[1] for column in columns if column[2] == "TEXT")
    database.execute(f"UPDATE {entries} SET {body} = replace({body}, '\"1\"', '\"9\"')")
    database.commit()
    database.close()
    code, lines = doctor()
    assert (code, lines["journal"][0]["status"]) == (1, "fail")


@pytest.mark.parametrize(
    ("host", "key", "status"),
    [
        ("127.0.0.1", "", "ok"),
        ("::1", "", "ok"),
        ("0.0.0.0", "", "warn"),
        ("10.1.2.3", "K", "warn"),
    ],
)
def test_a_gateway_that_others_reach_is_warned_of(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, host: str, key: str, status: str
) -> None:
    monkeypatch.setenv("K", "sk-1")
    own = f'key = "{key}"\n' if key else ""
    _, lines = doctor(
        f'[gateway]\nhost = "{host}"\n[gateway.upstreams.a]\nurl = "http://127.0.0.1:9/v1"\n{own}'
    )
    assert lines["address"][0]["status"] == status
    assert ("whatever key" in lines["address"][0]["said"]) == (status == "warn" and not key)


def test_keys_that_end_or_name_nobody_are_told(doctor: Doctor, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with open_registry(f"sqlite:///{tmp_path}/data/registry.sqlite") as registry:
        table = KeyTable(registry)
        table.create(new_key(b"a" * 32, now=now, name="old", lasts=timedelta(days=3))[1])
        table.create(new_key(b"b" * 32, now=now, name="signs", identity=["signed"])[1])
    code, lines = doctor()
    assert code == 2  # it trusts signatures that nothing can check
    assert "old ends" in " ".join(line["said"] for line in lines["keys"])
    said = " ".join(line["said"] for line in lines["identity"])
    assert "all users of old are one account" in said
    assert "no secret" in said


def test_a_key_behind_which_all_users_look_like_one_is_found_in_the_log(
    doctor: Doctor, tmp_path: Path
) -> None:
    now = datetime.now(UTC)

    def prompts(key: str, accounts: int) -> list[Event]:
        return [
            Event(id=f"{key}{n}".ljust(32, "0"), time=now, received=now, service="app",
                  surface="ai", account=f"app:{key}{n % accounts}", action="prompt",
                  conversation=f"c{n}", attributes={"key": key})
            for n in range(150)
        ]  # fmt: skip

    with open_log(f"sqlite:///{tmp_path}/data/events.sqlite") as log:
        log.append_events(prompts("lone", 1) + prompts("many", 3))
    _, lines = doctor()
    assert [line["status"] for line in lines["users"]] == ["warn"]
    assert "the key lone look" in lines["users"][0]["said"]


def test_people_read_lines_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["doctor", "--data", "x\x1b[31m"])
    assert result.exit_code == 0
    assert "ok    settings: they can be read" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    ("settings", "check", "said"),
    [
        ('[identity]\nkey_set = "none.json"\nissuer = "x"\n', "identity", "none.json"),
        ('[identity]\nsecret = "NO_SUCH_VARIABLE"\n', "identity", "NO_SUCH_VARIABLE"),
        ('[checks]\nindicators = "nowhere"\n', "checks", "nowhere: There is no such file"),
        ('[checks]\nhead = "none.npz"\n', "checks", "none.npz: The file holds no head"),
        ('[checks.classifiers.m]\nurl = "http://127.0.0.1:9/v1"\nkey = "NO_SUCH_VARIABLE"\n',
         "classifiers", "NO_SUCH_VARIABLE"),
        ('[verify.providers.acme]\nsecret = "NO_SUCH_VARIABLE"\n', "verification", "acme"),
        ('[export]\notlp = "http://127.0.0.1:9/"\nheaders = "NO_SUCH_VARIABLE"\n', "export",
         "export.headers"),
    ],
)  # fmt: skip
def test_what_would_keep_a_gateway_from_starting_is_found_before(
    doctor: Doctor, tmp_path: Path, settings: str, check: str, said: str
) -> None:
    code, lines = doctor(settings)
    assert (code, lines[check][0]["status"]) == (2, "fail")
    assert said in lines[check][0]["said"]
    # And it is what the gateway itself ends with, in words.
    (tmp_path / "crossfix.toml").write_text(
        '[gateway]\nport = 0\n[gateway.upstreams.a]\nurl = "http://127.0.0.1:9/v1"\n' + settings,
        encoding="utf-8",
    )
    served = subprocess.run(
        [sys.executable, "-m", "crossfix", "serve", "--data", str(tmp_path / "data")],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
        env=os.environ | {"PYTHONPATH": str(Path(crossfix.__file__).parents[1])},
    )  # fmt: skip
    assert served.returncode == 2
    assert f"Error: {lines[check][0]['said'].split(': ')[0]}" in served.stderr


def test_services_that_are_asked_are_reached_or_said_to_be_away(
    doctor: Doctor, upstream: Scripted
) -> None:
    port = free_port()
    code, lines = doctor(
        f'[checks.classifiers.here]\nurl = "{upstream.url}"\n'
        f'[checks.classifiers.gone]\nurl = "http://127.0.0.1:{port}/v1"\n'
        f'[export]\notlp = "http://127.0.0.1:{port}/v1/traces"\n'
        f'[smtp]\nurl = "smtp://127.0.0.1:{port}"\n'
    )
    assert code == 3
    status = {name: lines[name][0]["status"] for name in ("classifier here", "classifier gone",
                                                          "export", "mail")}  # fmt: skip
    assert status == {"classifier here": "ok", "classifier gone": "fail", "export": "fail",
                      "mail": "fail"}  # fmt: skip


def test_lines_of_indicators_that_cannot_be_used_are_told(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(
        "kind,value\ndomain,evil.example\nregex,(\n", encoding="utf-8"
    )
    code, lines = doctor('[checks]\nindicators = "own.csv"\n')
    assert (code, lines["checks"][0]["status"]) == (0, "warn")
    assert "1 lines" in lines["checks"][0]["said"]


def test_links_of_challenges_that_lead_nowhere_are_warned_of(doctor: Doctor) -> None:
    _, lines = doctor('[gateway]\nhost = "0.0.0.0"\n')
    assert lines["verification"][0]["status"] == "warn"
    _, lines = doctor('[gateway]\nhost = "0.0.0.0"\n[verify]\nurl = "https://ai.example.org"\n')
    assert lines["verification"][0]["status"] == "ok"
