"""What a worker tells the others and makes of what it hears, so that all know what one does."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from crossfix.accounts.standing import Tier
from crossfix.events import Event
from crossfix.guard.alerts.alert import Alert
from crossfix.guard.ruling import Ruling
from crossfix.guard.workers.channel import Channel
from crossfix.guard.workers.place import Place

if TYPE_CHECKING:
    from crossfix.guard.exchange import Parts

GATHER_SECONDS = 0.005
"""How long what is to be told waits for more."""

FIRST = 0
"""The worker that tells operators for all."""

MOST_TEXT = 20_000
"""Characters of a text that are told: enough to count by, and to see whether prompts are alike."""

log = logging.getLogger("crossfix.gateway")


class Judged(msgspec.Struct, frozen=True, tag="judged"):
    """Something was judged; ``looked`` says that what the checks found is in it."""

    event: Event
    looked: bool


class Marked(msgspec.Struct, frozen=True, tag="marked"):
    """A policy gave an account a state or labels."""

    account: str
    ruling: Ruling
    now: float


class Lifted(msgspec.Struct, frozen=True, tag="lifted"):
    """An account was verified, or is no longer."""

    account: str
    tier: Tier
    until: float | None


class Known(msgspec.Struct, frozen=True, tag="known"):
    """Texts were checked and let by: their keyed hashes."""

    marks: list[bytes]


class Charged(msgspec.Struct, frozen=True, tag="charged"):
    """A call was charged to holders of caps, in millionths of the currency."""

    holders: list[str]
    cost: int


class Raised(msgspec.Struct, frozen=True, tag="raised"):
    """Operators are to be told something."""

    alert: Alert


Message = Judged | Marked | Lifted | Known | Charged | Raised
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Message]).decode


class Sharing:
    """One worker's part in what all of them know; it belongs to the event loop.

    What policies count, how accounts behave and how they stand, what was checked already and what
    operators are told is the same in all workers, some milliseconds later.

    Args:
        place: which worker this is.
        parts: what it works with.
    """

    def __init__(self, place: Place, parts: Parts) -> None:
        self._place = place
        self._parts = parts
        self._waiting: list[Message] = []
        self._timer: asyncio.TimerHandle | None = None
        self.channel = Channel(place, self.hear)

    async def start(self) -> None:
        """Begin to tell and to hear."""
        parts = self._parts
        await self.channel.start()
        parts.recorder.taps.append(self.recorded)
        parts.guard.marked = lambda account, ruling, now: self.say(Marked(account, ruling, now))
        if parts.guard.spend is not None and parts.guard.spend.caps:
            parts.guard.spend.told = lambda holders, cost: self.say(Charged(holders, cost))
        parts.seen.told = lambda marks: self.say(Known(list(marks)))
        if parts.monitor is not None and parts.monitor.desk is not None:
            parts.monitor.forward = self.forward

    async def stop(self) -> None:
        """Say what waits and hang up."""
        self._flush()
        await self.channel.stop()

    def recorded(self, events: Sequence[Event]) -> None:
        """Tell what this worker judged, from what it records of it."""
        for event in events:
            # As after a restart: what policies did not see counts nowhere, nor do decisions.
            rated = event.action != "decision" or "findings" in event.attributes
            if rated and "unjudged" not in event.attributes:
                self.say(Judged(_short(event), looked=True))

    def witnessed(self, event: Event) -> None:
        """Tell what came from elsewhere and was judged here."""
        self.say(Judged(_short(event), looked=False))

    def lifted(self, account: str, tier: Tier, until: float | None) -> None:
        """Tell that an account was verified."""
        self.say(Lifted(account, tier, until))

    def forward(self, alert: Alert) -> bool:
        """Have the first worker tell operators; say whether it was told."""
        if self._place.slot == FIRST:
            return False
        return self.channel.say(_encode([Raised(alert)]), FIRST)

    def say(self, message: Message) -> None:
        """Tell the others, together with what else there is to tell."""
        self._waiting.append(message)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(GATHER_SECONDS, self._flush)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self.channel.say(_encode(waiting))

    def hear(self, payload: bytes) -> None:
        """Take in what another worker says."""
        now = self._parts.clock()
        try:
            messages = _decode(payload)
        except msgspec.MsgspecError as e:  # while versions change
            log.warning(json.dumps({"event": "worker_not_understood", "error": str(e)}))
            return
        for message in messages:
            try:
                self._take(message, now)
            except Exception as e:  # what one worker says must not end another
                log.warning(json.dumps({"event": "worker_not_heard", "error": repr(e)[:300]}))

    def _take(self, message: Message, now: float) -> None:
        parts = self._parts
        if isinstance(message, Judged):
            parts.guard.overhear(message.event, now, looked=message.looked)
            if parts.monitor is not None:
                parts.monitor.overheard(message.event, now)
        elif isinstance(message, Marked):
            parts.guard.mark(message.account, message.ruling, message.now, keep=False)
        elif isinstance(message, Lifted):
            parts.guard.standings.lift(message.account, message.tier, message.until, now)
        elif isinstance(message, Known):
            parts.seen.learn(message.marks)
        elif isinstance(message, Charged):
            if parts.guard.spend is not None:
                parts.guard.spend.overhear(message.holders, message.cost, now)
        elif parts.monitor is not None and parts.monitor.desk is not None:
            parts.monitor.desk.tell(message.alert)


def _short(event: Event) -> Event:
    if event.text is None or len(event.text) <= MOST_TEXT:
        return event
    return msgspec.structs.replace(event, text=event.text[:MOST_TEXT])
