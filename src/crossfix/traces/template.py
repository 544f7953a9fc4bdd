"""The same mail or prompt template, as the sender's tools name it."""

from __future__ import annotations

import pyarrow as pa

from crossfix.traces.columns import acted, attribute, choose
from crossfix.traces.infrastructure import LONGEST, opaque
from crossfix.traces.sample import sample
from crossfix.traces.trace import Example, Extractor, Keys


def templates(events: pa.RecordBatch, actions: set[str]) -> Keys:
    """Return the template ids of events of these actions."""
    found = attribute(events, "template")
    if not len(found.rows):
        return found
    spelled = [opaque(v.strip()) if len(v) <= LONGEST else None for v in found.values.to_pylist()]
    values = Keys(found.rows, pa.array(spelled, pa.string()))
    return choose(values, acted(events, actions)[found.rows])


class MailTemplate(Extractor):
    """The template that a mail was made from."""

    kind = "mail_template"
    attribute = "template"
    family = "text"
    phrase = "sent the same mail template"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Find the templates."""
        return templates(events, {"send", "message"})

    def examples(self) -> list[Example]:
        """Return a mail and a prompt."""
        marked = {"template": "Invoice-7"}
        return [
            Example(sample(action="send", attributes=marked), ("invoice-7",)),
            Example(sample(action="prompt", attributes=marked), ()),
        ]


class PromptTemplate(Extractor):
    """The template that a prompt was made from."""

    kind = "prompt_template"
    attribute = "template"
    family = "text"
    phrase = "prompted with the same template"

    def extract(self, events: pa.RecordBatch) -> Keys:
        """Find the templates."""
        return templates(events, {"prompt", "completion", "refusal"})

    def examples(self) -> list[Example]:
        """Return a prompt and a mail."""
        marked = {"template": "Tweet-x5"}
        return [
            Example(sample(action="prompt", attributes=marked), ("tweet-x5",)),
            Example(sample(action="send", attributes=marked), ()),
        ]
