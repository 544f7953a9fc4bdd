"""What crews and people act from: sites, address blocks and devices that belong to nobody.

Addresses are of 3fff::/20, which is set apart for documentation. A crew has a stock that stays
with it from round to round; what it renews is new in a round and gone after it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]

PEOPLE_BLOCKS, CARRIERS = 60_000, 60
CARRIER_SHARE = 0.2
"""Share of people who reach the net through one of the blocks that very many do."""

HOUSEHOLD_SHARE = 0.04
"""Share of people who use the device of somebody else."""

SHARED_BLOCKS, SHARED_DEVICES = 2, 4
"""What the accounts of a crew act from that have nothing of their own."""

_SLOTS = 256
_CREWS = 64
_OWN_SITES = 64


def stock(crew: int, round: int, slots: Indices, renewed: NDArray[np.bool_]) -> Indices:
    """Return numbers for slots of a crew: those of its stock, or of this round where ``renewed``.

    The same slot has the same number in every round as long as it is not renewed.
    """
    generation = np.where(renewed, round + 1, 0)
    numbers: Indices = (generation * _CREWS + crew) * _SLOTS + slots
    return numbers


def sites(numbers: Indices) -> Indices:
    """Return numbers of sites, apart from all that a world has by itself."""
    answer: Indices = 100_000 + numbers
    return answer


def own_site(account: int) -> int:
    """Return the slot of the site that an account has for itself; cells have those below."""
    return _OWN_SITES + account


def people_infrastructure(rng: np.random.Generator, count: int) -> tuple[Indices, Indices]:
    """Return an address block and a device for each person."""
    block = rng.integers(CARRIERS, PEOPLE_BLOCKS, count)
    carried = rng.random(count) < CARRIER_SHARE
    block[carried] = rng.integers(0, CARRIERS, int(carried.sum()))
    device = np.arange(count)
    lent = np.flatnonzero(rng.random(count) < HOUSEHOLD_SHARE)
    device[lent] = rng.integers(0, count, len(lent))
    block[lent] = block[device[lent]]
    return block, device


def crew_infrastructure(
    rng: np.random.Generator, crew: int, round: int, accounts: int, own: float, renewed: float
) -> tuple[Indices, Indices]:
    """Return an address block and a device for each account of a crew.

    A share ``own`` has both for itself, a share ``renewed`` of all is new in this round.
    """
    for_itself = np.arange(accounts) < round_half_up(own * accounts)
    at = np.arange(accounts)
    kept = SHARED_BLOCKS + SHARED_DEVICES + at
    block = np.where(for_itself, kept, at % SHARED_BLOCKS)
    device = np.where(for_itself, kept, SHARED_BLOCKS + at % SHARED_DEVICES)
    fresh = rng.random(_SLOTS) < renewed
    numbers = [stock(crew, round, slot, fresh[slot]) for slot in (block, device)]
    return PEOPLE_BLOCKS + numbers[0], PEOPLE_BLOCKS + numbers[1]


def round_half_up(value: float) -> int:
    """Return the nearest whole number, halves upwards, so that no level is lost to evenness."""
    return int(value + 0.5)


def address(block: int, account: int) -> str:
    """Return the address of an account in a block (a /48)."""
    return f"3fff:{block >> 16 & 0xFFF:x}:{block & 0xFFFF:x}::{account + 1:x}"


def device(number: int) -> str:
    """Return the identifier of a device."""
    mixed = (number + 1) * 0x9E3779B97F4A7C15 % 2**64
    return f"d-{mixed ^ mixed >> 29:016x}"
