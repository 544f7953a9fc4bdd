"""Where each account stands in the network picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))
_STEPS = 90
_FULL_STEPS = 5_000
"""Up to so many nodes all steps are taken; larger pictures take fewer, but never a quarter."""
_NEIGHBOURS = 10
_MARGIN = 0.02
_ROOM = 1.6
"""Radius of a community's circle over that of its members packed side by side."""


def layout(
    n: int, src: Ints, dst: Ints, weight: Floats, community: Ints, *, seed: int = 0
) -> Floats:
    """Place nodes in the unit square and return their (n, 2) coordinates.

    Each community has a circle of its own, with an area in proportion to its members, and no two
    circles overlap; communities with links between them stand nearer. Inside a circle linked nodes
    attract and near nodes repel each other. Nodes of community -1 stand alone around the rest.
    The same input and seed give the same picture.

    ``src``, ``dst`` are node numbers and ``weight`` the weights of the lines (all of one length);
    ``community`` has one number a node. Takes O((n + edges) log n) time.
    """
    if n == 0:
        return np.empty((0, 2))
    group = np.unique(_own_groups(np.asarray(community)), return_inverse=True)[1].astype(np.int64)
    size = np.bincount(group)
    radius = np.where(size > 1, _ROOM * np.sqrt(size), 0.9)
    centre = _packed(radius, _between(group, src, dst, weight, len(size)))
    place = _scattered(group, size, radius, centre, np.random.default_rng(seed))
    inside = (group[src] == group[dst]) & (src != dst)
    place = _relaxed(place, src[inside], dst[inside], weight[inside], centre[group], radius[group])
    place = _spread(place, group, centre, radius)
    return _unit(place, centre, radius)


def _own_groups(community: Ints) -> Ints:
    """Give each node of community -1 a community of its own."""
    alone = community < 0
    given = np.where(alone, 0, community).astype(np.int64)
    given[alone] = given.max() + 1 + np.arange(alone.sum())
    return given


def _between(group: Ints, src: Ints, dst: Ints, weight: Floats, k: int) -> list[dict[int, float]]:
    """Return, for each community, the weight of its lines to each other community."""
    a, b = group[src], group[dst]
    cross = a != b
    low, high = np.minimum(a, b)[cross], np.maximum(a, b)[cross]
    pairs, where = np.unique(low * k + high, return_inverse=True)
    total = np.bincount(where, weights=weight[cross], minlength=len(pairs))
    near: list[dict[int, float]] = [{} for _ in range(k)]
    for pair, w in zip(pairs.tolist(), total.tolist(), strict=True):
        near[pair // k][pair % k] = w
        near[pair % k][pair // k] = w
    return near


def _packed(radius: Floats, near: list[dict[int, float]]) -> Floats:
    """Pack circles without overlap, the largest first, each near the ones it is linked to.

    Candidate places are points of a sunflower; ``free`` keeps the distance from each to the edge
    of the nearest circle placed so far, so that one circle costs one pass over the candidates.
    """
    k = len(radius)
    reach = 2.6 * np.sqrt((radius**2).sum()) + radius.max()
    points = _sunflower(max(6_000, 10 * k)) * reach
    from_middle = np.hypot(points[:, 0], points[:, 1])
    free = np.full(len(points), np.inf)
    centre = np.zeros((k, 2))
    placed = np.zeros(k, dtype=bool)
    for i in np.lexsort((np.arange(k), -radius)).tolist():
        gap = radius[i] * 0.12 + 0.5
        cost = from_middle
        known = [(j, w) for j, w in near[i].items() if placed[j]]
        if known:
            pull = np.average([centre[j] for j, _ in known], axis=0, weights=[w for _, w in known])
            cost = from_middle + 2 * np.hypot(*(points - pull).T)
        fits = free >= radius[i] + gap
        best = int(np.argmin(np.where(fits, cost, np.inf))) if fits.any() else -1
        # The candidates cover six times the circles' area; should they run out, go outside.
        centre[i] = points[best] if best >= 0 else points[-1] * (2 + i / k)
        placed[i] = True
        away = np.hypot(points[:, 0] - centre[i, 0], points[:, 1] - centre[i, 1]) - radius[i]
        np.minimum(free, away, out=free)
    return centre


def _sunflower(count: int) -> Floats:
    """Return points spread evenly over the unit disc, from the middle outwards."""
    i = np.arange(count)
    r, angle = np.sqrt((i + 0.5) / count), i * _GOLDEN_ANGLE
    return np.column_stack((r * np.cos(angle), r * np.sin(angle)))


def _scattered(
    group: Ints, size: Ints, radius: Floats, centre: Floats, rng: np.random.Generator
) -> Floats:
    """Spread each community over its circle, in an order drawn from the seed."""
    place = centre[group].copy()
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(size)
    for g in np.flatnonzero(size > 1).tolist():
        members = order[ends[g] - size[g] : ends[g]]
        place[rng.permutation(members)] += _sunflower(len(members)) * radius[g] * 0.9
    return place


def _relaxed(
    place: Floats, src: Ints, dst: Ints, weight: Floats, middle: Floats, limit: Floats
) -> Floats:
    """Let springs pull linked nodes together while near nodes push each other off.

    A node is never moved further than the step's temperature, nor out of its circle. Springs are
    shared out over a node's lines, so that a hub does not fall into its neighbours.
    """
    n = len(place)
    if len(src) == 0:
        return place
    scale = np.sqrt(weight / weight.max()) * 0.7 + 0.3
    degree = np.bincount(np.r_[src, dst], weights=np.r_[scale, scale], minlength=n)
    degree = np.maximum(degree, 1.0)
    steps = max(_STEPS // 4, min(_STEPS, _STEPS * _FULL_STEPS // n))
    for heat in np.linspace(1.6, 0.05, steps):
        force = _repulsion(place)
        along = (place[dst] - place[src]) * scale[:, None]
        for axis in (0, 1):
            pull = np.bincount(src, weights=along[:, axis], minlength=n)
            pull -= np.bincount(dst, weights=along[:, axis], minlength=n)
            force[:, axis] += 0.9 * pull / degree
        length = np.maximum(np.hypot(force[:, 0], force[:, 1]), 1e-9)
        place = place + force * (np.minimum(length, heat) / length)[:, None]
        place = _held(place, middle, limit)
    return place


def _repulsion(place: Floats) -> Floats:
    """Return the push on each node from its nearest few, falling with the square of distance."""
    k = min(_NEIGHBOURS + 1, len(place))
    _, near = cKDTree(place).query(place, k=k)
    apart = place[:, None, :] - place[near]
    square = np.maximum((apart**2).sum(axis=2), 0.02)
    push: Floats = (apart * (1.8 / square)[:, :, None]).sum(axis=1)
    return push


def _held(place: Floats, middle: Floats, limit: Floats) -> Floats:
    """Bring nodes that left their circle back to its edge."""
    apart = place - middle
    far = np.hypot(apart[:, 0], apart[:, 1])
    shrink = np.minimum(1.0, limit / np.maximum(far, 1e-12))
    held: Floats = middle + apart * shrink[:, None]
    return held


def _spread(place: Floats, group: Ints, centre: Floats, radius: Floats) -> Floats:
    """Let each community fill its circle, around its own middle."""
    size = np.bincount(group)
    sums = [np.bincount(group, weights=place[:, axis]) for axis in (0, 1)]
    apart = place - (np.column_stack(sums) / size[:, None])[group]
    far = np.hypot(apart[:, 0], apart[:, 1])
    furthest = np.zeros(len(radius))
    np.maximum.at(furthest, group, far)
    grow = np.where(furthest > 1e-9, 0.95 * radius / np.maximum(furthest, 1e-9), 1.0)
    spread: Floats = centre[group] + apart * grow[group][:, None]
    return spread


def _unit(place: Floats, centre: Floats, radius: Floats) -> Floats:
    """Scale the picture into the unit square, its shape kept, with a margin."""
    low = (centre - radius[:, None]).min(axis=0)
    high = (centre + radius[:, None]).max(axis=0)
    side = float((high - low).max())
    inset = (side - (high - low)) / 2
    unit: Floats = _MARGIN + (1 - 2 * _MARGIN) * (place - low + inset) / side
    return np.clip(unit, 0.0, 1.0)
