"""A shell as a reader of the pages has it: `crossfix` is this project's."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which `crossfix` is this project's."""
    commands = folder / ".commands"
    commands.mkdir(exist_ok=True)
    command = commands / "crossfix"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m crossfix "$@"\n')
    command.chmod(0o755)
    path = os.pathsep.join([str(commands), os.environ["PATH"]])
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CROSSFIX_")}
    return kept | {"PATH": path, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"}
