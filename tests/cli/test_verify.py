"""Challenges at the command line."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.guard.verify_world import World

from crossfix.cli import cli
from crossfix.errors import InputError, OutsideError
from crossfix.store.journal import open_journal
from crossfix.store.registry import StandingTable, open_registry


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def run(*arguments: str) -> str:
    return CliRunner().invoke(cli, arguments, catch_exceptions=False).output


def test_a_challenge_is_passed_without_a_browser(world: World) -> None:
    with world.served():
        url = world.url()
        assert run("verify", "solve", url) == "Verified. Repeat what you were doing.\n"
        with pytest.raises(InputError, match="This link has been used"):
            run("verify", "solve", url)
        said = run("verify", "solve", world.url("app:ben", "email"))
        assert said.startswith("One step is done, another is needed: http://localhost")
    assert world.events[0].account == "app:ann"


def test_what_is_no_challenge_is_said(world: World) -> None:
    with pytest.raises(InputError):
        run("verify", "solve", "file:///etc/passwd")
    with pytest.raises(OutsideError):
        run("verify", "solve", "http://127.0.0.1:1/verify/x")
    with world.served() as address, pytest.raises(InputError, match="not valid"):
        run("verify", "solve", address + "/verify/x")


def test_a_reset_forgets_factors_and_tier_and_is_in_the_journal(world: World) -> None:
    world.raise_to("code")
    folder = world.settings.data_directory
    with sqlite3.connect(folder / "registry.sqlite") as database:
        database.execute(
            "INSERT INTO factors (id, account, kind, handle, counter, made) "
            "VALUES ('totp:1', 'app:ann', 'totp', '', 0, 0)"
        )
    database.close()
    said = run("verify", "reset", "app:ann", "--why", "lost phone", "--data", str(folder))
    assert said == "app:ann: 1 factor forgotten, tier anonymous\n"
    with open_registry(world.settings.url("registry")) as registry:
        stored = StandingTable(registry).get("app:ann")
    assert stored is not None
    assert stored.tier is None
    with open_journal(world.settings.url("journal")) as journal:
        (entry,) = journal.read()
    assert (entry.what, entry.why) == ("verification reset", "lost phone")
