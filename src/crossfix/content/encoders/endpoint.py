"""Vectors from any service that answers ``/v1/embeddings`` as OpenAI does."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence

import numpy as np

from crossfix.content.encoders.encoder import Vectors, of_length_one
from crossfix.errors import OutsideError, SettingError

TIMEOUT = 60.0
PER_CALL = 256
LARGEST_ANSWER = 64 * 1024 * 1024


class EndpointEncoder:
    """An encoder behind HTTP; its vectors are cached by nobody here, so calls cost what they cost.

    A text is sent as it is. Where the service is somebody else's, texts leave the organisation.
    """

    def __init__(self, url: str, model: str, key: str | None = None) -> None:
        """Name the service: ``url`` up to and with ``/v1``.

        Raises:
            SettingError: the address is none of HTTP.
        """
        if not url.startswith(("http://", "https://")):
            raise SettingError(f"meaning.url: {url!r} is no address of HTTP")
        self._url = url.rstrip("/") + "/embeddings"
        self._model, self._key = model, key
        self._dimensions: int | None = None

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model

    @property
    def dimensions(self) -> int:
        """The length of a vector, found out by one call."""
        if self._dimensions is None:
            self._dimensions = int(self._call(["dimensions"]).shape[1])
        return self._dimensions

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector a text."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        said = [text if text.strip() else " " for text in texts]
        parts = [self._call(said[at : at + PER_CALL]) for at in range(0, len(said), PER_CALL)]
        vectors = of_length_one(np.concatenate(parts))
        vectors[[not text.strip() for text in texts]] = 0.0
        return vectors

    def _call(self, texts: Sequence[str]) -> Vectors:
        body = json.dumps({"model": self._model, "input": list(texts)}).encode()
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(self._url, body, headers)  # noqa: S310  (checked above)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                raw = answer.read(LARGEST_ANSWER)
            rows = sorted(json.loads(raw)["data"], key=lambda row: row["index"])
            vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
        except (urllib.error.URLError, TimeoutError) as e:
            raise OutsideError(f"the encoder does not answer: {e}", path=self._url) from e
        except (ValueError, KeyError, TypeError) as e:
            raise OutsideError("the encoder's answer is none", path=self._url) from e
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise OutsideError("the encoder answered with too few vectors", path=self._url)
        return vectors
