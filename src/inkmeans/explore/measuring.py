"""How images lie among the clusters of a run: means, distances, second clusters, confidence.

A clustering may come from any algorithm in any features; this is measured for all of them alike,
against the means of the clusters among the straightened images. Only a recogniser says itself which
cluster is the next, and how sure it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans import engine
from inkmeans.explore.files import RunArrays
from inkmeans.explore.protocol import NO_CLUSTER

__all__ = [
    "Doubt",
    "Measured",
    "as_images",
    "cluster_means",
    "describe",
    "describe_again",
    "find_doubt",
    "measure",
]

_BLOCK = 4096


@dataclass(frozen=True, eq=False)
class Doubt:
    """What a recogniser says of images besides their clusters.

    Attributes
    ----------
    second : uint16 ndarray of shape (n,)
        The other cluster with the highest score.
    confidence : float32 ndarray of shape (n,)
        By how much the own cluster's score is higher, from 0 (also where it is lower) to 1.
    """

    second: NDArray[np.uint16]
    confidence: NDArray[np.float32]


def find_doubt(scores: Sequence[NDArray[np.floating]], assigned: NDArray[np.integer[Any]]) -> Doubt:
    """Find the other cluster that scores best for each image, and how far its own is ahead.

    Parameters
    ----------
    scores : sequence of ndarrays of shape (some, n_clusters)
        About 1 for the right cluster and 0 for others; all together as many as in `assigned`.
    assigned : int ndarray of shape (n,)
        Clusters without any image are nobody's second.

    Returns
    -------
    Doubt

    Notes
    -----
    Scores and not probabilities: a recogniser that taught itself agrees with itself, so that these
    are 1 to the last digit of nearly all images, and tell none of them from the others.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.explore.measuring import find_doubt
    >>> found = find_doubt([np.array([[1.0, 0.5], [0.0, 1.0]])], np.array([0, 1]))
    >>> found.second.tolist(), found.confidence.round(2).tolist()
    ([1, 0], [0.5, 1.0])
    """
    n = len(assigned)
    second, confidence = np.full(n, NO_CLUSTER, np.uint16), np.ones(n, np.float32)
    empty = np.bincount(assigned, minlength=scores[0].shape[1]) == 0
    if np.count_nonzero(~empty) < 2:
        return Doubt(second, confidence)
    done = 0
    for given in scores:
        for start in range(0, len(given), _BLOCK):
            block = given[start : start + _BLOCK].astype(np.float64)
            part, places = slice(done, done + len(block)), np.arange(len(block))
            mine = block[places, assigned[part]]
            block[places, assigned[part]] = -np.inf
            block[:, empty] = -np.inf
            other = block.argmax(axis=1)
            second[part] = other
            confidence[part] = np.clip(mine - block[places, other], 0, 1)
            done += len(block)
    return Doubt(second, confidence)


def describe(
    images: NDArray[np.uint8],
    rows: NDArray[np.uint8],
    assigned: NDArray[np.integer[Any]],
    n_clusters: int,
    *,
    doubt: Doubt | None = None,
) -> RunArrays:
    """Measure each image against the mean of its cluster and the nearest other one.

    Parameters
    ----------
    images : uint8 ndarray of shape (n, height, width)
    rows : uint8 ndarray of shape (n, height * width)
        The same images straightened.
    assigned : int ndarray of shape (n,)
        -1 or `NO_CLUSTER` for an image in no cluster.
    n_clusters : int
    doubt : Doubt or None
        Taken for second clusters and confidence where there is one; every image has a cluster then.

    Returns
    -------
    RunArrays

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.explore.measuring import describe
    >>> rows = np.array([[0], [2], [255]], np.uint8)
    >>> found = describe(rows.reshape(-1, 1, 1), rows, np.array([0, 0, 1]), 2)
    >>> found.second.tolist(), found.confidence.round(2).tolist()
    ([1, 1, 0], [1.0, 1.0, 1.0])
    """
    placed = np.where(np.asarray(assigned) < 0, NO_CLUSTER, assigned).astype(np.uint16)
    means = cluster_means(rows, placed, n_clusters).astype(np.float32)
    pictures = cluster_means(images.reshape(len(images), -1), placed, n_clusters)
    if doubt is None:
        found = measure(rows, placed, means, np.flatnonzero(np.bincount(placed)[:n_clusters]))
    else:
        apart = _squared_distances(rows, placed.astype(np.int32), means)
        found = Measured(doubt.second, _as_distance(apart), doubt.confidence)
    return RunArrays(
        placed,
        found.second,
        found.distance,
        found.confidence,
        means,
        as_images(pictures, images.shape[1:]),
        np.array(doubt is not None),
    )


def describe_again(
    images: NDArray[np.uint8],
    rows: NDArray[np.uint8],
    base: RunArrays,
    assigned: NDArray[np.uint16],
    n_clusters: int,
) -> RunArrays:
    """Measure only the images whose own or next cluster was merged or split since.

    What a recogniser told of an image stays, unless the image's own cluster was split: see Notes.

    Parameters
    ----------
    images, rows : ndarrays
        See `describe`.
    base : RunArrays
        As the run was fitted.
    assigned : uint16 ndarray of shape (n,)
        As it is now.
    n_clusters : int
        One more than the highest number of a cluster.

    Returns
    -------
    RunArrays

    Notes
    -----
    Of a recogniser's run second cluster and confidence mean:

    - own cluster whole, alone or merged with others, and the next one elsewhere: what the
      recogniser told, in the numbers of today. Where the next was split, its part with the nearest
      mean.
    - own and next cluster merged into one: the next is the nearest mean, as the recogniser's next
      but one is not kept. Confidence is (1 + confidence) / 2: where its scores of the two add up to
      1, the own one has that much, and the two together are as far ahead of any third at least.
    - own cluster split: both are measured from the means, as in other runs. The recogniser knows
      nothing of the parts.
    """
    n_means = max(n_clusters, len(base.means))
    means = np.zeros((n_means, base.means.shape[1]), np.float32)
    pictures = np.zeros((n_means, *base.pictures.shape[1:]), np.uint8)
    means[: len(base.means)], pictures[: len(base.pictures)] = base.means, base.pictures
    numbers = np.unique(assigned[assigned != NO_CLUSTER]).astype(np.int64)
    moved = assigned != base.assigned
    changed = np.union1d(assigned[moved], base.assigned[moved])
    touched = np.intersect1d(changed, numbers)
    for cluster in touched:
        members = np.flatnonzero(assigned == cluster)
        means[cluster] = rows[members].mean(axis=0)
        pictures[cluster] = np.rint(images[members].mean(axis=0))
    members = np.flatnonzero(np.isin(assigned, touched) | np.isin(base.second, changed))
    found = measure(rows[members], assigned[members], means, numbers)
    now = {name: getattr(base, name).copy() for name in ("second", "distance", "confidence")}
    for name, values in now.items():
        values[members] = getattr(found, name)
    if base.told:
        _keep_told(rows, base, assigned, means, found=now)
    return RunArrays(assigned, means=means, pictures=pictures, told=base.told, **now)


def _keep_told(
    rows: NDArray[np.uint8],
    base: RunArrays,
    assigned: NDArray[np.uint16],
    means: NDArray[np.float32],
    *,
    found: dict[str, NDArray[Any]],
) -> None:
    """Put back, into what was measured from means, what a recogniser told and still holds."""
    second, confidence = found["second"], found["confidence"]
    heirs = np.zeros((len(base.means), len(means)), np.bool_)
    heirs[base.assigned, assigned] = True
    whole, heir = heirs.sum(axis=1) == 1, heirs.argmax(axis=1)
    kept = np.flatnonzero(whole[base.assigned] & (base.second != NO_CLUSTER))
    told, known = base.second[kept], whole[base.second[kept]]
    joined = known & (heir[told] == assigned[kept])
    apart, one = kept[known & ~joined], kept[joined & (second[kept] != NO_CLUSTER)]
    second[apart] = heir[base.second[apart]]
    confidence[kept] = base.confidence[kept]
    confidence[one] = (1 + base.confidence[one]) / 2
    confidence[kept[joined & (second[kept] == NO_CLUSTER)]] = 1
    for cluster in np.unique(told[~known]):
        members, parts = kept[told == cluster], np.flatnonzero(heirs[cluster])
        places = np.full(len(means), -1)
        places[parts] = np.arange(len(parts))
        own = places[assigned[members]]
        nearest, other = _two_nearest(rows[members], own, means[parts])
        second[members] = parts[np.where(own < 0, nearest, other)]


@dataclass(frozen=True, eq=False)
class Measured:
    """How images lie among means; see `inkmeans.explore.files.RunArrays`."""

    second: NDArray[np.uint16]
    distance: NDArray[np.float32]
    confidence: NDArray[np.float32]


def measure(
    rows: NDArray[np.uint8],
    assigned: NDArray[np.uint16],
    means: NDArray[np.float32],
    clusters: NDArray[np.integer[Any]],
) -> Measured:
    """Measure rows against the means of some clusters.

    Parameters
    ----------
    rows : uint8 ndarray of shape (n, d)
    assigned : uint16 ndarray of shape (n,)
        Rows in none of `clusters` are as far as the nearest of them.
    means : float32 ndarray of shape (more than max(clusters), d)
    clusters : int ndarray
        Numbers of those that are not empty.

    Returns
    -------
    Measured
        Confidence is 1 - own / second in squared distances; 0 where the second is nearer.
    """
    n = len(rows)
    second = np.full(n, NO_CLUSTER, np.uint16)
    distance, confidence = np.zeros(n, np.float32), np.ones(n, np.float32)
    if not len(clusters):
        return Measured(second, distance, confidence)
    places = np.full(NO_CLUSTER + 1, -1)
    places[clusters] = np.arange(len(clusters))
    own, other = _two_nearest(rows, places[assigned], means[clusters])
    mine = _squared_distances(rows, own, means[clusters])
    distance = _as_distance(mine)
    if len(clusters) > 1:
        theirs = _squared_distances(rows, other, means[clusters])
        second = clusters[other].astype(np.uint16)
        confidence = np.clip(1 - mine / np.maximum(theirs, 1e-9), 0, 1).astype(np.float32)
    return Measured(second, distance, confidence)


def _squared_distances(
    rows: NDArray[np.uint8], places: NDArray[np.int32], centers: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return how far each row is from one of the centers."""
    return engine.assigned_distances(
        rows, places, centers.astype(np.float64), n_threads=engine.effective_threads()
    )


def _as_distance(squared: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return plain distances in grey levels over 255."""
    return (np.sqrt(squared) / 255).astype(np.float32)


def _two_nearest(
    rows: NDArray[np.uint8], own: NDArray[np.int64], centers: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the place of the own center of each row (the nearest where -1), and of the next.

    In float32: of two centers that are equally far but for some millionths, either may come out.
    """
    mine, other = own.astype(np.int32), np.empty(len(rows), np.int32)
    half_norms = np.square(centers).sum(axis=1) / 2

    def find(part: slice) -> None:
        farness = half_norms - rows[part].astype(np.float32) @ centers.T
        mine[part] = np.where(mine[part] < 0, farness.argmin(axis=1), mine[part])
        farness[np.arange(len(farness)), mine[part]] = np.inf
        other[part] = farness.argmin(axis=1)

    engine.in_blocks(find, len(rows), _BLOCK)
    return mine, other


def cluster_means(
    rows: NDArray[Any], assigned: NDArray[np.integer[Any]], n_clusters: int
) -> NDArray[np.float64]:
    """Return the mean row of each cluster; zeros where it is empty."""
    sums = np.zeros((n_clusters, rows.shape[1]))
    order = np.argsort(assigned, kind="stable")
    counts = np.bincount(assigned[assigned < n_clusters], minlength=n_clusters)
    bounds = np.concatenate([[0], np.cumsum(counts)])
    exact = np.uint32 if rows.dtype == np.uint8 else np.float64

    def add_up(one: slice) -> None:
        members = order[bounds[one.start] : bounds[one.stop]]
        for start in range(0, len(members), _BLOCK):
            part = rows[members[start : start + _BLOCK]]
            sums[one.start] += part.sum(axis=0, dtype=exact)

    engine.in_blocks(add_up, n_clusters, 1)
    means: NDArray[np.float64] = sums / np.maximum(counts, 1)[:, None]
    return means


def as_images(rows: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Round rows to grey levels, and give them the shape of images."""
    grey: NDArray[np.uint8] = np.clip(np.rint(rows), 0, 255).astype(np.uint8)
    return grey.reshape(-1, *shape)
