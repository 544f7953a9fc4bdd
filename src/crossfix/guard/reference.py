"""The reference of a decision: short enough to be read out over a telephone."""

from __future__ import annotations

# Crockford's base 32: no letter that is taken for a digit or another letter.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple(a + b for a in _DIGITS for b in _DIGITS)
_MIDDLE = tuple(f"{a}-{b}" for a in _DIGITS for b in _DIGITS)
_BITS = 50
_MASK = (1 << _BITS) - 1
_STEP = 0x9E3779B97F4A7C15 & _MASK


class References:
    """A source of references such as ``7K3F9-QTX2M``, 50 bits each.

    One source never repeats itself within 2^50. Sources with different starts, drawn at random,
    rarely meet.
    """

    def __init__(self, start: int) -> None:
        self._at = (start & _MASK) * _STEP & _MASK

    def next(self) -> str:
        """Return a reference that was not returned before."""
        # Odd steps and factors and xor-shifts are one to one: neighbours look unlike, none is met
        # twice.
        n = self._at = (self._at + _STEP) & _MASK
        n ^= n >> 27
        n = (n * _STEP) & _MASK
        n ^= n >> 25
        pairs = _PAIRS
        return (
            f"{pairs[n >> 40]}{pairs[n >> 30 & 1023]}{_MIDDLE[n >> 20 & 1023]}"
            f"{pairs[n >> 10 & 1023]}{pairs[n & 1023]}"
        )
