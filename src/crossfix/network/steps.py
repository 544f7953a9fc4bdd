"""The relational steps from traces to pairs: named, visible, in SQL that any engine can run.

Each step is a query over the tables that earlier steps made; ``traces`` is the input, with the
columns of `crossfix.traces.TRACES`. Numbers in the text are microseconds, counts or codes. Only
what DuckDB and Spark both know is used: whole numbers, joins, grouping, window functions.
"""

from __future__ import annotations

from dataclasses import dataclass

SECOND = 1_000_000
"""Microseconds in a second."""

WINDOWS_SECONDS = (10, 60, 600, 3600, 21_600, 86_400, 604_800)
"""The windows that time differences are looked at through, in seconds, ascending."""


PLACES = 2**23
"""A time difference and a place in a key's sequence are packed into one number, difference *
PLACES + place, so that the closest of many meetings is a plain minimum. Seven days take 40 bits.
A key with more places is so crowded that its window, and so the difference, is far shorter."""


@dataclass(frozen=True)
class NamedStep:
    """A table to be made, and the query that makes it."""

    name: str
    sql: str


def pair_steps(*, most_share_pairs: int) -> list[NamedStep]:
    """Return the steps that end in the tables ``degrees``, ``limits`` and ``pairs``.

    A key takes part in the longest window that holds at most ``most_share_pairs`` pairs of its
    shares.
    """
    return [
        NamedStep("times_left", TIMES_LEFT),
        NamedStep("degrees", DEGREES),
        NamedStep("shared_keys", SHARED_KEYS),
        NamedStep("moments", MOMENTS),
        NamedStep("shares", SHARES),
        NamedStep("share_counts", SHARE_COUNTS),
        NamedStep("crowded", crowded(most_share_pairs)),
        NamedStep("reached", reached()),
        NamedStep("limits", limits(most_share_pairs)),
        NamedStep("windowed", WINDOWED),
        NamedStep("closest", CLOSEST),
        NamedStep("met", MET),
        NamedStep("meetings", MEETINGS),
        NamedStep("key_times", KEY_TIMES),
        NamedStep("counted", COUNTED),
        NamedStep("counted_both", COUNTED_BOTH),
        NamedStep("pairs", PAIRS),
    ]


TIMES_LEFT = """
SELECT kind, key, account, COUNT(*) AS times
FROM traces
GROUP BY kind, key, account
"""
"""How often each account left each key."""

DEGREES = """
SELECT kind, account, COUNT(*) AS keys
FROM times_left
GROUP BY kind, account
"""
"""How many keys each account left, also those that nobody else left."""

SHARED_KEYS = """
SELECT ROW_NUMBER() OVER (ORDER BY kind, key) AS topic, kind, key, COUNT(*) AS accounts
FROM times_left
GROUP BY kind, key
HAVING COUNT(*) > 1
"""
"""Keys that two accounts or more left, each with a small number that stands for it."""

MOMENTS = """
SELECT shared_keys.topic, traces.account, traces.time, MIN(traces.event) AS event
FROM traces
INNER JOIN shared_keys
    ON traces.kind = shared_keys.kind AND traces.key = shared_keys.key
GROUP BY shared_keys.topic, traces.account, traces.time
"""
"""When each account left each shared key: one row a moment."""

SHARES = """
SELECT
    topic, account, time, event,
    ROW_NUMBER() OVER (PARTITION BY topic ORDER BY time, account) AS place
FROM (
    SELECT
        topic, account, time, event,
        LAG(account) OVER (PARTITION BY topic ORDER BY time, account) AS before,
        LEAD(account) OVER (PARTITION BY topic ORDER BY time, account) AS after
    FROM moments
) AS sequence
WHERE before IS NULL OR after IS NULL OR before <> account OR after <> account
"""
"""Of moments of one account with nobody between them, the first and the last: no other moment of
the run can be the closest to anybody."""

SHARE_COUNTS = """
SELECT topic, COUNT(*) AS shares
FROM shares
GROUP BY topic
"""


def crowded(most_share_pairs: int) -> str:
    """Keys with too many pairs of shares for the longest window to be taken unseen."""
    return f"""
SELECT topic, shares
FROM share_counts
WHERE shares * (shares - 1) > {2 * most_share_pairs}
"""


def reached() -> str:
    """For each crowded key, the number of pairs of its shares inside each window."""
    frames = ",\n".join(
        f"        COUNT(*) OVER (PARTITION BY shares.topic ORDER BY shares.time"
        f" RANGE BETWEEN {seconds * SECOND} PRECEDING AND 1 PRECEDING) AS within_{seconds}"
        for seconds in WINDOWS_SECONDS
    )
    sums = ",\n".join(f"    SUM(within_{s} + tied) AS within_{s}" for s in WINDOWS_SECONDS)
    return f"""
SELECT
    topic,
{sums}
FROM (
    SELECT
        shares.topic,
{frames},
        ROW_NUMBER() OVER (
            PARTITION BY shares.topic, shares.time ORDER BY shares.account
        ) - 1 AS tied
    FROM shares
    INNER JOIN crowded ON shares.topic = crowded.topic
) AS counted
GROUP BY topic
"""


def limits(most_share_pairs: int) -> str:
    """Crowded keys that take part in a shorter window than the longest, or in none (0)."""
    choice = "\n".join(
        f"        WHEN within_{seconds} <= {most_share_pairs} THEN {seconds}"
        for seconds in reversed(WINDOWS_SECONDS)
    )
    return f"""
SELECT topic, kind, key, accounts, shares, window_seconds
FROM (
    SELECT
        reached.topic, shared_keys.kind, shared_keys.key, shared_keys.accounts, crowded.shares,
        CASE
{choice}
        ELSE 0
        END AS window_seconds
    FROM reached
    INNER JOIN crowded ON reached.topic = crowded.topic
    INNER JOIN shared_keys ON reached.topic = shared_keys.topic
) AS chosen
WHERE window_seconds < {WINDOWS_SECONDS[-1]}
"""


WINDOWED = f"""
SELECT topic, account, time, place, reach, time - MOD(time, reach) AS bucket
FROM (
    SELECT
        shares.topic, shares.account, shares.time, shares.place,
        CAST(COALESCE(limits.window_seconds, {WINDOWS_SECONDS[-1]}) AS BIGINT) * {SECOND} AS reach
    FROM shares
    LEFT JOIN limits ON shares.topic = limits.topic
) AS reaching
WHERE reach > 0
"""
"""Shares with their key's window, and the stretch of time of that length that they lie in."""

CLOSEST = f"""
SELECT
    earlier.topic,
    LEAST(earlier.account, later.account) AS account_a,
    GREATEST(earlier.account, later.account) AS account_b,
    MIN((later.time - earlier.time) * {PLACES} + earlier.place) AS nearest
FROM (
    SELECT topic, account, time, place, reach, bucket FROM windowed
    UNION ALL
    SELECT topic, account, time, place, reach, bucket + reach AS bucket FROM windowed
) AS earlier
INNER JOIN windowed AS later
    ON earlier.topic = later.topic
    AND earlier.bucket = later.bucket
    AND later.time BETWEEN earlier.time AND earlier.time + earlier.reach
    AND earlier.account <> later.account
    AND earlier.place < later.place
GROUP BY
    earlier.topic,
    LEAST(earlier.account, later.account),
    GREATEST(earlier.account, later.account)
"""
"""Two accounts that left one key inside its window, and the closest they came. A share meets those
of its own stretch of time and of the next. Of equally close meetings the first counts."""

MET = f"""
SELECT
    closest.topic, closest.account_a, closest.account_b,
    CAST((nearest - MOD(nearest, {PLACES})) / {PLACES} AS BIGINT) AS delta,
    shares.account AS earlier_account, shares.event AS earlier_event, shares.time AS earlier_time,
    CASE WHEN shares.account = closest.account_a THEN closest.account_b ELSE closest.account_a
    END AS later_account
FROM closest
INNER JOIN shares
    ON closest.topic = shares.topic AND MOD(closest.nearest, {PLACES}) = shares.place
"""
"""The closest meetings with the earlier of their two shares. From here on, two tables a step: with
more of them, an engine may join all shares of one popular key with each other first."""

MEETINGS = """
SELECT
    met.topic, met.account_a, met.account_b, met.delta, met.earlier_account,
    CASE WHEN met.earlier_account = met.account_a THEN met.earlier_event ELSE shares.event
    END AS event_a,
    CASE WHEN met.earlier_account = met.account_a THEN shares.event ELSE met.earlier_event
    END AS event_b
FROM met
INNER JOIN shares
    ON met.topic = shares.topic
    AND met.later_account = shares.account
    AND met.earlier_time + met.delta = shares.time
"""
"""The closest meetings with both shares."""

KEY_TIMES = """
SELECT shared_keys.topic, times_left.account, times_left.times
FROM times_left
INNER JOIN shared_keys
    ON times_left.kind = shared_keys.kind AND times_left.key = shared_keys.key
"""
"""How often each account left each shared key."""

COUNTED = """
SELECT
    meetings.topic, meetings.account_a, meetings.account_b, meetings.delta,
    meetings.earlier_account, meetings.event_a, meetings.event_b, key_times.times AS times_a
FROM meetings
INNER JOIN key_times
    ON meetings.topic = key_times.topic AND meetings.account_a = key_times.account
"""

COUNTED_BOTH = """
SELECT
    counted.topic, counted.account_a, counted.account_b, counted.delta, counted.earlier_account,
    counted.event_a, counted.event_b, counted.times_a, key_times.times AS times_b
FROM counted
INNER JOIN key_times
    ON counted.topic = key_times.topic AND counted.account_b = key_times.account
"""

PAIRS = """
SELECT
    shared_keys.kind, counted_both.account_a, counted_both.account_b, shared_keys.key,
    counted_both.delta,
    CASE
    WHEN counted_both.delta = 0 THEN 0
    WHEN counted_both.earlier_account = counted_both.account_a THEN 1
    ELSE -1
    END AS lead,
    counted_both.event_a, counted_both.event_b, shared_keys.accounts, counted_both.times_a,
    counted_both.times_b
FROM counted_both
INNER JOIN shared_keys ON counted_both.topic = shared_keys.topic
ORDER BY shared_keys.kind, counted_both.account_a, counted_both.account_b, shared_keys.key
"""
