"""Limits as a script that a Valkey or Redis server runs: all keys of many requests at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crossfix.store.counters.limiter import (
    KNOWN_SECONDS,
    MOST_DEBT_SECONDS,
    Ask,
    LimitAnswer,
    LimitAnswers,
)

# Keys are versioned by what is kept under them: an older or newer crossfix meets none of them.
_PREFIX = {"rate": "crossfix:g1:", "first": "crossfix:g1:", "lease": "crossfix:l1:"}
_KNOWN = "crossfix:f1:"

# Times are microseconds of the server's clock, the only one that all processes share. Lua's numbers
# are doubles, which hold them exactly.
_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function whole(n) return string.format('%.0f', n) end
local function until_of(key)
  local kept = tonumber(redis.call('GET', key) or '0')
  if kept < now then return now end
  return kept
end
local function keep(key, till)
  if till > now then
    redis.call('SET', key, whole(till), 'PX', whole(math.ceil((till - now) / 1000)))
  end
end
"""

TAKE = f"""{_NOW}
local key, arg, answers = 0, 1, {{}}
for group = 1, tonumber(ARGV[1]) do
  arg = arg + 1
  local asks, refused, found = tonumber(ARGV[arg]), false, {{}}
  for n = 1, asks do
    local how, limit, period, cost = ARGV[arg + 1], tonumber(ARGV[arg + 2]),
      tonumber(ARGV[arg + 3]), tonumber(ARGV[arg + 4])
    local a = {{how = how, limit = limit, period = period, member = ARGV[arg + 5],
               key = KEYS[key + 1], known = KEYS[key + 2]}}
    arg, key = arg + 5, key + 2
    if how == 'lease' then
      redis.call('ZREMRANGEBYSCORE', a.key, '-inf', whole(now))
      a.held = redis.call('ZCARD', a.key)
      if redis.call('ZSCORE', a.key, a.member) then a.has = 1 else a.has = 0 end
      if limit - a.held - (1 - a.has) < 0 then
        local first = redis.call('ZRANGE', a.key, 0, 0, 'WITHSCORES')
        a.retry, refused = math.max(2, tonumber(first[2]) - now), true
      end
    else
      a.till = until_of(a.key)
      a.cost = math.min(cost, limit) * period / limit
      if how == 'first' and redis.call('EXISTS', a.known) == 1 then
        a.cost = nil
      elseif now + period - a.till - a.cost + 2 < 0 then
        a.retry, refused = a.till + a.cost - now - period - 2, true
      end
    end
    found[n] = a
  end
  for n = 1, asks do
    local a = found[n]
    local left, reset
    if a.how == 'lease' then
      left, reset = a.limit - a.held, a.period
      if a.retry then reset = a.retry end
      if not refused then
        left = left - (1 - a.has)
        redis.call('ZADD', a.key, whole(now + a.period), a.member)
        redis.call('PEXPIRE', a.key, whole(math.ceil(a.period / 1000)))
      end
    else
      if not refused and a.cost then
        a.till = a.till + a.cost
        keep(a.key, a.till)
        if a.how == 'first' then
          local known = math.max({KNOWN_SECONDS * 1e6:.0f}, a.period)
          redis.call('SET', a.known, '1', 'PX', whole(math.ceil(known / 1000)))
        end
      end
      left = math.floor((now + a.period - a.till + 2) * a.limit / a.period)
      reset = a.till - now
    end
    answers[#answers + 1] = whole(math.max(0, left))
    answers[#answers + 1] = whole(math.max(0, reset))
    answers[#answers + 1] = whole(math.ceil(a.retry or 0))
  end
end
return answers
"""

SETTLE = f"""{_NOW}
for n = 1, #KEYS do
  local change, most = tonumber(ARGV[2 * n - 1]), tonumber(ARGV[2 * n])
  local till = math.min(until_of(KEYS[n]) + change, now + most)
  if till > now then keep(KEYS[n], till) else redis.call('DEL', KEYS[n]) end
end
return 0
"""


def taking(groups: Sequence[Sequence[Ask]]) -> tuple[list[str], list[str | int]]:
    """Return the keys and arguments with which `TAKE` asks the limits of several requests."""
    keys: list[str] = []
    arguments: list[str | int] = [len(groups)]
    for asks in groups:
        arguments.append(len(asks))
        for ask in asks:
            key = _PREFIX[ask.how] + ask.key
            keys += [key, f"{_KNOWN}{ask.key}\x1f{ask.member}" if ask.how == "first" else key]
            arguments += [
                ask.how,
                ask.limit,
                _micro(ask.period_seconds),
                ask.cost,
                ask.member or "",
            ]
    return keys, arguments


def taken(groups: Sequence[Sequence[Ask]], said: Sequence[Any]) -> list[LimitAnswers]:
    """Return what `TAKE` answered, for each request."""
    numbers = iter(said)
    return [
        LimitAnswers(
            tuple(
                LimitAnswer(
                    ask, int(next(numbers)), int(next(numbers)) / 1e6, int(next(numbers)) / 1e6
                )
                for ask in asks
            )
        )
        for asks in groups
    ]


def settling(changes: Iterable[tuple[Ask, int]]) -> tuple[list[str], list[int]]:
    """Return the keys and arguments with which `SETTLE` charges what was used in the end."""
    keys, arguments = [], []
    for ask, used in changes:
        if ask.how == "rate":
            keys.append(_PREFIX["rate"] + ask.key)
            more = (used - min(ask.cost, ask.limit)) * ask.period_seconds / ask.limit
            arguments += [_micro(more), _micro(ask.period_seconds + MOST_DEBT_SECONDS)]
    return keys, arguments


def leases(asks: Iterable[Ask]) -> list[tuple[str, str]]:
    """Return the keys and members of the leases among asks."""
    return [(_PREFIX["lease"] + a.key, a.member or "") for a in asks if a.how == "lease"]


def _micro(seconds: float) -> int:
    return round(seconds * 1e6)
