"""``crossfix campaigns``: from a hunt to the guard and back, through the registry."""

from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from tests.cli import hunt_world as hw

from crossfix.cli import cli
from crossfix.config import load_settings
from crossfix.errors import InputError, IntegrityError
from crossfix.events import Event
from crossfix.matching import Checks
from crossfix.matching.stored import stored_indicators
from crossfix.store.journal import open_journal
from crossfix.store.log import open_log
from crossfix.store.registry import CampaignTable, open_registry
from crossfix.store.registry.tables import CAMPAIGNS

NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)


def ran(data: Path, *arguments: str) -> str:
    result = CliRunner().invoke(
        cli, ["campaigns", *arguments, "--data", str(data)], catch_exceptions=False
    )
    return result.stdout


def told(data: Path, *arguments: str) -> dict:
    return json.loads(ran(data, *arguments, "--json"))


@pytest.fixture(scope="module")
def hunted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with what a hunt found; the tests leave it as it was."""
    folder = tmp_path_factory.mktemp("hunted")
    (folder / "posts.csv").write_text(hw.as_csv(hw.world()), encoding="utf-8")
    data = folder / "data"
    code = hw.hunt(folder / "posts.csv", "--out", folder / "out", "--remember", "--data", data)
    assert code == 0
    return data


@pytest.fixture
def operation(hunted: Path) -> str:
    """The id of the operation's campaign, of which nobody has said anything."""
    with open_registry(f"sqlite:///{hunted}/registry.sqlite") as registry:
        (id,) = (c.id for c in CampaignTable(registry).all()
                 if "x:op_0" in {m.account for m in c.members})  # fmt: skip
        CampaignTable(registry).say(id, "seen")
    return id


def texts_of(account: str) -> list[str]:
    """The texts that an account shared with nine others."""
    return [p["text"] for p in hw.world() if p["account"] == account and "petition." in p["text"]]


def looked(data: Path, text: str, *, after_days: float = 0) -> set[str]:
    now = time.time() + 86_400 * after_days
    with open_registry(f"sqlite:///{data}/registry.sqlite") as registry:
        checks = Checks(stored_indicators(registry, now=now), now=now)
    return {one.check for one in checks.look(text, "prompt")}


def test_what_is_confirmed_is_recognised_until_it_runs_out_or_is_withdrawn(
    hunted: Path, operation: str
) -> None:
    text = texts_of("op_3")[4]
    assert looked(hunted, text) == set()
    done = told(hunted, "confirm", operation, "--for", "30d", "--why", "seen by an analyst")
    kinds = {one["kind"] for one in done["fingerprints"]}
    assert {"text", "near_text", "url", "domain"} <= kinds
    assert looked(hunted, text) == {"fingerprint", "indicator"}
    near = " ".join(text.split()[:-2]) + " now"
    assert looked(hunted, near) == {"fingerprint"}
    assert looked(hunted, "read petition.example/story/3 please") == {"indicator"}
    assert looked(hunted, "what is a petition, and who may sign one") == set()
    assert looked(hunted, text, after_days=29) == {"fingerprint", "indicator"}
    assert looked(hunted, text, after_days=31) == set()
    assert told(hunted, "withdraw", operation, "--why", "a mistake") == {
        "campaign": operation, "withdrawn": len(done["fingerprints"])
    }  # fmt: skip
    assert looked(hunted, text) == set()


def test_the_list_and_the_campaign_say_how_it_stands(hunted: Path, operation: str) -> None:
    listed = json.loads(ran(hunted, "list", "--json"))
    assert {c["status"] for c in listed if c["id"] == operation} == {"seen"}
    shown = told(hunted, "show", operation)
    assert {m["account"] for m in shown["members"]} == {f"x:{a}" for a in hw.operation()}
    assert all(mark["members"] >= 3 and mark["outside"] <= 1 for mark in shown["marks"])
    assert shown["fingerprints"] == []
    ran(hunted, "confirm", operation, "--why", "seen by an analyst")
    shown = told(hunted, "show", operation)
    assert shown["status"] == "confirmed"
    assert len(shown["fingerprints"]) > 20
    assert operation in ran(hunted, "list", "--status", "confirmed")
    assert operation in ran(hunted, "show", operation)
    ran(hunted, "withdraw", operation, "--why", "a mistake")
    assert operation not in ran(hunted, "list", "--status", "confirmed")
    assert told(hunted, "show", operation)["status"] == "dismissed"


def test_who_confirmed_and_why_is_in_the_journal(hunted: Path, operation: str) -> None:
    ran(hunted, "confirm", operation, "--why", "the ministry called")
    ran(hunted, "withdraw", operation, "--why", "and called again")
    settings = load_settings(environment={}, arguments={"data_directory": hunted})
    with open_journal(settings.url("journal")) as journal:
        said = [(e.what, e.why, e.details["campaign"]) for e in journal.read()][-2:]
    assert said == [
        ("campaign confirmed", "the ministry called", operation),
        ("campaign withdrawn", "and called again", operation),
    ]


def test_another_hunt_does_not_forget_what_a_person_said(hunted: Path, operation: str) -> None:
    ran(hunted, "confirm", operation, "--why", "seen by an analyst")
    folder = hunted.parent
    hw.hunt(folder / "posts.csv", "--out", folder / "again", "--remember", "--data", hunted)
    assert told(hunted, "show", operation)["status"] == "confirmed"
    ran(hunted, "withdraw", operation, "--why", "a mistake")


def test_what_many_others_left_in_the_log_is_left_out(hunted: Path, operation: str) -> None:
    text, other = texts_of("op_0")[:2]
    with open_log(f"sqlite:///{hunted}/events.sqlite") as log:
        log.append_events([
            Event(id=f"{n:032x}", time=NOON + timedelta(minutes=n), received=NOON, service="x",
                  surface="social", account=f"x:fan{n}", action="post", text=text)
            for n in range(15)
        ])  # fmt: skip
    done = told(hunted, "confirm", operation, "--why", "seen by an analyst")
    assert done["common"]
    assert set(done["common"].values()) == {15}
    assert looked(hunted, " ".join(text.split()[:-1])) == set()
    assert "fingerprint" in looked(hunted, other)
    (hunted / "events.sqlite").unlink()
    whole = told(hunted, "confirm", operation, "--without-log", "--why", "all of it")
    assert len(whole["fingerprints"]) > len(done["fingerprints"])
    ran(hunted, "withdraw", operation, "--why", "a mistake")


def test_a_campaign_that_is_not_there_is_refused(hunted: Path) -> None:
    for verb in (["show"], ["confirm", "--why", "x"], ["withdraw", "--why", "x"]):
        with pytest.raises(InputError, match="c-none"):
            ran(hunted, verb[0], "c-none", *verb[1:])


def test_an_empty_registry_has_no_campaign(tmp_path: Path) -> None:
    assert json.loads(ran(tmp_path, "list", "--json")) == []
    assert "hunt --remember" in ran(tmp_path, "list")


def test_a_campaign_whose_record_is_damaged_is_said_to_be(
    hunted: Path, operation: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(hunted, data)
    with (
        open_registry(f"sqlite:///{data}/registry.sqlite") as registry,
        registry.writing() as connection,
    ):
        connection.execute(sa.update(CAMPAIGNS).values(document={"members": 7}))
    assert operation in ran(data, "list")
    with pytest.raises(IntegrityError, match=f"{operation} is damaged"):
        ran(data, "show", operation)
