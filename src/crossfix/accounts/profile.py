"""How one account behaves, as numbers that forget: each event costs a few microseconds.

Counts decay by half in a set time, so that a profile never grows and never has to be gone through.
What is unusual is told by periods of a quarter of a day: of each behaviour the most extreme value
of a period is kept, and when the period is over it joins the account's own past.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import reduce
from math import exp2, log2
from operator import or_
from typing import Any
from zlib import crc32

import msgspec

BEHAVIOURS = (
    "volume", "burst", "similarity", "refusals", "hours", "models", "places", "scripts"
)  # fmt: skip
"""What is followed of an account: prompts an hour, prompts a minute, how alike prompts are, refused
answers, unusual hours, unusual models, changes of network or device, changes of script."""

PERIOD_SECONDS = 21_600.0
_MINUTE, _HOUR, _DAY, _WEEK = 60.0, 3_600.0, 86_400.0, 604_800.0
_WORDS = 16
_MOST_MODELS = 4
_VERSION = 1


_BITS = tuple(1 << n for n in range(256))


def mask_of(text: str) -> int:
    """Return a bit for each of the first words of a text, by a hash of the word."""
    words = " ".join(text[:400].lower().split(None, _WORDS)[:_WORDS])
    # The hashes are worked out each time: a table of words that were met is mostly far from the
    # processor when it is asked.
    bits = [_BITS[crc32(word) & 255] for word in words.encode("utf-8", "replace").split(b" ")]
    return reduce(or_, bits) if words else 0


class Profile:
    """The running profile of an account, of about 1.5 kB.

    ``peaks`` are the extremes of the period that runs, ``centre`` and ``spread`` what was usual in
    the ``periods`` before, each in the order of `BEHAVIOURS`. ``since`` is when the first prompt
    came, ``risk`` what `risk` made of it last.
    """

    __slots__ = (
        "alike", "answers", "begun", "centre", "device", "hour_at", "hours", "last", "mask",
        "minute", "models", "moves", "network", "peaks", "periods", "prompts", "quiet", "refusals",
        "risk", "risk_parts", "script", "since", "spread", "turns", "volume",
    )  # fmt: skip

    def __init__(self, now: float) -> None:
        self.since = self.begun = self.last = self.hour_at = now
        self.prompts = self.periods = 0
        self.volume = self.minute = 0.0  # decayed counts: half-lives of an hour and of a minute
        self.alike = self.moves = self.turns = 0.0
        self.answers = self.refusals = 0.0
        self.mask = 0
        self.network = self.device = self.script = ""
        self.hours = array("f", bytes(96))
        self.models: dict[str, float] = {}
        self.peaks = array("f", bytes(4 * len(BEHAVIOURS)))
        self.centre = array("f", bytes(4 * len(BEHAVIOURS)))
        self.spread = array("f", bytes(4 * len(BEHAVIOURS)))
        self.risk = 0.0
        self.risk_parts: dict[str, float] = {}
        self.quiet = 0

    def prompt(
        self, now: float, text: str, model: str = "", network: str = "", device: str = ""
    ) -> None:
        """Take in a prompt."""
        past = max(0.0, now - self.last)
        self.last = max(now, self.last)
        self.prompts += 1
        self.volume = self.volume * exp2(-past / _HOUR) + 1.0
        self.minute = self.minute * exp2(-past / _MINUTE) + 1.0
        faded = exp2(-past / _DAY)
        self.moves *= faded
        self.turns *= faded
        self._place(network, device)
        peaks = self.peaks
        found = (
            log2(1.0 + self.volume), log2(1.0 + self.minute), self._likeness(text), 0.0,
            self._hour(now), self._model(model), self.moves, self.turns,
        )  # fmt: skip
        for n, value in enumerate(found):
            if value > peaks[n]:
                peaks[n] = value

    def answer(self, *, refused: bool) -> None:
        """Take in what a model answered: a refusal, or anything else."""
        self.answers = self.answers * 0.97 + 1.0
        self.refusals = self.refusals * 0.97 + refused
        # One refusal among few answers says little: five good answers are taken for granted.
        self.peaks[3] = max(self.peaks[3], self.refusals / (self.answers + 5.0))

    def is_over(self, now: float) -> bool:
        """Return whether the period that runs is over."""
        return now - self.begun >= PERIOD_SECONDS

    def close(self, now: float) -> list[float]:
        """End the period, let its extremes join the account's own past, and return them."""
        found = list(self.peaks)
        self.periods += 1
        rate = 1.0 / min(self.periods, 20)
        for n, value in enumerate(found):
            if self.periods == 1:
                self.centre[n], self.spread[n] = value, 0.0
            else:
                self.centre[n], self.spread[n] = joined(self.centre[n], self.spread[n], value, rate)
        self.begun = now
        self.peaks = array("f", bytes(4 * len(BEHAVIOURS)))
        return found

    def _place(self, network: str, device: str) -> None:
        if network:
            if self.network and network != self.network:
                self.moves += 1.0
            self.network = network
        if device:
            if self.device and device != self.device:
                self.moves += 1.0
            self.device = device

    def _likeness(self, text: str) -> float:
        """Return how alike the last prompts are, from 0 to 1, after taking in one more."""
        mask = mask_of(text)
        script = script_of(text)
        if script:
            if self.script and script != self.script:
                self.turns += 1.0
            self.script = script
        if mask.bit_count() >= 4:  # a word or two are alike by chance
            if self.mask:
                near = (mask & self.mask).bit_count() / (mask | self.mask).bit_count()
                self.alike += 0.1 * (near - self.alike)
            self.mask = mask
        return self.alike

    def _hour(self, now: float) -> float:
        """Return how unusual the hour of the day is, from 0 to 1, after taking it in."""
        if now - self.hour_at >= _DAY:
            faded = exp2((self.hour_at - now) / _WEEK)
            for n in range(24):
                self.hours[n] *= faded
            self.hour_at = now
        hours, hour = self.hours, int(now // _HOUR) % 24
        around = hours[hour] + hours[hour - 1] + hours[(hour + 1) % 24]
        hours[hour] += 1.0
        if self.periods < 8:  # two days of use are no habit yet
            return 0.0
        return max(0.0, 1.0 - 20.0 * around / (sum(hours) + 1.0))

    def _model(self, model: str) -> float:
        models = self.models
        if not model or (len(models) == 1 and model in models):
            return 0.0
        unusual = 1.0 if models and model not in models and self.periods >= 8 else 0.0
        for known in models:
            models[known] *= 0.98
        models[model] = models.get(model, 0.0) + 1.0
        if len(models) > _MOST_MODELS:
            del models[min(models, key=models.__getitem__)]
        return unusual

    def packed(self) -> bytes:
        """Return the profile as bytes, for `unpacked`; the last prompt itself is not in it."""
        values = [
            _VERSION, self.since, self.begun, self.last, self.hour_at, self.prompts, self.periods,
            self.volume, self.minute, self.alike, self.moves, self.turns, self.answers,
            self.refusals,
            self.network, self.device, self.script, list(self.hours), self.models,
            list(self.peaks), list(self.centre), list(self.spread), self.risk, self.risk_parts,
        ]  # fmt: skip
        return msgspec.msgpack.encode(values)


def unpacked(data: bytes) -> Profile | None:
    """Return a profile from its bytes, or nothing where they are of another version."""
    try:
        values = msgspec.msgpack.decode(data)
        if not isinstance(values, list) or values[0] != _VERSION:
            return None
        return _filled(values)
    except (msgspec.MsgspecError, TypeError, ValueError, IndexError):
        return None


def _filled(values: list[Any]) -> Profile:
    found = Profile(float(values[1]))
    (
        _, found.since, found.begun, found.last, found.hour_at, found.prompts, found.periods,
        found.volume, found.minute, found.alike, found.moves, found.turns, found.answers,
        found.refusals,
        found.network, found.device, found.script, hours, found.models,
        peaks, centre, spread, found.risk, found.risk_parts,
    ) = values  # fmt: skip
    found.hours = _floats(hours, 24)
    found.peaks = _floats(peaks, len(BEHAVIOURS))
    found.centre = _floats(centre, len(BEHAVIOURS))
    found.spread = _floats(spread, len(BEHAVIOURS))
    return found


def _floats(values: Iterable[float], count: int) -> array[float]:
    found = array("f", values)
    if len(found) != count:
        raise ValueError(f"{count} numbers are needed")
    return found


def joined(centre: float, spread: float, value: float, rate: float) -> tuple[float, float]:
    """Return a running centre and spread after one more value.

    One value moves them by a bounded step, however far out it is (Huber's estimate of location,
    with the mean absolute deviation as its scale).
    """
    reach = 3.0 * max(spread, 0.1)
    away = min(max(value - centre, -reach), reach)
    return centre + rate * away, spread + rate * (abs(away) - spread)


_SCRIPTS = (
    (0x24F, "latin"), (0x3FF, "greek"), (0x52F, "cyrillic"), (0x58F, "armenian"),
    (0x5FF, "hebrew"), (0x77F, "arabic"), (0x97F, "devanagari"), (0x9FF, "bengali"),
    (0xDFF, "indic"), (0xE7F, "thai"), (0x10FF, "georgian"), (0x11FF, "hangul"),
    (0x2E7F, "latin"), (0x303F, "han"), (0x30FF, "kana"), (0x9FFF, "han"), (0xABFF, "latin"),
    (0xD7AF, "hangul"),
)  # fmt: skip


def script_of(text: str) -> str:
    """Return the script that most letters of a text's beginning are in; nothing without letters."""
    if text.isascii():
        return "latin" if any(map(str.isalpha, text[:40])) else ""
    counts: dict[str, int] = {}
    for character in text[:120:3]:
        if character.isalpha():
            point = ord(character)
            name = next((n for end, n in _SCRIPTS if point <= end), "other")
            counts[name] = counts.get(name, 0) + 1
    return max(counts, key=counts.__getitem__) if counts else ""
