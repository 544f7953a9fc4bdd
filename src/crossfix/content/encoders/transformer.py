"""Vectors from a model that the library sentence-transformers runs."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from crossfix.content.encoders.encoder import Vectors, of_length_one
from crossfix.errors import MissingExtraError


class TransformerEncoder:
    """A model on disk, by the folder it lies in; the library is yours to install."""

    def __init__(self, model: str, **options: Any) -> None:
        """Load the model from a folder.

        Raises:
            MissingExtraError: sentence-transformers is not installed.
        """
        try:
            library = import_module("sentence_transformers")
        except ImportError as e:
            raise MissingExtraError(
                "This encoder needs the Python package sentence-transformers, which is not "
                "installed.",
                hint="Run: pip install sentence-transformers",
            ) from e
        self._model = library.SentenceTransformer(model, **options)
        self.name = model
        self.dimensions = int(self._model.get_sentence_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector a text, each encoded alone: padding beside others moves it a little."""
        vectors = self._model.encode(list(texts), batch_size=1, show_progress_bar=False)
        vectors = of_length_one(vectors.reshape(len(texts), self.dimensions))
        vectors[[not text.strip() for text in texts]] = 0.0
        return vectors
