import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.campaigns.allow import parse_allow_list, read_allow_list
from crossfix.errors import InputError

LIST = """
# pages of publishers
[Example Times]
reason: one publisher, by its imprint
x:times
facebook:times-*
web:example.org:front

[Fans]
reason: public fan club
x:fan*
"""


def test_a_family_that_covers_four_in_five_is_named_with_its_reason():
    allowed = parse_allow_list(LIST, "list")
    members = ["x:times", "facebook:times-sport", "facebook:times-", "web:example.org:front", "x:z"]
    assert allowed.covering(members) == "Example Times: one publisher, by its imprint"
    assert allowed.covering([*members, "x:y"]) is None
    assert allowed.covering([]) is None


def test_a_star_covers_ids_of_that_service_alone():
    allowed = parse_allow_list(LIST, "list")
    assert allowed.covering(["x:fan", "x:fanny"]) == "Fans: public fan club"
    assert allowed.covering(["facebook:fan", "facebook:fanny"]) is None
    assert allowed.covering(["x:Times"]) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x:a\n", 1),
        ("[A]\nreason: r\nx:ab*\n", 3),
        ("[A]\nreason: r\n*\n", 3),
        ("[A]\nreason: r\nx:a*b\n", 3),
        ("[A]\nreason: r\nnothing\n", 3),
        ("[A]\nreason: r\nx:abc def\n", 3),
        ("[A]\nreason: r\nreason: s\nx:a\n", 3),
        ("[A]\nreason:\nx:a\n", 2),
        ("[A]\nx:a\n", 1),
        ("\n[A]\nreason: r\n", 2),
        ("[A]\nreason: r\nx:a\n[A]\n", 4),
        ("[A\n", 1),
        ("[]\n", 1),
        ("[A\x1b]\n", 1),
        ("[A]\nreason: r\nx:\x00a\n", 3),
        ("[A]\n" + "x:" + "a" * 2000, 2),
    ],
)
def test_what_cannot_be_understood_is_an_error_with_its_line(text, line):
    with pytest.raises(InputError) as e:
        parse_allow_list(text, "allow.txt")
    assert (e.value.path, e.value.line) == ("allow.txt", line)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_list_or_an_input_error(text):
    said: InputError | None = None
    try:
        parse_allow_list(text, "list")
    except InputError as e:
        said = e
    assert said is None or said.line is not None


def test_files_that_cannot_be_read_are_input_errors(tmp_path):
    with pytest.raises(InputError):
        read_allow_list(tmp_path / "none")
    bad = tmp_path / "bad"
    bad.write_bytes(b"[A]\nreason: \xff\n")
    with pytest.raises(InputError) as e:
        read_allow_list(bad)
    assert e.value.line == 2
    bad.write_bytes(b"#" * (17 << 20))
    with pytest.raises(InputError):
        read_allow_list(bad)
    good = tmp_path / "good"
    good.write_text("\ufeff" + LIST.replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert read_allow_list(good).covering(["x:fan1"]) == "Fans: public fan club"
