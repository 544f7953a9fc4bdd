"""What happens to a model's text before it is posted."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from crossfix.scenarios.cases.grammar import LANGUAGES, Message, invented, render_sentences
from crossfix.scenarios.cases.parameters import Parameters

_ALIKE = str.maketrans("aeopcxyiABEHKMOPTX", "аеорсхуіАВЕНКМОРТХ")
_FILLERS = {
    "en": ("honestly", "really", "again", "still", "maybe", "just"),
    "de": ("ehrlich", "wirklich", "wieder", "noch", "vielleicht", "halt"),
    "es": ("sinceramente", "de verdad", "otra vez", "aún", "quizás", "pues"),
    "fr": ("franchement", "vraiment", "encore", "toujours", "peut-être", "bon"),
}
LEAST_EDITED = 0.02


@dataclass(frozen=True)
class Draft:
    """A text that a model wrote: the message, its language and wording, and the words.

    ``ending`` follows the message whatever its wording: a link.
    """

    message: Message
    language: str
    wording: int
    text: str
    ending: str = ""


@dataclass(frozen=True)
class Posted:
    """A text to be posted: from which drafts it comes, what was done to it, its language."""

    drafts: tuple[Draft, ...]
    text: str
    change: str
    language: str


def prepare(rng: Random, drafts: list[Draft], parameters: Parameters) -> list[Posted]:
    """Return what becomes of drafts: each changed as the parameters say, some cut, some joined."""
    ready: list[Posted] = []
    left = list(drafts)
    while left:
        draft = left.pop(0)
        posted = change(rng, draft, parameters)
        if left and rng.random() < parameters.merge:
            ready.append(_merged(posted, change(rng, left.pop(0), parameters)))
        elif rng.random() < parameters.split and len(draft.message.sentences) > 1:
            ready += _split(posted)
        else:
            ready.append(posted)
    return ready


def change(rng: Random, draft: Draft, parameters: Parameters) -> Posted:
    """Return a draft as one account posts it."""
    done = []
    language, wording = draft.language, draft.wording
    if rng.random() < parameters.translation:
        language = rng.choice([each for each in LANGUAGES if each != draft.language])
        done.append("translated")
    if rng.random() < parameters.paraphrase:
        wording += 1
        done.append("paraphrased")
    text = draft.text
    if done:
        text = " ".join(
            [*render_sentences(draft.message, language, wording), *draft.ending.split()]
        )
    if parameters.edit_share >= LEAST_EDITED:
        text = edited(rng, text, parameters.edit_share, language)
        done.append("edited")
    if rng.random() < parameters.homoglyphs:
        text = disguised(rng, text)
        done.append("homoglyphs")
    return Posted((draft,), text, "+".join(done) or "verbatim", language)


def edited(rng: Random, text: str, share: float, language: str) -> str:
    """Return a text of whose words ``share`` were dropped, swapped, replaced or added."""
    words = text.split(" ")
    for _ in range(max(1, round(share * len(words)))):
        at = rng.randrange(len(words))
        match rng.randrange(4):
            case 0 if len(words) > 4:
                del words[at]
            case 1 if at + 1 < len(words):
                words[at], words[at + 1] = words[at + 1], words[at]
            case 2:
                words[at] = rng.choice((*_FILLERS[language], invented(rng)))
            case _:
                words.insert(at, rng.choice(_FILLERS[language]))
    return " ".join(words)


def disguised(rng: Random, text: str) -> str:
    """Return a text in which a third of the words have letters that only look alike."""
    words = text.split(" ")
    chosen = rng.sample(range(len(words)), max(1, len(words) // 3))
    for at in chosen:
        words[at] = words[at].translate(_ALIKE)
    return " ".join(words)


def _merged(one: Posted, other: Posted) -> Posted:
    changes = sorted({*one.change.split("+"), *other.change.split("+"), "merged"} - {"verbatim"})
    return Posted(
        (*one.drafts, *other.drafts), f"{one.text} {other.text}", "+".join(changes), one.language
    )


def _split(posted: Posted) -> list[Posted]:
    """Cut a text behind a sentence near its middle."""
    words = posted.text.split(" ")
    ends = [n + 1 for n, w in enumerate(words[:-1]) if w.endswith((".", "!", "?"))]
    if not ends:
        return [posted]
    at = min(ends, key=lambda end: abs(end - len(words) / 2))
    change = "+".join(sorted({*posted.change.split("+"), "split"} - {"verbatim"}))
    return [
        Posted(posted.drafts, " ".join(part), change, posted.language)
        for part in (words[:at], words[at:])
    ]
