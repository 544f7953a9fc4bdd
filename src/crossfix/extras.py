"""The optional dependencies, and the one sentence that is said when one is missing."""

from __future__ import annotations

from importlib.util import find_spec

from crossfix.errors import MissingExtraError

EXTRAS: dict[str, tuple[str, str]] = {
    "guard": ("ahocorasick_rs", "The guard"),
    "postgres": ("psycopg", "PostgreSQL"),
    "meaning": ("onnxruntime_extensions", "Meaning"),
    "valkey": ("valkey", "Valkey or Redis"),
}
"""Extra -> the module that it brings, and what needs it, in words."""


def need(extra: str) -> None:
    """Make sure that an extra is installed, before its module is imported.

    Raises:
        MissingExtraError: it is not; the hint is the command that installs it.
    """
    module, purpose = EXTRAS[extra]
    if find_spec(module) is None:
        raise MissingExtraError(
            f"{purpose} needs the Python package {module}, which is not installed.",
            hint=f"Run: pip install 'crossfix[{extra}]'",
        )
