"""Policies and indicators that change while a guard runs, taken over whole."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from crossfix import matching
from crossfix.config.checks import CheckSettings
from crossfix.content.finding import Finding
from crossfix.errors import CrossfixError, InputError
from crossfix.guard.decide import Guard
from crossfix.guard.ruling import Direction
from crossfix.guard.rulings import rules_of
from crossfix.matching import Checks, Scanner
from crossfix.matching.known_keys import KnownKeys
from crossfix.matching.opening import open_checks
from crossfix.matching.stored import stored_mark
from crossfix.policy import Memory, load_policies
from crossfix.policy.load import policy_files
from crossfix.policy.policy import Level, Policy
from crossfix.store.registry import Registry

log = logging.getLogger("crossfix.gateway")

_DIRECTIONS = dict(zip(("prompt", "completion"), matching.DIRECTIONS, strict=True))

_Stamp = tuple[tuple[str, int, int], ...]


class Reloading:
    """Keeps the policies and checks of one guard as the files and the registry have them.

    `reload` may wait for a database and belongs to one thread at a time, which need not be the one
    that decides: what is new is put in the old one's place whole.

    Args:
        opened: opens the registry for one look.
        guard: whose checks and policies are kept new.
        policies: files and folders of policies.
        settings: the checks.
        memory: what the policies count with, through all versions of them.
        clock: seconds since 1970 UTC.
    """

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[Registry]],
        guard: Guard,
        policies: list[Path],
        settings: CheckSettings,
        memory: Memory,
        clock: Callable[[], float],
    ) -> None:
        self._opened = opened
        self._guard = guard
        self._paths = policies
        self._clock = clock
        self._stamp: _Stamp | None = None
        self._held: object = None
        self._memory = memory
        self._settings = settings
        self._checks = Checks(now=clock())
        self.policies: list[Policy] = []
        self.versions: dict[str, int] = {}
        self.levels: dict[str, Level] = {}
        self._keys = KnownKeys()
        guard.look = self.look
        guard.known = self.known

    def look(self, text: str, direction: Direction) -> tuple[Finding, ...]:
        """Return what the checks of the moment find in a text."""
        return self._checks.look(text, _DIRECTIONS[direction])

    def known(self, attributes: Mapping[str, str], action: str) -> Sequence[Finding]:
        """Return the fingerprints that stand in no text and that an event leaves."""
        return self._keys.find(attributes, action)

    def scanner(self) -> Scanner:
        """Return what looks at a stream of answers with the checks of the moment."""
        return self._checks.scanner(_DIRECTIONS["completion"])

    def reload(self) -> None:
        """Take over what has changed.

        Raises:
            CrossfixError: something cannot be read; what was held before holds on.
        """
        self._reload_policies()
        with self._opened() as registry:
            self._reload_checks(registry)

    def _reload_policies(self) -> None:
        files = policy_files(self._paths)
        stamp = tuple((str(f), (s := f.stat()).st_mtime_ns, s.st_size) for f in files)
        if stamp == self._stamp:
            return
        first, self._stamp = self._stamp is None, stamp
        try:
            policies = load_policies(self._paths)
        except InputError as e:
            if first:
                raise
            log.warning(_said("policies_refused", e))
            return
        self.policies = policies
        self.versions.update({p.id: p.version for p in policies})
        self.levels.update({p.id: p.level for p in policies})
        self._guard.rules = rules_of(policies, self._memory)

    def _reload_checks(self, registry: Registry) -> None:
        now = self._clock()
        stamp = (_stamp(self._settings.indicators), stored_mark(registry, now=now))
        if stamp == self._held:
            return
        opened = open_checks(self._settings, registry, now=now)
        for line in opened.refused:
            log.warning(_said("indicator_refused", line))
        self._held, self._checks, self._keys = stamp, opened.checks, opened.keys


def _stamp(place: Path | None) -> _Stamp:
    """Return what changes when a file or the files of a folder do."""
    if place is not None and not place.exists():
        raise InputError(
            "There is no such file or folder.", path=str(place), hint="See checks.indicators."
        )
    files = [] if place is None else sorted(place.iterdir()) if place.is_dir() else [place]
    return tuple((str(f), (s := f.stat()).st_mtime_ns, s.st_size) for f in files)


def _said(event: str, error: CrossfixError) -> str:
    return msgspec.json.encode({"event": event, "error": str(error)}).decode()
