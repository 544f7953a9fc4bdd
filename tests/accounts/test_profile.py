import random
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.accounts.profile import (
    BEHAVIOURS,
    PERIOD_SECONDS,
    Profile,
    joined,
    mask_of,
    script_of,
    unpacked,
)

NOW = 1_790_000_000.0
INDEX = {name: n for n, name in enumerate(BEHAVIOURS)}
WORDS = [f"{a}{b}{c}" for a in "bdfglmnprst" for b in "aeiou" for c in "klmnrst"]


def prompts(count: int, seed: int = 0) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(draw.choices(WORDS, k=20)) for _ in range(count)]


def peak(profile: Profile, name: str) -> float:
    return profile.peaks[INDEX[name]]


@given(st.lists(st.floats(0, 7200, width=16), max_size=60))
def test_counts_decay_as_a_sum_over_all_prompts_would(waits: list[float]) -> None:
    profile, now, times = Profile(NOW), NOW, []
    for wait in waits:
        now += wait
        times.append(now)
        profile.prompt(now, "")
    for count, half in ((profile.volume, 3600.0), (profile.minute, 60.0)):
        assert count == pytest.approx(sum(0.5 ** ((now - t) / half) for t in times), rel=1e-6)
    assert profile.prompts == len(waits)


def test_a_template_is_told_from_prompts_that_differ() -> None:
    varied, template = Profile(NOW), Profile(NOW)
    for n, text in enumerate(prompts(60)):
        varied.prompt(NOW + n, text)
        template.prompt(NOW + n, f"Write as a proud citizen of {text.split()[0]} why the new tax "
                        "on bread is unjust and the minister must go now")  # fmt: skip
    assert peak(template, "similarity") > 0.7
    assert peak(varied, "similarity") < 0.2


@given(st.text(max_size=500) | st.lists(st.sampled_from(WORDS[:40])).map(" ".join))
def test_a_mask_has_the_bit_of_each_of_the_first_words(text: str) -> None:
    slow = 0
    for word in text[:400].lower().split()[:16]:
        slow |= 1 << (crc32(word.encode("utf-8", "replace")) & 255)
    assert mask_of(text) == slow


def test_short_prompts_are_not_alike_by_chance() -> None:
    profile = Profile(NOW)
    for n in range(50):
        profile.prompt(NOW + n, "yes please")
    assert peak(profile, "similarity") == 0


def test_a_refusal_among_few_answers_says_little() -> None:
    once, often = Profile(NOW), Profile(NOW)
    once.answer(refused=True)
    for n in range(20):
        often.answer(refused=n % 2 == 0)
    assert peak(once, "refusals") < 0.2 < 0.3 < peak(often, "refusals")


def test_changes_of_network_device_and_script_are_counted() -> None:
    profile = Profile(NOW)
    for n in range(6):
        profile.prompt(NOW + n, "один два три" if n % 2 else "one two three",
                       network=f"n{n // 2}", device="d")  # fmt: skip
    assert peak(profile, "places") == pytest.approx(2, abs=0.01)
    assert peak(profile, "scripts") == pytest.approx(5, abs=0.01)


def test_an_hour_is_unusual_for_one_who_has_habits_alone() -> None:
    profile, new = Profile(NOW), Profile(NOW)
    nine = NOW - NOW % 86_400 + 9 * 3600
    for day in range(20):
        for hour in range(4):
            now = nine + day * 86_400 + hour * 3600
            if profile.is_over(now):
                profile.close(now)
            profile.prompt(now, "x")
    profile.close(now)
    profile.prompt(now + 3600, "x")
    assert peak(profile, "hours") == 0
    profile.prompt(nine + 20 * 86_400 - 6 * 3600, "x")
    assert peak(profile, "hours") > 0.9
    new.prompt(NOW, "x")
    new.prompt(NOW + 12 * 3600, "x")
    assert peak(new, "hours") == 0


def test_a_new_model_is_unusual_for_one_who_has_used_others_for_days() -> None:
    profile = Profile(NOW)
    for n in range(9):
        profile.prompt(NOW + n, "x", model="m")
        profile.close(NOW + n)
    profile.prompt(NOW + 10, "x", model="m")
    assert peak(profile, "models") == 0
    profile.prompt(NOW + 11, "x", model="other")
    assert peak(profile, "models") == 1
    for n in range(20):
        profile.prompt(NOW + 12 + n, "x", model=f"m{n}")
    assert len(profile.models) <= 4


def test_a_period_ends_and_joins_the_past() -> None:
    profile = Profile(NOW)
    profile.prompt(NOW, "x")
    assert not profile.is_over(NOW + PERIOD_SECONDS - 1)
    assert profile.is_over(NOW + PERIOD_SECONDS)
    found = profile.close(NOW + PERIOD_SECONDS)
    assert found[INDEX["volume"]] == pytest.approx(1.0)
    assert (profile.periods, list(profile.peaks)) == (1, [0.0] * len(BEHAVIOURS))
    assert profile.centre[INDEX["volume"]] == pytest.approx(1.0)


def test_one_value_far_out_moves_what_is_usual_by_a_bounded_step() -> None:
    near, far = joined(3.0, 1.0, 7.0, 0.1), joined(3.0, 1.0, 1e9, 0.1)
    assert near == far
    centre, spread = 0.0, 0.0
    draw = random.Random(1)
    for _ in range(4_000):
        value = draw.gauss(5.0, 2.0) if draw.random() < 0.95 else 1e6
        centre, spread = joined(centre, spread, value, 0.01)
    assert centre == pytest.approx(5.3, abs=0.5)
    assert 1.3 < spread < 3.0


def test_a_profile_is_read_back_as_it_was_and_goes_on_alike() -> None:
    profile = Profile(NOW)
    for n, text in enumerate(prompts(40)):
        profile.prompt(NOW + 700 * n, text, model=f"m{n % 3}", network=f"n{n % 2}", device="d")
        profile.answer(refused=n % 9 == 0)
        if profile.is_over(NOW + 700 * n):
            profile.close(NOW + 700 * n)
    data = profile.packed()
    assert len(data) < 1_000
    again = unpacked(data)
    assert again is not None
    assert again.packed() == data
    for one in (profile, again):
        one.mask = 0  # the last prompt is not kept
        one.prompt(NOW + 40_000, "one two three four five six")
    assert again.packed() == profile.packed()


@given(st.binary(max_size=40))
def test_bytes_that_are_no_profile_are_none(data: bytes) -> None:
    assert unpacked(data) is None


def test_damaged_profiles_are_none() -> None:
    data = Profile(NOW).packed()
    assert unpacked(data[:-1]) is None
    assert unpacked(data.replace(b"\x01", b"\x07", 1)) is None


@pytest.mark.parametrize(
    ("text", "script"),
    [("hello", "latin"), ("привет, мир", "cyrillic"), ("你好世界", "han"), ("مرحبا", "arabic"),
     ("123 !", ""), ("", ""), ("héllo wörld", "latin"), ("こんにちは", "kana"),
     ("한국어", "hangul"), ("שלום", "hebrew"), ("नमस्ते", "devanagari"), ("😀", "")],
)  # fmt: skip
def test_scripts_are_told(text: str, script: str) -> None:
    assert script_of(text) == script
