import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from crossfix.events import Event, to_batch
from crossfix.traces.rhythm import GAPS, Rhythm
from crossfix.traces.sample import sample

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def acts(account: str, seconds: list[int], service: str = "x") -> list[Event]:
    return [
        sample(
            id=f"{account}{i}".ljust(32, "0"),
            account=f"{service}:{account}",
            service=service,
            time=BEGAN + timedelta(seconds=s),
            text="hello",
        )
        for i, s in enumerate(seconds)
    ]


def keyed(events: list[Event], batches: int = 1) -> list[tuple[str, str]]:
    rhythm = Rhythm()
    size = -(-len(events) // batches)
    for first in range(0, len(events), size):
        rhythm.add(to_batch(events[first : first + size]))
    keys = rhythm.finish()
    assert (np.diff(keys.rows) >= 0).all()
    values = keys.values.to_pylist()
    return [(events[r].account, v) for r, v in zip(keys.rows.tolist(), values, strict=True)]


def person(seed: int, count: int = 120) -> list[int]:
    draw = random.Random(seed)
    now, out = draw.randrange(86_400), []
    for _ in range(count):
        now += int(draw.lognormvariate(6, 2)) + 1
        out.append(now)
    return out


def crowd(size: int) -> list[Event]:
    return [e for seed in range(size) for e in acts(f"p{seed}", person(seed))]


def script(seed: int, offset: int) -> list[int]:
    draw = random.Random(seed)
    now, out = offset, []
    for _ in range(12):
        now += draw.randrange(300, 9_000)
        out.append(now)
    return out


def test_people_share_no_rhythm() -> None:
    assert keyed(crowd(200)) == []


def test_a_scheduler_that_drives_accounts_leaves_keys_even_hours_apart() -> None:
    events = crowd(60) + acts("bot1", script(1, 0)) + acts("bot2", script(1, 7_211))
    found = keyed(events)
    assert {account for account, _ in found} == {"x:bot1", "x:bot2"}
    assert len({value for _, value in found}) == 12 - GAPS


def test_a_steady_beat_is_no_key() -> None:
    beat = [i * 3_600 + 17 for i in range(50)]
    assert keyed(crowd(20) + acts("a", beat) + acts("b", beat)) == []


def test_bursts_are_no_key() -> None:
    burst = [100, 102, 105, 109, 112, 117, 120, 124, 126]
    assert keyed(crowd(20) + acts("a", burst) + acts("b", burst)) == []


@pytest.mark.parametrize("step", [5, 10, 60])
def test_rounded_times_say_nothing(step: int) -> None:
    def rounded(seconds: list[int]) -> list[int]:
        return [s // step * step for s in seconds]

    events = [e for i in range(20) for e in acts(f"p{i}", rounded(person(i)))]
    events += acts("a", rounded(script(1, 0))) + acts("b", rounded(script(1, 600)))
    assert keyed(events) == []


def test_one_account_alone_leaves_no_key_and_batches_do_not_matter() -> None:
    assert keyed(crowd(20) + acts("a", script(1, 0) + script(1, 200_000))) == []
    events = crowd(30) + acts("a", script(2, 0)) + acts("b", script(2, 50))
    random.Random(3).shuffle(events)
    assert sorted(keyed(events)) == sorted(keyed(events, batches=7)) != []


def test_nothing_has_no_rhythm() -> None:
    assert keyed(acts("a", [1, 2])) == []
    assert len(Rhythm().finish().rows) == 0


@pytest.mark.realdata
def test_real_audiences_on_two_platforms_hardly_share_a_rhythm(data_dir) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(data_dir / "campaign_ids_german_elections" / "events.parquet")
    seen = {}
    for row in rows.to_pylist():
        seen.setdefault(row["post"], row)
    events = [
        sample(id=str(n).zfill(32), account=f"{r['platform']}:{r['account']}",
               service=r["platform"], time=r["timestamp"].replace(tzinfo=UTC))
        for n, r in enumerate(seen.values())
    ]  # fmt: skip
    shuffled = [e.account for e in events]
    random.Random(5).shuffle(shuffled)
    import msgspec

    mixed = [msgspec.structs.replace(e, account=a) for e, a in zip(events, shuffled, strict=True)]
    assert keyed(mixed) == []
    assert len({account for account, _ in keyed(events)}) < 100
