"""The engine in C++: the same functions as `inkmeans.engine.reference`, on ``_native``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inkmeans.engine import _native, reference
from inkmeans.engine.contract import Floats, Labels, Report, Rows
from inkmeans.engine.directions import choose_directions

__all__ = [
    "Assigner",
    "assign",
    "assigned_distances",
    "available_levels",
    "cluster_sums",
    "force_level",
    "kmeans_plusplus",
    "level",
    "nearest_neighbors",
]

_ASSIGNERS = {
    np.dtype(np.uint8): _native.AssignerU8,
    np.dtype(np.float32): _native.AssignerF32,
    np.dtype(np.float64): _native.AssignerF64,
}

# Directions of sketches, one less than their lengths: those of rows that move between centroids,
# and those of seeding and neighbours, which are in two steps: the longest that rows have room for.
_SHORT = (63, 31, 15)
_SHORTER = (31, 15)  # for one assignment, which has to pay for its sketches
_LONG = (127, 63, 31)
_COMPLETE = (191, *_LONG)
# Where sketches pay: from so many distances in each of many assignments; in one assignment,
# from so many rows and centroids.
_WORTH_OFTEN = 200_000
_WORTH_ONCE = (4096, 512)
_WORTH_SEARCHING = (
    1024,
    16,
)  # rows and columns from which sketches help to find neighbors of floats

available_levels = _native.available_levels
force_level = _native.force_level
level = _native.level


class Assigner:
    """Keep rows assigned to the nearest centroid: see `inkmeans.engine.reference.Assigner`."""

    def __init__(
        self, rows: Rows, n_clusters: int, *, weights: Floats | None = None, n_threads: int = 1
    ) -> None:
        worth = rows.shape[0] * n_clusters >= _WORTH_OFTEN
        directions = _directions(rows, _SHORT) if worth else None
        self._native = _ASSIGNERS[rows.dtype](
            rows, n_clusters, _float64(weights), directions, n_threads
        )

    def update(self, centroids: Floats) -> int:
        """Assign every row to its nearest centroid; return how many labels changed."""
        changed: int = self._native.update(np.ascontiguousarray(centroids, dtype=np.float64))
        return changed

    @property
    def labels(self) -> Labels:
        """Label of each row, of the last update (a copy)."""
        labels: Labels = self._native.labels()
        return labels

    @property
    def sums(self) -> Floats:
        """Weighted sum of the rows of each cluster (a copy)."""
        sums: Floats = self._native.sums()
        return sums

    @property
    def counts(self) -> Floats:
        """Weight of each cluster (a copy)."""
        counts: Floats = self._native.counts()
        return counts

    def distances(self) -> Floats:
        """Squared distance of each row to its centroid of the last update."""
        distances: Floats = self._native.distances()
        return distances

    def inertia(self) -> float:
        """Weighted sum of those squared distances."""
        return float(self._native.inertia())


def assign(rows: Rows, centroids: Floats, *, n_threads: int = 1) -> Labels:
    """Find the nearest centroid of each row."""
    worth = rows.shape[0] >= _WORTH_ONCE[0] and len(centroids) >= _WORTH_ONCE[1]
    directions = _directions(rows, _SHORTER) if worth else None
    labels: Labels = _native.assign(rows, np.ascontiguousarray(centroids), directions, n_threads)
    return labels


def assigned_distances(
    rows: Rows, labels: Labels, centroids: Floats, *, n_threads: int = 1
) -> Floats:
    """Compute the squared distance of each row to the centroid of its label."""
    distances: Floats = _native.assigned_distances(
        rows, np.ascontiguousarray(labels), np.ascontiguousarray(centroids), n_threads
    )
    return distances


def cluster_sums(
    rows: Rows,
    labels: Labels,
    n_clusters: int,
    *,
    weights: Floats | None = None,
    n_threads: int = 1,
) -> tuple[Floats, Floats]:
    """Sum the rows of each cluster."""
    sums, counts = _native.cluster_sums(
        rows, np.ascontiguousarray(labels), n_clusters, _float64(weights), n_threads
    )
    return sums, counts


def kmeans_plusplus(
    rows: Rows,
    n_clusters: int,
    *,
    weights: Floats | None,
    first: int,
    draws: Floats,
    n_threads: int = 1,
) -> NDArray[np.int64]:
    """Choose rows that lie far apart: greedy k-means++."""
    draws, directions = np.ascontiguousarray(draws), _directions(rows, _LONG)
    chosen: NDArray[np.int64] = _native.kmeans_plusplus(
        rows, n_clusters, _float64(weights), first, draws, directions, n_threads
    )
    return chosen


def nearest_neighbors(
    queries: Rows,
    rows: Rows,
    n_neighbors: int,
    *,
    metric: str = "euclidean",
    n_threads: int = 1,
    report: Report | None = None,
) -> tuple[Labels, Floats]:
    """Find the nearest rows of each query."""
    if metric == "cosine":  # inkmeans.neighbors makes unit vectors of the rows instead
        return reference.nearest_neighbors(queries, rows, n_neighbors, metric=metric, report=report)
    if queries.dtype != rows.dtype:
        queries, rows = queries.astype(np.float64), rows.astype(np.float64)
    directions = _directions(rows, _LONG) if rows.dtype == np.uint8 else _all_directions(rows)
    indices, distances = _native.nearest_neighbors(
        np.ascontiguousarray(queries), rows, n_neighbors, directions, n_threads, report
    )
    return indices, distances


def _float64(weights: Floats | None) -> Floats | None:
    return None if weights is None else np.ascontiguousarray(weights, dtype=np.float64)


def _directions(rows: Rows, lengths: tuple[int, ...]) -> tuple[Floats, Floats] | None:
    fitting = [length for length in lengths if 2 * length <= rows.shape[1]]
    return choose_directions(rows, fitting[0]) if fitting else None


def _all_directions(rows: Rows) -> tuple[Floats, Floats] | None:
    """Choose directions that tell all of a row, where a sketch has room; what is too much is 0."""
    n, d = rows.shape
    if n < _WORTH_SEARCHING[0] or d < _WORTH_SEARCHING[1]:
        return None
    # Sketches of all there is need no bound for a rest, so they may be longer than others.
    wanted = d if d <= _COMPLETE[0] else _LONG[0]
    basis, center = _native.choose_directions(rows, wanted)
    length = min(length for length in _COMPLETE if length >= wanted)
    return np.vstack([basis, np.zeros((length - wanted, d))]), center
