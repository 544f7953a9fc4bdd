"""The watch over the event log: what arrives is indexed, what it shows goes to the registry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import inf

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.campaigns.allow import AllowList, read_allow_list
from crossfix.campaigns.identity import Known
from crossfix.campaigns.remember import recall
from crossfix.config.live import LiveSettings
from crossfix.errors import CrossfixError, IntegrityError, StoreError
from crossfix.live.index import LiveIndex
from crossfix.live.joining import join
from crossfix.live.keeping import keep, keep_joined, restored
from crossfix.live.swarm import REMEMBERED_SECONDS, Swarm, Swarms
from crossfix.store.log.event_log import EventLog, Mark
from crossfix.store.registry import Registry, SwarmTable
from crossfix.store.shared_events import SharedEvents

JOIN_SECONDS = 5.0
"""How often swarms are joined into campaigns."""

STEP_ROWS = 20_000

MOST_UNTOLD = 100_000
"""Events, of the latest, that are told when the others' server answers again."""

AHEAD = timedelta(minutes=10)
"""How far the clock of who sends events may be ahead of ours."""

_REBUILT, _LONGEST_TROUBLE = 1, 200
"""Events that are read again after a restart, of the traces that are held, at least; characters of
what is said of a trouble."""


class Watch:
    """Follows one event log. It belongs to one thread; time is passed in.

    After a restart the index is built again from what the log received in the last hours, and the
    swarms are those of the registry: they have names that the same events give them again, and
    sets of accounts and events, so that nothing is counted twice.

    ``missed`` says why the others could not be told, ``passed_over`` how many events could not be
    taken in, ``trouble`` what the last of them met, and ``damaged`` which part of the log could not
    be read at the start.

    Args:
        log: where events arrive.
        registry: where swarms, campaigns and fingerprints go.
        settings: what a swarm is, and what follows from one.
        shared: what arrives at others with logs of their own, and where they are told.
    """

    def __init__(
        self,
        log: EventLog,
        registry: Registry,
        settings: LiveSettings,
        shared: SharedEvents | None = None,
    ) -> None:
        self._shared = shared
        self._heard: str | None = None
        self._untold: list[pa.RecordBatch] = []
        self.missed: str | None = None
        self.passed_over = 0
        self.trouble: str | None = None
        self.damaged: str | None = None
        self._log = log
        self._registry = registry
        self._settings = settings
        self.index = index_of(settings)
        allow = read_allow_list(settings.allow_list) if settings.allow_list else AllowList()
        self.swarms = Swarms(
            allow, raised=settings.raise_strength, least_actors=settings.least_actors
        )
        self._mark: Mark | None = None
        self._joined = 0.0
        self._unjoined = False

    def start(self, now: float) -> None:
        """Take up where the last one ended.

        Raises:
            StoreError: log or registry refuse.
        """
        since = _moment(now) - timedelta(seconds=REMEMBERED_SECONDS)
        held = map(restored, SwarmTable(self._registry).all(since=since))
        changed = [swarm for swarm in held if swarm is not None and self.swarms.adopt(swarm)]
        received = _moment(now) - timedelta(hours=self._settings.rebuild_hours)
        batches, self._mark = self._log.arrived(
            None, received=received, most=_REBUILT * self._settings.most_traces
        )
        # What came while nobody watched was not told; what is told twice counts once.
        lately = _moment(now) - timedelta(minutes=self._settings.window_minutes)
        told = self._exchange(now)
        for batch in told:
            self.index.foresee(batch)
        try:
            for batch in batches:
                changed += self._take([batch], now)
                self._to_tell(_received_since(batch, lately))
        except IntegrityError as e:
            self.damaged = str(e)
        self._keep([*changed, *self._take(told, now)], now)

    def turn(self, now: float) -> int:
        """Take in what has arrived since the last turn; return how many events that were.

        Raises:
            StoreError: log or registry refuse; what was not taken in comes again.
        """
        batches, mark = self._log.arrived(self._mark, wanted=self.index.unknown)
        before = self.index.events
        changed: list[Swarm] = []
        for batch in batches:
            self._to_tell(batch)
            changed += self._take([batch], now)
        self._keep([*changed, *self._take(self._exchange(now), now)], now)
        self._mark = mark
        # A clock that was set back does not put this off.
        if self._unjoined and not 0 <= now - self._joined < JOIN_SECONDS:
            self.join(now)
        return self.index.events - before

    def _to_tell(self, batch: pa.RecordBatch) -> None:
        """Remember events that others are to be told of, the latest of them."""
        if self._shared is not None and batch.num_rows:
            self._untold.append(batch)
            while sum(batch.num_rows for batch in self._untold) > MOST_UNTOLD:
                del self._untold[0]

    def join(self, now: float) -> None:
        """Join the swarms into campaigns and keep these."""
        self._joined, self._unjoined = now, False
        known: list[Known] = recall(self._registry)
        keep_joined(self._registry, join(self.swarms, known), now=_moment(now))

    def _exchange(self, now: float) -> list[pa.RecordBatch]:
        """Tell others what arrived here, and return what arrived there.

        Where nobody answers, the watch goes on with what it has, and tells the latest later.
        """
        if self._shared is None:
            return []
        try:
            self._shared.tell(self._untold, now)
            self._untold, self.missed = [], None
            batches, self._heard = self._shared.heard(self._heard)
        except StoreError as e:
            self.missed = e.message
            return []
        return batches

    def _take(self, batches: Iterable[pa.RecordBatch], now: float) -> list[Swarm]:
        changed: dict[str, Swarm] = {}
        for batch in batches:
            for first in range(0, batch.num_rows, STEP_ROWS):
                piece = _not_ahead(batch.slice(first, STEP_ROWS))
                changed |= {s.id: s for s in self._taken(piece, now)}
        return list(changed.values())

    def _taken(self, piece: pa.RecordBatch, now: float, *, again: bool = False) -> list[Swarm]:
        """Take in a piece; an event that cannot be is passed over, and all others are not.

        What people write is in events: one that nobody foresaw must not blind the watch, nor make
        it fail again after each restart.
        """
        try:
            seen = self.index.add(piece, again=again)
            return self.swarms.take(seen, _moment(now)) if seen else []
        except CrossfixError:
            raise
        except Exception as e:
            if piece.num_rows == 1:
                self.passed_over += 1
                self.trouble = f"{type(e).__name__}: {e}"[:_LONGEST_TROUBLE]
                return []
            half = piece.num_rows // 2
            changed = self._taken(piece.slice(0, half), now, again=True)
            return changed + self._taken(piece.slice(half), now, again=True)

    def _keep(self, changed: list[Swarm], now: float) -> None:
        if changed:
            settings = self._settings
            least = inf if settings.fingerprints == "off" else settings.fingerprint_strength
            keep(self._registry, changed, now=_moment(now), days=settings.fingerprint_days,
                 least=least)  # fmt: skip
            self._unjoined = True


def _not_ahead(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Let no event be later than it came: it happened when it was received.

    A day in the future would else let everything before it count as long past.
    """
    time, received = batch.column("time"), batch.column("received")
    ahead = pc.greater(time, pc.add(received, pa.scalar(AHEAD)))
    if not pc.any(ahead).as_py():
        return batch
    place = batch.schema.get_field_index("time")
    times = pc.if_else(ahead, received, time)
    return batch.set_column(place, batch.schema.field(place), times)


def _received_since(batch: pa.RecordBatch, moment: datetime) -> pa.RecordBatch:
    return batch.filter(pc.greater_equal(batch.column("received"), moment))


def index_of(settings: LiveSettings) -> LiveIndex:
    """Return an empty index as the settings describe it."""
    return LiveIndex(
        window_seconds=60 * settings.window_minutes,
        least_actors=settings.least_actors,
        most_entries=_power(settings.most_traces),
        most_segments=_power(settings.most_segments) if settings.most_segments > 1 else 0,
    )


def _power(most: int) -> int:
    """Return the greatest power of two that is not more."""
    return 1 << (most.bit_length() - 1)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
