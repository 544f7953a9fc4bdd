"""Texts that say something: the same message in other words and in other languages.

A message is a row of meanings with what fills their slots; a wording of it is drawn from phrases
that people wrote for this purpose. Two wordings of one message are paraphrases, two languages of
it are translations. What fills the slots (places, names, numbers) is drawn anew for each message,
so that strangers rarely say the same.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from random import Random
from typing import Any

LANGUAGES = ("en", "de", "es", "fr")
"""The languages that every phrase is written in."""

DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_SYLLABLES = (
    "ba", "bel", "bri", "cal", "cor", "dan", "del", "dor", "el", "fen", "gal", "gri", "hal", "jo",
    "kar", "kel", "lan", "len", "lor", "mar", "mi", "nar", "nel", "or", "pel", "ra", "ril", "sa",
    "sel", "ta", "tor", "ul", "va", "vel", "wen", "yo", "zel", "hov", "tre", "mun", "sta", "gle",
    "ost", "fir",
)  # fmt: skip
_TOWN = ("ville", "by", "stad", "ton", "dorf", "mont", "bach", "holm", "field", "vale", "port", "")
_FIRM = ("Group", "& Co", "Partners", "Holding", "Works", "Energy", "Media", "Labs")

Sentence = tuple[str, int]
"""A move of a genre (``claim``) and the number of the meaning."""


@dataclass(frozen=True)
class Message:
    """What a text says: its genre, its sentences, and the number that its slots come from.

    ``subject`` is the number of the thing it is about, if the genre has things.
    """

    genre: str
    sentences: tuple[Sentence, ...]
    number: int
    subject: int = -1


@cache
def phrases(genre: str) -> dict[str, Any]:
    """Return a genre: for each move its meanings, each a list of templates a language."""
    text = files(__package__).joinpath("phrases", f"{genre}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def subjects(genre: str) -> int:
    """Return how many things a genre knows to talk about."""
    return len(phrases(genre).get("thing", ()))


def compose(rng: Random, genre: str, plan: Sequence[str], subject: int | None = None) -> Message:
    """Return a new message with one meaning for each move of ``plan``, none of them twice."""
    table = phrases(genre)
    used: set[Sentence] = set()
    for move in plan:
        free = [n for n in range(len(table[move])) if (move, n) not in used]
        if free:
            used.add((move, rng.choice(free)))
    order = {move: place for place, move in enumerate(dict.fromkeys(plan))}
    chosen = sorted(used, key=lambda each: (order[each[0]], rng.random()))
    things = subjects(genre)
    if subject is None:
        subject = rng.randrange(things) if things else -1
    return Message(genre, tuple(chosen), rng.getrandbits(60), subject)


def render(message: Message, language: str, wording: int = 0) -> str:
    """Return the message in a language; each ``wording`` chooses its phrases anew."""
    return " ".join(render_sentences(message, language, wording))


def render_sentences(message: Message, language: str, wording: int = 0) -> list[str]:
    """Return the sentences of a message in a language."""
    table = phrases(message.genre)
    said = []
    for place, (move, number) in enumerate(message.sentences):
        templates = table[move][number][language]
        # Neighbouring wordings take different templates, as a rewriter does.
        template = templates[(message.number + wording + place) % len(templates)]
        text = _worded(template, Random(f"{message.number}:{wording}:{place}:{language}"))
        filled = _SLOT.sub(partial(_filled, message, place, language), text)
        said.append(filled[0].upper() + filled[1:])
    return said


def _worded(template: str, rng: Random) -> str:
    """Return a template with one of each choice."""
    return _CHOICE.sub(lambda choice: rng.choice(choice[1].split("|")), template)


def _filled(message: Message, place: int, language: str, slot: re.Match[str]) -> str:
    return _fill(message, place, slot[1], language)


def _fill(message: Message, place: int, slot: str, language: str) -> str:
    """Return what stands in a slot of one sentence; the same in every wording."""
    if slot == "thing":
        return str(phrases(message.genre)["thing"][message.subject][language])
    rng = Random(f"{message.number}:{slot}:{0 if slot == 'place' else place}")
    match slot:
        case "n":
            return str(rng.choice((rng.randint(3, 60), rng.randint(20, 400))))
        case "few":
            return str(rng.randint(3, 48))
        case "hour":
            return str(rng.randint(9, 21))
        case "day":
            return DAYS[language][rng.randrange(7)]
        case "place":
            return place_name(rng)
        case "name":
            return person_name(rng)
        case "firm":
            return firm_name(rng)
        case _:
            raise KeyError(slot)


def invented(rng: Random, syllables: int = 2) -> str:
    """Return an invented word in lower case."""
    return "".join(rng.choice(_SYLLABLES) for _ in range(syllables))


def place_name(rng: Random) -> str:
    """Return the name of a place that does not exist."""
    return (invented(rng) + rng.choice(_TOWN)).capitalize()


def person_name(rng: Random) -> str:
    """Return a person's name: a given name, at times with a family name."""
    given = invented(rng).capitalize()
    return f"{given} {invented(rng).capitalize()}" if rng.random() < 0.4 else given


def firm_name(rng: Random) -> str:
    """Return the name of a firm that does not exist."""
    return f"{invented(rng).capitalize()} {rng.choice(_FIRM)}"
