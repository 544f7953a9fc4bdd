"""The languages that a client accepts, as its ``Accept-Language`` header says."""

from __future__ import annotations

_MOST_ASKED = 20
_MOST_CHARACTERS = 1_000


def accepted_languages(header: str) -> list[str]:
    """Return the languages of a header in lower case, the most wanted first.

    What cannot be read, and what is not wanted at all, is left out.
    """
    found = []
    for place, part in enumerate(header[:_MOST_CHARACTERS].split(",")[:_MOST_ASKED]):
        name, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        if weight > 0:
            found.append((-weight, place, name.strip().lower()))
    return [name for *_, name in sorted(found)]
