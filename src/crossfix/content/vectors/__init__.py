"""Vectors among very many: kept on disk, searched by sketches, compared exactly in the end."""

from crossfix.content.vectors.index import VectorIndex
from crossfix.content.vectors.lost import Lost
from crossfix.content.vectors.near import Near, Vectors

__all__ = ["Lost", "Near", "VectorIndex", "Vectors"]
