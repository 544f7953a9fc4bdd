"""The weights of `crossfix.traces.origin.judgement`, fitted on half of the development set.

Half of the responses are fitted (`TUNED`); the others are only shown. The set is `origin_dev` of
``CROSSFIX_DATA``; ``MODELS`` is the folder that ``crossfix meaning install`` filled.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from benchmarks.quality.outcome import data_folder
from crossfix.content.encoders import first_encoder, second_encoder
from crossfix.content.wording import worded
from crossfix.traces.origin import Encoders, segments
from crossfix.traces.origin.likeness import (
    FIRST_FEATURES,
    SECOND_FEATURES,
    Likeness,
    Response,
)
from crossfix.traces.origin.peers import Peers

REWORDED = ("paraphrase", "translated")
TUNED = (1, 2)
"""Responses are fitted whose number leaves one of these over when divided by 4: each half has some
in English and some in other languages."""

RIDGE = 1.0


def main() -> int:
    """Measure, fit, print the weights and what they reach on either half."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, help="the folder of installed encoders")
    given = parser.parse_args()
    data = data_folder()
    if data is None:
        return 0
    encoders = Encoders(first_encoder(given.models), second_encoder(given.models))
    rows = measured(data / "origin_dev", encoders)
    for second, names in ((False, FIRST_FEATURES), (True, SECOND_FEATURES)):
        mine = [row for row in rows if row["second"] is second]
        weights, bias = fitted([row for row in mine if row["tuned"]])
        for row in mine:
            row["score"] = float((row["numbers"] @ weights + bias).max())
        print("SECOND" if second else "FIRST", dict(zip(names, weights.round(4), strict=True)),
              round(bias, 4))  # fmt: skip
    for tuned in (True, False):
        show([row for row in rows if row["tuned"] is tuned and "score" in row], tuned)
    return 0


def lines(path: Path) -> list[dict[str, Any]]:
    """Read JSON Lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def measured(folder: Path, encoders: Encoders) -> list[dict[str, Any]]:
    """Measure each post against the response that it comes from or shares its topic with."""
    outputs = {row["response"]: row for row in lines(folder / "responses.jsonl")}
    texts = {name: [s.text for s in segments(row["text"])] for name, row in outputs.items()}
    posts = lines(folder / "sightings.jsonl") + lines(folder / "hard_negatives.jsonl")
    peers = Peers()
    for post in posts:
        peers.add(post["text"])
    background = [text for name in sorted(texts) for text in texts[name][:4]]
    likeness = Likeness(encoders, background, peers.by_language())
    responses = {name: Response(of, encoders) for name, of in texts.items()}
    rows = []
    for post in posts:
        name = post["segment"].partition(".")[0] if "segment" in post else post["subject_of"]
        if post["time"] < outputs[name]["time"]:
            continue
        found = likeness.of(worded(post["text"]), responses[name])
        variant = post.get("variant", "hard")
        row = {"variant": variant, "language": post["language"], "second": None,
               "tuned": int(name[1:]) % 4 in TUNED, "true": []}  # fmt: skip
        if found is not None:
            row |= {"second": found[0], "numbers": found[1]}
        wanted = {s["segment"]: s["text"] for s in outputs[name]["segments"]}
        row["true"] = [
            texts[name].index(wanted[s]) for s in post.get("segments", ())
            if wanted[s] in texts[name]
        ]  # fmt: skip
        rows.append(row)
    return rows


def fitted(rows: list[dict[str, Any]]) -> tuple[np.ndarray, float]:
    """Fit a logistic combination without negative weights, copies and others weighing alike."""
    good = [row["numbers"][at] for row in rows if row["variant"] in REWORDED for at in row["true"]]
    bad = [
        row["numbers"][at] for row in rows if row["variant"] == "hard"
        for at in np.argsort(-row["numbers"][:, 0])[:2]
    ]  # fmt: skip
    given = np.array(good + bad)
    sign = np.repeat([1.0, -1.0], [len(good), len(bad)])
    mean, spread = given.mean(axis=0), given.std(axis=0) + 1e-9
    scaled = (given - mean) / spread
    weight = np.where(sign > 0, 0.5 / len(good), 0.5 / len(bad)) * len(sign)

    def loss(at: np.ndarray) -> float:
        margins = sign * (scaled @ at[:-1] + at[-1])
        return float(
            (weight * np.logaddexp(0, -margins)).sum() + 0.5 / RIDGE * (at[:-1] ** 2).sum()
        )

    bounds = [(0, None)] * given.shape[1] + [(None, None)]
    found = minimize(loss, np.zeros(given.shape[1] + 1), bounds=bounds, method="L-BFGS-B").x
    weights = found[:-1] / spread
    return weights, float(found[-1] - (weights * mean).sum())


def show(rows: list[dict[str, Any]], tuned: bool) -> None:
    """Print how many of each kind pass at several thresholds."""
    hard = sorted((row["score"] for row in rows if row["variant"] == "hard"), reverse=True)
    print("tuned" if tuned else "held out", "hard negatives:", np.round(hard[:5], 2))
    for least in np.arange(0.0, 3.1, 0.5):
        shares = {
            kind: round(_share(row["score"] > least for row in rows if row["variant"] == kind), 3)
            for kind in ("hard", *REWORDED, "split", "buried")
        }  # fmt: skip
        print(f"  above {least:.1f}: {shares}")


def _share(passed: Iterable[bool]) -> float:
    return float(np.mean(list(passed)))


if __name__ == "__main__":
    sys.exit(main())
