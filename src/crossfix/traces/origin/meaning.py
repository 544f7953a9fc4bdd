"""Posts that mean what outputs say: leads gathered as posts come, judged when all are seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossfix.content.wording import worded
from crossfix.traces.origin.control import Earlier, Strangers, stand_out
from crossfix.traces.origin.index import OutputIndex
from crossfix.traces.origin.judgement import (
    BEST_LIFT,
    MOST_FOR_PROPORTION,
    across_both,
    by_chance,
    certainty,
    crowded,
    first_alone,
    in_proportion,
    of_both,
    reworded,
    second_alone,
    together,
)
from crossfix.traces.origin.leads import Lead, Leads
from crossfix.traces.origin.likeness import Likeness, Response, overlap
from crossfix.traces.origin.output import Post
from crossfix.traces.origin.passage import in_two_languages
from crossfix.traces.origin.proportion import proportion
from crossfix.traces.origin.reading import Encoders, windows
from crossfix.traces.origin.waiting import MOST, Nearest, Waiting

Say = Callable[[int, int], None]
Told = tuple[float, int, tuple[str, ...]]
"""Log odds, the segment of the response from 0, and what they rest on."""

WEAK = -1.3
"""Log odds below which nothing that others did makes a sighting of a pair."""

_MOST_PIECES = 4
_SLACK = 0.05

HOURS = 12.0
"""Within which others that post the same response make each other likelier."""


@dataclass(frozen=True)
class Meant:
    """A post that may mean a segment (its number in the index), with log odds and their parts."""

    post: Post
    segment: int
    odds: float
    because: tuple[str, ...]


class Meaning:
    """Gathers posts that may mean outputs, and judges them.

    Posts that only the second, slow encoder reads wait, and the soonest after an output are looked
    at. So do those that some outputs can only be compared with by it, until a bridge is learned
    (`crossfix.traces.origin.bridge`); from then on the nearest across it are looked at.
    """

    def __init__(self, index: OutputIndex, encoders: Encoders) -> None:
        self._index = index
        self._encoders = encoders
        self._leads = Leads(index, encoders)
        self._found: dict[tuple[str, str], tuple[Post, dict[int, list[tuple[float, str]]]]] = {}
        self._foreign: Waiting | None = None
        self._waiting: Waiting | None = None
        self._nearest = Nearest(MOST // 5)
        self._taken = 0
        self._earlier = Earlier()
        self._times: list[NDArray[np.int64]] = []
        self.strangers = Strangers()
        """What earlier posts reach with the outputs that posts may mean; known when all were
        judged."""

    @property
    def encoded(self) -> int:
        """How many texts the first encoder read so far."""
        return self._leads.encoded

    @property
    def passed_over(self) -> int:
        """How many posts the second encoder did not read, for there were too many."""
        return sum(w.passed_over for w in (self._foreign, self._waiting) if w is not None)

    def take(self, posts: Sequence[Post], times: NDArray[np.int64]) -> None:
        """Note the outputs that posts may mean; ``times`` in microseconds since 1970."""
        self._taken += len(posts)
        self._times.append(times)
        texts: list[str] = []
        rows: list[int] = []
        waiting: list[tuple[int, bool]] = []
        for row, post in enumerate(posts):
            said = worded(post.text)
            voices = self._encoders.voices(said)
            if voices.first:
                found = (said, *windows(said))
                texts.extend(found)
                rows.extend([row] * len(found))
            if voices.second:
                waiting.append((row, not voices.first))
        for lead in self._leads.by_first(texts):
            row = rows[lead.at]
            if lead.across:
                self._nearest.add(posts[row], texts[lead.at], lead.cosine)
            else:
                self._note(posts[row], int(times[row]), lead, texts[lead.at])
        compared = self._leads.across.learned
        for row, foreign in waiting:
            if foreign or not compared:
                self._wait(posts[row], int(times[row]), foreign=foreign)

    def _note(self, post: Post, time: int, lead: Lead, text: str) -> None:
        output, cosine = lead.output, lead.cosine
        if time < self._index.times[output]:
            self._earlier.add(output, cosine, text)
            return
        _, outputs = self._found.setdefault((post.service, post.post), (post, {}))
        pieces = outputs.setdefault(output, [])
        if (cosine, text) not in pieces:
            pieces.append((cosine, text))
        pieces.sort(reverse=True)
        del pieces[_MOST_PIECES:]

    def _wait(self, post: Post, time: int, *, foreign: bool) -> None:
        """Keep a post for the second encoder, if there is something to compare it with."""
        if self._foreign is None or self._waiting is None:
            self._foreign = Waiting(self._index.times.tolist())
            unread = self._index.output_of[self._leads.unread_by_first()]
            self._waiting = Waiting(self._index.times[np.unique(unread)].tolist(), MOST // 3)
        (self._foreign if foreign else self._waiting).add(post, time)

    def judged(self, say: Say = lambda done, total: None) -> list[Meant]:
        """Return for each post and output the segment it means most, from `WEAK` log odds.

        What no more stands out than what others said before the output was made is left out.
        """
        self._read_waiting()
        judge = _Judge(self._index, self._encoders, self._leads, self._taken)
        found = []
        for done, (_, (post, outputs)) in enumerate(sorted(self._found.items())):
            say(done, len(self._found))
            for output, pieces in sorted(outputs.items()):
                best = judge.best([text for _, text in pieces], output, worded(post.text))
                if best is not None and best[0] >= WEAK:
                    at = int(self._index.first_of[output]) + best[1]
                    found.append(Meant(post, at, best[0], best[2]))
        return self._standing_out(found, judge)

    def _standing_out(self, found: Sequence[Meant], judge: _Judge) -> list[Meant]:
        """Leave out what strangers explain who said as much before an output was made."""
        of: dict[int, list[int]] = {}
        for at, each in enumerate(found):
            of.setdefault(int(self._index.output_of[each.segment]), []).append(at)
        times = np.sort(np.concatenate([np.empty(0, dtype=np.int64), *self._times]))
        kept: list[int] = []
        held: dict[int, tuple[tuple[float, ...], int]] = {}
        for output, places in sorted(of.items()):
            odds = np.array([found[at].odds for at in places])
            before = [
                told[0] for text in self._earlier.texts(output)
                if (told := judge.best([text], output, text)) is not None
            ]  # fmt: skip
            count = int(np.searchsorted(times, self._index.times[output]))
            held[output] = tuple(before), count
            more = (len(times) - count) / max(count, 1)
            kept += np.array(places)[stand_out(odds, before, more)].tolist()
        self.strangers = Strangers(held)
        return [found[at] for at in sorted(kept)]

    def _read_waiting(self) -> None:
        """Let the second encoder read the posts that waited for it."""
        if self._foreign is not None:
            for post in self._foreign.posts():
                said = worded(post.text)
                self._read(post, [said, *windows(said)], alone=False)
        if self._waiting is not None:
            for post in self._waiting.posts():
                self._read(post, [worded(post.text)], alone=True)
        for post, text in self._nearest.texts():
            self._read(post, [text], alone=True)

    def _read(self, post: Post, texts: list[str], *, alone: bool) -> None:
        time = round(post.time.timestamp() * 1e6)
        found = self._leads.by_second(texts, alone=alone)
        for lead in found if alone else found + self._leads.by_bridge(texts):
            self._note(post, time, lead, texts[lead.at])


class _Judge:
    """Judges texts against outputs, when it is known how crowded it is around each segment."""

    def __init__(self, index: OutputIndex, encoders: Encoders, leads: Leads, taken: int) -> None:
        self._index, self._encoders = index, encoders
        self._least = leads.least - _SLACK
        self._across = leads.across
        self._likeness = Likeness(encoders)
        self._responses: dict[int, Response] = {}
        self._crowds = crowded(leads.crowd, taken)
        self._chance = by_chance(len(index))

    def best(self, texts: Sequence[str], output: int, whole: str) -> Told | None:
        """Return what the likeliest of some pieces of a post means most of an output.

        How much a post says counts where it is judged as a ``whole``: pieces were cut by us.
        """
        if output not in self._responses:
            self._responses[output] = Response(self._index.texts_of(output), self._encoders)
        begin, end = self._index.first_of[output : output + 2]
        told = (
            self._judge(text, self._responses[output], self._crowds[begin:end], text == whole)
            for text in texts
        )
        best = max(filter(None, told), key=lambda each: each[0], default=None)
        return None if best is None else (best[0] - self._chance, *best[1:])

    def _judge(
        self, said: str, response: Response, crowds: NDArray[np.float64], whole: bool
    ) -> Told | None:
        """Return what a text means most of a response."""
        lengths = np.zeros(len(response.texts))
        if whole:
            lengths = in_proportion(np.array([proportion(said, own) for own in response.texts]))
        voices = self._encoders.voices(said)
        second = voices.second and response.second
        if voices.first and response.first:
            return self._by_first(said, response, crowds, lengths, both=second)
        agreeing = lengths - MOST_FOR_PROPORTION if whole else lengths
        if second:
            numbers = self._likeness.by_second(said, response)
            odds = second_alone(numbers) + agreeing
            because = "second encoder: sentences found {:.1f} and {:.1f} above usual"
        elif voices.second and response.first and (bridge := self._across.bridge()) is not None:
            numbers = self._likeness.across(said, response, bridge)
            odds = across_both(numbers) + agreeing
            because = "across both encoders: cosine {:.2f}, beside its siblings {:.2f}"
        else:
            return None
        top = int(np.argmax(odds))
        return float(odds[top]), top, (because.format(*numbers[top]),)

    def _by_first(
        self, said: str, response: Response, crowds: NDArray[np.float64],
        lengths: NDArray[np.float64], *, both: bool,
    ) -> Told | None:  # fmt: skip
        """Judge by the first encoder and, where it could tip the balance, by the second."""
        cosines = self._likeness.cosines(said, response)
        near = np.flatnonzero(cosines >= self._least).tolist()
        if not near:
            return None
        numbers = self._likeness.by_first(said, response, near)
        told: list[Told] = []
        for row, at in enumerate(near):
            mine, crowd = numbers[row : row + 1], crowds[at : at + 1]
            theirs = response.texts[at]
            shared = np.array([overlap(said, theirs)])
            abroad = np.array([in_two_languages(said, theirs)])
            eased = float(reworded(shared, abroad)[0] + lengths[at])
            because: tuple[str, ...] = (
                f"cosine {cosines[at]:.2f}, sentences found again {numbers[row, 2]:.2f}",
            )
            if not both:
                told.append((float(first_alone(mine, crowd)[0]) + eased, at, because))
            elif of_both(mine, BEST_LIFT, crowd)[0] + eased >= WEAK:
                lift = self._likeness.lift(said, response, at)
                because = (*because, f"second encoder {lift:.1f} above usual")
                told.append((float(of_both(mine, lift, crowd)[0]) + eased, at, because))
        return max(told, key=lambda each: (each[0], -each[1]), default=None)


def raised(meant: Sequence[Meant], sure: dict[int, list[tuple[int, str, float]]],
           output_of: NDArray[np.int64], hours: float = HOURS) -> list[Meant]:  # fmt: skip
    """Raise posts that others, close in time, make likelier by posting the same response.

    ``sure`` holds of each output the time (microseconds), account and score of what was found by
    wording. Each other account counts once, by its best score.
    """
    seen: dict[int, list[tuple[int, str, float]]] = {at: list(of) for at, of in sure.items()}
    for each in meant:
        time = round(each.post.time.timestamp() * 1e6)
        seen.setdefault(int(output_of[each.segment]), []).append(
            (time, each.post.account, certainty(each.odds))
        )
    reach = hours * 3.6e9
    found = []
    for each in meant:
        time = round(each.post.time.timestamp() * 1e6)
        others: dict[str, float] = {}
        for then, account, score in seen[int(output_of[each.segment])]:
            if account != each.post.account and abs(then - time) <= reach:
                others[account] = max(score, others.get(account, 0.0))
        more = together(sum(others.values()))
        because = each.because
        if more >= 0.05:
            because = (*because, f"{len(others)} more posted this response within hours")
        found.append(Meant(each.post, each.segment, each.odds + more, because))
    return found
