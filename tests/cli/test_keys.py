import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crossfix.cli import cli
from crossfix.guard.keys import Key, Keyring
from crossfix.store.journal import open_journal
from crossfix.store.registry import KeyTable, open_registry


@pytest.fixture
def run(tmp_path: Path):  # type: ignore[no-untyped-def]
    def call(*words: str) -> Result:
        return CliRunner().invoke(cli, ["keys", *words, "--data", str(tmp_path)])

    return call


def ring(path: Path) -> Keyring:
    with open_registry(f"sqlite:///{path}/registry.sqlite") as registry:
        return Keyring(KeyTable(registry).all())


def test_a_key_is_made_shown_rotated_and_revoked(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    made = run("create", "shop", "--identity", "field:user", "--organisation", "acme")
    assert made.exit_code == 0, made.output
    secret = made.stdout.strip()
    assert isinstance(ring(tmp_path).find(secret, 4e9), Key)
    assert secret not in run("list").output
    (row,) = json.loads(run("list", "--json").stdout)
    assert (row["name"], row["status"], row["identity"]) == ("shop", "active", ["field:user"])
    assert secret.startswith(row["prefixes"][0])
    rotated = json.loads(run("rotate", "shop", "--overlap-hours", "0", "--json").stdout)
    assert ring(tmp_path).find(secret, 4e9) == "expired"
    assert isinstance(ring(tmp_path).find(rotated["secret"], 4e9), Key)
    assert run("revoke", row["id"], "--why", "leaked").exit_code == 0
    assert ring(tmp_path).find(rotated["secret"], 4e9) == "revoked"
    with open_journal(f"sqlite:///{tmp_path}/journal.sqlite") as journal:
        entries = list(journal.read())
    assert [e.what for e in entries] == ["key created", "key rotated", "key revoked"]
    assert entries[-1].why == "leaked"
    assert not any(secret in repr(e) for e in entries)


def test_mistakes_are_said(run) -> None:  # type: ignore[no-untyped-def]
    assert "There is no key" in run("list").output
    assert run("create", "shop").exit_code == 0
    for words in (("create", "shop"), ("create", "b", "--identity", "cookie"), ("revoke", "none"),
                  ("rotate", "none"), ("create", "c", "--role", "god")):  # fmt: skip
        assert run(*words).exit_code != 0, words
    assert len(json.loads(run("list", "--json").stdout)) == 1
