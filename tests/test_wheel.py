"""What people install is the wheel, not this folder: all that is needed is in it."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, folder: Path) -> str:
    """Run a command in a folder, without what this environment adds to Python's path."""
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("CROSSFIX_", "PYTHON"))}
    ran = subprocess.run(
        [str(part) for part in command], cwd=folder, env=outside, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of a new environment in which the built wheel is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT,
        folder=folder)  # fmt: skip
    run(sys.executable, "-m", "venv", folder / "venv", folder=folder)
    commands = folder / "venv" / "bin"
    (wheel,) = folder.glob("crossfix-*.whl")
    run(commands / "python", "-m", "pip", "install", "--quiet", wheel, folder=folder)
    return commands


@pytest.mark.accept
def test_the_installed_command_hunts_from_any_folder(installed: Path, tmp_path: Path) -> None:
    run(installed / "crossfix", "demo", "--posts", "4000", folder=tmp_path)
    report = (tmp_path / "demo" / "found" / "report.html").read_text("utf-8")
    assert "<style>" in report
    assert "<script" in report
    with (tmp_path / "demo" / "found" / "accounts.csv").open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) > 100


@pytest.mark.accept
def test_the_installed_log_and_registry_are_made_from_nothing(
    installed: Path, tmp_path: Path
) -> None:
    posts = tmp_path / "posts.csv"
    posts.write_text("post_id,account,created_at,text\n1,anna,2026-01-01T00:00:00,hello\n")
    said = run(installed / "crossfix", "ingest", posts, folder=tmp_path)
    assert "the log has 1." in said
    program = (
        "import crossfix; from pathlib import Path\n"
        "from crossfix.store.registry import open_registry\n"
        "with open_registry(f'sqlite:///{Path.cwd()}/registry.sqlite'): print(crossfix.__file__)"
    )
    file = run(installed / "python", "-c", program, folder=tmp_path)
    assert "site-packages" in file
    assert (tmp_path / "registry.sqlite").stat().st_size > 0
