import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.policy.conditions import conditions

from crossfix.errors import InputError, PolicyError
from crossfix.policy import Policy, load_policies
from crossfix.policy.check import check_policy
from crossfix.policy.document import DEEPEST, LARGEST_BYTES
from crossfix.policy.mistake import AT_MOST, Mistake

Find = Callable[..., list[Mistake]]
Make = Callable[..., Policy]
Write = Callable[..., bytes]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("", "the condition is empty"),
        ("words >", "this is no expression"),
        ("words", "this is a number; compare it with something"),
        ("wrods > 3", "there is no word 'wrods'; did you mean 'words'?"),
        ("text == 'x'", "the text is asked with contains"),
        ("count > 3", "count is called: write count(...)"),
        ("__import__('os').system('x')", "only the functions of the reference are called"),
        ("open('x')", "there is no function 'open'"),
        ("().__class__ == 1", "this has no place in a condition"),
        ("[x for x in urls] == 1", "this has no place in a condition"),
        ("(lambda: 1)() == 1", "only the functions"),
        ("f'{words}' == 'x'", "this has no place in a condition"),
        ("urls[0] == 'x'", "this has no place in a condition"),
        ("(words := 3) > 2", "this has no place in a condition"),
        ("words > 'x'", "a number is compared with text"),
        ("service < 'x'", "texts have no order; only tier, state, answer"),
        ("action == 'promt'", "action is never 'promt'; did you mean 'prompt'?"),
        ("tier in ('email', 'emial')", "tier is never 'emial'"),
        ("urls == 'x'", "a set is compared with text"),
        ("words in urls", "only texts are looked for"),
        ("'x' in service", "look in urls, hashtags, mentions, labels"),
        ("model in ()", "nothing is in an empty list"),
        ("1 < 2", "both sides are written here"),
        ("True", "this asks nothing of the event"),
        ("words > 3 == True", "both sides are written here"),
        ("contains()", "contains needs phrase"),
        ("contains('a', 'b', 'c')", "contains takes at most 2 values"),
        ("contains(' ')", "a phrase has 1 to 500 characters"),
        ("contains(service)", "here stands a text that is written out"),
        ("contains('x', on='model')", "contains has no on; there are of, phrase"),
        ("contains('x', of='modle')", "there is no text 'modle'; did you mean 'model'?"),
        ("contains('x', **{})", "contains has no **"),
        ("any_of()", "any_of needs at least one phrase"),
        ("matches('(')", "this is no RE2 pattern: missing"),
        (r"matches(r'(a)\1')", "this is no RE2 pattern: invalid escape sequence"),
        (r"matches('\bx')", "write the pattern as r'...'"),
        ("matches('x*')", "this pattern is found in every text"),
        ("found('secert')", "there is no check 'secert'; did you mean 'secret'?"),
        ("attribute('ipp') == 'x'", "there is no attribute 'ipp'; did you mean 'ip'?"),
        ("size('tokens') > 1", "there is no set 'tokens'"),
        ("count('prompt', '10m') > 'x'", "a number is compared with text"),
        ("count('promt', '10m') > 3", "there is no action 'promt'; did you mean 'prompt'?"),
        ("count('prompt', within='10 min') > 3", "a window is written as 30s, 10m, 6h or 7d"),
        ("count('prompt', within='31d') > 3", "30d at most"),
        ("count('prompt', within='0s') > 3", "a window is written as"),
        ("count('prompt') > 3", "count needs within"),
        ("count('prompt', '1m', within='2m') > 3", "within is given twice"),
        ("count('prompt', '1m', by='acount') > 3", "there is no group 'acount'; did you mean"),
        ("count('prompt', '1m', where=words) > 3", "this is a number; compare it"),
        ("count('prompt', '1m', where=count('prompt', '1m') > 1) > 3", "may not look back in time"),
        ("count('prompt', '1m') < 0", "this never holds: count is from 0 to inf"),
        ("count('prompt', '1m') >= 0", "this always holds"),
        ("distinct('ip', '1d') > 1000", "this never holds: distinct is from 0 to 1000"),
        ("similar_share('1h') > 1", "this never holds"),
        ("distinct('ip', '1m', by='ip') > 3", "a group by ip has one ip only"),
        ("sum('tokns', '1m') > 3", "there is no amount 'tokns'; did you mean 'tokens'?"),
        ("words > 10 ** 9", "this has no place in a condition"),
        ("words > 1e400", "this value has no place in a condition"),
        ("words > None", "this value has no place in a condition"),
        ("words is 3", "compare with <, <="),
    ],
)
def test_every_mistake_in_a_condition_is_named(condition: str, said: str, mistakes: Find) -> None:
    found = mistakes(condition)
    assert any(said in mistake.message for mistake in found), found


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"status": "alive"}, "did you mean 'live'?"),
        ({"id": "No Slug"}, "an id has 3 to 64"),
        ({"version": "zero"}, "a whole number from 1"),
        ({"level": "hihg"}, "did you mean 'high'?"),
        ({"date": "yesterday"}, "a date is written as 2026-01-31"),
        ({"tags": "[x]"}, "a tag is written as"),
        ({"text": "{Deutsch: Nein}"}, "a language is written as"),
        ({"colour": "red"}, "a policy has no key 'colour'"),
        ({"falsepositive": "x"}, "did you mean 'falsepositives'?"),
        ({"when": "promt"}, "did you mean 'prompt'?"),
        ({"when": "{actions: refusal, direction: in}"}, "it is never looked at"),
        ({"when": "{direction: up}"}, "there is no 'up' here"),
        ({"effects": "[]"}, "at least one effect"),
        ({"effects": "[flag, flag]"}, "flag stands here twice"),
        ({"effects": "[flag, block]"}, "flag is never seen: block stands beside it"),
        ({"effects": "[{throttle: 5/m}, {challenge: email}]"}, "throttle is never seen"),
        ({"effects": "block", "when": "refusal"}, "block is never seen: a refusal is past asking"),
        ({"effects": "{challenge: email}", "when": "completion"}, "challenge is never seen"),
        ({"effects": "{challenge: anonymous}"}, "there is no tier 'anonymous' to ask for"),
        ({"effects": "throttle"}, "throttle needs a value, as in throttle: 10/m"),
        ({"effects": "{throttle: fast}"}, "a rate is written as 10/m"),
        ({"effects": "{limit: long}"}, "limit lasts for a time"),
        ({"effects": "{block: 1d}"}, "block stands alone"),
        ({"effects": "{label: lures}"}, "a label is a mapping"),
        ({"effects": "{label: {name: lures}}"}, "both a name and a time"),
        ({"effects": "remove"}, "there is no effect 'remove'"),
        ({"let": "{tokens: words > 1}"}, "is no known word"),
        ({"let": "{mine: words > 1}"}, "mine is never used"),
        ({"let": "{mine: wrods > 1}"}, "there is no word 'wrods'"),
        ({"tests": "[{name: x, events: [{action: prompt}]}]"}, "the test has no expect"),
        ({"tests": "[{name: x, events: [{txt: a}], expect: hit}]"}, "did you mean 'text'?"),
        ({"tests": "[{name: x, events: [{action: prompt, repeat: 9999}], expect: hit}]"}, "5,000"),
    ],
)  # fmt: skip
def test_every_mistake_in_a_key_is_named(keys: dict[str, str], said: str, mistakes: Find) -> None:
    found = mistakes("words > 3", **keys)
    assert any(said in mistake.message for mistake in found), found


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"a: [", "this is not YAML"),
        (b"- a\n", "a policy is a mapping"),
        (b"a: \xff", "this is not UTF-8"),
        (b"a: &x 1\nb: *x\n", "aliases are not read"),
        (b"a: 1\n---\nb: 1\n", "a file holds one policy"),
        (b"a: " + b"[" * 30 + b"]" * 30, f"at most {DEEPEST} deep"),
        (b"a: !!python/object:os.system x\n", "there is no type"),
        (b"a: [" + b"1," * 5_000 + b"1]", "too many values"),
        (b"a" * (LARGEST_BYTES + 1), "at most 65,536 bytes"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_what_cannot_be_a_policy_at_all_is_refused(data: bytes, said: str) -> None:
    policy, found = check_policy("x.yaml", data)
    assert policy is None
    assert any(said in mistake.message for mistake in found), found


@pytest.mark.parametrize(
    ("style", "line", "column"),
    [
        ("condition: words > 1 and wrods > 2", 6, 26),
        ("condition: 'words > 1 and wrods > 2'", 6, 27),
        ("condition: |\n  words > 1 and\n  wrods > 2", 8, 3),
        ("condition: >\n  words > 1\n  and wrods > 2", 8, 7),
        ("condition: words > 1\n  and wrods > 2", 7, 7),
        ('condition: "words > 1 and\n  wrods > 2"', 7, 3),
        ("condition: |\n  contains('äöü') and wrods > 2", 7, 23),
    ],
)
def test_a_mistake_is_placed_in_every_style_of_text(style: str, line: int, column: int) -> None:
    head = "title: t\nid: a-policy\nstatus: live\nwhen: prompt\neffects: flag\n"
    _, (found,) = check_policy("x.yaml", (head + style + "\n").encode())
    assert (found.line, found.column) == (line, column)
    shown = str(found).splitlines()
    assert shown[2][shown[1].index("wrods") :] == "^^^^^"


def test_a_long_line_is_shown_around_its_mistake() -> None:
    condition = " and ".join(f"tokens > {n}" for n in range(60)) + " and wrods > 1"
    data = f"title: t\nid: a-b\nstatus: live\nwhen: prompt\neffects: flag\ncondition: {condition}\n"
    _, (found,) = check_policy("x.yaml", data.encode())
    shown = str(found).splitlines()
    assert len(shown[1]) < 120
    assert shown[1][shown[2].index("^") :].startswith("wrods")


@given(conditions())
def test_conditions_are_read_and_read_again_alike(condition: str) -> None:
    head = "title: t\nid: a-policy\nstatus: live\nwhen: prompt\neffects: flag\n"
    data = f"{head}condition: |\n  {condition}\n".encode()
    first, _ = check_policy("x.yaml", data)
    again, _ = check_policy("x.yaml", data)
    assert first is not None
    assert first == again


_pieces = st.sampled_from(
    ["count(", "'prompt'", ",", "within=", "'1m'", ")", "and ", "not ", "words", ">", "3", "(", "[",
     "in ", "urls", "lambda ", ":", "**", "{", "}", "\n", "\\", "é", "'", "matches(", "r'(a+)+$'",
     ".__class__", "await ", "1e999", "0x", "\x00", ":=", "f'", "if ", "else "]
)  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(_pieces, max_size=12).map("".join)))
def test_conditions_of_any_shape_are_read_or_refused(text: str) -> None:
    keys = {"title": "t", "id": "a-policy", "status": "live", "when": "prompt", "effects": "flag"}
    data = yaml.safe_dump(keys | {"condition": text}, allow_unicode=True).encode("utf-8", "replace")
    policy, mistakes = check_policy("x.yaml", data)
    assert (policy is None) == bool(mistakes)
    assert all(mistake.line >= 1 and mistake.column >= 1 for mistake in mistakes)
    assert all(str(mistake) for mistake in mistakes)


@given(st.binary(max_size=300))
def test_files_of_any_bytes_are_read_or_refused(data: bytes) -> None:
    policy, mistakes = check_policy("x.yaml", data)
    assert policy is None
    assert mistakes


def test_depth_is_bounded(mistakes: Find) -> None:
    for condition in ("(" * 500 + "words > 1" + ")" * 500, "not " * 500 + "(words > 1)",
                      "-" * 3_000 + "words > 1", " and ".join(["words > 1"] * 1_000)):  # fmt: skip
        assert mistakes(condition)


def test_many_mistakes_are_shown_up_to_a_number(folder: Path, written: Write) -> None:
    for n in range(AT_MOST + 5):
        (folder / f"{n:03}.yaml").write_bytes(written("wrods > 1", id=f"policy-{n}"))
    with pytest.raises(PolicyError) as raised:
        load_policies([folder])
    assert len(raised.value.mistakes) == AT_MOST + 5
    assert str(raised.value).endswith(
        f"{AT_MOST + 5} mistakes in {AT_MOST + 5} files (5 more are not shown)."
    )


def test_what_is_not_there_is_said_to_be_missing(folder: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_policies([folder / "absent.yaml"])
    with pytest.raises(InputError, match="no policy"):
        load_policies([folder])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_a_mistake_among_others(folder: Path) -> None:
    (folder / "x.yaml").write_text("x")
    (folder / "x.yaml").chmod(0)
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policies([folder])


def test_policies_come_in_the_order_of_their_ids(folder: Path, written: Write) -> None:
    for name, id in (("1", "bbb"), ("2", "aaa")):
        (folder / f"{name}.yaml").write_bytes(written("words > 1", id=id))
    assert [p.id for p in load_policies([folder])] == ["aaa", "bbb"]
    assert len(load_policies([folder, folder / "1.yaml"])) == 2


def test_a_name_of_ones_own_stands_for_what_it_is(policy: Make) -> None:
    let = "{many: words > 5, long_one: many and length > 9}"
    plain = policy("(words > 5 and length > 9) or tokens > 1")
    named = policy("long_one or tokens > 1", let=let)
    assert named.expression == plain.expression
