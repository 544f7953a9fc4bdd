"""``crossfix verify``: pass a challenge without a browser, and reset how an account is verified."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from crossfix.cli.opening import opened_journal, opened_registry, operator, place_options
from crossfix.cli.printable import printable
from crossfix.counted import counted

_MOST_ANSWER = 65_536
_WAIT_SECONDS = 30.0


@click.group("verify")
def command() -> None:
    """Pass a challenge without a browser, or reset how an account is verified."""


@command.command("solve")
@click.argument("url")
def solve(url: str) -> None:
    """Do the proof of work that a challenge asks for.

    URL is the link of the challenge. It takes some seconds of computing.
    """
    from crossfix.errors import InputError
    from crossfix.guard.verify.proof import solved

    if not url.startswith(("https://", "http://")):
        raise InputError("The link of a challenge begins with https:// or http://.")
    address = url.partition("?")[0].rstrip("/") + "/proof"
    task = _asked(address, None)
    try:
        payload = solved(task["challenge"])
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise InputError("There is no challenge of crossfix at this link.") from e
    answer = _asked(address, {"altcha": payload})
    if answer.get("reached"):
        click.echo("Verified. Repeat what you were doing.")
    else:
        click.echo(f"One step is done, another is needed: {url}")


@command.command("reset")
@click.argument("account")
@click.option("--why", required=True, metavar="TEXT", help="The reason, for the journal.")
@place_options
def reset(account: str, why: str, data: Path | None, config: Path | None) -> None:
    """Forget the addresses, apps, passkeys and recovery codes of an account, and its tier.

    For people who lost what they verified with: they set it up anew.
    """
    from datetime import UTC, datetime

    import msgspec

    from crossfix.store.registry import FactorTable, StandingTable

    now = datetime.now(UTC)
    with opened_registry(data, config) as (registry, settings), opened_journal(settings) as journal:
        journal.append(who=operator(), what="verification reset", why=why, now=now,
                       details={"account": account})  # fmt: skip
        forgotten = FactorTable(registry).forget(account)
        if StandingTable(registry).get(account) is not None:
            StandingTable(registry).change(
                account,
                lambda old: msgspec.structs.replace(old, tier=None, tier_until=None), now=now,
            )  # fmt: skip
    click.echo(printable(f"{account}: {counted(forgotten, 'factor')} forgotten, tier anonymous"))


def _asked(url: str, body: dict[str, str] | None) -> dict[str, Any]:
    import urllib.error
    import urllib.request

    from crossfix.errors import InputError, OutsideError

    headers = {"accept": "application/json", "content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers)  # noqa: S310 - the scheme was checked
    try:
        with urllib.request.urlopen(request, timeout=_WAIT_SECONDS) as answer:  # noqa: S310
            found = json.loads(answer.read(_MOST_ANSWER))
    except urllib.error.HTTPError as e:
        raise InputError(_refusal(e.read(_MOST_ANSWER)) or f"The link answers {e.code}.") from e
    except (OSError, ValueError) as e:
        raise OutsideError(f"The link of the challenge cannot be reached: {e}") from e
    return found if isinstance(found, dict) else {}


def _refusal(body: bytes) -> str:
    try:
        return str(json.loads(body)["errors"][0]["message"])
    except (ValueError, KeyError, IndexError, TypeError):
        return ""
