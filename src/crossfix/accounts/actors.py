"""Which accounts say or show that they are one person: actors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from crossfix.accounts.behaviour import Uses


def actors(accounts: int, persons: Uses) -> NDArray[np.int32]:
    """Return the actor of each account (int32, as long as there are accounts).

    ``persons`` (`Behaviour.persons`) are pairs: the account declares this person as its owner or
    used this credential. Accounts that share one are one actor, and so are those joined through
    others. An account without any is an actor of its own. Actors are numbered by their first
    account.

    Links inside an actor are no coordination: a campaign needs three actors.
    """
    _, key = np.unique(persons.key, return_inverse=True)
    size = accounts + (int(key.max()) + 1 if len(key) else 0)
    graph = csr_array((np.ones(len(key), np.int8), (persons.account, accounts + key)), (size, size))
    _, part = connected_components(graph, directed=False)
    _, first, actor = np.unique(part[:accounts], return_index=True, return_inverse=True)
    order = np.empty(len(first), np.int32)
    order[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    numbered: NDArray[np.int32] = order[actor]
    return numbered


def actor_count(members: NDArray[np.int32], actor: NDArray[np.int32]) -> int:
    """Return how many actors stand behind these accounts (``members`` are account codes)."""
    return len(np.unique(actor[members]))
