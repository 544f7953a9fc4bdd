"""A hunt's output beside the truth: run the command, read what it wrote, compare."""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.measure import cost_of, hunt
from benchmarks.quality.score import Flags, Floats

Names = NDArray[np.object_]
HIGH = 0.5


@dataclass(frozen=True)
class Outcome:
    """Every account of the input: what the hunt said and what is true, one place an account.

    ``campaign`` is '' for none, ``operation`` '' for benign accounts; ``campaigns`` gives each
    campaign's coordination and inauthenticity.
    """

    account: Names
    score: Floats
    inauthenticity: Floats
    campaign: Names
    operation: Names
    kind: Names
    role: Names
    person: Names
    campaigns: Mapping[str, tuple[float, float]]

    @property
    def positive(self) -> Flags:
        """Whether each account is an operation's."""
        return np.array(self.operation != "", dtype=np.bool_)

    @property
    def grouped(self) -> Flags:
        """Whether each account is in a campaign."""
        return np.array(self.campaign != "", dtype=np.bool_)

    @property
    def to_enforce(self) -> Flags:
        """Accounts that reach both thresholds: coordination of the campaign, inauthenticity of the
        account, which says what it bears of its campaign's."""
        answer: Flags = self._together(0) & (self.inauthenticity >= HIGH)
        return answer

    @property
    def beside(self) -> Flags:
        """Members of campaigns that reach both thresholds, and accounts that do: whoever is hit
        if somebody acts on a campaign as a whole."""
        answer: Flags = (self._together(0) & self._together(1)) | self.to_enforce
        return answer

    def _together(self, score: int) -> Flags:
        """Return who is in a campaign of which this score is high."""
        of = [self.campaigns.get(c, (0.0, 0.0))[score] for c in self.campaign]
        high: Flags = self.grouped & (np.array(of, dtype=np.float64) >= HIGH)
        return high


@dataclass(frozen=True)
class Communities:
    """How pure the campaigns are: ``share`` of the operations' accounts in campaigns that are at
    least 80 % operation, ``own`` the same of one single operation."""

    campaigns: int
    pure: int
    share: float
    own: float
    benign_members: int
    benign_campaigns: int


def data_folder() -> Path | None:
    """Return the folder of real data (``CROSSFIX_DATA``); say on stderr if there is none."""
    named = os.environ.get("CROSSFIX_DATA", "")
    if named and Path(named).is_dir():
        return Path(named)
    print("not measured: set CROSSFIX_DATA to the folder of real data sets", file=sys.stderr)
    return None


def read_labels(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table of labels, Parquet or CSV."""
    if path.suffix != ".parquet":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    rows = pq.read_table(path).to_pylist()
    return [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]


def hunted(files: Sequence[Path], labels: Iterable[Mapping[str, str]], *options: str) -> Outcome:
    """Run ``crossfix hunt`` on files, print its command and cost, and return the outcome."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found"
        command = [*hunt(files, out), *options]
        print(f"\n$ crossfix hunt {' '.join([f.name for f in files] + [*options])}", flush=True)
        print(f"{cost_of(command)}", flush=True)
        return read_outcome(out, labels)


def read_outcome(found: Path, labels: Iterable[Mapping[str, str]]) -> Outcome:
    """Read what a hunt wrote to a folder and put the labels beside it.

    Raises:
        KeyError: an account has no label.
    """
    truth = {}
    for row in labels:
        name = f"{row['service']}:{row['account']}" if "service" in row else row["account"]
        truth[name] = row
    with (found / "accounts.csv").open(encoding="utf-8", newline="") as file:
        accounts = list(csv.DictReader(file))
    with (found / "campaigns.jsonl").open(encoding="utf-8") as lines:
        made = [json.loads(line) for line in lines]
    names = [row["account"] for row in accounts]
    own = [truth[n] if n in truth else truth[n.partition(":")[2]] for n in names]
    return Outcome(
        account=np.array(names, dtype=object),
        score=np.array([float(row["score"]) for row in accounts]),
        inauthenticity=np.array([float(row["inauthenticity"]) for row in accounts]),
        campaign=np.array([row["campaign"] for row in accounts], dtype=object),
        operation=_words(own, "operation"),
        kind=_words(own, "kind"),
        role=_words(own, "role"),
        person=_words(own, "person"),
        campaigns={c["id"]: (c["coordination"], c["inauthenticity"]) for c in made},
    )


def communities(outcome: Outcome, least: float = 0.8) -> Communities:
    """Measure the campaigns against the truth."""
    positive = outcome.positive
    held = own = pure = benign = 0
    for campaign in outcome.campaigns:
        members = outcome.campaign == campaign
        size = int(members.sum())
        true = int((members & positive).sum())
        benign += true * 2 < size
        if true >= least * size:
            pure, held = pure + 1, held + true
        _, counts = np.unique(outcome.operation[members & positive].astype(str), return_counts=True)
        most = int(counts.max(initial=0))
        own += most if most >= least * size else 0
    total = max(1, int(positive.sum()))
    return Communities(
        campaigns=len(outcome.campaigns),
        pure=pure,
        share=held / total,
        own=own / total,
        benign_members=int((outcome.grouped & ~positive).sum()),
        benign_campaigns=benign,
    )


CALIBRATION = ("data", "score from", "accounts", "operation", "newsroom", "fans", "audience",
               "others", "operation or coordinating")  # fmt: skip


def calibration(what: str, outcome: Outcome) -> list[tuple[object, ...]]:
    """Return rows of `CALIBRATION`: who stands above .5 and .8.

    Coordinating are operations and newsrooms, whose pages post a story within seconds; fans like
    the same things.
    """
    rows: list[tuple[object, ...]] = []
    for cut in (0.5, 0.8):
        above = outcome.score >= cut
        known = np.where(outcome.positive, "operation", outcome.role)[above]
        counts = [int((known == role).sum()) for role in ("operation", "page", "fan", "audience")]
        total = int(above.sum())
        share = (counts[0] + counts[1]) / total if total else "none above"
        rows.append((what, cut, total, *counts, total - sum(counts), share))
    return rows


def _words(rows: Sequence[Mapping[str, str]], name: str) -> Names:
    return np.array([row.get(name, "") for row in rows], dtype=object)
