"""Texts that say something: the same message in other words and in other languages.

A message is a row of meanings with what fills their slots; a wording of it is drawn from phrases
that people wrote for this purpose. Two wordings of one message are paraphrases, two languages of
it are translations. What fills the slots (places, names, numbers) is drawn anew for each message,
so that strangers rarely say the same.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
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
"""A move of a genre (``claim``) and the number of the meaning.

In a genre of whole phrases that is its place in the list; in one of parts it decides what stands
in each of them.
"""


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
    """Return what a genre can say.

    Either moves, each with its meanings, each with templates a language; or ``sentence`` (the
    templates of each move) and ``part`` (what can stand in them, with forms that say the same).
    """
    text = files(__package__).joinpath("phrases", f"{genre}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    for options in table.get("part", {}).values():
        for option in options:
            option |= {language: said.split(" / ") for language, said in option.items()}
    return table


def subjects(genre: str) -> int:
    """Return how many things a genre knows to talk about."""
    return len(phrases(genre).get("thing", ()))


def compose(rng: Random, genre: str, plan: Sequence[str], subject: int | None = None) -> Message:
    """Return a new message with one meaning for each move of ``plan``, none of them twice."""
    table = phrases(genre)
    chosen: list[Sentence] = []
    for move in plan:
        if "part" in table:
            chosen.append((move, rng.getrandbits(60)))
            continue
        free = [n for n in range(len(table[move])) if (move, n) not in chosen]
        if free:
            chosen.append((move, rng.choice(free)))
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
        rng = Random(f"{message.number}:{wording}:{place}:{language}")
        if "part" in table:
            text = _joined(message, place, language, wording)
        else:
            # Neighbouring wordings take different templates, as a rewriter does.
            templates = table[move][number][language]
            template = templates[(message.number + wording + place) % len(templates)]
            text = _SLOT.sub(partial(_filled, message, place, "", language),
                             _worded(template, rng))  # fmt: skip
        said.append(text[0].upper() + text[1:])
    return said


def _joined(message: Message, place: int, language: str, wording: int) -> str:
    """Return a sentence of parts; two wordings that make a pair share no form."""
    move, number = message.sentences[place]
    table = phrases(message.genre)
    templates = table["sentence"][move]
    choice = Random(number)
    chosen = {part: choice.randrange(len(table["part"][part])) for part in sorted(table["part"])}
    pair = Random(f"{number}:{wording // 2}")
    turns = {part: pair.randrange(2) for part in chosen}

    def part(slot: re.Match[str]) -> str:
        name = slot[1]
        if name not in chosen:
            return _filled(message, place, "", language, slot)
        forms = table["part"][name][chosen[name]][language]
        form = forms[(turns[name] + wording) % len(forms)]
        worded = _worded(form, Random(f"{number}:{wording}:{name}"))
        return _SLOT.sub(partial(_filled, message, place, name, language), worded)

    return _SLOT.sub(part, templates[(number + wording) % len(templates)])


def _worded(template: str, rng: Random) -> str:
    """Return a template with one of each choice."""
    return _CHOICE.sub(lambda choice: rng.choice(choice[1].split("|")), template)


def _filled(message: Message, place: int, part: str, language: str, slot: re.Match[str]) -> str:
    """Return what stands in a slot; the same in every wording and, of names, every language."""
    name = slot[1]
    if name == "thing":
        return str(phrases(message.genre)["thing"][message.subject][language])
    # One message is about one place; names and numbers belong to their part of a sentence.
    where = "" if name == "place" else f"{place}:{part}"
    rng = Random(f"{message.number}:{name}:{where}")
    if name == "day":
        return DAYS[language][rng.randrange(7)]
    return _FILLERS[name](rng)


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


_FILLERS: dict[str, Callable[[Random], str]] = {
    "n": lambda rng: str(rng.choice((rng.randint(3, 60), rng.randint(20, 400)))),
    "few": lambda rng: str(rng.randint(3, 48)),
    "hour": lambda rng: str(rng.randint(9, 21)),
    "place": place_name,
    "name": person_name,
    "firm": firm_name,
}
"""What fills a slot, by its name."""
