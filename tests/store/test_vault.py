"""Kept texts: sealed with a key of their account, read back, and gone with their key."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.errors import IntegrityError
from crossfix.events import Event, from_batch, to_batch
from crossfix.store.log import open_log
from crossfix.store.registry import DataKeyTable, Registry, open_registry
from crossfix.store.vault import Content, Vault, VaultLog

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECRET = bytes(range(32))


def event(n: int, text: str | None, account: str = "app:ann") -> Event:
    return Event(
        id=f"{n:032x}", time=NOW, received=NOW, service="app", surface="ai", account=account,
        action="prompt", text=text, urls=("https://e.org/",), hashtags=("a",), mentions=("x:b",),
    )  # fmt: skip


@pytest.fixture(params=["sqlite", "postgres"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    url = f"sqlite:///{tmp_path}/registry.sqlite"
    if request.param == "postgres":
        url = str(request.getfixturevalue("postgres_url"))
    with open_registry(url) as opened:
        yield opened


@pytest.fixture
def log(registry: Registry, tmp_path: Path) -> Iterator[VaultLog]:
    with open_log(f"sqlite:///{tmp_path}/events.sqlite", seal_rows=5) as inner:
        yield VaultLog(inner, Vault(registry, SECRET))


def texts(log: VaultLog) -> list[str | None]:
    return [e.text for batch in log.read() for e in from_batch(batch)]


def everything(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


def test_texts_come_back_as_they_were_and_lie_there_sealed(log: VaultLog, tmp_path: Path) -> None:
    kept = [event(n, f"a rather peculiar text {n} é \x00") for n in (1, 2)]
    kept += [event(n, None) for n in (3,)] + [event(n, "", "app:ben") for n in (4,)]
    kept += [event(n, "peculiar " * 5_000, "app:ben") for n in range(5, 12)]
    assert log.append_events(kept[:4]) == 4
    assert log.append(to_batch(kept[4:])) == 7
    assert log.append_events(kept) == 0
    assert [e for batch in log.read() for e in from_batch(batch)] == kept
    assert [b.schema.names for b in log.read(columns=["text", "time"])] == [["text", "time"]]
    assert b"peculiar" not in everything(tmp_path)


def test_a_text_goes_with_its_key_and_others_stay(log: VaultLog, registry: Registry) -> None:
    log.append_events([event(1, "hers"), event(2, "his", "app:ben"), event(3, "hers too")])
    assert DataKeyTable(registry).destroy("app:ann", now=NOW) == 1
    assert DataKeyTable(registry).destroy("app:ann", now=NOW) == 0
    assert texts(log) == [None, "his", None]
    log.append_events([event(4, "hers again")])
    assert texts(log) == [None, "his", None, "hers again"]


def test_a_destroyed_key_is_nowhere_in_the_registry(tmp_path: Path) -> None:
    with open_registry(f"sqlite:///{tmp_path}/registry.sqlite") as registry:
        vault = Vault(registry, SECRET)
        vault.sealed(_table(event(1, "text")), "keep")
        table = DataKeyTable(registry)
        (key,) = table.wanted(["app:ann"], vault._made, now=NOW).values()
        assert key.wrapped in everything(tmp_path)
        table.destroy("app:ann", now=NOW)
        assert key.wrapped not in everything(tmp_path)


def test_a_text_that_was_moved_to_another_event_does_not_open(registry: Registry) -> None:
    vault = Vault(registry, SECRET)
    sealed = vault.sealed(_table(event(1, "a"), event(2, "b")), "keep")
    moved = sealed.set_column(
        sealed.schema.get_field_index("id"), "id", [list(reversed(sealed["id"].to_pylist()))]
    )
    (batch,) = moved.cast(sealed.schema).to_batches()
    assert vault.opened(batch)["text"].to_pylist() == [None, None]


def test_another_secret_key_is_said_to_be_wrong(registry: Registry) -> None:
    sealed = Vault(registry, SECRET).sealed(_table(event(1, "a")), "keep")
    (batch,) = sealed.to_batches()
    other = Vault(registry, bytes(32))
    assert other.opened(batch)["text"].to_pylist() == sealed["text"].to_pylist(), "not its mark"
    with pytest.raises(IntegrityError):
        other.sealed(_table(event(1, "a")), "keep")


@given(st.text(max_size=50))
def test_what_somebody_wrote_is_never_taken_for_sealed(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "one-registry"
    with open_registry(f"sqlite:///{folder}/registry.sqlite") as registry:
        vault = Vault(registry, SECRET)
        for written in (text, "sealed-" + text, "sealed-0123456789abcdef:" + text):
            (batch,) = _table(event(1, written)).to_batches()
            assert vault.opened(batch)["text"].to_pylist() == [written]


def test_hashed_texts_are_equal_where_texts_are_and_links_go_with_them(registry: Registry) -> None:
    vault = Vault(registry, SECRET)

    def kept(content: Content, *events: Event) -> list[Event]:
        (batch,) = vault.sealed(_table(*events), content).to_batches()
        return list(from_batch(vault.opened(batch)))

    hashed = kept("hash", event(1, "a"), event(2, "a", "app:b"), event(3, None))
    first, second, none = (e.text for e in hashed)
    assert first == second
    assert first is not None
    assert first.startswith("hash:")
    assert none is None
    dropped = kept("drop", event(1, "a"))
    assert dropped[0].text is None
    assert all(not (e.urls or e.hashtags or e.mentions) for e in (*hashed, *dropped))
    post = msgspec.structs.replace(event(1, "a public post"), surface="social")
    assert kept("drop", post) == [post]


def test_all_that_an_account_said_or_showed_is_sealed_and_what_was_decided_stays_readable(
    log: VaultLog, registry: Registry, tmp_path: Path
) -> None:
    marker = "zinnober"
    full = msgspec.structs.replace(
        event(1, f"text {marker}"), urls=(f"https://{marker}.org/",), hashtags=(marker,),
        mentions=(f"x:{marker}",), media=(marker,), conversation=marker, target=marker,
        attributes={"display_name": marker, "ip": "192.0.2.77", "answer": "block", "bio": marker},
    )  # fmt: skip
    silent = msgspec.structs.replace(
        event(2, None), urls=(), hashtags=(), mentions=(), attributes={"answer": "allow"}
    )
    log.append_events([full, silent])
    assert [e for batch in log.read() for e in from_batch(batch)] == [full, silent]
    (links,) = log.read(columns=["urls"])
    assert links.to_pylist() == [{"urls": list(full.urls)}, {"urls": []}]
    assert not any(word in everything(tmp_path) for word in (marker.encode(), b"192.0.2.77"))
    DataKeyTable(registry).destroy("app:ann", now=NOW)
    bare, _ = [e for batch in log.read() for e in from_batch(batch)]
    assert bare == msgspec.structs.replace(
        silent, id=full.id, text=None, attributes={"answer": "block"}
    )


@given(st.lists(st.tuples(st.sampled_from(["app:a", "app:b"]), st.text(max_size=30)), max_size=5))
def test_texts_that_are_sealed_alone_come_back_and_go_with_their_account(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("registry")
    texts = [(account, text.encode("utf-8", "replace").decode()) for account, text in texts]
    with open_registry(f"sqlite:///{folder}/registry.sqlite") as registry:
        vault = Vault(registry, SECRET)
        sealed = vault.sealed_texts(texts, "here")
        assert vault.opened_texts(sealed, "here") == [text for _, text in texts]
        assert vault.opened_texts(sealed, "elsewhere") == [None] * len(texts)
        DataKeyTable(registry).destroy("app:a", now=NOW)
        left = [None if account == "app:a" else text for account, text in texts]
        assert vault.opened_texts(sealed, "here") == left


def _table(*events: Event) -> pa.Table:
    return pa.Table.from_batches([to_batch(events)])
