"""``crossfix serve``: the gateway in front of a model API."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("serve")
@click.option("--upstream", metavar="URL",
              help="Base URL of the model API, as its SDK takes it.")  # fmt: skip
@click.option("--upstream-key", metavar="NAME",
              help="Environment variable that holds the API key for the upstream; without it the "
              "key that a client sends is passed on.")  # fmt: skip
@click.option("--open", "open_", is_flag=True,
              help="Ask clients for no key; for an address of this machine alone.")  # fmt: skip
@click.option("--log-content", is_flag=True,
              help="Write prompts into the log, without secrets and personal data.")  # fmt: skip
@click.option("--host", metavar="ADDRESS",
              help="Address to listen at, if not the one of the settings.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65_535), metavar="PORT",
              help="Port to listen at, if not the one of the settings.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 64), metavar="N",
              help="How many processes answer at the port; more than one need Valkey.")  # fmt: skip
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR",
              help="The data directory, if not the one of the settings.")  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE",
              help="The settings file.")  # fmt: skip
def command(
    upstream: str | None,
    upstream_key: str | None,
    open_: bool,
    log_content: bool,
    host: str | None,
    port: int | None,
    workers: int | None,
    data: Path | None,
    config: Path | None,
) -> None:
    """Run the gateway in front of a model API.

    In the client one line changes: its base URL is the one that this prints. It runs until it is
    interrupted.
    """
    from crossfix.app import serve
    from crossfix.config import load_settings

    settings = load_settings(
        config,
        arguments={
            "data_directory": data,
            "gateway.host": host,
            "log.content": log_content or None,
            "log.level": "info" if log_content else None,
            "gateway.port": port,
            "gateway.workers": workers,
            "gateway.upstreams.default.url": upstream,
            "gateway.upstreams.default.key": upstream_key,
        },
    )
    serve(settings, say=lambda line: click.echo(line, err=True), open=open_)
