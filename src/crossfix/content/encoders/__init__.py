"""Encoders of meaning: what turns a text into a vector that lies near those of its paraphrases."""

from crossfix.content.encoders.encoder import Encoder, Vectors, of_length_one
from crossfix.content.encoders.installed import first_encoder, second_encoder

__all__ = ["Encoder", "Vectors", "first_encoder", "of_length_one", "second_encoder"]
