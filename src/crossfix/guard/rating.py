"""Classifiers that are far away: asked beside a call or before it, left alone while they fail."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from crossfix.config.checks import ClassifierSettings
from crossfix.content.classifier import Classifier, findings
from crossfix.content.finding import Finding
from crossfix.content.remote import ModerationEndpoint, SafeguardModel
from crossfix.errors import OutsideError, SettingError

if TYPE_CHECKING:
    import aiohttp

PIECE_CHARACTERS = 20_000
MOST_PIECES = 32
"""Of longer texts the rest is not rated, and that is said."""

MOST_ASKED = 256
"""How many questions may wait for an answer at once; more count as not answered."""

FAILURES_UNTIL_REST = 3
_FIRST_REST_SECONDS, _LONGEST_REST_SECONDS = 2.0, 60.0


class Rated(msgspec.Struct, frozen=True):
    """What classifiers say of texts.

    ``missed`` is why one of them did not answer, "" if all did; ``closed`` says that the request
    must not go on without it.
    """

    findings: tuple[Finding, ...] = ()
    missed: str = ""
    closed: bool = False


class Rater:
    """One classifier with what is done with its scores, and how it has been answering.

    Args:
        name: that of its table.
        settings: how it is asked, and what its scores lead to.
        classifier: itself.
        clock: seconds that only go on.
    """

    def __init__(
        self,
        name: str,
        settings: ClassifierSettings,
        classifier: Classifier,
        clock: Callable[[], float],
    ) -> None:
        self.name = name
        self.settings = settings
        self._classifier = classifier
        self._clock = clock
        self._failures = 0
        self._rests_until = 0.0
        self._asked = 0

    async def rate(self, texts: Sequence[str]) -> Rated:
        """Return what the classifier finds in texts; that it does not answer is no error."""
        pieces, whole = _pieces(texts)
        if not pieces:
            return Rated()
        if self._clock() < self._rests_until:
            return self._missed("it failed lately and is left alone")
        if self._asked >= MOST_ASKED:
            return self._missed("too many questions are waiting for it")
        self._asked += 1
        try:
            async with asyncio.timeout(self.settings.timeout_seconds):
                scores = await self._classifier.score(pieces)
        except (OutsideError, TimeoutError) as e:
            self._failed()
            return self._missed(str(e) or "it did not answer in time")
        finally:
            self._asked -= 1
        self._failures, self._rests_until = 0, 0.0
        found = self._found(scores)
        if not whole:
            return msgspec.structs.replace(self._missed("the text is too long"), findings=found)
        return Rated(found)

    def _found(self, scores: Sequence[Mapping[str, float]]) -> tuple[Finding, ...]:
        highest: dict[str, float] = {}
        for one in scores:
            for category, score in one.items():
                if not self.settings.categories or category in self.settings.categories:
                    highest[category] = max(score, highest.get(category, 0.0))
        return findings(highest, self.settings.threshold)

    def _failed(self) -> None:
        self._failures += 1
        over = self._failures - FAILURES_UNTIL_REST
        if over >= 0:
            rest = min(_FIRST_REST_SECONDS * 2.0 ** min(over, 10), _LONGEST_REST_SECONDS)
            self._rests_until = self._clock() + rest

    def _missed(self, why: str) -> Rated:
        return Rated(missed=f"{self.name}: {why}", closed=self.settings.fail == "closed")


class Raters:
    """All classifiers of one worker; belongs to one event loop.

    Args:
        settings: the classifiers by name.
        clock: seconds that only go on.
        environment: where their keys stand.

    Raises:
        SettingError: a key is not there.
    """

    def __init__(
        self,
        settings: Mapping[str, ClassifierSettings],
        clock: Callable[[], float],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        given = os.environ if environment is None else environment
        self._keys = {name: _key(name, s, given) for name, s in settings.items()}
        self._before: list[Rater] = []
        self._beside: list[Rater] = []
        self._tasks = set[asyncio.Task[None]]()
        self._session: aiohttp.ClientSession | None = None
        self.missed: Callable[[str], None] = lambda why: None
        """Is told why a classifier did not answer beside a call."""

    async def open(self) -> None:
        """Make ready to ask."""
        if not self._settings:
            return
        import aiohttp

        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        for name, settings in self._settings.items():
            classifier = _classifier(self._session, settings, self._keys[name])
            rater = Rater(name, settings, classifier, self._clock)
            (self._before if settings.mode == "hold" else self._beside).append(rater)

    async def close(self) -> None:
        """Wait a moment for what was asked, and let go."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=2.0)
        for task in list(self._tasks):
            task.cancel()
        if self._session is not None:
            await self._session.close()

    @property
    def hold(self) -> bool:
        """Whether requests wait for a classifier."""
        return bool(self._before)

    async def before(self, texts: Sequence[str]) -> Rated:
        """Return what those classifiers say that requests wait for."""
        rated = await asyncio.gather(*(rater.rate(texts) for rater in self._before))
        return _together(rated)

    def beside(
        self, texts: Sequence[str], then: Callable[[tuple[Finding, ...]], None], *, answer: bool
    ) -> None:
        """Have texts rated while the call goes on; ``then`` is told what was found, if anything.

        An ``answer`` of a model is rated by those that are to, all of them beside the call.
        """
        raters = self._beside
        if answer:
            raters = [r for r in (*self._before, *self._beside) if r.settings.answers]
        if raters:
            task = asyncio.get_running_loop().create_task(self._rate(raters, texts, then))
            self._tasks.add(task)  # the loop alone would let it be collected
            task.add_done_callback(self._tasks.discard)

    async def _rate(
        self,
        raters: Sequence[Rater],
        texts: Sequence[str],
        then: Callable[[tuple[Finding, ...]], None],
    ) -> None:
        rated = _together(await asyncio.gather(*(rater.rate(texts) for rater in raters)))
        if rated.missed:
            self.missed(rated.missed)
        if rated.findings:
            then(rated.findings)


def _together(rated: Sequence[Rated]) -> Rated:
    return Rated(
        tuple(found for one in rated for found in one.findings),
        "; ".join(one.missed for one in rated if one.missed),
        any(one.closed for one in rated),
    )


def _pieces(texts: Sequence[str]) -> tuple[list[str], bool]:
    """Return texts in pieces of a bounded length, and whether they are all of it."""
    pieces = [
        text[at : at + PIECE_CHARACTERS]
        for text in texts
        for at in range(0, len(text), PIECE_CHARACTERS)
    ]
    return pieces[:MOST_PIECES], len(pieces) <= MOST_PIECES


def _key(name: str, settings: ClassifierSettings, environment: Mapping[str, str]) -> str | None:
    if settings.key is None:
        return None
    if not (key := environment.get(settings.key)):
        raise SettingError(
            f"The environment variable {settings.key} of the classifier {name} is not set.",
            hint=f"Run: export {settings.key}=...",
        )
    return key


def _classifier(
    session: aiohttp.ClientSession, settings: ClassifierSettings, key: str | None
) -> Classifier:
    more: dict[str, Any] = {
        "model": settings.model, "key": key, "timeout_seconds": settings.timeout_seconds,
    }  # fmt: skip
    if settings.kind == "moderation":
        return ModerationEndpoint(session, settings.url, **more)
    return SafeguardModel(session, settings.url, form=settings.kind, **more)


__all__ = ["Rated", "Rater", "Raters"]
