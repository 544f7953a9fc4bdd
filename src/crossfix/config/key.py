"""The secret key of keyed hashes, in a file that its owner alone may read."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from crossfix.errors import SettingError

KEY_BYTES = 32


def secret_key(path: Path) -> bytes:
    """Return the 32 bytes of the key in a file, making it for its owner alone on first use.

    Raises:
        SettingError: the file holds no key, or others than its owner may read it.
    """
    if not path.exists():
        _make_key(path)
    if path.stat().st_mode & 0o077:
        raise SettingError(
            "The secret key may be read by others than its owner.",
            path=str(path),
            hint=f"Run: chmod 600 {path}",
        )
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingError(f"A secret key has {KEY_BYTES * 2} hex digits.", path=str(path))
    return key


def _make_key(path: Path) -> None:
    # Written beside and linked into place: two first uses at once agree on one whole key.
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".key-")
    try:
        with os.fdopen(handle, "w") as f:
            f.write(secrets.token_hex(KEY_BYTES) + "\n")
            f.flush()
            os.fsync(f.fileno())
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(name)
