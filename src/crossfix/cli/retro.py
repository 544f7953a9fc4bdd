"""``crossfix retro``: search the whole log for an indicator or a fingerprint."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crossfix.cli.opening import opened_registry, place_options


@click.command("retro")
@click.option("--indicator", "given", multiple=True, metavar="KIND=VALUE",
              help="A domain, url, hash, phrase, text or near_text to look for.")  # fmt: skip
@click.option("--fingerprint", "ids", multiple=True, metavar="ID",
              help="A fingerprint or indicator of the registry, by its id.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@place_options
def command(
    given: tuple[str, ...],
    ids: tuple[str, ...],
    as_json: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """Search the whole log for an indicator or a fingerprint.

    Says who left it, when and where, one event a line.
    """
    import msgspec

    from crossfix.cli.printable import printable
    from crossfix.errors import InputError
    from crossfix.live.retro import retro
    from crossfix.matching import KINDS, indicator
    from crossfix.matching.stored import stored_by_id
    from crossfix.store.kept import kept_log

    if not given and not ids:
        raise InputError("There is nothing to look for.", hint="Give --indicator or --fingerprint.")
    wanted = []
    for one in given:
        kind, mark, value = one.partition("=")
        if not mark:
            raise InputError(f"An indicator is KIND=VALUE, not {one!r}.",
                             hint=f"Kinds are {', '.join(KINDS)}.")  # fmt: skip
        wanted.append(indicator(kind, value))
    with opened_registry(data, config) as (registry, settings):
        indicators, fingerprints = stored_by_id(registry, ids)
        seen, accounts = 0, set()
        with kept_log(settings) as log:
            total = log.count()
            with click.progressbar(
                log.read(), length=max(1, total), label="searching", file=sys.stderr,
                hidden=not sys.stderr.isatty(),
            ) as bar:  # fmt: skip
                for batch in bar:
                    for hit in retro([batch], [*wanted, *indicators], fingerprints):
                        seen += 1
                        accounts.add(hit.account)
                        line = f"{hit.time:%Y-%m-%d %H:%M:%S} {hit.account} {hit.action} {hit.name}"
                        said = msgspec.json.encode(hit).decode() if as_json else printable(line)
                        click.echo(said)
    click.echo(f"{seen} events of {len(accounts)} accounts, of {total} searched", err=True)
