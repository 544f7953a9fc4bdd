"""A model's client that asks the guard before every call, and tells it what was answered."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import msgspec

from crossfix.errors import InputError
from crossfix.guard.provider import refused_by_answer
from crossfix.guard.shells.decided import Decided, RefusedError
from crossfix.guard.wire import WIRES, Answered, MalformedError, Wire

_UNSAID = ("NotGiven", "Omit")
"""What both SDKs call a member that was not given."""


class Call:
    """One call of a model: what is asked of the guard before it, and told after.

    ``before`` is the question about what is asked; the guard's answer to it goes to `allowed`.
    """

    def __init__(self, wire: Wire, body: Any, account: str) -> None:
        try:
            ask = wire.ask(msgspec.to_builtins(_given(body), enc_hook=_plain))
        except MalformedError as e:
            raise InputError(f"The guard cannot read this call: {e.message}") from e
        self._wire, self._account, self._model = wire, account, ask.model
        self._reader = wire.reader(ask) if wire.streams else None
        self._lanes: dict[str, list[str]] = {}
        self._id = ""
        self.before: dict[str, Any] = {
            "account": account, "texts": ask.texts, "model": ask.model, "tokens": ask.tokens,
        } | ({"conversation": ask.conversation} if ask.conversation else {})  # fmt: skip

    def allowed(self, decided: Decided) -> None:
        """Take in what the guard decided.

        Raises:
            RefusedError: the call may not be made.
        """
        self._id = decided.id
        if not decided.allowed:
            raise RefusedError(decided)

    def answered(self, answer: Any) -> dict[str, Any] | None:
        """Return what is told of an answer in one piece; nothing where it has no words."""
        if type(answer).__name__ == "LegacyAPIResponse":  # with_raw_response
            answer = answer.parse()
        if self._reader is None or not hasattr(answer, "model_dump"):
            return None
        said = self._wire.answered(answer.model_dump(mode="json", warnings=False))
        return self._told(said, (*said.texts, *(arguments for _, arguments in said.calls)))

    def note(self, chunk: Any) -> None:
        """Take in a chunk of a stream."""
        if self._reader is not None and hasattr(chunk, "model_dump"):
            data = chunk.model_dump(mode="json", exclude_unset=True, warnings=False)
            for lane, text in self._reader.read(b"", msgspec.json.encode(data)).texts:
                self._lanes.setdefault(lane, []).append(text)

    def streamed(self) -> dict[str, Any] | None:
        """Return what is told of a stream, as far as it came."""
        if self._reader is None:
            return None
        return self._told(self._reader.answered(), tuple(map("".join, self._lanes.values())))

    def _told(self, said: Answered, texts: tuple[str, ...]) -> dict[str, Any]:
        action = "refusal" if refused_by_answer(said) else "completion"
        given = {"account": self._account, "texts": texts, "model": self._model,
                 "action": action, "id": self._id}  # fmt: skip
        return given | ({} if said.tokens_out is None else {"tokens_out": said.tokens_out})


class Told:
    """A stream that the guard is told of when it ends; all else is the stream's own."""

    def __init__(self, stream: Any, call: Call, tell: Callable[[dict[str, Any]], Decided]) -> None:
        self._stream, self._call, self._tell = stream, call, tell
        self._ended = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __iter__(self) -> Told:
        return self

    def __next__(self) -> Any:
        try:
            chunk = next(self._stream)
        except StopIteration:
            self._end(judged=True)
            raise
        self._call.note(chunk)
        return chunk

    def __enter__(self) -> Told:
        self._stream.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the stream; the guard is told what had come."""
        self._stream.close()
        self._end(judged=False)

    def _end(self, *, judged: bool) -> None:
        if self._ended:
            return
        self._ended = True
        if (told := self._call.streamed()) is not None:
            decided = self._tell(told)
            if judged and told["action"] != "refusal":
                self._call.allowed(decided)


class ToldAsync:
    """`Told` for asyncio."""

    def __init__(self, stream: Any, call: Call, tell: Callable[[dict[str, Any]], Any]) -> None:
        self._stream, self._call, self._tell = stream, call, tell
        self._ended = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __aiter__(self) -> ToldAsync:
        return self

    async def __anext__(self) -> Any:
        try:
            chunk = await anext(self._stream)
        except StopAsyncIteration:
            await self._end(judged=True)
            raise
        self._call.note(chunk)
        return chunk

    async def __aenter__(self) -> ToldAsync:
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the stream; the guard is told what had come."""
        await self._stream.close()
        await self._end(judged=False)

    async def _end(self, *, judged: bool) -> None:
        if self._ended:
            return
        self._ended = True
        if (told := self._call.streamed()) is not None:
            decided = await self._tell(told)
            if judged and told["action"] != "refusal":
                self._call.allowed(decided)


def wrap(client: Any, guard: Any, account: Callable[[], str]) -> Any:
    """Have a client's calls of models go by the guard; see `guarded` of the SDK."""
    request = getattr(client, "request", None)
    if request is None or not hasattr(client, "copy"):
        raise InputError("This is no client of OpenAI's or Anthropic's SDK.")
    alone = inspect.iscoroutinefunction(request)
    if alone != inspect.iscoroutinefunction(guard.decide):
        raise InputError(
            "The client and the guard's must be of one kind.",
            hint="An asynchronous client goes with AsyncCrossfixClient.",
        )
    copy = client.copy

    def copied(*arguments: Any, **named: Any) -> Any:
        return wrap(copy(*arguments, **named), guard, account)

    client.copy = client.with_options = copied
    client.request = (_asking_async if alone else _asking)(request, guard, account)
    return client


def _asking(request: Any, guard: Any, account: Callable[[], str]) -> Any:
    def asked(cast_to: Any, options: Any, **more: Any) -> Any:
        call = _call_of(options, account)
        if call is None:
            return request(cast_to, options, **more)
        call.allowed(guard.decide(**call.before))
        answer = request(cast_to, options, **more)
        if more.get("stream"):
            return (
                Told(answer, call, lambda told: guard.decide(**told))
                if _streams(answer)
                else answer
            )
        if (told := call.answered(answer)) is not None:
            decided = guard.decide(**told)
            if told["action"] != "refusal":
                call.allowed(decided)
        return answer

    return asked


def _asking_async(request: Any, guard: Any, account: Callable[[], str]) -> Any:
    async def asked(cast_to: Any, options: Any, **more: Any) -> Any:
        call = _call_of(options, account)
        if call is None:
            return await request(cast_to, options, **more)
        call.allowed(await guard.decide(**call.before))
        answer = await request(cast_to, options, **more)
        if more.get("stream"):
            return (
                ToldAsync(answer, call, lambda told: guard.decide(**told))
                if _streams(answer)
                else answer
            )
        if (told := call.answered(answer)) is not None:
            decided = await guard.decide(**told)
            if told["action"] != "refusal":
                call.allowed(decided)
        return answer

    return asked


def _call_of(options: Any, account: Callable[[], str]) -> Call | None:
    """Return the call of a model that a request is; nothing where it is another."""
    if str(options.method).lower() != "post":
        return None
    path = "/" + str(options.url).partition("?")[0].strip("/")
    fit = [name for name in WIRES if path.endswith(name.removeprefix("/v1"))]
    if not fit:
        return None
    return Call(WIRES[max(fit, key=len)], options.json_data, account())


def _streams(answer: Any) -> bool:
    return hasattr(answer, "__next__") or hasattr(answer, "__anext__")


def _given(body: Any) -> Any:
    if not isinstance(body, dict):
        return {}
    return {k: v for k, v in body.items() if type(v).__name__ not in _UNSAID}


def _plain(value: Any) -> Any:
    """Return what an object of an SDK says, as it goes over the wire."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_unset=True, warnings=False)
    raise InputError(f"The guard cannot read a {type(value).__name__} in a call.")
