"""Content: what a text is, whoever wrote it."""

from crossfix.content.floor import says_enough, says_enough_one
from crossfix.content.fold import fold, fold_one

__all__ = ["fold", "fold_one", "says_enough", "says_enough_one"]
