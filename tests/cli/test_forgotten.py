"""Where what accounts wrote lies: sealed everywhere, and nowhere once its account is erased."""

from __future__ import annotations

import csv
import io
import json
import random
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from tests.cli import hunt_world as hw
from tests.guard.gateway_process import Scripted, Serving, wait_for

from crossfix.campaigns.campaign import Campaign
from crossfix.campaigns.remember import restored
from crossfix.cli import cli
from crossfix.config import Settings, load_settings
from crossfix.events.attributes import OWN_RECORDS
from crossfix.store.kept import kept_log, vault_of
from crossfix.store.registry import CampaignTable, ProfileTable, SwarmTable, open_registry

OWN, COMMON = "zinnober", "karmesin"
"""A word that one account alone uses, and one in a text that a whole operation posts."""

ACCOUNT = "x:op_3"


def plain(folder: Path) -> str:
    """Return every byte of a folder as text, what is compressed in tables too."""
    said = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        with suppress(FileNotFoundError):  # drained just now
            said.append(path.read_bytes().decode("latin-1"))
            if path.suffix == ".parquet":
                said.append(str(pq.read_table(path).to_pylist()))
    return "".join(said).lower()


def rows(url: str) -> str:
    """Return every row of every table of a PostgreSQL database as text."""
    import psycopg

    with psycopg.connect(url) as database:
        tables = database.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname IN ('events', 'registry', 'journal')"
        ).fetchall()
        assert len(tables) > 20
        return "".join(
            str(database.execute(f"SELECT t::text FROM {name} t".encode()).fetchall())
            for (name,) in tables
        ).lower()


def posts() -> str:
    """The small world, in which an operation's texts hold one word, and one member's another."""
    made = []
    for n, post in enumerate(hw.world()):
        row = {**post, "display_name": post["account"], "bio": ""}
        row["text"] = row["text"].replace(" https://petition.", f" {COMMON} https://petition.")
        if post["account"] == "op_3":
            row |= {"display_name": f"The {OWN.title()}", "bio": f"All things {OWN}"}
            row["text"] += f" #{OWN}{n}" if COMMON not in row["text"] else ""
        made.append(row)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(made[0]))
    writer.writeheader()
    writer.writerows(made)
    return out.getvalue()


def run(*arguments: str | Path) -> str:
    ran = CliRunner().invoke(cli, list(map(str, arguments)), catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


def told(settings: Settings, account: str) -> set[Any]:
    """Return what the log still knows of what an account said and showed."""
    found = set()
    with kept_log(settings) as log:
        for batch in log.read():
            for row in batch.to_pylist():
                if row["account"] == account:
                    found |= {row["text"], *row["hashtags"], *row["urls"], *dict(row["attributes"])}
    return found - {None}


def known(settings: Settings) -> Campaign:
    """Return the campaign of the operation, with what can be read of it."""
    with open_registry(settings.url("registry")) as registry:
        (stored,) = (c for c in CampaignTable(registry).all()
                     if ACCOUNT in {m.account for m in c.members})  # fmt: skip
        return restored(stored, vault_of(registry, settings))


def texts(campaign: Campaign) -> dict[str, set[str | None]]:
    """Return account -> what the evidence quotes of it."""
    found: dict[str, set[str | None]] = {}
    for shared in campaign.evidence:
        for post in shared.posts:
            found.setdefault(post.account, set()).add(post.text)
    return found


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_what_an_erased_account_wrote_is_nowhere_and_before_that_nowhere_in_the_clear(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    data, source = tmp_path / "data", tmp_path / "posts.csv"
    source.write_text(posts(), encoding="utf-8")
    config = tmp_path / "crossfix.toml"
    url = request.getfixturevalue("postgres_url") if database == "postgres" else None
    config.write_text(f'store.url = "{url}"\n' if url else "", encoding="utf-8")
    where = ("--data", data, "--config", config)
    settings = load_settings(config, environment={}, arguments={"data_directory": data})

    def everything() -> str:
        return plain(data) + (rows(url) if url else "")

    run("ingest", source, *where)
    run("hunt", source, "--out", tmp_path / "out", "--remember", *where)
    (data / "refused.jsonl").write_text(json.dumps({"content": OWN}), encoding="utf-8")
    assert any(OWN in str(said) for said in told(settings, ACCOUNT)), "else this shows nothing"
    before = known(settings)
    assert any(COMMON in mark.value for mark in before.marks if mark.kind == "text")
    assert any(OWN.title() in str(member.display_name) for member in before.members)
    assert all(any(COMMON in str(t) for t in texts(before)[a]) for a in (ACCOUNT, "x:op_4"))
    assert COMMON not in everything()
    assert OWN not in everything().replace(f'{{"content": "{OWN}"}}', "")

    run("erase", ACCOUNT, "--why", "asked for it", *where)
    assert OWN not in everything()
    assert COMMON not in everything()
    assert told(settings, ACCOUNT) == set()
    after = known(settings)
    assert texts(after)[ACCOUNT] == {None}
    assert texts(after)["x:op_4"] == texts(before)["x:op_4"]
    assert not [m for m in after.members if m.account == ACCOUNT and m.display_name]
    run("ingest", source, *where)
    assert told(settings, ACCOUNT) == set(), "who was erased stays so when a file is read again"


def test_texts_of_campaigns_that_no_hunt_found_of_late_are_forgotten(tmp_path: Path) -> None:
    data, source = tmp_path / "data", tmp_path / "posts.csv"
    source.write_text(posts(), encoding="utf-8")
    settings = load_settings(environment={}, arguments={"data_directory": data})
    run("hunt", source, "--out", tmp_path / "out", "--remember", "--data", data)
    before = known(settings)
    run("retain", "--data", data)
    assert known(settings) == before, "it was found just now"
    with open_registry(settings.url("registry")) as registry:
        table = CampaignTable(registry)
        soon = datetime.now(UTC) + timedelta(days=1)
        assert table.forget_texts(before=soon) == len(table.all())
        assert table.forget_texts(before=soon) == 0
    after = known(settings)
    assert set().union(*texts(after).values()) == {None}
    assert not [m for m in after.marks if m.kind in ("text", "near_text")]
    assert {m.kind for m in after.marks} >= {"url"}
    assert [m.account for m in after.members] == [m.account for m in before.members]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    scripted = Scripted(tmp_path / "upstream")
    started = Serving(
        tmp_path / "gateway", "--open", "--upstream", scripted.url,
        environment={"CROSSFIX_LIVE_ENABLED": "true"},
    )  # fmt: skip
    yield started
    started.end()
    scripted.end()


def sent(serving: Serving, path: str, body: Any) -> None:
    request = urllib.request.Request(
        f"{serving.url}{path}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()


def test_a_running_gateway_writes_nothing_in_the_clear_and_forgets_whom_it_is_told_to(
    serving: Serving,
) -> None:
    data = serving.folder / "data"
    settings = load_settings(environment={}, arguments={"data_directory": data})
    seen = set()

    def quiet() -> bool:
        said = plain(data)
        seen.update(word for word in (OWN, COMMON) if word in said)
        return not seen

    rng = random.Random(1)
    sent(serving, "/v1/events", [
        {"service": "forum", "surface": "social", "account": f"forum:p{n}", "action": "post",
         "text": hw.words(rng)}
        for n in range(300)
    ])  # fmt: skip
    team = [f"forum:w{n}" for n in range(8)]
    deed = f"they close our {COMMON} hospital in spring and nobody has asked a single one of us"
    for n, account in enumerate(team):
        sent(serving, "/v1/events", [{
            "service": "forum", "surface": "social", "account": account, "action": "post",
            "text": deed, "hashtags": [OWN] if n == 3 else [],
            "attributes": {"display_name": f"{OWN} {n}"},
        }])  # fmt: skip
        prompt = f"Write on the {OWN} of {account}, in a voice of their own."
        sent(serving, "/v1/chat/completions", {
            "model": "m", "user": account, "messages": [{"role": "user", "content": prompt}],
        })  # fmt: skip
        assert quiet(), seen

    def swarm() -> bool:
        assert quiet(), seen
        with open_registry(settings.url("registry")) as registry:
            return bool(SwarmTable(registry).all())

    wait_for(swarm, 60)
    found = serving.events("w3", count=3)
    app = next(row["account"] for row in found if row["action"] == "prompt")
    for account in ("forum:w3", app):
        run("erase", account, "--why", "asked for it", "--data", data)
        assert told(settings, account) <= OWN_RECORDS
    assert serving.end() == 0
    assert quiet(), seen
    with open_registry(settings.url("registry")) as registry:
        assert app not in dict(ProfileTable(registry).all())
