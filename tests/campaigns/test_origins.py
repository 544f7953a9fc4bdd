"""Origin inside the hunt: only where a model answered, alike each time, and by meaning too."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crossfix.campaigns.gather import gather
from crossfix.campaigns.hunt import Found, HuntOptions, hunt
from crossfix.campaigns.later import with_later
from crossfix.campaigns.origins import LASTING
from crossfix.campaigns.second_look import Means
from crossfix.content.encoders import first_encoder, second_encoder
from crossfix.content.encoders.wheels import SENTENCE_MODEL
from crossfix.events import Event, to_batch
from crossfix.traces.origin import Encoders

START = datetime(2026, 1, 5, tzinfo=UTC)
DRAFTS = (
    "Nobody on Mill Lane was asked before they drew the line through our allotments.",
    "My father planted those pear trees in 1974 and now a pylon is to stand on them.",
    "Ask the county who pays when the cable route ruins three hundred family plots.",
    "I went to the hearing: two chairs for residents, forty for the grid company.",
)
GERMAN = (
    "Niemand in der Mill Lane wurde gefragt, bevor sie die Leitung durch unsere Gärten zogen.",
    "Mein Vater hat diese Birnbäume 1974 gepflanzt, und jetzt soll dort ein Strommast stehen.",
    "Fragt den Landkreis, wer zahlt, wenn die Kabeltrasse dreihundert Familiengärten zerstört.",
    "Ich war bei der Anhörung: zwei Stühle für Anwohner, vierzig für den Netzbetreiber.",
)
WORDS = ("house", "garden", "walk", "dinner", "train", "music", "winter", "letter", "window",
         "story", "market", "bread", "river", "football", "cinema", "birthday", "bicycle",
         "weather", "holiday", "kitchen")  # fmt: skip


def event(number: int, account: str, action: str, minutes: float, text: str, **more) -> Event:
    at = START + timedelta(minutes=minutes)
    service = account.partition(":")[0]
    return Event(
        id=f"e{number}", time=at, received=at, service=service, account=account, action=action,
        surface="ai" if service == "openai" else "social", text=text, **more,
    )  # fmt: skip


def crowd(posts: int = 900) -> list[Event]:
    rng = random.Random(11)
    return [
        event(n, f"x:user{n % 90}", "post", rng.uniform(0, 6_000),
              f"Today it was {' and '.join(rng.sample(WORDS, 5))} for us, at {rng.random():.9f}")
        for n in range(posts)
    ]  # fmt: skip


def batch(texts: tuple[str, ...] = DRAFTS) -> list[Event]:
    """A call at minute 3,000, and its drafts, each posted by another account."""
    answer = "\n".join(f"{n}. {text}" for n, text in enumerate(DRAFTS, 1))
    asked = event(5_000, "openai:u1", "prompt", 3_000, "Write four posts against the cable")
    said = event(5_001, "openai:u1", "completion", 3_000, answer, parent=asked.id)
    posts = [event(5_010 + n, f"x:op{n}", "post", 3_004 + 3 * n, text)
             for n, text in enumerate(texts)]  # fmt: skip
    return [asked, said, *posts]


def found(events: list[Event], **options) -> Found:
    ordered = sorted(events, key=lambda e: (e.time, e.id))
    halves = [to_batch(ordered[: len(ordered) // 2]), to_batch(ordered[len(ordered) // 2 :])]
    return hunt(halves, HuntOptions(**options))


@pytest.fixture(scope="module")
def encoders() -> Encoders:
    pytest.importorskip("onnxruntime_extensions", reason="the extra [meaning] is not installed")
    folder = Path(os.environ.get("MEANING_MODELS", ".crossfix/models"))
    if not (folder / SENTENCE_MODEL).is_file():
        pytest.skip("no encoder here: run crossfix meaning install, or set MEANING_MODELS")
    return Encoders(first_encoder(folder), second_encoder(folder))


def refuse() -> tuple[Encoders | None, str]:
    raise AssertionError("nobody is to load an encoder here")


def test_where_no_model_answered_nothing_is_looked_at_again(tmp_path, monkeypatch) -> None:
    gathered = gather([to_batch(crowd(300))], tmp_path)
    try:
        monkeypatch.setattr(gathered.spool, "batches", refuse)
        again, added = with_later(gathered, Means(encoders=refuse))
    finally:
        gathered.spool.close()
    assert again.traces.table.equals(gathered.traces.table)
    assert (dict(added.keys), added.notes, added.origins) == ({}, (), None)


def test_a_prompt_without_an_answer_is_none() -> None:
    asked = batch()[:1]
    assert found([*crowd(), *asked], encoders=refuse).said == ()


def test_four_posts_of_one_response_are_a_campaign_and_the_same_each_time() -> None:
    events = [*crowd(), *batch()]
    one, two = found(events), found(events)
    (campaign,) = one.result.campaigns
    assert {m.account for m in campaign.members} == {"openai:u1", *(f"x:op{n}" for n in range(4))}
    assert (one.result, one.links, one.evidence) == (two.result, two.links, two.evidence)
    assert campaign.fan_outs[0].by_chance < 1e-6
    assert {link.kind for link in campaign.links} == {"origin"}


def test_switched_off_it_finds_nothing() -> None:
    assert found([*crowd(), *batch()], without=LASTING, encoders=refuse).result.campaigns == ()
    assert found([*crowd(), *batch()], without=frozenset({"origin"})).result.campaigns == ()


def test_a_draft_that_people_said_before_the_model_is_nobody_s() -> None:
    early = [event(6_000 + n, f"x:early{n}", "post", 100 + n, text)
             for n, text in enumerate(DRAFTS)]  # fmt: skip
    assert found([*crowd(), *batch(), *early]).result.traces.get("origin", 0) == 0


def test_nor_is_it_where_encoders_compare_only_the_latest_of_what_was_said_before(
    encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossfix.campaigns.origins.EARLIER_POSTS", 5)
    early = [event(6_000 + n, f"x:early{n}", "post", 100 + n, text)
             for n, text in enumerate(DRAFTS)]  # fmt: skip
    everything = [*crowd(), *batch(), *early]
    assert found(everything, encoders=lambda: (encoders, "")).result.traces.get("origin", 0) == 0


def test_what_the_asker_wrote_is_not_the_model_s() -> None:
    _, said, *posts = batch()
    own = event(5_000, "openai:u1", "prompt", 3_000, f"Correct my text:\n{said.text}")
    assert found([*crowd(), own, said, *posts]).result.traces.get("origin", 0) == 0


def test_an_event_that_comes_again_counts_once() -> None:
    events = [*crowd(), *batch()]
    once = found(events).result.traces
    assert found([*events, *batch()]).result.traces["origin"] == once["origin"]


def test_a_profile_in_a_model_s_words_is_a_persona() -> None:
    bio = "Retired nurse from Hull, two grandsons, proud gardener, tired of being talked down to"
    asked = event(5_000, "openai:u1", "prompt", 3_000, "Invent a person for me")
    said = event(5_001, "openai:u1", "completion", 3_000, f"Bio: {bio}", parent=asked.id)
    profile = event(5_002, "x:nan_hull", "post", 3_100, "Hello there", attributes={"bio": bio})
    result = found([*crowd(), asked, said, profile]).result
    assert result.traces["persona"] == 2


def test_translated_drafts_are_found_by_meaning(encoders: Encoders) -> None:
    events = [*crowd(300), *batch(GERMAN)]
    assert found(events).result.campaigns == ()
    by_meaning = found(events, encoders=lambda: (encoders, "Both were compared."))
    (campaign,) = by_meaning.result.campaigns
    assert {m.account for m in campaign.members} >= {f"x:op{n}" for n in range(4)}
    assert "Both were compared." in by_meaning.said[0]
