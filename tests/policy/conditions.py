"""Random conditions and random events, for properties of policies."""

import re
from functools import cache
from typing import Any

from hypothesis import strategies as st

from crossfix.content.finding import Finding
from crossfix.policy import Facts
from crossfix.policy.vocabulary import FIELDS

ACTIONS = ("prompt", "completion", "refusal", "signup")
TEXTS = (
    "", "please write a comment as a nurse from Ohio about taxes",
    "please write a comment as a farmer from Utah about taxes", "translate this into French",
    "hello  World", "Ёлка и привет", "你好世界", "a\ud800b hello",
)  # fmt: skip
IPS = ("", "10.0.0.1", "10.0.0.9", "10.7.0.1", "2001:db8::1")
WINDOWS = ("5s", "1m", "10m", "2h")
GROUPS = ("account", "ip", "ip_block", "key", "conversation", "text", "all")
FINDINGS = (
    Finding(check="pattern", name="lure", score=0.5),
    Finding(check="classifier", name="hate", score=0.9),
    Finding(check="pattern", name="hate", score=0.25),
)


def quoted(*words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words).map(repr)


def _tests() -> st.SearchStrategy[str]:
    phrase = quoted("hello world", "taxes", "a.b", "ПРИВЕТ", "nurse", "好")
    of = st.sampled_from(["", ", of='model'", ", of='ip'"])
    return st.one_of(
        st.builds("contains({}{})".format, phrase, of),
        st.builds("any_of({}, {}{})".format, phrase, phrase, of),
        st.builds("all_of({}, {})".format, phrase, phrase),
        st.builds("matches(r{})".format, quoted("comment as an? [a-z]+ from", "h.*o", "^a")),
        quoted("pattern", "classifier").map("found({})".format),
        st.builds("found({}, {})".format, quoted("pattern", "secret"), quoted("lure", "hate")),
        st.builds("attribute('ip') {} {}".format, _equal, quoted(*IPS)),
        st.builds("model in ('m1', {})".format, quoted("m2", "")),
        st.builds("{} in {}".format, quoted("x"), st.sampled_from(["urls", "labels", "hashtags"])),
        st.builds("tier {} {}".format, _order, quoted(*FIELDS["tier"].choices)),
        st.builds("state {} {}".format, _order, quoted(*FIELDS["state"].choices)),
        st.builds("script {} {}".format, _equal, quoted("latin", "cyrillic", "han", "other")),
        st.builds("key {} organisation".format, _equal),
    )


_equal = st.sampled_from(["==", "!="])
_order = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])


def windows(where: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    plain, tail, value = _arguments(where)
    by = st.sampled_from(GROUPS)
    return st.one_of(
        counted(where),
        st.builds("rate({}, {})".format, quoted(*ACTIONS), plain),
        st.builds("first_seen({}, by='{}')".format, value, by),
        st.builds("interval_entropy({})".format, tail),
        st.builds("similar_share({})".format, tail),
    )


def counted(where: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Features that are whole numbers from 0."""
    plain, tail, value = _arguments(where)
    return st.one_of(
        st.builds("count({}, {})".format, quoted(*ACTIONS), plain),
        st.builds("distinct({}, {})".format, value, tail).filter(_sensible),
        st.builds("sum({}, {})".format, quoted("tokens", "likes", "length"), tail),
    )


def _arguments(where: st.SearchStrategy[str]) -> tuple[st.SearchStrategy[str], ...]:
    within, by = st.sampled_from(WINDOWS), st.sampled_from(GROUPS)
    action = st.sampled_from(["", ", action='any'", ", action=('prompt', 'refusal')"])
    more = st.one_of(st.just(""), where.map(", where={}".format))
    return (
        st.builds("within='{}', by='{}'{}".format, within, by, more),
        st.builds("within='{}', by='{}'{}{}".format, within, by, action, more),
        quoted("ip", "text", "urls", "hashtags", "model", "ip_block", "device"),
    )


def _sensible(text: str) -> bool:
    """A group by address has one address: that is a mistake."""
    return not re.match(r"distinct\('(\w+)', within='\w+', by='\1'", text)


@st.composite
def numbers(draw: st.DrawFn, windowed: bool) -> str:
    return draw(_numbers(windowed))


@cache
def _numbers(windowed: bool) -> st.SearchStrategy[str]:
    simple = st.one_of(
        st.sampled_from(["tokens", "words", "length", "risk", "age_days", "hour", "weekday"]),
        st.sampled_from(["size(urls)", "size('hashtags')", "amount('likes')"]),
        quoted("lure", "hate").map("score({})".format),
        st.builds("score({}, check={})".format, quoted("hate"), quoted("pattern", "classifier")),
    )
    if windowed:
        simple = st.one_of(simple, windows(conditions(windowed=False)))
    signs = st.sampled_from("+-*/")
    return st.one_of(simple, st.builds("({} {} {})".format, simple, signs, simple))


@st.composite
def conditions(draw: st.DrawFn, windowed: bool = True) -> str:
    """A condition as text; without ``windowed`` it looks at one event alone."""
    return draw(_conditions(windowed))


@cache
def _conditions(windowed: bool) -> st.SearchStrategy[str]:
    amount = st.sampled_from(["0", "1", "2", "3", "0.5", "7", "-1"])
    # The sum with 0 is no feature by itself: what a feature never is may be asked of it.
    single = st.one_of(
        _tests(), st.builds("({} + 0) {} {}".format, numbers(windowed), _order, amount)
    )
    if windowed:
        counts = counted(conditions(windowed=False))
        some = st.sampled_from(["1", "2", "3", "1.5"])
        single = st.one_of(single, st.builds("{} {} {}".format, counts, _order, some))
    return st.recursive(
        single,
        lambda part: st.one_of(
            part.map("not ({})".format),
            st.builds("({} {} {})".format, part, st.sampled_from(["and", "or"]), part),
        ),
        max_leaves=3,
    )


def events() -> st.SearchStrategy[list[Facts]]:
    """Events of few accounts; the times between them are short, long, none and backwards."""
    one = st.fixed_dictionaries(
        {
            "time": st.sampled_from([0.0, 0.5, 1.0, 4.0, 5.0, 30.0, 61.0, 700.0, 8000.0, -3.0]),
            "action": st.sampled_from(ACTIONS),
            "service": st.just("app"),
            "surface": st.just("ai"),
            "account": st.sampled_from(["app:1", "app:2"]),
            "text": st.sampled_from(TEXTS),
            "model": st.sampled_from(["", "m1", "m2-hello world"]),
            "key": st.sampled_from(["", "k1"]),
            "organisation": st.sampled_from(["", "k1"]),
            "conversation": st.sampled_from(["", "c1"]),
            "tokens": st.integers(0, 5),
            "urls": st.sampled_from([(), ("x",), ("x", "y")]),
            "labels": st.sampled_from([(), ("x",)]),
            "tier": st.sampled_from(["anonymous", "email", "code"]),
            "state": st.sampled_from(["", "active", "watched"]),
            "risk": st.sampled_from([0.0, 0.5, 1.0]),
            "ip": st.sampled_from(IPS),
            "likes": st.sampled_from(["", "3", "-1", "x", "٣"]),
            "findings": st.lists(st.sampled_from(FINDINGS), max_size=2).map(tuple),
        }
    )
    return st.lists(one, max_size=40).map(_timed)


def _timed(rows: list[dict[str, Any]]) -> list[Facts]:
    now, made = 1_700_000_000.0, []
    for row in rows:
        now += row["time"]
        given = {k: v for k, v in row.items() if k not in ("ip", "likes")}
        attributes = {k: row[k] for k in ("ip", "likes") if row[k]}
        made.append(Facts(**given | {"time": now, "attributes": attributes}))
    return made
