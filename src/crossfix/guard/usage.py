"""The live usage policies as their readers see them, and who accepted them: ``/usage``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import parse_qs

import msgspec

from crossfix.events import Event
from crossfix.guard.accepted import accepted_languages
from crossfix.guard.access import Access
from crossfix.guard.asgi import (
    ClientLeftError,
    Receive,
    Scope,
    Send,
    TooLargeError,
    header,
    plain,
    read_body,
    send_body,
    send_json,
)
from crossfix.guard.recorder import UnrecordedError
from crossfix.guard.wire.ask import Refusal
from crossfix.policy.page import acceptance, edition, published, usage_page
from crossfix.policy.policy import Policy

MOST_BODY_BYTES = 64 * 1024
_HEADERS = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-cache"),
    (b"vary", b"accept-language"),
]


class Acceptance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who accepted the usage policies: the application's own name for its user.

    ``edition`` is what stood at the end of the page that was accepted; without it the policies
    of the moment are meant. ``language`` is that in which they were read.
    """

    account: Annotated[
        str, msgspec.Meta(min_length=1, max_length=256, extra_json_schema={"format": "printable"})
    ]
    edition: str | None = None
    language: str | None = None


_decode = msgspec.json.Decoder(Acceptance).decode


class Usage:
    """Answers with the page, and records acceptances.

    Args:
        policies: those that hold at the moment.
        access: who may say that an account accepted them: keys that may ask for decisions.
        service: the name before the colon of every account.
        put: takes the event; returns what `kept` waits for.
        kept: returns when it is in the log.
        clock: seconds since 1970 UTC.
    """

    def __init__(
        self,
        policies: Callable[[], Sequence[Policy]],
        access: Access,
        service: str,
        put: Callable[[Event], int],
        kept: Callable[[int], Any],
        clock: Callable[[], float],
    ) -> None:
        self._policies = policies
        self._access = access
        self._service = service
        self._put = put
        self._kept = kept
        self._clock = clock
        self._page = lru_cache(64)(lambda mark, language: usage_page(self._policies(), language))

    async def page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page, for anybody."""
        if scope["path"] != "/usage":
            await _wrong(send, 404, "not_found", "There is nothing at this path.")
            return
        policies = self._policies()
        language = self._language(scope, policies)
        body = self._page(edition(policies), language).encode()
        await send_body(send, 200, list(_HEADERS), body)

    def _language(self, scope: Scope, policies: Sequence[Policy]) -> str:
        """Return the language that is asked for, if the page or a policy speaks it."""
        from crossfix.policy.page import LANGUAGES

        known = {*LANGUAGES, *(code for p in published(policies) for code in p.text)}
        asked: str = parse_qs(scope["query_string"].decode("latin-1")).get("language", [""])[0]
        accepted = header(scope, b"accept-language").decode("latin-1")
        wanted: list[str] = [asked, *accepted_languages(accepted)]
        codes = [code for one in wanted for code in (one, one.partition("-")[0])]
        return next((code for code in codes if code in known), "en")

    async def accept(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Record that an account accepted the policies as they stand."""
        key = self._access.ask(scope, "decide")
        if isinstance(key, Refusal):
            await send_json(send, key.status, list(key.headers), plain(key))
            return
        try:
            said = _decode(await read_body(scope, receive, MOST_BODY_BYTES))
        except ClientLeftError:
            return
        except TooLargeError:
            await _wrong(send, 413, "request_too_large", "The body is larger than is allowed.")
            return
        except (msgspec.MsgspecError, RecursionError, ValueError) as e:
            await _wrong(send, 400, "invalid_request", f"The body is no acceptance: {e}")
            return
        if not said.account.isprintable():
            await _wrong(
                send, 400, "invalid_request", "account must be a name that can be printed."
            )
            return
        policies = self._policies()
        mark = edition(policies)
        if said.edition not in (None, mark):
            message = f"The usage policies have changed; their edition is {mark} now."
            await _wrong(send, 409, "edition_changed", message)
            return
        language = (said.language or "")[:35] or None
        event = acceptance(
            f"{self._service}:{said.account}", policies, self._clock(), service=self._service,
            language=language if language and language.replace("-", "").isalnum() else None,
            attributes={"key": key.id} if key.id else None,
        )  # fmt: skip
        try:
            await self._kept(self._put(event))
        except UnrecordedError:
            await _wrong(send, 503, "guard_unavailable", "This cannot be recorded at the moment.")
            return
        answer = {"ok": True, "edition": mark, "accepted": event.attributes["accepted"].split()}
        await send_json(send, 200, [], answer)


async def _wrong(send: Send, status: int, code: str, message: str) -> None:
    refusal = Refusal(status=status, code=code, kind="invalid", message=message)
    await send_json(send, status, [], plain(refusal))
