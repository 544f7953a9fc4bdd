"""Which tool's rules a file has, and what becomes of them."""

from __future__ import annotations

import re
from pathlib import Path

from crossfix.errors import FormatError
from crossfix.policy.adopt.adopted import Adopted
from crossfix.policy.adopt.nova import adopt_nova
from crossfix.policy.adopt.sigma import adopt_sigma

LARGEST_BYTES = 1 << 20


def adopt(path: Path) -> list[Adopted]:
    """Return what becomes of the rules in a file: Sigma (``.yml``) or NOVA (``.nov``).

    Raises:
        FormatError: it is neither.
    """
    with path.open("rb") as file:
        data = file.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise FormatError(f"A file of rules has at most {LARGEST_BYTES:,} bytes.", path=str(path))
    text = data.decode("utf-8", "replace")
    if re.search(r"^\s*rule\s+\w+\s*\{?\s*$", text, re.M) and "condition:" in text:
        return adopt_nova(text)
    if re.search(r"^(detection|correlation)\s*:", text, re.M):
        return adopt_sigma(text, str(path))
    raise FormatError(
        "There is neither a Sigma rule nor a NOVA rule in this file.",
        path=str(path),
        hint="Sigma rules have `detection:` or `correlation:`, NOVA rules begin with `rule NAME`.",
    )
