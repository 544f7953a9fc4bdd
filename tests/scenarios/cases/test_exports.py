import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crossfix.events import Event, from_batch
from crossfix.events.readers import ReadOptions, read_files
from crossfix.scenarios.cases import CASES, build
from crossfix.scenarios.cases.exports import TRUTH, write_case

OPTIONS = ReadOptions(now=datetime(2026, 1, 1, tzinfo=UTC))
SAME = ("time", "service", "surface", "account", "action", "text", "urls", "hashtags")
ATTRIBUTES = ("ip", "model", "created", "followers", "subject", "analytics")


def read(paths: list[Path]) -> tuple[dict[str, Event], list[str]]:
    """The events of files by id, and what was skipped in them."""
    reading = read_files([p for p in paths if p.name not in TRUTH], OPTIONS)
    events = {event.id: event for batch in reading for event in from_batch(batch)}
    return events, [str(tally) for tally in reading.tallies if tally.skipped]


@pytest.mark.parametrize("name", CASES)
def test_the_readers_read_a_case_as_it_was_made(name: str, tmp_path: Path) -> None:
    world = build(name, 300, 1)
    events, skipped = read(write_case(world, tmp_path))
    assert not skipped
    assert set(events) == {event.id for event in world.events}
    for made in world.events:
        found = events[made.id]
        assert [getattr(found, f) for f in SAME] == [getattr(made, f) for f in SAME]
        for attribute in ATTRIBUTES:
            if attribute in found.attributes:
                assert found.attributes[attribute] == made.attributes[attribute]


def test_a_case_has_logs_of_two_ai_services_and_posts_on_three_platforms(tmp_path: Path) -> None:
    names = {path.name for path in write_case(build("lawfirms", 300, 1), tmp_path)}
    assert names == {"atlas.jsonl", "meridian.jsonl", "x.csv", "mastodon.jsonl", "bluesky.jsonl",
                     "web", "mails.mbox", *TRUTH}  # fmt: skip
    assert (tmp_path / "web" / "access.log").exists()
    assert len(list((tmp_path / "web").glob("*.html"))) > 10


def test_the_truth_files_say_what_the_world_knows(tmp_path: Path) -> None:
    world = build("drafts", 300, 2)
    write_case(world, tmp_path)
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = {f"{row['service']}:{row['account']}": row for row in csv.DictReader(file)}
    assert set(labels) == {account.account for account in world.accounts}
    assert {row["operation"] for row in labels.values()} == {"", "drafts"}
    with (tmp_path / "chains.csv").open(encoding="utf-8", newline="") as file:
        chains = list(csv.DictReader(file))
    assert [(row["source"], row["target"], row["into"], row["change"]) for row in chains] == [
        (step.source, step.target, step.into, step.change) for step in world.steps
    ]
    facts = json.loads((tmp_path / "world.json").read_text(encoding="utf-8"))
    assert facts["case"] == "drafts"
    assert facts["parameters"]["accounts"] == world.parameters.accounts


def test_a_case_writes_the_same_bytes_again(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_case(build("lawfirms", 300, 3), tmp_path / folder)
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*"))
    assert len(files) > 20
    for file in files:
        if (tmp_path / "one" / file).is_file():
            assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
