"""The detector that the red team plays against: `hunt`, as the command runs it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from crossfix.campaigns.campaign import Campaign
from crossfix.campaigns.hunt import HuntOptions, hunt
from crossfix.campaigns.remember import recall, remember
from crossfix.campaigns.second_look import LoadEncoders, no_encoders
from crossfix.events.readers import ReadOptions, read_files
from crossfix.events.readers.read import Reading
from crossfix.live.confirming import confirm
from crossfix.live.retro import retro
from crossfix.matching.stored import stored_by_id
from crossfix.redteam.detector import Seen
from crossfix.store.registry import Registry
from crossfix.store.vault import Vault

HIGH = 0.5
"""Both scores of a campaign from which it is enforced upon."""

_SECRET = bytes(32)
"""The secret key of a registry that holds generated worlds alone."""

_READ = datetime(2025, 6, 1, tzinfo=UTC)
"""When the files are said to be read: after every world, so that a run repeats itself."""


def hunting(files: Sequence[Path], *, seed: int, encoders: LoadEncoders = no_encoders) -> Seen:
    """Hunt in files and say who is in a campaign, and in one that is high on both scores."""
    return _seen(_campaigns(files, HuntOptions(seed=seed, encoders=encoders)))


class Remembering:
    """A detector with a registry: what it enforced upon once, it knows again.

    Campaigns high on both scores are confirmed, as a person would confirm them, and leave their
    fingerprints and indicators in the registry; later files are searched for these before they
    are hunted.
    """

    def __init__(self, registry: Registry, *, seed: int) -> None:
        self._registry = registry
        self._seed = seed
        self._ids: set[str] = set()

    def __call__(self, files: Sequence[Path]) -> Seen:
        """Search for what is known, then hunt, then remember."""
        known = self._known(files)
        options = HuntOptions(seed=self._seed, previous=recall(self._registry))
        campaigns = _campaigns(files, options)
        vault = Vault(self._registry, _SECRET)
        remember(self._registry, campaigns, vault=vault, now=_READ)
        for campaign in filter(_enforced, campaigns):
            done = confirm(self._registry, campaign.id, now=_READ, until=None, vault=vault)
            prints = done.fingerprints
            self._ids |= {f.id for f in prints.fingerprints} | {i.id for i in prints.indicators}
        seen = _seen(campaigns)
        return Seen(seen.campaigns, seen.removed | known, known)

    def _known(self, files: Sequence[Path]) -> frozenset[str]:
        indicators, prints = stored_by_id(self._registry, sorted(self._ids))
        if not indicators and not prints:
            return frozenset()
        return frozenset(hit.account for hit in retro(_reading(files), indicators, prints))


def _reading(files: Sequence[Path]) -> Reading:
    return read_files([str(path) for path in files], ReadOptions(now=_READ))


def _campaigns(files: Sequence[Path], options: HuntOptions) -> tuple[Campaign, ...]:
    return hunt(_reading(files), options).result.campaigns


def _enforced(campaign: Campaign) -> bool:
    return campaign.coordination >= HIGH and campaign.inauthenticity >= HIGH


def _seen(campaigns: Sequence[Campaign]) -> Seen:
    return Seen(
        frozenset(m.account for c in campaigns for m in c.members),
        frozenset(m.account for c in campaigns if _enforced(c) for m in c.members),
    )
