"""All segments of all outputs, ready to be asked which of them a text resembles."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from crossfix.content import fold_one
from crossfix.content.encoders import Vectors
from crossfix.content.wording import worded
from crossfix.traces.origin.output import Output
from crossfix.traces.origin.passage import units
from crossfix.traces.origin.reading import Encoders
from crossfix.traces.origin.segment import Segment, segments
from crossfix.traces.origin.shingled import ShingleIndex
from crossfix.traces.shingles import I64


class OutputIndex:
    """Segments in the order of their outputs.

    ``output_of`` and ``number_of`` tell of each which output it belongs to and which part of it
    it is; ``first_of`` where an output's segments begin. ``times`` are microseconds since 1970, the
    least integer where the time is not known.
    """

    def __init__(self, outputs: Iterable[Output]) -> None:
        self.outputs: list[Output] = []
        self.segments: list[Segment] = []
        owner: list[int] = []
        first: list[int] = []
        for output in outputs:
            found = segments(output.text)
            first.append(len(self.segments))
            owner.extend([len(self.outputs)] * len(found))
            self.segments.extend(found)
            self.outputs.append(output)
        self.first_of: I64 = np.array([*first, len(self.segments)], dtype=np.int64)
        self.output_of: I64 = np.array(owner, dtype=np.int64)
        unknown = np.iinfo(np.int64).min
        self.times: I64 = np.array(
            [unknown if o.time is None else round(o.time.timestamp() * 1e6) for o in self.outputs],
            dtype=np.int64,
        )
        self.folded = [fold_one(segment.text) for segment in self.segments]
        self.shingles = ShingleIndex(pa.array(self.folded, pa.string()))
        self._units: dict[int, list[str]] = {}

    def __len__(self) -> int:
        return len(self.segments)

    def units(self, segment: int) -> list[str]:
        """Return the folded units of a segment."""
        if segment not in self._units:
            self._units[segment] = units(self.segments[segment].text)
        return self._units[segment]

    def texts_of(self, output: int) -> list[str]:
        """Return the texts of an output's segments."""
        begin, end = self.first_of[output], self.first_of[output + 1]
        return [segment.text for segment in self.segments[begin:end]]

    def vectors(self, encoders: Encoders, *, second: bool = False) -> Vectors:
        """Encode every segment; those that the encoder does not read become zeros."""
        said = [worded(segment.text) for segment in self.segments]
        readable = [
            text if (v.second if second else v.first) else ""
            for text, v in ((text, encoders.voices(text)) for text in said)
        ]
        encoder = encoders.second if second else encoders.first
        if encoder is None:
            return np.zeros((len(said), 0), dtype=np.float32)
        return encoder.encode(readable)
