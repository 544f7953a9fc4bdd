"""The checks as the settings describe them, with the indicators of files and of the registry."""

from __future__ import annotations

from dataclasses import dataclass

from crossfix.config.checks import CheckSettings
from crossfix.content.classifier import Head
from crossfix.content.heads import LexicalHead, LinearHead
from crossfix.content.personal import PERSONAL
from crossfix.content.secrets import SECRETS
from crossfix.errors import InputError
from crossfix.matching.checks import DIRECTIONS, Checks, Direction
from crossfix.matching.indicator import Indicator
from crossfix.matching.known_keys import KnownKeys
from crossfix.matching.loading import Loaded, load_indicators
from crossfix.matching.stored import stored_known
from crossfix.store.registry import Registry

_FILES = (".csv", ".jsonl", ".ndjson")


@dataclass(frozen=True)
class OpenedChecks:
    """The checks, and the lines of the files of indicators that could not be used.

    ``keys`` are the fingerprints that stand in no text.
    """

    checks: Checks
    refused: tuple[InputError, ...]
    keys: KnownKeys


def open_checks(
    settings: CheckSettings, registry: Registry | None = None, *, now: float
) -> OpenedChecks:
    """Return the checks; to reload, call again and put the new ones in the place of the old.

    Where a file and the registry have an indicator of one id, the file's counts.

    Raises:
        FormatError: a file of indicators or a head cannot be read.
        StoreError: the registry refuses.
    """
    loaded = _loaded(settings)
    held: dict[str, Indicator] = {}
    keys = KnownKeys()
    if registry is not None:
        known, others = stored_known(registry, now=now)
        held, keys = {one.id: one for one in known}, KnownKeys(others)
    held |= {one.id: one for one in loaded.indicators}
    heads: list[Head] = [LexicalHead()] if settings.local_head else []
    if settings.head is not None:
        heads.append(LinearHead.load(settings.head))
    inside: dict[str, tuple[Direction, ...]] = {
        "out": ("completion",),
        "both": DIRECTIONS,
        "none": (),
    }
    checks = Checks(
        held.values(), leaks=(*SECRETS, *PERSONAL), leaks_in=inside[settings.leaks_in],
        heads=heads, now=now,
    )  # fmt: skip
    return OpenedChecks(checks, loaded.refused, keys)


def _loaded(settings: CheckSettings) -> Loaded:
    """Return what the files of indicators hold."""
    place = settings.indicators
    if place is None:
        return Loaded((), ())
    paths = [place]
    if not place.exists():
        raise InputError(
            "There is no such file or folder.", path=str(place), hint="See checks.indicators."
        )
    if place.is_dir():
        paths = sorted(path for path in place.iterdir() if path.suffix.lower() in _FILES)
    return load_indicators(paths)
