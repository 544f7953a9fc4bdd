"""The journal: who did what, when and why; nothing in it can be changed unseen."""

from crossfix.store.journal.chain import Broken, Entry, Head
from crossfix.store.journal.journal import Journal
from crossfix.store.journal.opening import open_journal

__all__ = ["Broken", "Entry", "Head", "Journal", "open_journal"]
