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

RARE_ACCOUNTS = 16
"""A key that no more accounts left is rare: to have it in common is a surprise at any distance."""

RARE_SECONDS = 365 * 86_400
"""The window of a rare key that is not crowded."""

PLACES = 2**23
"""A time difference and a place in a key's sequence are packed into one number, difference *
places + place, so that the closest of many meetings is a plain minimum. Seven days take 40 bits.
A key with more places is so crowded that its window, and so the difference, is far shorter."""

RARE_PLACES = 2**18
"""The same for rare keys: a year takes 45 bits, and none that is not crowded has more places."""


@dataclass(frozen=True)
class NamedStep:
    """A table to be made, and the query that makes it."""

    name: str
    sql: str


def pair_steps(*, most_share_pairs: int, most_pairs: int) -> list[NamedStep]:
    """Return the steps that end in the tables ``degrees``, ``limits`` and ``pairs``.

    A key takes part in the longest window that holds at most ``most_share_pairs`` pairs of its
    shares, and that the budget of ``most_pairs`` pairs of shares of all keys reaches. The budget
    is spent on windows of keys in the order of the pairs they hold, fewest first. Rare keys that
    are not crowded (`RARE_ACCOUNTS`) take part in `RARE_SECONDS`; ``most_share_pairs`` is below
    `RARE_PLACES` squared, halved.
    """
    return [
        NamedStep("times_left", TIMES_LEFT),
        NamedStep("shared_keys", SHARED_KEYS),
        NamedStep("key_times", KEY_TIMES),
        NamedStep("popular_keys", POPULAR_KEYS),
        NamedStep("degrees", DEGREES),
        NamedStep("moments", MOMENTS),
        NamedStep("shares", SHARES),
        NamedStep("share_counts", SHARE_COUNTS),
        NamedStep("growing", GROWING),
        NamedStep("crowded", crowded(most_share_pairs, most_pairs)),
        NamedStep("unseen", UNSEEN),
        NamedStep("crowded_shares", CROWDED_SHARES),
        *(NamedStep(f"apart_{seconds}", apart(seconds)) for seconds in WINDOWS_SECONDS),
        NamedStep("apart", apart_in_all()),
        NamedStep("reached", reached()),
        NamedStep("spent", spent(most_share_pairs)),
        NamedStep("limits", limits(most_pairs)),
        NamedStep("rare", RARE),
        NamedStep("windowed", WINDOWED),
        NamedStep("closest", CLOSEST),
        NamedStep("met", MET),
        NamedStep("meetings", MEETINGS),
        NamedStep("pairs", PAIRS),
    ]


TIMES_LEFT = """
SELECT kind, key, account, COUNT(*) AS times
FROM traces
GROUP BY kind, key, account
"""
"""How often each account left each key."""

SHARED_KEYS = """
SELECT ROW_NUMBER() OVER (ORDER BY kind, key) AS topic, kind, key, COUNT(*) AS accounts
FROM times_left
GROUP BY kind, key
HAVING COUNT(*) > 1
"""
"""Keys that two accounts or more left, each with a small number that stands for it."""

KEY_TIMES = """
SELECT
    shared_keys.topic, shared_keys.kind, shared_keys.key, times_left.account, times_left.times
FROM times_left
INNER JOIN shared_keys
    ON times_left.kind = shared_keys.kind AND times_left.key = shared_keys.key
"""
"""How often each account left each shared key."""

POPULAR_KEYS = f"""
SELECT key_times.kind, key_times.account, COUNT(*) AS keys
FROM key_times
INNER JOIN shared_keys ON key_times.topic = shared_keys.topic
WHERE shared_keys.accounts > {RARE_ACCOUNTS}
GROUP BY key_times.kind, key_times.account
"""
"""How many keys that are not rare each account left."""

DEGREES = """
SELECT
    every.kind, every.account, every.keys, every.keys - COALESCE(popular_keys.keys, 0) AS rare
FROM (
    SELECT kind, account, COUNT(*) AS keys
    FROM times_left
    GROUP BY kind, account
) AS every
LEFT JOIN popular_keys
    ON every.kind = popular_keys.kind AND every.account = popular_keys.account
"""
"""How many keys each account left, also those that nobody else left, and how many rare ones."""

MOMENTS = """
SELECT
    key_times.topic, key_times.account, key_times.times, traces.time, MIN(traces.event) AS event
FROM traces
INNER JOIN key_times
    ON traces.kind = key_times.kind
    AND traces.key = key_times.key
    AND traces.account = key_times.account
GROUP BY key_times.topic, key_times.account, key_times.times, traces.time
"""
"""When each account left each shared key: one row a moment."""

SHARES = """
SELECT
    topic, account, times, time, event,
    ROW_NUMBER() OVER (PARTITION BY topic ORDER BY time, account) AS place
FROM (
    SELECT
        topic, account, times, time, event,
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

GROWING = """
SELECT
    topic, shares,
    SUM(shares * (shares - 1)) OVER (
        ORDER BY shares, topic ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS twice_pairs
FROM share_counts
"""
"""Twice the pairs of shares, at whatever distance, of each key and of all that are shared less."""


def crowded(most_share_pairs: int, most_pairs: int) -> str:
    """Keys whose pairs of shares are counted before they are taken: too many by themselves, or
    beyond half of the budget when the less shared keys come first."""
    return f"""
SELECT topic, shares
FROM growing
WHERE shares * (shares - 1) > {2 * most_share_pairs} OR twice_pairs > {most_pairs}
"""


UNSEEN = """
SELECT COALESCE(SUM(growing.shares * (growing.shares - 1)), 0) / 2 AS pairs
FROM growing
LEFT JOIN crowded ON growing.topic = crowded.topic
WHERE crowded.topic IS NULL
"""
"""How much of the budget the other keys spend, at most."""

CROWDED_SHARES = """
SELECT shares.topic, shares.time
FROM shares
INNER JOIN crowded ON shares.topic = crowded.topic
"""


def apart(seconds: int) -> str:
    """For each crowded key, the pairs of its shares that are further apart than a window.

    From each share one looks back by as much: the shares before that moment are counted in one
    sweep in the order of time. A window a step, so that memory holds one sweep at a time.
    """
    return f"""
SELECT topic, {seconds} AS seconds, SUM(CASE WHEN is_share = 0 THEN shares ELSE 0 END) AS pairs
FROM (
    SELECT
        topic, is_share,
        COUNT(CASE WHEN is_share = 1 THEN 1 END) OVER (
            PARTITION BY topic ORDER BY time, is_share
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS shares
    FROM (
        SELECT topic, time, 1 AS is_share FROM crowded_shares
        UNION ALL
        SELECT topic, time - {seconds * SECOND} AS time, 0 AS is_share FROM crowded_shares
    ) AS looks
) AS passed
GROUP BY topic
"""


def apart_in_all() -> str:
    """The same for all windows."""
    every = " UNION ALL ".join(f"SELECT * FROM apart_{seconds}" for seconds in WINDOWS_SECONDS)
    return f"SELECT topic, seconds, pairs FROM ({every}) AS every_window"


def reached() -> str:
    """For each crowded key and window: its pairs inside it, and how many of them are not in the
    next shorter one."""
    return """
SELECT
    topic, seconds, pairs,
    pairs - COALESCE(LAG(pairs) OVER (PARTITION BY topic ORDER BY seconds), 0) AS more
FROM (
    SELECT
        apart.topic, apart.seconds,
        CAST(crowded.shares * (crowded.shares - 1) / 2 AS BIGINT) - apart.pairs AS pairs
    FROM apart
    INNER JOIN crowded ON apart.topic = crowded.topic
) AS inside
"""


def spent(most_share_pairs: int) -> str:
    """Windows of crowded keys that are not too much by themselves, with what taking them, and all
    that hold fewer pairs, spends of the budget."""
    return f"""
SELECT
    reached.topic, reached.seconds,
    unseen.pairs + SUM(reached.more) OVER (
        ORDER BY reached.pairs, reached.topic, reached.seconds
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS pairs
FROM reached
CROSS JOIN unseen
WHERE reached.pairs <= {most_share_pairs}
"""


def limits(most_pairs: int) -> str:
    """Crowded keys that take part in a shorter window than the longest, or in none (0)."""
    return f"""
SELECT
    crowded.topic, shared_keys.kind, shared_keys.key, shared_keys.accounts, crowded.shares,
    COALESCE(taken.seconds, 0) AS window_seconds
FROM crowded
INNER JOIN shared_keys ON crowded.topic = shared_keys.topic
LEFT JOIN (
    SELECT topic, MAX(seconds) AS seconds
    FROM spent
    WHERE pairs <= {most_pairs}
    GROUP BY topic
) AS taken ON crowded.topic = taken.topic
WHERE COALESCE(taken.seconds, 0) < {WINDOWS_SECONDS[-1]}
"""


RARE = f"""
SELECT shared_keys.topic
FROM shared_keys
LEFT JOIN crowded ON shared_keys.topic = crowded.topic
WHERE shared_keys.accounts <= {RARE_ACCOUNTS} AND crowded.topic IS NULL
"""
"""Keys that few accounts left, and not too often."""

WINDOWED = f"""
SELECT topic, account, time, place, places, reach, time - MOD(time, reach) AS bucket
FROM (
    SELECT
        shares.topic, shares.account, shares.time, shares.place,
        CASE WHEN rare.topic IS NULL THEN {PLACES} ELSE {RARE_PLACES} END AS places,
        CAST(
            CASE WHEN rare.topic IS NULL
            THEN COALESCE(limits.window_seconds, {WINDOWS_SECONDS[-1]}) ELSE {RARE_SECONDS}
            END AS BIGINT
        ) * {SECOND} AS reach
    FROM shares
    LEFT JOIN limits ON shares.topic = limits.topic
    LEFT JOIN rare ON shares.topic = rare.topic
) AS reaching
WHERE reach > 0
"""
"""Shares with their key's window, and the stretch of time of that length that they lie in."""

CLOSEST = """
SELECT
    earlier.topic,
    LEAST(earlier.account, later.account) AS account_a,
    GREATEST(earlier.account, later.account) AS account_b,
    MAX(earlier.places) AS places,
    MIN((later.time - earlier.time) * earlier.places + earlier.place) AS nearest
FROM (
    SELECT topic, account, time, place, places, reach, bucket FROM windowed
    UNION ALL
    SELECT topic, account, time, place, places, reach, bucket + reach AS bucket FROM windowed
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

MET = """
SELECT
    closest.topic, closest.account_a, closest.account_b,
    CAST((nearest - MOD(nearest, places)) / places AS BIGINT) AS delta,
    shares.account AS earlier_account, shares.event AS earlier_event, shares.time AS earlier_time,
    shares.times AS earlier_times,
    CASE WHEN shares.account = closest.account_a THEN closest.account_b ELSE closest.account_a
    END AS later_account
FROM closest
INNER JOIN shares
    ON closest.topic = shares.topic AND MOD(closest.nearest, closest.places) = shares.place
"""
"""The closest meetings with the earlier of their two shares. From here on, two tables a step: with
more of them, an engine may join all shares of one popular key with each other first."""

MEETINGS = """
SELECT
    met.topic, met.account_a, met.account_b, met.delta,
    met.earlier_account = met.account_a AS a_first,
    met.earlier_event, shares.event AS later_event,
    met.earlier_times, shares.times AS later_times
FROM met
INNER JOIN shares
    ON met.topic = shares.topic
    AND met.later_account = shares.account
    AND met.earlier_time + met.delta = shares.time
"""
"""The closest meetings with both shares."""

PAIRS = """
SELECT
    shared_keys.kind, meetings.account_a, meetings.account_b, shared_keys.key, meetings.delta,
    CASE WHEN meetings.delta = 0 THEN 0 WHEN meetings.a_first THEN 1 ELSE -1 END AS lead,
    CASE WHEN meetings.a_first THEN meetings.earlier_event ELSE meetings.later_event
    END AS event_a,
    CASE WHEN meetings.a_first THEN meetings.later_event ELSE meetings.earlier_event
    END AS event_b,
    shared_keys.accounts,
    CASE WHEN meetings.a_first THEN meetings.earlier_times ELSE meetings.later_times
    END AS times_a,
    CASE WHEN meetings.a_first THEN meetings.later_times ELSE meetings.earlier_times
    END AS times_b
FROM meetings
INNER JOIN shared_keys ON meetings.topic = shared_keys.topic
ORDER BY shared_keys.kind, meetings.account_a, meetings.account_b, shared_keys.key
"""
