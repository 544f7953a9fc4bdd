"""Meaning inside a hunt: what is read, what it finds, and what is said of it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crossfix.campaigns.gather import Gathered, gather
from crossfix.campaigns.later import NAMINGS, with_later
from crossfix.campaigns.meant import find_meant
from crossfix.campaigns.second_look import Means
from crossfix.cli.encoders import load_encoders
from crossfix.config import load_settings
from crossfix.content.encoders import first_encoder, second_encoder
from crossfix.content.encoders.wheels import SENTENCE_MODEL
from crossfix.events import Event, to_batch
from crossfix.traces.origin import Encoders

START = datetime(2026, 1, 5, tzinfo=UTC)
SAID = (
    ("x:a", "The council wants to close both village libraries to save money for a new car park."),
    ("x:b", "To pay for another car park, the council plans to shut the two libraries in the "
            "villages."),
    ("x:c", "Der Gemeinderat will beide Dorfbibliotheken schließen, um Geld für einen neuen "
            "Parkplatz zu sparen."),
    ("x:d", "Our library has a wonderful reading hour for children every Saturday morning."),
    ("x:e", "I finally repaired the old bicycle that my grandfather gave me."),
    ("x:f", "The car park behind the station is always full before eight in the morning."),
)  # fmt: skip


@contextmanager
def gathered(folder: Path, said: Sequence[tuple[str, str]] = SAID) -> Iterator[Gathered]:
    events = [
        Event(id=f"x:{n}", time=START + timedelta(minutes=n), received=START, service="x",
              surface="social", account=account, action="post", text=text)
        for n, (account, text) in enumerate(said)
    ]  # fmt: skip
    made = gather([to_batch(events)], folder)
    try:
        yield made
    finally:
        made.spool.close()


@pytest.fixture(scope="module")
def encoders() -> Encoders:
    pytest.importorskip("onnxruntime_extensions", reason="the extra [meaning] is not installed")
    folder = Path(os.environ.get("MEANING_MODELS", ".crossfix/models"))
    if not (folder / SENTENCE_MODEL).is_file():
        pytest.skip("no encoder here: run crossfix meaning install, or set MEANING_MODELS")
    return Encoders(first_encoder(folder), None)


def test_what_says_the_same_in_other_words_or_another_language_has_one_key(
    tmp_path: Path, encoders: Encoders
) -> None:
    with gathered(tmp_path) as given:
        meant = find_meant(given, Means(lambda: (encoders, ""), meant_texts=100))
    assert meant is not None
    assert meant.keys.rows.tolist() == [0, 1, 2]
    assert len(set(meant.keys.values.to_pylist())) == 1
    assert meant.said == "the meaning of 6 texts was compared"


SECOND = (
    ("x:dana", "یک ساعت کامیون‌های روی پل هالبروک را شمردم: ۲۱۲ تا. شرکت بهره‌بردار "
     "به شورا گفته بود شصت تا خواهد بود. یکی یا شمردن بلد نیست یا نمی‌خواهد "
     "بشمارد."),
    ("x:olha", "मैंने हॉलब्रुक पुल पर एक घंटे तक ट्रक गिने: 212। संचालक ने परिषद से "
     "कहा था कि साठ होंगे। कोई या तो गिन नहीं सकता या गिनना नहीं चाहता।"),
    ("x:ivan", "Купив старий велосипед і цілий вечір міняв на ньому ланцюг і гальма."),
    ("x:noa", "סבתא שלי שתלה עגבניות במרפסת והציפורים אכלו כמעט את כולן, גם השנה."),
)  # fmt: skip


def test_what_the_first_encoder_does_not_read_the_second_compares(tmp_path: Path) -> None:
    folder = Path(os.environ.get("MEANING_MODELS", ".crossfix/models"))
    if not (folder / SENTENCE_MODEL).is_file() or (second := second_encoder(folder)) is None:
        pytest.skip("not both encoders are here: run crossfix meaning install")
    both = Encoders(first_encoder(folder), second)
    with gathered(tmp_path, SECOND) as given:
        meant = find_meant(given, Means(lambda: (both, ""), meant_texts=100))
    assert meant is not None
    assert meant.keys.rows.tolist() == [0, 1]
    assert meant.said == "the meaning of 4 texts was compared"


def test_what_was_not_read_is_said(tmp_path: Path, encoders: Encoders) -> None:
    with gathered(tmp_path) as given:
        meant = find_meant(given, Means(lambda: (encoders, ""), meant_texts=4))
    assert meant is not None
    assert meant.said == (
        "the meaning of 4 texts was compared, of 6 that differ (setting meaning.texts)"
    )


def test_without_an_encoder_all_else_goes_on_and_it_is_said_what_to_install(
    tmp_path: Path,
) -> None:
    settings = load_settings(None, arguments={"data_directory": tmp_path / "empty"})
    means = Means(lambda: load_encoders(settings), meant_texts=100)
    with gathered(tmp_path) as given:
        given = replace(given, traces=given.traces.named(NAMINGS))
        again, added = with_later(given, means)
    assert "meaning" not in again.traces.counts()
    (note,) = added.notes
    assert note.startswith("what texts mean was not compared")
    assert "crossfix meaning install" in note


@pytest.mark.parametrize(
    "means", [Means(meant_texts=0), Means(meant_texts=9, without=frozenset({"meaning"}))]
)
def test_nothing_is_read_where_it_is_not_wanted(tmp_path: Path, means: Means) -> None:
    with gathered(tmp_path) as given:
        assert find_meant(given, means) is None
