"""Who may use the paths that are not a model's: told by crossfix's own API keys alone."""

from __future__ import annotations

from collections.abc import Callable

from crossfix.guard.asgi import Scope, header
from crossfix.guard.keys import Key, Keyring
from crossfix.guard.wire.ask import Refusal

ANYBODY = Key(id="")
"""Stands for a caller without a key, where none is needed."""

_STOP = ((b"x-should-retry", b"false"),)


class Access:
    """Lets by what a key may do.

    Args:
        keyring: the keys.
        clock: seconds since 1970.
        open: whether no key is needed; a key that is sent is checked all the same.
    """

    def __init__(self, keyring: Keyring, clock: Callable[[], float], *, open: bool = False) -> None:
        self._keyring = keyring
        self._clock = clock
        self._open = open

    def ask(self, scope: Scope, needs: str) -> Key | Refusal:
        """Return the key behind a request, or why it is refused.

        ``needs`` is one of the things that `crossfix.guard.keys.ROLES` lists.
        """
        given = credential_of(scope)
        if not given:
            return ANYBODY if self._open else _refused(401, "invalid_api_key", _NEEDED)
        key = self._keyring.find(given, self._clock())
        if not isinstance(key, Key):
            if self._open:
                return ANYBODY
            return _refused(401, "invalid_api_key", f"This API key is {key}.")
        if not key.may(needs):
            return _refused(403, "key_not_allowed", f"The role of this API key lacks {needs!r}.")
        return key


def credential_of(scope: Scope) -> str:
    """Return the credential of a request, "" where there is none."""
    bearer = header(scope, b"authorization").decode("latin-1")
    if bearer[:7].lower() == "bearer ":
        return bearer[7:].strip()
    for name in (b"x-crossfix-key", b"x-api-key", b"api-key"):
        if found := header(scope, name):
            return found.decode("latin-1")
    return bearer


def _refused(status: int, code: str, message: str) -> Refusal:
    kind = "key" if status == 401 else "denied"
    return Refusal(status=status, code=code, kind=kind, message=message, headers=_STOP)  # type: ignore[arg-type]


_NEEDED = "An API key of this gateway is needed: authorization: Bearer cfx_…"
