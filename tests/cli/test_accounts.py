import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crossfix.cli import cli
from crossfix.errors import InputError
from crossfix.store.journal import open_journal

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def call(*words: str) -> Result:
        return CliRunner().invoke(cli, ["accounts", *words, "--data", str(tmp_path)])

    return call


def test_an_account_is_set_shown_and_listed_and_the_journal_knows_why(
    run: Run, tmp_path: Path
) -> None:
    done = run("set", "app:ann", "--state", "suspended", "--for", "7d", "--label", "lures",
               "--why", "case 7")  # fmt: skip
    assert done.exit_code == 0, done.output
    shown = json.loads(run("show", "app:ann", "--json").stdout)
    assert (shown["state"], shown["reason"]) == ("suspended", "case 7")
    assert shown["state_until"] > shown["first_seen"]
    assert list(shown["labels"]) == ["lures"]
    assert "suspended" in run("show", "app:ann").stdout
    assert run("set", "app:bob", "--tier", "email", "--why", "called").exit_code == 0
    assert [d["account"] for d in json.loads(run("list", "--json").stdout)] == [
        "app:bob", "app:ann"
    ]  # fmt: skip
    assert [d["account"] for d in json.loads(run("list", "--state", "suspended", "--json").stdout)
            ] == ["app:ann"]  # fmt: skip
    assert "app:bob" in run("list").stdout
    with open_journal(f"sqlite:///{tmp_path}/journal.sqlite") as journal:
        first, second = journal.read()
    assert (first.what, first.why, second.details["account"]) == (
        "account set",
        "case 7",
        "app:bob",
    )
    assert first.details["state"] == "suspended"
    assert first.who.startswith("cli")


def test_a_challenge_names_its_tier(run: Run) -> None:
    assert run("set", "app:a", "--require", "code", "--why", "w").exit_code == 0
    shown = json.loads(run("show", "app:a", "--json").stdout)
    assert (shown["state"], shown["required_tier"]) == ("challenged", "code")


@pytest.mark.parametrize(
    "words",
    [
        ("set", "app:a", "--why", "w"), ("set", "app:a", "--state", "limited"),
        ("set", "ann", "--state", "limited", "--why", "w"), ("show", "app:none"),
        ("set", "app:a", "--state", "challenged", "--why", "w"),
        ("set", "app:a", "--state", "limited", "--require", "code", "--why", "w"),
        ("set", "app:a", "--state", "gone", "--why", "w"),
        ("set", "app:a", "--state", "limited", "--for", "soon", "--why", "w"),
    ],
    ids=range(8),
)  # fmt: skip
def test_mistakes_are_said_and_change_nothing(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code != 0
    assert "Nothing is said" in run("list").output


def test_hostile_names_cannot_steer_the_terminal(run: Run) -> None:
    account = "app:\x1b[31mred"
    assert run("set", account, "--label", "\x1b]0;x", "--why", "w").exit_code == 0
    for words in (("show", account), ("list",)):
        assert "\x1b" not in run(*words).output


def put(folder: Path, *accounts: str) -> None:
    rows = [{"id": str(n), "service": "app", "account": account, "action": "prompt",
             "text": "a word that nobody may list", "time": f"2026-01-0{n + 1}T00:00:00Z"}
            for n, account in enumerate(accounts)]  # fmt: skip
    path = folder / "events.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    done = CliRunner().invoke(
        cli, ["ingest", str(path), "--format", "events", "--data", str(folder)]
    )
    assert done.exit_code == 0, done.output


def test_accounts_of_which_nothing_is_said_are_shown_from_the_log(run: Run, tmp_path: Path) -> None:
    put(tmp_path, "ann", "bob", "ann")
    assert "accounts list --seen" in run("list").output
    shown = json.loads(run("show", "app:ann", "--json").stdout)
    assert (shown["state"], shown["events"]) == ("active", {"prompt": 2})
    assert shown["first_seen"] < shown["last_seen"]
    listed = json.loads(run("list", "--seen", "--json").stdout)
    assert [(d["account"], d["events"]["prompt"]) for d in listed] == [
        ("app:ann", 2),
        ("app:bob", 1),
    ]
    assert "app:bob" in (text := run("list", "--seen").output)
    assert "nobody may list" not in text
    assert isinstance(run("list", "--seen", "--state", "limited").exception, InputError)


def test_who_names_an_account_without_its_key_is_told_what_it_is_called(
    run: Run, tmp_path: Path
) -> None:
    put(tmp_path, "1f3c/ann", "1f3c/bob", "ann/2")
    missing = run("show", "app:ann").exception
    assert isinstance(missing, InputError)
    assert missing.hint == "Did you mean app:1f3c/ann?"
    done = run("set", "app:ann", "--state", "suspended", "--why", "x")
    assert done.exit_code == 0
    assert "did you mean app:1f3c/ann?" in done.stderr
    again = run("set", "app:ann", "--state", "active", "--why", "x")
    assert again.stderr == ""
    assert run("set", "app:1f3c/ann", "--state", "watched", "--why", "x").stderr == ""
