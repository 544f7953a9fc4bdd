"""The kinds of trace that are found in a second look, when all events are at hand."""

from __future__ import annotations

from crossfix.traces.trace import Later


class OriginTrace(Later):
    """A response of a model, left by who was given it and by whoever posts a part of it."""

    kind = "origin"
    family = "origin"
    phrase = "posted parts of the same model response"


class PersonaTrace(Later):
    """A response of a model that describes an account: of who was given it and of the account."""

    kind = "persona"
    family = "profile"
    phrase = "described itself in the words of the same model response"


class ChainTrace(Later):
    """A response that went into the prompt of another AI service, left by all it came to."""

    kind = "chain"
    family = "origin"
    phrase = "handed on the same model response from one AI service to another"


class MeaningTrace(Later):
    """Clusters of texts that say the same in other words or another language."""

    kind = "meaning"
    family = "text"
    phrase = "said the same in other words"
