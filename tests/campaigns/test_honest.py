"""What speaks for an honest reason, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from crossfix.campaigns.fanout import fan_out_of, fan_outs
from crossfix.campaigns.honest import honest_reasons
from crossfix.traces.origin import Output, Post, Sighting

START = datetime(2026, 1, 5, tzinfo=UTC)
OUTPUT = Output(response="r", text="", service="openai", account="openai:u", time=START)


def seen(account: str, segment: int, text: str, kind: str = "verbatim") -> Sighting:
    number = sum(map(ord, account))
    post = Post(post=f"{account}/{segment}", text=text, service=account.partition(":")[0],
                account=account, time=START + timedelta(minutes=number))  # fmt: skip
    return Sighting(post=post, output=OUTPUT, segment=segment, segment_text=text, kind=kind,
                    score=1.0)  # fmt: skip


def said_as(account: str, segment: str, text: str) -> Sighting:
    """An edited copy."""
    sighting = seen(account, 1, segment, "edited")
    return replace(sighting, post=replace(sighting.post, text=text))


FIRMS = ("Fresh rye loaves come out of the oven at seven", "Winter tyres for every model in stock",
         "The quartet plays Schubert in the small hall")  # fmt: skip
CABLE = ("Nobody was asked before the cable crossed our allotments", "Who pays for the cable",
         "The allotments are older than the grid company")  # fmt: skip


def parts(texts: tuple[str, ...]) -> list[Sighting]:
    return [seen(f"x:a{n}", n + 1, text) for n, text in enumerate(texts)]


def test_parts_without_a_subject_in_common_are_as_an_agency_s_and_others_are_not() -> None:
    usual = dict.fromkeys(("from", "come", "every", "before", "than", "pays"), 0.1)
    assert "no subject in common" in honest_reasons(parts(FIRMS), 3, usual)[0]
    assert honest_reasons(parts(CABLE), 3, usual) == ()


def test_a_word_that_everybody_says_is_no_subject() -> None:
    texts = tuple(f"{text} tomorrow morning" for text in FIRMS)
    rare = dict.fromkeys(("tomorrow", "morning"), 0.001)
    assert honest_reasons(parts(texts), 3, rare) == ()
    usual = dict.fromkeys(("tomorrow", "morning"), 0.21)
    assert honest_reasons(parts(texts), 3, usual)


def test_a_subject_of_which_everybody_speaks_is_one_where_every_part_does() -> None:
    towns = ["Karben", "Bremen", "Dorsten", "Hagen", "Lehrte", "Nidda"]
    texts = tuple(f"Here in {town}: what the export does to us" for town in towns)
    usual = {"here": 0.3, "what": 0.3, "does": 0.3, "export": 0.1}
    assert honest_reasons(parts(texts), 6, usual) == ()
    assert honest_reasons(parts(texts), 6, usual | {"export": 0.4})


def test_of_subjects_nothing_is_said_where_nobody_knows_what_is_usual() -> None:
    assert honest_reasons(parts(FIRMS), 3) == ()


def test_one_part_unchanged_is_a_share_text_and_edited_it_is_none() -> None:
    same = [seen(f"x:a{n}", 1, FIRMS[0]) for n in range(4)]
    assert "share texts" in honest_reasons(same, 4)[0]
    quoted = f'The baker says: "{FIRMS[0]}"'
    assert "share texts" in honest_reasons([*same, said_as("x:c", FIRMS[0], quoted)], 5)[0]
    other = FIRMS[0].replace("rye loaves", "white rolls")
    assert honest_reasons([*same, said_as("x:b", FIRMS[0], other)], 5) == ()


def test_one_name_on_several_services_is_a_reason_and_on_one_service_is_none() -> None:
    everywhere = [
        seen(f"{s}:Ferries", n, t)
        for n, (s, t) in enumerate(zip(("x", "mastodon", "bluesky"), CABLE, strict=True))
    ]
    assert "one name" in honest_reasons(everywhere, 3, {})[0]
    assert honest_reasons(parts(CABLE), 3, {}) == ()


def test_one_person_s_accounts_are_said_to_be_that() -> None:
    assert "one person" in honest_reasons(parts(CABLE), 1)[0]


def test_a_fan_out_carries_its_reasons_and_no_estimate_where_none_was_made() -> None:
    fan_out = fan_out_of(parts(FIRMS), {"none": 0.0})
    assert fan_out.benign
    assert fan_out.by_chance is None
    (same,) = fan_outs(parts(FIRMS))
    assert same.benign == ()
    assert same.accounts == ("x:a0", "x:a1", "x:a2")


def test_one_account_on_each_of_several_services_is_a_reason_and_two_on_one_are_none() -> None:
    names = ("x:anna", "mastodon:mill", "bluesky:did")
    apart = [seen(name, n, text) for n, (name, text) in enumerate(zip(names, CABLE, strict=True))]
    assert "service of its own" in honest_reasons(apart, 3)[0]
    assert honest_reasons([*apart, seen("x:carl", 1, CABLE[1])], 4) == ()
