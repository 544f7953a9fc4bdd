"""CPU seconds and peak memory of each stage of a hunt, in one process."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from crossfix.campaigns.hunt import HuntOptions, hunt
from crossfix.campaigns.output.write import write_outputs
from crossfix.events.readers import ReadOptions, read_files

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_PEAK, _NOW = "VmHWM", "VmRSS"


@dataclass
class Stages:
    """Prints what each stage took when the next one begins."""

    stage: str = "start"
    began: float = field(default_factory=time.process_time)

    def __call__(self, stage: str) -> None:
        """End the stage before and begin this one."""
        now = time.process_time()
        print(f"{self.stage}: {now - self.began:.2f} CPU s, peak {_memory(_PEAK):,} MB, "
              f"{_memory(_NOW):,} MB at its end", flush=True)  # fmt: skip
        if _RESET.exists():
            _RESET.write_text("5")  # the peak counts from here on
        self.stage, self.began = stage, now


def _memory(name: str) -> int:
    """Return a line of the process's status in MB; 0 on systems that have none."""
    if not _STATUS.exists():
        return 0
    lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return int(lines[name].split()[0]) // 1000


def main() -> int:
    """Hunt in a file and print what each stage took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    say = Stages()
    found = hunt(read_files([given.file], ReadOptions(now=datetime.now(UTC))), HuntOptions(),
                 say=say)  # fmt: skip
    say("writing")
    given.out.mkdir(parents=True, exist_ok=True)
    write_outputs(found.result, found.links, found.evidence, given.out)
    say("end")
    print(f"all: {time.process_time():.2f} CPU s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
