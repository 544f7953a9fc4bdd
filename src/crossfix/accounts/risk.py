"""Risk: how far an account departs from its own past and from accounts of its kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from crossfix.accounts.profile import BEHAVIOURS, Profile, joined, unpacked
from crossfix.accounts.standing import Standing

WEIGHTS = {
    "volume": 0.6, "burst": 0.5, "similarity": 0.4, "refusals": 0.8, "hours": 0.2, "models": 0.15,
    "places": 0.5, "scripts": 0.4,
}  # fmt: skip
"""How much risk a behaviour alone can make."""

USUAL = {
    "volume": (3.0, 1.2), "burst": (1.8, 0.7), "similarity": (0.25, 0.12),
    "refusals": (0.0, 0.04), "hours": (0.0, 0.3), "models": (0.0, 0.3), "places": (0.0, 1.0),
    "scripts": (0.0, 1.5),
}  # fmt: skip
"""Centre and spread of a behaviour where nobody is known yet: a guess, soon outweighed."""

LEAST_SPREAD = {
    "volume": 0.5, "burst": 0.4, "similarity": 0.05, "refusals": 0.02, "hours": 0.2, "models": 0.25,
    "places": 0.7, "scripts": 1.0,
}  # fmt: skip
"""Less than so much is no difference, however alike everybody is."""

FROM, TO = 4.0, 12.0
"""Spreads from the usual at which a behaviour begins to be a risk, and at which it is wholly."""

LEAST_RISK = 0.02
"""Less than that is not worth telling."""

MOST_ACCOUNTS = 200_000
AGES = (("day", 1.0), ("week", 7.0), ("month", 30.0))
_DAY = 86_400.0
_EACH = 8
_TOLD = 0.1  # by how much a risk must move to be told
_COHORT = ":cohort:"  # no account begins so
_PRIOR = 30
_VERSION = 1


class Cohort:
    """What is usual for accounts of one tier and age: a robust centre and spread a behaviour."""

    __slots__ = ("centre", "count", "from_here", "spread")

    def __init__(self) -> None:
        self.count = 0
        self.centre = [USUAL[b][0] for b in BEHAVIOURS]
        self.spread = [USUAL[b][1] for b in BEHAVIOURS]
        self.from_here = [0.0] * len(BEHAVIOURS)
        """The extremes from which each behaviour may be a risk."""
        self._reckon()

    def join(self, extremes: Iterable[float]) -> None:
        """Take in the extremes of one account's period."""
        self.count += 1
        rate = 1.0 / min(self.count + _PRIOR, 2_000)
        for n, value in enumerate(extremes):
            self.centre[n], self.spread[n] = joined(self.centre[n], self.spread[n], value, rate)
        self._reckon()

    def packed(self) -> bytes:
        """Return the cohort as bytes, for `unpacked`."""
        return msgspec.msgpack.encode([_VERSION, self.count, self.centre, self.spread])

    @classmethod
    def unpacked(cls, data: bytes) -> Cohort | None:
        """Return a cohort from its bytes, or nothing where they are of another version."""
        try:
            version, count, centre, spread = msgspec.msgpack.decode(
                data, type=tuple[int, int, list[float], list[float]]
            )
        except msgspec.MsgspecError:
            return None
        if version != _VERSION or {len(centre), len(spread)} != {len(BEHAVIOURS)}:
            return None
        found = cls()
        found.count, found.centre, found.spread = count, centre, spread
        found._reckon()
        return found

    def _reckon(self) -> None:
        for n, name in enumerate(BEHAVIOURS):
            self.from_here[n] = self.centre[n] + FROM * max(self.spread[n], LEAST_SPREAD[name])


def risk(profile: Profile, cohort: Cohort) -> dict[str, float]:
    """Return the parts of an account's risk, by behaviour, those that are none left out.

    An account that has a past is measured against its past and its cohort, and the lesser
    distance counts: who works at night is a risk to nobody, nor is who does what all do. One that
    has none is measured against its cohort alone.
    """
    parts: dict[str, float] = {}
    peaks, known = profile.peaks, profile.periods >= 4
    for n, begins in enumerate(cohort.from_here):
        if peaks[n] <= begins:  # so it is for nearly everybody
            continue
        name = BEHAVIOURS[n]
        least = LEAST_SPREAD[name]
        away = (peaks[n] - cohort.centre[n]) / max(cohort.spread[n], least)
        if known:
            away = min(away, (peaks[n] - profile.centre[n]) / max(profile.spread[n], least))
        if away > FROM:
            parts[name] = min(1.0, (away - FROM) / (TO - FROM)) * WEIGHTS[name]
    return parts


def together(parts: dict[str, float]) -> float:
    """Return the risk that parts make, from 0 to 1: each takes its share of what is left."""
    left = 1.0
    for part in parts.values():
        left *= 1.0 - part
    return 1.0 - left


class Profiles:
    """The profiles and cohorts of one process; an instance belongs to one thread."""

    def __init__(self, most: int = MOST_ACCOUNTS) -> None:
        self._most = most
        self._held: dict[str, Profile] = {}
        self._cohorts: dict[tuple[str, str], Cohort] = {}
        self._changed: dict[str, None] = {}
        self._told: dict[str, float] = {}
        self._moved: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._held)

    def get(self, account: str) -> Profile | None:
        """Return an account's profile, if there is one."""
        return self._held.get(account)

    def prompt(
        self,
        standing: Standing,
        now: float,
        text: str,
        *,
        model: str = "",
        network: str = "",
        device: str = "",
    ) -> Profile:
        """Take in a prompt and return the profile, with the risk that it shows."""
        account = standing.account
        profile = self._held.get(account)
        if profile is None:
            profile = self._hold(account, Profile(now))
        elif profile.is_over(now):
            self._cohort(standing, now).join(profile.close(now))
            self._changed[account] = None
        profile.prompt(now, text, model, network, device)
        profile.quiet += 1
        if profile.quiet >= _EACH or profile.prompts < _EACH or profile.peaks[3]:
            profile.quiet = 0
            profile.risk_parts = risk(profile, self._cohort(standing, now))
            profile.risk = together(profile.risk_parts) if profile.risk_parts else 0.0
            if profile.risk or self._told:
                told = self._told.get(account, 0.0)
                if abs(profile.risk - told) >= _TOLD or (told and profile.risk < LEAST_RISK):
                    self._moved[account] = None
        return profile

    def answer(self, account: str, *, refused: bool) -> None:
        """Take in what a model answered an account."""
        profile = self._held.get(account)
        if profile is not None:
            profile.answer(refused=refused)

    def _cohort(self, standing: Standing, now: float) -> Cohort:
        days = (now - standing.first) / _DAY
        age = next((name for name, most in AGES if days < most), "older")
        kind = (standing.tier, age)
        cohort = self._cohorts.get(kind)
        if cohort is None:
            cohort = self._cohorts[kind] = Cohort()
        return cohort

    def _hold(self, account: str, profile: Profile) -> Profile:
        self._held[account] = profile
        if len(self._held) > self._most:  # who was held longest goes, unless just active
            oldest = next(iter(self._held))
            gone = self._held.pop(oldest)
            if profile.last - gone.last < _DAY and len(self._held) < self._most + 1_000:
                self._held[oldest] = gone
            else:
                self._told.pop(oldest, None)
        self._changed[account] = None
        return profile

    def forget(self, account: str) -> None:
        """Let go of an account's profile."""
        for held in (self._held, self._changed, self._told, self._moved):
            held.pop(account, None)

    def since(self) -> Iterator[tuple[str, float]]:
        """Yield since when each account is known by its prompts."""
        return ((account, profile.since) for account, profile in self._held.items())

    def risks(self, most: int = 200) -> dict[str, Profile]:
        """Return the profiles whose risk moved since they were returned last.

        At most so many are returned at a time, those that moved first; the others wait.
        """
        found: dict[str, Profile] = {}
        for account in list(self._moved)[:most]:
            del self._moved[account]
            self._told.pop(account, None)
            profile = self._held.get(account)
            if profile is not None:
                found[account] = profile
                if profile.risk >= LEAST_RISK:
                    self._told[account] = profile.risk
        return found

    def changed(self, *, whole: bool = False) -> dict[str, bytes]:
        """Return the profiles that are new or ended a period since the last call, packed.

        ``whole`` returns all of them, with what changed within their periods. What is usual in
        cohorts is among them.
        """
        changed, self._changed = self._changed, {}
        accounts = self._held if whole else changed
        packed = {a: self._held[a].packed() for a in accounts if a in self._held}
        if changed or whole:
            packed |= {f"{_COHORT}{t}:{a}": c.packed() for (t, a), c in self._cohorts.items()}
        return packed

    def restore(self, packed: Iterable[tuple[str, bytes]]) -> int:
        """Take profiles over from what `changed` returned once; return of how many."""
        count = 0
        for account, data in packed:
            if account.startswith(_COHORT):
                tier, _, age = account.removeprefix(_COHORT).partition(":")
                cohort = Cohort.unpacked(data)
                if cohort is not None:
                    self._cohorts.setdefault((tier, age), cohort)
                continue
            profile = unpacked(data) if len(self._held) < self._most else None
            if profile is not None:
                self._held.setdefault(account, profile)
                count += 1
        return count
