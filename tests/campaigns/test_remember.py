"""Campaigns that the registry keeps."""

from datetime import UTC, datetime
from pathlib import Path

from crossfix.campaigns.campaign import Campaign, Change, Member
from crossfix.campaigns.identity import match
from crossfix.campaigns.remember import recall, remember
from crossfix.store.registry import CampaignTable, open_registry
from crossfix.store.vault import Vault

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SECRET = bytes(range(32))


def campaign(identity: str, *accounts: str) -> Campaign:
    return Campaign(
        id=identity,
        members=tuple(
            Member(account=a, service="x", score=0.9, events=3, first=NOW, last=NOW)
            for a in accounts
        ),
        coordination=0.9,
        inauthenticity=0.4,
        parts={"newness": 0.4},
        p_value=1e-6,
        density=1.0,
        services=("x",),
        first=NOW,
        last=NOW,
        kinds={"url": 4},
        summary="Three accounts act as one.",
        tags=(),
        breakout=1,
        breakout_because="members act on x",
        change=Change(what="new"),
    )


def test_a_campaign_that_was_kept_is_recognised_in_a_later_run(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'registry.sqlite'}"
    with open_registry(url) as registry:
        remember(
            registry,
            (campaign("c-one", "x:a", "x:b", "x:c"),),
            vault=Vault(registry, SECRET),
            now=NOW,
        )
    with open_registry(url) as registry:
        known = recall(registry)
    [(identity, change)] = match(known, [{"x:a", "x:b", "x:c", "x:d"}])
    assert identity == "c-one"
    assert change.what == "grown"
    assert change.joined == ("x:d",)


def test_keeping_the_same_run_twice_changes_nothing(tmp_path: Path) -> None:
    with open_registry(f"sqlite:///{tmp_path / 'registry.sqlite'}") as registry:
        for _ in range(2):
            remember(
                registry,
                (campaign("c-one", "x:a", "x:b", "x:c"),),
                vault=Vault(registry, SECRET),
                now=NOW,
            )
        table = CampaignTable(registry)
        [stored] = table.all()
        assert stored.document["summary"] == "Three accounts act as one."
        assert len(table.history("c-one")) == 1


def test_an_empty_registry_recalls_nothing(tmp_path: Path) -> None:
    with open_registry(f"sqlite:///{tmp_path / 'registry.sqlite'}") as registry:
        assert recall(registry) == []
