"""The parts of the store that a verb works on, opened as the settings say."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from crossfix.config import Settings
    from crossfix.store.journal import Journal
    from crossfix.store.registry import Registry

_F = TypeVar("_F", bound=Callable[..., Any])


def place_options(command: _F) -> _F:
    """Give a command ``--data`` and ``--config``, which say what it works on."""
    for option in (
        click.option("--config", type=click.Path(path_type=Path), metavar="FILE",
                     help="The settings file."),
        click.option("--data", type=click.Path(path_type=Path), metavar="DIR",
                     help="The data directory, if not the one of the settings."),
    ):  # fmt: skip
        command = option(command)
    return command


@contextmanager
def opened_registry(data: Path | None, config: Path | None) -> Iterator[tuple[Registry, Settings]]:
    """Open the registry of the settings."""
    from crossfix.config import load_settings
    from crossfix.store.registry import open_registry

    settings = load_settings(config, arguments={"data_directory": data})
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    with open_registry(settings.url("registry")) as registry:
        yield registry, settings


@contextmanager
def opened_journal(settings: Settings) -> Iterator[Journal]:
    """Open the journal of the settings."""
    from crossfix.store.journal import open_journal

    with open_journal(settings.url("journal")) as journal:
        yield journal


def operator() -> str:
    """Return who works at the command line, for the journal."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):  # an id without a name, as in some containers
        return "cli"
