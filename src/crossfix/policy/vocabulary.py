"""Every word that a condition may use, with its type and meaning; there are no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from crossfix.accounts.standing import STATES, TIERS
from crossfix.events.attributes import RESERVED
from crossfix.events.event import ACTIONS, SURFACES

Type = Literal["truth", "number", "text", "set"]

ANSWERS = ("allow", "flag", "throttle", "challenge", "block")
"""What the guard answers, mildest first."""

SCRIPTS = (
    "latin", "cyrillic", "greek", "arabic", "hebrew", "devanagari", "bengali", "thai", "hangul",
    "kana", "han", "other",
)  # fmt: skip

CHECKS = ("indicator", "pattern", "secret", "personal", "fingerprint", "swarm", "url", "disguise",
          "classifier")  # fmt: skip

OUTWARD = ("completion", "refusal", "tool_call")
"""The actions in which a model speaks: direction ``out``. All others are ``in``."""

OBSERVED = ("refusal", "decision", "like", "follow", "delete", "complaint", "visit")
"""Actions that have happened when they are seen: no answer can hold them up."""


@dataclass(frozen=True)
class FieldWord:
    """A word that stands for a value of the event or of its account.

    ``ranked`` words are compared by their place in ``choices``.
    """

    type: Type
    meaning: str
    choices: tuple[str, ...] = ()
    ranked: bool = False


FIELDS: dict[str, FieldWord] = {
    "action": FieldWord("text", "what the account does", ACTIONS),
    "service": FieldWord("text", "where it does it"),
    "surface": FieldWord("text", "the kind of service", SURFACES),
    "account": FieldWord("text", "the account, `service:native-id`"),
    "language": FieldWord("text", "the language of the text, where it is known, as `en`"),
    "model": FieldWord("text", "the model that is asked"),
    "key": FieldWord("text", "the id of the API key"),
    "organisation": FieldWord("text", "the customer that the key belongs to"),
    "conversation": FieldWord("text", "the conversation"),
    "target": FieldWord("text", "what the event is about"),
    "tokens": FieldWord("number", "tokens, as estimated when asked and as counted after"),
    "urls": FieldWord("set", "addresses in the text"),
    "hashtags": FieldWord("set", "hashtags, lower case, without `#`"),
    "mentions": FieldWord("set", "accounts that are named, `service:handle`"),
    "labels": FieldWord("set", "the account's labels"),
    "tier": FieldWord("text", "how far the account is verified, by rank", TIERS, True),
    "state": FieldWord("text", "what enforcement made of the account, by rank", STATES, True),
    "risk": FieldWord("number", "the account's risk, 0 to 1"),
    "age_days": FieldWord("number", "days since the account was first seen"),
    "answer": FieldWord("text", "of a decision: what was answered, by rank", ANSWERS, True),
    "words": FieldWord(
        "number", "words in the first 20,000 characters of the text, as separated by spaces"
    ),
    "length": FieldWord("number", "characters of the text"),
    "script": FieldWord("text", "the writing system of most letters of the text", SCRIPTS),
    "hour": FieldWord("number", "the hour of the day in UTC, 0 to 23"),
    "weekday": FieldWord("number", "the day of the week in UTC, 0 for Monday to 6"),
}
"""The words that stand for values."""

_GROUPS = ("account", "key", "organisation", "conversation", "service", "model", "language",
           "target", "action", "surface")  # fmt: skip
_OTHERS = tuple(name for name in RESERVED if name not in FIELDS and name != "findings")
GROUPS: tuple[str, ...] = (*_GROUPS, "ip_block", "text", *_OTHERS, "all")
"""What a windowed feature may be grouped by; ``all`` puts everything into one group."""

VALUES: tuple[str, ...] = (*_GROUPS, "ip_block", "text", "urls", "hashtags", "mentions",
                           *_OTHERS)  # fmt: skip
"""What `distinct` and `first_seen` may ask about."""

AMOUNTS = ("tokens", "tokens_in", "tokens_out", "likes", "reposts", "followers", "length")
"""What `sum` may add up; what is no whole number counts as 0."""

TEXTS: tuple[str, ...] = ("text", "account", "model", "key", "organisation", "conversation",
                          "service", "target", *_OTHERS)  # fmt: skip
"""What may be searched for words and patterns."""


@dataclass(frozen=True)
class Function:
    """A word that is called.

    ``parameters`` are (name, kind) in order; those in ``needed`` must be given. ``rest`` is the
    kind of further ones. ``windowed`` ones look back in time.
    """

    type: Type
    meaning: str
    parameters: tuple[tuple[str, str], ...]
    needed: int
    rest: str | None = None
    windowed: bool = False


_TAIL = (("by", "group"), ("action", "actions"), ("where", "condition"))

FUNCTIONS: dict[str, Function] = {
    "contains": Function(
        "truth", "whether the phrase is in the text, whatever its case",
        (("phrase", "phrase"), ("of", "searched")), 1,
    ),
    "any_of": Function(
        "truth", "whether one of the phrases is in the text", (("of", "searched"),), 0, "phrase",
    ),
    "all_of": Function(
        "truth", "whether all of the phrases are in the text", (("of", "searched"),), 0, "phrase",
    ),
    "matches": Function(
        "truth", "whether the RE2 pattern is found in the text, whatever its case",
        (("pattern", "pattern"), ("of", "searched")), 1,
    ),
    "found": Function(
        "truth", "whether a check of content found something, or something of that name",
        (("check", "check"), ("name", "name")), 1,
    ),
    "score": Function(
        "number", "the highest score of findings of that name, 0 where there is none",
        (("name", "name"), ("check", "check")), 1,
    ),
    "attribute": Function(
        "text", "an attribute of the event, empty where it has none", (("name", "attribute"),), 1,
    ),
    "amount": Function(
        "number", "an attribute of the event as a whole number, 0 where it is none",
        (("name", "attribute"),), 1,
    ),
    "size": Function(
        "number", "how many there are in `urls`, `hashtags`, `mentions` or `labels`",
        (("of", "set"),), 1,
    ),
    "count": Function(
        "number", "how many events of the action the group has in the window, this one included",
        (("action", "actions"), ("within", "window"), ("by", "group"), ("where", "condition")), 2,
        windowed=True,
    ),
    "rate": Function(
        "number", "events of the action a minute, over the window",
        (("action", "actions"), ("within", "window"), ("by", "group"), ("where", "condition")), 2,
        windowed=True,
    ),
    "distinct": Function(
        "number", "how many different values the group shows in the window, 1,000 at most",
        (("field", "value"), ("within", "window"), *_TAIL), 2, windowed=True,
    ),
    "sum": Function(
        "number", "the sum of an amount over the group's events in the window",
        (("field", "amount"), ("within", "window"), *_TAIL), 2, windowed=True,
    ),
    "first_seen": Function(
        "number", "seconds since the group first showed the value that this event has",
        (("field", "value"), ("by", "group")), 1, windowed=True,
    ),
    "interval_entropy": Function(
        "number",
        "how irregular the times between the group's events are, in bits: about 0 for a timer, "
        "above 2 for people; unknown below eight intervals, and then no comparison holds",
        (("within", "window"), *_TAIL), 1, windowed=True,
    ),
    "similar_share": Function(
        "number",
        "the share of the group's earlier texts in the window (the last 32) that resemble this "
        "one in at least half of their words; unknown before there are three",
        (("within", "window"), *_TAIL), 1, windowed=True,
    ),
}  # fmt: skip
"""The words that are called."""
