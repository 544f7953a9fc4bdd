"""What a fit makes of the weights of `crossfix.traces.origin.judgement`, and what it reaches.

Copies are the paraphrases and translations of ``benchmarks/quality/rewordings`` and of those
responses of `origin_dev` that may be looked at (`LOOKED_AT`); what is none are the posts of others
there, every copy seen beside the other segments of its response (the topic in every language), and
real posts (`campaign_twitter` of ``CROSSFIX_DATA``) that come near a segment. ``MODELS`` is the
folder that ``crossfix meaning install`` filled.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.quality.outcome import data_folder
from benchmarks.quality.vector_cache import CachedEncoder
from crossfix.content.encoders import first_encoder, second_encoder
from crossfix.content.wording import worded
from crossfix.traces.origin import Encoders, Output, OutputIndex
from crossfix.traces.origin.judgement import crowded, in_proportion
from crossfix.traces.origin.leads import LEAST_COSINE, Leads
from crossfix.traces.origin.likeness import (
    FIRST_FEATURES,
    SECOND_FEATURES,
    Likeness,
    Response,
    overlap,
)
from crossfix.traces.origin.proportion import proportion

REWORDINGS = Path(__file__).with_name("rewordings")
LOOKED_AT = (1, 2)
"""Responses may be looked at whose number leaves one of these over when divided by 4: each half of
the set has some in English and some in other languages."""

RIDGE = 1.0
BATCH = 20_000

Matrix = NDArray[np.float64]


@dataclass
class Seen:
    """A text beside the segments of a response: numbers, a segment a row; ``true`` is its source.

    ``voice`` is ``both`` or ``second``; of ``both`` the columns are `FIRST_FEATURES`, lift, crowd
    and overlap, both negative, and what the proportion of lengths tells.
    """

    kind: str
    voice: str
    response: str
    numbers: Matrix
    true: int | None
    text: str


def main() -> int:
    """Measure, fit and print the weights, and what they reach response by response left out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, help="the folder of installed encoders")
    parser.add_argument("--vectors", type=Path, required=True,
                        help="the folder of vectors of real posts")  # fmt: skip
    given = parser.parse_args()
    data = data_folder()
    if data is None:
        return 0
    responses = rewordings() + looked_at(data / "origin_dev")
    texts = [s["text"] for r in responses for s in r["segments"]]
    cached = CachedEncoder(first_encoder(given.models), given.vectors, texts)
    encoders = Encoders(cached, second_encoder(given.models))
    index = OutputIndex(
        Output(response=r["response"], text="\n\n".join(s["text"] for s in r["segments"]))
        for r in responses
    )
    seen, posts = measured(index, responses, encoders, cached.texts)
    for name, voice, columns in PLANS:
        rows = [one for one in seen if one.voice == voice]
        weights, bias = fitted(rows, columns)
        print(name, weights.round(2).tolist(), round(bias, 2))
        show(rows, columns, posts)
    return 0


_CROWD = len(FIRST_FEATURES) + 1
PLANS = (
    ("FIRST, crowd, overlap, proportion", "both", (0, 1, 2, 3, _CROWD, _CROWD + 1, _CROWD + 2)),
    ("BOTH, lift, crowd, overlap, proportion", "both",
     (0, 1, 2, 3, 4, _CROWD, _CROWD + 1, _CROWD + 2)),
    ("SECOND", "second", tuple(range(len(SECOND_FEATURES)))),
)  # fmt: skip


def rewordings() -> list[dict[str, Any]]:
    """Return the responses written for this."""
    return [
        json.loads(line)
        for path in sorted(REWORDINGS.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def looked_at(folder: Path) -> list[dict[str, Any]]:
    """Return those responses of the development set that may be looked at, in the same form."""

    def lines(name: str) -> list[dict[str, Any]]:
        text = (folder / name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    found = []
    for row in lines("responses.jsonl"):
        if int(row["response"][1:]) % 4 not in LOOKED_AT:
            continue
        held = {s["segment"]: {"text": s["text"], "said": []} for s in row["segments"]}
        for post in lines("sightings.jsonl"):
            if post["segment"] in held and post["variant"] in ("paraphrase", "translated"):
                held[post["segment"]]["said"].append((post["variant"], post["text"]))
        others = [
            post["text"]
            for post in lines("hard_negatives.jsonl")
            if post["subject_of"] == row["response"] and post["time"] >= row["time"]
        ]
        found.append(
            {"response": row["response"], "segments": list(held.values()), "others": others}
        )
    return found


def measured(
    index: OutputIndex, responses: Sequence[dict[str, Any]], encoders: Encoders, real: Sequence[str]
) -> tuple[list[Seen], int]:
    """Measure the written texts and the real ones that come near; return how many these were."""
    likeness, leads = Likeness(encoders), Leads(index, encoders)
    near: list[tuple[str, int]] = []
    for at in range(0, len(real), BATCH):
        said = [worded(text) for text in real[at : at + BATCH] if len(text.split()) >= 5]
        said = [text for text in said if encoders.voices(text).first]
        near += [(said[lead.at], lead.output) for lead in leads.by_first(said)]
        print(f"  {at:,} real posts", file=sys.stderr, flush=True)
    crowds = crowded(leads.crowd, len(real))
    held = [Response(index.texts_of(at), encoders) for at in range(len(responses))]

    def numbers(text: str, output: int) -> tuple[str, Matrix] | None:
        said, response = worded(text), held[output]
        voices = encoders.voices(said)
        if voices.first and response.first:
            begin, end = index.first_of[output : output + 2]
            first = likeness.by_first(said, response, range(len(response.texts)))
            # The second encoder is slow: what the first finds far off it is not asked about.
            lifts = [likeness.lift(said, response, n) if cosine >= LEAST_COSINE else 0.0
                     for n, cosine in enumerate(likeness.cosines(said, response))]  # fmt: skip
            shares = [-overlap(said, text) for text in response.texts]
            lengths = in_proportion(np.array([proportion(said, text) for text in response.texts]))
            return "both", np.column_stack([first, lifts, -crowds[begin:end], shares, lengths])
        if voices.second and response.second:
            return "second", likeness.by_second(said, response)
        return None

    seen = []
    for output, row in enumerate(responses):
        for kind, text, true in written(row):
            found = numbers(text, output)
            if found is None:
                continue
            seen.append(Seen(kind, found[0], row["response"], found[1], true, text))
            if true is not None and len(row["segments"]) > 2:
                rest = np.delete(found[1], true, axis=0)
                seen.append(Seen("sibling", found[0], row["response"], rest, None, text))
    for text, output in near:
        found = numbers(text, output)
        if found is not None:
            seen.append(Seen("real", "both", responses[output]["response"], found[1], None, text))
    return seen, len(real)


def written(row: dict[str, Any]) -> list[tuple[str, str, int | None]]:
    """Return kind, text and source of the texts written for a response."""
    found: list[tuple[str, str, int | None]] = [("other", text, None) for text in row["others"]]
    for number, segment in enumerate(row["segments"]):
        found += [(kind, text, number) for kind, text in segment.get("said", ())]
        if "paraphrase" in segment:
            found.append(("paraphrase", segment["paraphrase"], number))
            found += [("translated", text, number) for text in segment["translated"].values()]
    return found


def fitted(rows: Sequence[Seen], columns: Sequence[int]) -> tuple[Matrix, float]:
    """Fit a logistic combination without negative weights; each group weighs the same.

    Of a text that is no copy the segment counts that it would be taken for.
    """
    chosen = list(columns)
    good = [one.numbers[one.true][chosen] for one in rows if one.true is not None]
    bad = [one for one in rows if one.true is None]
    picks = [int(np.argmax(one.numbers[:, 0])) for one in bad]
    groups = [one.kind == "real" for one in bad]
    sizes = {group: groups.count(group) for group in set(groups)}
    shares = np.array([1.0 / sizes[group] / len(sizes) for group in groups])
    weight = np.concatenate([np.full(len(good), 1.0 / len(good)), shares]) * 150
    sign = np.repeat([1.0, -1.0], [len(good), len(bad)])
    weights, bias = np.zeros(len(chosen)), 0.0
    for _ in range(5):
        wrong = [one.numbers[at][chosen] for one, at in zip(bad, picks, strict=True)]
        given = np.array(good + wrong)
        mean, spread = given.mean(axis=0), given.std(axis=0) + 1e-9
        found = _solved((given - mean) / spread, sign, weight)
        weights = found[:-1] / spread
        bias = float(found[-1] - (weights * mean).sum())
        picks = [int(np.argmax(one.numbers[:, chosen] @ weights)) for one in bad]
    return weights, bias


def _solved(scaled: Matrix, sign: Matrix, weight: Matrix) -> Matrix:
    def loss(at: Matrix) -> float:
        margins = sign * (scaled @ at[:-1] + at[-1])
        return float((weight * np.logaddexp(0, -margins)).sum() + RIDGE / 2 * (at[:-1] ** 2).sum())

    bounds = [(0, None)] * scaled.shape[1] + [(None, None)]
    found: Matrix = minimize(
        loss, np.zeros(scaled.shape[1] + 1), bounds=bounds, method="L-BFGS-B"
    ).x
    return found


def show(rows: Sequence[Seen], columns: Sequence[int], posts: int) -> None:
    """Print what passes at several log odds, each response judged by weights of the others."""
    chosen = list(columns)
    odds: list[tuple[Seen, float]] = []
    for name in sorted({one.response for one in rows}):
        weights, bias = fitted([one for one in rows if one.response != name], columns)
        for one in rows:
            if one.response == name:
                values = one.numbers[:, chosen] @ weights + bias
                odds.append((one, float(values.max() if one.true is None else values[one.true])))
    for least in np.arange(-2.0, 4.1, 0.5):
        said = []
        for kind in ("paraphrase", "translated", "other", "sibling"):
            of = [value > least for one, value in odds if one.kind == kind]
            said.append(f"{kind} {np.mean(of):.3f}" if of else "")
        false = len({one.text for one, value in odds if one.kind == "real" and value > least})
        said.append(f"real {1e6 * false / posts:.0f} in a million" if posts else "")
        print(f"  above {least:+.1f}: {', '.join(filter(None, said))}")
    worst = sorted(((v, one) for one, v in odds if one.kind == "real"), key=lambda e: -e[0])[:6]
    for value, one in worst:
        print(f"  {value:+.2f} {one.text[:110]!r}")


if __name__ == "__main__":
    sys.exit(main())
