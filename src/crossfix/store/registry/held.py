"""A registry that stays open between looks, for who looks every second."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from crossfix.errors import StoreError
from crossfix.store.registry.opening import open_registry
from crossfix.store.registry.registry import Registry

_REVISION = sa.text("SELECT version_num FROM alembic_version")


class HeldRegistry:
    """Opens a registry at the first look and keeps it; ``with held() as registry`` is a look.

    To open one takes tens of milliseconds, most of them to learn which schema is the newest. It
    is opened anew after an error, where its file was put in another's place, and where another
    crossfix changed its schema. Threads may look at the same time.

    Args:
        url: of the registry, as `open_registry` takes it.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._registry: Registry | None = None
        self._known: tuple[object, ...] = ()

    @contextmanager
    def __call__(self) -> Iterator[Registry]:
        """Give the registry.

        Raises:
            StoreError: the database refuses, or a newer crossfix has changed it.
        """
        with self._lock:
            registry = self._open()
        try:
            yield registry
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of all connections; the next look makes new ones."""
        with self._lock:
            self._close()

    def _open(self) -> Registry:
        if self._registry is not None:
            try:
                if self._state(self._registry) == self._known:
                    return self._registry
            except StoreError:
                pass  # a connection that the server closed, say
            self._close()
        registry = self._registry = open_registry(self._url)
        self._known = self._state(registry)
        return registry

    def _close(self) -> None:
        if self._registry is not None:
            self._registry.close()
            self._registry = None

    def _state(self, registry: Registry) -> tuple[object, ...]:
        """Return what is another where this registry is no longer the one at the URL."""
        file = None
        if self._url.startswith("sqlite:///"):
            try:
                found = os.stat(self._url.removeprefix("sqlite:///"))
            except OSError as e:
                raise StoreError("The file of the registry is gone.") from e
            file = (found.st_dev, found.st_ino)
        with registry.reading() as connection:
            return file, connection.execute(_REVISION).scalar()
