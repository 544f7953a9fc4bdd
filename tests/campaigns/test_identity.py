import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.campaigns.identity import FILE, Known, birth_id, load_previous, match
from crossfix.errors import InputError


def accounts(start: int, end: int) -> set[str]:
    return {f"x:{n:04}" for n in range(start, end)}


def known(name: str, members: set[str]) -> Known:
    return Known(name, frozenset(members))


partitions = st.lists(st.integers(0, 5), max_size=30).map(
    lambda labels: [
        {f"x:{n}" for n, label in enumerate(labels) if label == g} for g in sorted({*labels})
    ]
)


@settings(deadline=None)
@given(partitions, partitions, st.randoms())
def test_the_order_of_campaigns_and_communities_does_not_matter(before, now, random):
    previous = [known(f"c-{i}", members) for i, members in enumerate(before)]
    result = match(previous, now)
    shuffled = random.sample(range(len(now)), len(now))
    again = match(random.sample(previous, len(previous)), [now[i] for i in shuffled])
    assert again == [result[i] for i in shuffled]
    assert len({name for name, _ in result}) == len(now)


@settings(deadline=None)
@given(partitions)
def test_a_run_over_the_same_communities_changes_nothing(now):
    first = match([], now)
    assert all(change.what == "new" for _, change in first)
    second = match([known(i, c) for (i, _), c in zip(first, now, strict=True)], now)
    for (name, _), (again, change), members in zip(first, second, now, strict=True):
        if len(members) > 1:
            assert (again, change.what, change.joined, change.left) == (name, "same", (), ())


@settings(deadline=None)
@given(st.integers(5, 40), st.integers(0, 60), st.data())
def test_identity_is_stable_if_six_in_ten_members_persist(size, fresh, data):
    before = sorted(accounts(0, size))
    stay = data.draw(st.integers(-(-6 * size // 10), size))
    now = set(before[:stay]) | accounts(1000, 1000 + fresh)
    ((name, change),) = match([known("c-old", set(before))], [now])
    assert name == "c-old"
    assert change.joined == tuple(sorted(now - set(before)))
    assert change.left == tuple(before[stay:])
    expected = "same" if len(now) == size else "grown" if len(now) > size else "shrunk"
    assert change.what == expected


def test_a_split_keeps_the_name_with_the_larger_piece_and_both_say_so():
    previous = [known("c-old", accounts(0, 10))]
    (small, one), (large, two) = match(previous, [accounts(0, 4), accounts(4, 10)])
    assert large == "c-old" != small
    assert (one.what, one.others) == ("split", ("c-old",))
    assert (two.what, two.others) == ("split", (small,))
    assert one.joined == ()


def test_a_merge_keeps_the_name_of_the_larger_and_names_the_other():
    previous = [known("c-a", accounts(0, 4)), known("c-b", accounts(4, 10))]
    ((name, change),) = match(previous, [accounts(0, 11)])
    assert (name, change.what, change.others) == ("c-b", "merged", ("c-a",))
    assert change.joined == tuple(sorted(accounts(0, 4) | accounts(10, 11)))


def test_a_lone_common_member_is_no_continuation():
    ((name, change),) = match([known("c-a", accounts(0, 2))], [accounts(1, 9)])
    assert name != "c-a"
    assert change.what == "new"


def test_names_come_from_the_members_alone_and_never_clash():
    members = accounts(0, 3)
    assert birth_id(members) == birth_id(sorted(members, reverse=True))
    assert birth_id(members).startswith("c-")
    assert len(birth_id(members)) == 12
    assert birth_id(members, {birth_id(members)}) != birth_id(members)
    assert birth_id(members) != birth_id(accounts(0, 4))


def test_what_a_hunt_wrote_is_read_back(tmp_path):
    lines = [
        {"id": "c-1", "members": [{"account": "x:a", "score": 1}, {"account": "x:b"}], "more": 1},
        {"id": "c-2", "members": [{"account": "x:c"}]},
    ]
    (tmp_path / FILE).write_bytes(b"\n".join(map(msgspec.json.encode, lines)) + b"\n\n")
    assert load_previous(tmp_path) == [known("c-1", {"x:a", "x:b"}), known("c-2", {"x:c"})]


GOOD = b'{"id": "c-1", "members": [{"account": "x:a"}]}\n'


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"[]\n", 1), (b"\x00\xff\n", 1), (GOOD + b'{"id": "c-2"}\n', 2), (GOOD + GOOD, 2),
        (GOOD + GOOD[:20], 2), (b'{"id": 3, "members": []}', 1), (b'{"id": "c", "members": []}', 1),
        (b"[" * 100_000, 1),
    ],
)  # fmt: skip
def test_a_damaged_file_is_an_error_with_its_line(tmp_path, content, line):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(InputError) as e:
        load_previous(tmp_path)
    assert e.value.line == line
    assert e.value.path == str(tmp_path / FILE)


def test_a_folder_without_campaigns_is_an_error_that_says_what_to_give(tmp_path):
    with pytest.raises(InputError, match=r"Give the folder") as e:
        load_previous(tmp_path / "none")
    assert e.value.exit_code == 2
