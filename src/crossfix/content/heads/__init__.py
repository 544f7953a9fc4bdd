"""Small local heads: what scores a text by itself, without a network."""

from crossfix.content.heads.lexical import LexicalHead
from crossfix.content.heads.linear import LinearHead, train_head

__all__ = ["LexicalHead", "LinearHead", "train_head"]
