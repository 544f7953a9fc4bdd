"""The encoders that are installed, for the verbs that compare what texts mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossfix.config import Settings
    from crossfix.traces.origin import Encoders


def load_encoders(settings: Settings) -> tuple[Encoders | None, str]:
    """Load what encoders there are, and say in a sentence what that means."""
    from crossfix.content.encoders import first_encoder, second_encoder
    from crossfix.content.encoders.wheels import FOLDER
    from crossfix.errors import MissingExtraError
    from crossfix.traces.origin import Encoders

    folder = settings.data_directory / FOLDER
    try:
        first = first_encoder(folder)
    except MissingExtraError as e:
        advice = f" {e.hint}" if e.hint else ""
        return None, f"Wording alone was compared, for {e.message.rstrip('.')}.{advice}"
    second = second_encoder(folder)
    said = "Wording and meaning were compared."
    if second is None:
        said += " Without the second encoder, languages that the first does not read are left out."
    return Encoders(first, second), said
