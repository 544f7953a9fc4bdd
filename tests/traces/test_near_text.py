import random

import numpy as np
import pyarrow as pa
import pytest

from crossfix.content import fold, says_enough
from crossfix.events import Event, to_batch
from crossfix.traces.duplicates import LEAST_SIMILARITY, cluster, similarities, sketch
from crossfix.traces.near_text import NearText
from crossfix.traces.sample import sample

BASE = "The people of this country deserve a leader who tells them the truth every day"


def keys_of(*batches: list[Event]) -> dict[int, str]:
    near = NearText()
    for batch in batches:
        near.add(to_batch(batch))
    keys = near.finish()
    assert (np.diff(keys.rows) > 0).all()
    return dict(zip(keys.rows.tolist(), keys.values.to_pylist(), strict=True))


def posts(*texts: str, action: str = "post") -> list[Event]:
    return [sample(id=f"{i:032x}", text=t, action=action) for i, t in enumerate(texts)]


def words(seed: int, count: int) -> str:
    draw = random.Random(seed)
    return " ".join(f"w{draw.randrange(100_000)}" for _ in range(count))


def test_copies_with_small_changes_share_a_key_and_others_have_none() -> None:
    found = keys_of(
        posts(
            BASE,
            "Unrelated words about the weather in the north of Norway",
            BASE.replace("leader", "president") + " https://t.co/1",
            BASE + " !!! #now",
            "@bob " + BASE.replace("every day", "always"),
        )
    )
    assert set(found) == {0, 2, 3, 4}
    assert len(set(found.values())) == 1


def test_japanese_copies_share_a_key() -> None:
    said = "明日の選挙には必ず行って、この国の未来のために一票を投じましょう"
    found = keys_of(
        posts(said, said.replace("必ず", "みんなで"), "今日はとても良い天気なので散歩に行きました")
    )
    assert set(found) == {0, 1}


def test_reposts_and_short_texts_have_no_key() -> None:
    assert keys_of(posts(BASE, BASE, action="repost")) == {}
    assert keys_of(posts("good morning", "good morning", "thank you")) == {}


def test_keys_do_not_depend_on_order_or_batches() -> None:
    texts = [BASE.replace(w, "x") for w in BASE.split()] + [words(i, 12) for i in range(20)]
    texts += [words(3, 12) + " more"]
    straight = keys_of(posts(*texts))
    backwards = keys_of(posts(*texts[::-1]))
    parts = keys_of(posts(*texts[:7]), posts(*texts[7:]))
    last = len(texts) - 1
    assert straight == parts == {last - row: key for row, key in backwards.items()}


def test_a_cluster_does_not_drift() -> None:
    source = words(1, 200).split()
    chain = [" ".join(source[i : i + 20]) for i in range(0, 180, 3)]
    shingles, keys = sketch(pa.array(chain))
    label = cluster(shingles, keys, np.ones(len(chain), dtype=np.int64))
    assert len(set(label.tolist())) > 3
    texts = np.arange(len(chain))
    assert (similarities(shingles, label, texts)[label != texts] >= LEAST_SIMILARITY).all()


def test_many_equal_texts_stay_cheap() -> None:
    near = NearText()
    batch = to_batch(posts(*[BASE] * 5_000))
    for _ in range(4):
        near.add(batch)
    assert len(near.finish().rows) == 20_000


def test_nothing_has_no_keys() -> None:
    assert keys_of() == {}
    assert keys_of(posts("")) == {}


@pytest.mark.parametrize(("rate", "least"), [(0.06, 0.93), (0.10, 0.84)])
def test_copies_with_changed_words_are_found_again(rate: float, least: float) -> None:
    draw = random.Random(4)
    texts = []
    for seed in range(300):
        base = words(seed, draw.randrange(8, 22)).split()
        for _ in range(5):
            changed = [f"z{draw.randrange(10**6)}" if draw.random() < rate else w for w in base]
            texts.append(" ".join(changed))
    found = keys_of(posts(*texts))
    together = 0
    for first in range(0, len(texts), 5):
        family = [found.get(row) for row in range(first, first + 5)]
        together += max(family.count(key) if key else 0 for key in family)
    assert together / len(texts) >= least


@pytest.mark.realdata
def test_real_texts_cluster_alike_compiled_and_not(data_dir) -> None:
    import pyarrow.parquet as pq

    path = data_dir / "campaign_twitter" / "posts.parquet"
    texts = next(pq.ParquetFile(path).iter_batches(30_000, columns=["text"])).column("text")
    folded = fold(texts)
    folded = folded.filter(pa.array(says_enough(folded))).unique()
    slow, fast = (sketch(folded, compiled) for compiled in (False, True))
    assert slow[0].hashes.tolist() == fast[0].hashes.tolist()
    posts_of = np.ones(len(folded), dtype=np.int64)
    assert cluster(*slow, posts_of).tolist() == cluster(*fast, posts_of).tolist()
