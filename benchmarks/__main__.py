"""List and run benchmarks: ``python -m benchmarks [--list] [NAME [ARGUMENT...]]``.

Without a name all of them run, one after the other.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def found() -> dict[str, str]:
    """Return each benchmark's name and what it measures: modules that can be run."""
    benchmarks = {}
    for path in sorted(HERE.glob("*/*.py")):
        source = path.read_text(encoding="utf-8")
        if 'if __name__ == "__main__"' in source:
            about = ast.get_docstring(ast.parse(source)) or ""
            benchmarks[f"{path.parent.name}.{path.stem}"] = about.partition("\n")[0]
    return benchmarks


def main(arguments: list[str]) -> int:
    """Run what is asked for; return the worst exit code."""
    known = found()
    if arguments[:1] == ["--list"]:
        for name, about in known.items():
            print(f"{name:<24}{about}")
        return 0
    if arguments and arguments[0] not in known:
        print(f"there is no benchmark {arguments[0]!r}: {', '.join(known)}", file=sys.stderr)
        return 2
    worst = 0
    for name in arguments[:1] or known:
        print(f"\n# {name}: {known[name]}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *arguments[1:]]
        worst = max(worst, subprocess.run(command, cwd=HERE.parent, check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
