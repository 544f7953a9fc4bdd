"""A stream from an upstream to a client, chunk by chunk, to an end that can be seen."""

from __future__ import annotations

from crossfix.content.finding import Finding
from crossfix.events import Action
from crossfix.guard.decision import Decision
from crossfix.guard.exchange import Exchange, Parts, unrecorded
from crossfix.guard.provider import refused_by_answer
from crossfix.guard.recorder import UnrecordedError
from crossfix.guard.refuse import refused
from crossfix.guard.response import Response
from crossfix.guard.sse import Splitter
from crossfix.guard.stream import Mode, Screen
from crossfix.guard.upstream import CUT, GARBAGE, SLOW, passed_back
from crossfix.guard.wire import MalformedError, Refusal


def mode_of(parts: Parts) -> Mode:
    """Return how streams are screened now: in a window only where something could end one.

    To hold characters back makes people wait; where no policy can refuse an answer, for nothing.
    """
    if parts.mode == "window" and not parts.guard.refuses("completion"):
        return "observe"
    return parts.mode


class Relay:
    """Passes one stream on through a `Screen`."""

    def __init__(self, exchange: Exchange, response: Response) -> None:
        self._exchange = exchange
        self._response = response
        parts = exchange.parts
        self.screen = Screen(
            exchange.wire.reader(exchange.ask), mode_of(parts), self._judge, parts.scanner,
            soft=parts.soft, window=parts.window, most_held=parts.most_held_bytes,
        )  # fmt: skip
        self._reader = self.screen.reader
        self._recorded = False

    async def run(self) -> None:
        """Pass the stream on, to its end or to the error that takes its place."""
        await self._begin()
        tail = await self._flow()
        if not self._recorded:
            self._record()
        try:
            await self._exchange.kept()
        except UnrecordedError as e:
            # What is missing is the end: it says that the call is not in the record.
            tail = self._reader.end_with(unrecorded(e))
        await self._send(tail, more=False)

    async def _begin(self) -> None:
        exchange = self._exchange
        exchange.begun = True
        await exchange.send({
            "type": "http.response.start",
            "status": self._response.status,
            "headers": [*passed_back(self._response), *exchange.head],
        })  # fmt: skip

    async def _flow(self) -> bytes:
        """Pass on all but the last bytes, which wait until the call is recorded."""
        screen, splitter = self.screen, Splitter()
        try:
            while data := await self._response.part():
                out = screen.take(splitter.feed(data))
                if screen.ended:
                    if screen.refusal is not None:
                        self._response.close()
                    return out
                if out:
                    await self._send(out, more=True)
        except TimeoutError:
            return screen.stop(SLOW)
        except MalformedError:
            self._response.close()
            return screen.stop(GARBAGE)
        except (OSError, ValueError):
            return screen.stop(CUT)
        # The connection ended in order, but not the stream.
        return screen.stop(CUT)

    async def _send(self, data: bytes, *, more: bool) -> None:
        await self._exchange.send({"type": "http.response.body", "body": data, "more_body": more})

    def _judge(self, found: tuple[Finding, ...], whole: bool) -> Refusal | None:
        """Ask the guard about the answer as far as it has come.

        Only what ends the stream, or its end, is judged for good and recorded.
        """
        if whole:
            return self._record()
        if refused_by_answer(self._reader.answered()):
            return None
        decision = self._exchange.rehearse(self.screen.text())
        return None if refused(decision) is None else self._record(decision)

    def _record(self, stopping: Decision | None = None) -> Refusal | None:
        self._recorded = True
        answered = self._reader.answered()
        action: Action = "refusal" if refused_by_answer(answered) else "completion"
        return self._exchange.observe(action, self.screen.text(), answered, stopping)

    def left(self) -> None:
        """Record what came until the client left."""
        self._broken("client_left")

    async def stopped(self, refusal: Refusal) -> None:
        """Record what came until the server stopped, and end the stream with that error."""
        self._broken("stopped")
        await self._exchange.kept()
        await self._send(self._reader.end_with(refusal), more=False)

    def _broken(self, finish: str) -> None:
        if not self._recorded:
            answered = self._reader.answered()
            answered.finish = answered.finish or finish
            self._recorded = True
            self._exchange.observe("completion", self.screen.text(), answered)
