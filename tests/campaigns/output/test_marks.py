from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.campaigns.output.marks import ENOUGH, marks, pieces, tokens, union

words = st.sampled_from(
    [
        "vote",
        "Vote",
        "now",
        "the",
        "river",
        "🚨",
        "真",
        "相",
        "https://a.example/x",
        "#tag",
        "v\u200bote",
    ]
)
texts = st.lists(st.lists(words, max_size=14).map(lambda w: " ".join(w)), min_size=1, max_size=4)


def slow_marks(texts):
    """Compare every run of every text with every run of every other text."""
    cut = [tokens(t) for t in texts]
    found = []
    for i, mine in enumerate(cut):
        spans = []
        for start in range(len(mine)):
            for end in range(start + 1, len(mine) + 1):
                run = [t[0] for t in mine[start:end]]
                if sum(t[1] for t in mine[start:end]) < ENOUGH:
                    continue
                for j, other in enumerate(cut):
                    theirs = [t[0] for t in other]
                    last = len(theirs) - len(run) + 1
                    if j != i and any(theirs[k : k + len(run)] == run for k in range(last)):
                        spans.append((mine[start][2], mine[end - 1][3]))
                        break
        found.append(union(spans))
    return found


@settings(deadline=None, max_examples=300)
@given(texts)
def test_marks_are_those_of_comparing_everything_with_everything(texts):
    assert marks(texts) == slow_marks(texts)


@settings(deadline=None)
@given(st.lists(st.text(max_size=80), max_size=5))
def test_spans_lie_in_the_text_ascending_and_apart(texts):
    for text, spans in zip(texts, marks(texts), strict=True):
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(set(edges))
        assert all(0 <= edge <= len(text) for edge in edges)


@given(st.text(max_size=60))
def test_a_text_alone_has_no_marks(text):
    assert marks([text]) == [[]]


def _marked(*texts):
    return [[t[a:b] for a, b in spans] for t, spans in zip(texts, marks(texts), strict=True)]


def test_what_two_posts_share_is_marked_whatever_stands_around_it():
    first, second = _marked(
        "WOW. The bridge was closed, tonight!", "my cousin says the bridge was closed tonight"
    )
    assert first == ["The bridge was closed, tonight"]
    assert second == ["the bridge was closed tonight"]


def test_invisible_characters_and_letter_forms_do_not_hide_a_copy():
    first, _ = _marked("v\u200bote f\u00ador ｌｉｂｅｒｔｙ", "VOTE for liberty")
    assert first == ["v\u200bote f\u00ador ｌｉｂｅｒｔｙ"]


def test_one_link_or_tag_is_enough_and_two_words_are_not():
    assert _marked("see #OurRiver", "go #ourriver")[0] == ["#OurRiver"]
    assert _marked("good morning all", "good morning you")[0] == []


def test_writing_without_spaces_is_compared_sign_by_sign():
    first, _ = _marked("他说记者披露了内部文件", "记者披露了内部文件！转发")
    assert first == ["记者披露了内部文件"]


def test_pieces_are_found_wherever_they_stand():
    assert pieces("aXbXc", ["X", "", "zz"]) == [(1, 2), (3, 4)]
    assert pieces("abcd", ["abc", "bcd"]) == [(0, 4)]
