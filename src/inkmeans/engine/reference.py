"""The engine in plain float64 NumPy: its specification, its oracle in tests, its fallback.

Exact means: the label of a row is the lowest index among the centroids whose squared
distance, summed in float64 over the differences, is the smallest. Distances are first
expanded (one matrix product a block of rows); wherever that leaves more than one centroid
within its own rounding bound, the differences decide. Another backend may sum in another
order: its labels are the same wherever two distances differ by more than that bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from inkmeans.engine.contract import Floats, Labels, Report, Rows

__all__ = [
    "Assigner",
    "as_floats",
    "assign",
    "assigned_distances",
    "available_levels",
    "cluster_sums",
    "kmeans_plusplus",
    "level",
    "nearest_neighbors",
    "squared_distances",
    "squared_norms",
    "unit_rows",
]

_BLOCK_VALUES = 1 << 20  # float64 values in one block of rows or of distances: 8 MiB


class Assigner:
    """Keep rows assigned to the nearest centroid while the centroids move.

    Parameters
    ----------
    rows : array of shape (n, d), uint8, float32 or float64; or CSR matrix of floats
    n_clusters : int
    weights : ndarray of shape (n,), float64, or None for a weight of 1 each
    n_threads : int, default=1
        Taken for the sake of the other backends; NumPy does not use it.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.reference import Assigner
    >>> rows = np.array([[0, 0], [0, 2], [9, 9]], dtype=np.uint8)
    >>> assigner = Assigner(rows, 2)
    >>> assigner.update(np.array([[0.0, 0.0], [9.0, 9.0]]))
    3
    >>> assigner.labels.tolist(), assigner.inertia()
    ([0, 0, 1], 4.0)
    """

    def __init__(
        self, rows: Rows, n_clusters: int, *, weights: Floats | None = None, n_threads: int = 1
    ) -> None:
        self._rows = rows
        self._weights = weights
        self._n_threads = n_threads
        self._centroids = np.zeros((n_clusters, rows.shape[1]))
        self.labels: Labels = np.full(rows.shape[0], -1, dtype=np.int32)
        self.sums: Floats = np.zeros((n_clusters, rows.shape[1]))
        self.counts: Floats = np.zeros(n_clusters)

    def update(self, centroids: Floats) -> int:
        """Assign every row to its nearest centroid.

        Parameters
        ----------
        centroids : ndarray of shape (k, d), float64

        Returns
        -------
        int
            Rows whose label changed; all of them the first time.
        """
        labels = assign(self._rows, centroids, n_threads=self._n_threads)
        changed = int(np.count_nonzero(labels != self.labels))
        if changed:
            self.sums, self.counts = cluster_sums(
                self._rows, labels, len(centroids), weights=self._weights
            )
        self.labels = labels
        self._centroids = centroids.copy()
        return changed

    def distances(self) -> Floats:
        """Return the squared distance of each row to its centroid."""
        return assigned_distances(self._rows, self.labels, self._centroids)

    def inertia(self) -> float:
        """Return the weighted sum of the squared distances to the centroids."""
        distances = self.distances()
        return float((distances if self._weights is None else distances * self._weights).sum())


def assign(rows: Rows, centroids: Floats, *, n_threads: int = 1) -> Labels:
    """Find the nearest centroid of each row; of equal ones the first.

    Parameters
    ----------
    rows : array or CSR matrix of shape (n, d)
    centroids : ndarray of shape (k, d), float64
    n_threads : int, default=1

    Returns
    -------
    ndarray of shape (n,), int32

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.reference import assign
    >>> assign(np.array([[1], [4], [9]], dtype=np.uint8), np.array([[0.0], [8.0]])).tolist()
    [0, 0, 1]
    """
    labels = np.empty(rows.shape[0], dtype=np.int32)
    for where, distances, bound in _expanded_distances(rows, centroids):
        nearest = distances.argmin(axis=1)
        best = np.take_along_axis(distances, nearest[:, None], axis=1)
        possible = distances <= best + bound[:, None]
        unsure = np.flatnonzero(np.count_nonzero(possible, axis=1) > 1)
        if len(unsure):
            query, candidate = np.nonzero(possible[unsure])
            exact = np.full((len(unsure), len(centroids)), np.inf)
            exact[query, candidate] = _pair_distances(
                rows, where.start + unsure[query], centroids, candidate
            )
            nearest[unsure] = exact.argmin(axis=1)
        labels[where] = nearest
    return labels


def assigned_distances(
    rows: Rows, labels: Labels, centroids: Floats, *, n_threads: int = 1
) -> Floats:
    """Compute the squared distance of each row to the centroid of its label.

    Parameters
    ----------
    rows : array or CSR matrix of shape (n, d)
    labels : ndarray of shape (n,), int32
    centroids : ndarray of shape (k, d), float64
    n_threads : int, default=1

    Returns
    -------
    ndarray of shape (n,), float64

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.reference import assigned_distances
    >>> rows = np.array([[1], [4], [9]], dtype=np.uint8)
    >>> labels = np.array([0, 0, 1], dtype=np.int32)
    >>> assigned_distances(rows, labels, np.array([[0.0], [8.0]])).tolist()
    [1.0, 16.0, 1.0]
    """
    return _pair_distances(rows, np.arange(rows.shape[0]), centroids, labels)


def cluster_sums(
    rows: Rows,
    labels: Labels,
    n_clusters: int,
    *,
    weights: Floats | None = None,
    n_threads: int = 1,
) -> tuple[Floats, Floats]:
    """Sum the rows of each cluster.

    Parameters
    ----------
    rows : array or CSR matrix of shape (n, d)
    labels : ndarray of shape (n,), int32
    n_clusters : int
    weights : ndarray of shape (n,), float64, or None for a weight of 1 each
    n_threads : int, default=1

    Returns
    -------
    sums : ndarray of shape (k, d), float64
        Exact integers for uint8 rows without weights.
    counts : ndarray of shape (k,), float64

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.reference import cluster_sums
    >>> rows = np.array([[1], [4], [9]], dtype=np.uint8)
    >>> sums, counts = cluster_sums(rows, np.array([0, 0, 1], dtype=np.int32), 2)
    >>> sums.tolist(), counts.tolist()
    ([[5.0], [9.0]], [2.0, 1.0])
    """
    sums = np.zeros((n_clusters, rows.shape[1]))
    each = np.ones(rows.shape[0]) if weights is None else weights
    for where in _blocks(rows):
        block = _as_float(rows[where])
        members = sp.csr_array(
            (each[where], (labels[where], np.arange(block.shape[0]))),
            shape=(n_clusters, block.shape[0]),
        )
        sums += as_floats(members @ block)
    return sums, np.bincount(labels, weights=weights, minlength=n_clusters).astype(np.float64)


def kmeans_plusplus(
    rows: Rows,
    n_clusters: int,
    *,
    weights: Floats | None,
    first: int,
    draws: Floats,
    n_threads: int = 1,
) -> NDArray[np.int64]:
    """Choose rows that lie far apart: greedy k-means++ [1]_.

    Each round draws candidates with probability proportional to their weight times their
    squared distance to the nearest row chosen so far, and keeps the one that leaves the
    smallest inertia.

    Parameters
    ----------
    rows : array or CSR matrix of shape (n, d)
    n_clusters : int
    weights : ndarray of shape (n,), float64, or None for a weight of 1 each
    first : int
        The row to begin with.
    draws : ndarray of shape (n_clusters - 1, n_trials), float64
        Uniform numbers in [0, 1): one a candidate.
    n_threads : int, default=1

    Returns
    -------
    ndarray of shape (n_clusters,), int64

    References
    ----------
    .. [1] D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding",
       SODA 2007, sections 2.2 and 7.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.reference import kmeans_plusplus
    >>> rows = np.array([[0], [1], [9]], dtype=np.uint8)
    >>> kmeans_plusplus(rows, 2, weights=None, first=0, draws=np.array([[0.5, 0.7]])).tolist()
    [0, 2]
    """
    each = np.ones(rows.shape[0]) if weights is None else weights
    chosen = np.empty(n_clusters, dtype=np.int64)
    chosen[0] = first
    closest = squared_distances(rows, as_floats(rows[[first]]))[:, 0]
    for step, uniforms in enumerate(draws[: n_clusters - 1], start=1):
        reached = np.cumsum(each * closest)
        candidates = np.searchsorted(reached, uniforms * reached[-1])
        candidates = np.minimum(candidates, rows.shape[0] - 1)  # a product rounded up
        distances = squared_distances(rows, as_floats(rows[candidates]))
        np.minimum(distances, closest[:, None], out=distances)
        best = int(np.argmin(each @ distances))
        closest = distances[:, best].copy()
        chosen[step] = candidates[best]
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
    """Find the nearest rows of each query by comparing it with all; of equal ones the first.

    Parameters
    ----------
    queries : array of shape (m, d)
    rows : array of shape (n, d)
    n_neighbors : int
        At most n.
    metric : {"euclidean", "cosine"}, default="euclidean"
    n_threads : int, default=1
    report : callable or None, default=None
        Told now and then how many queries are done, at last all.

    Returns
    -------
    indices : ndarray of shape (m, n_neighbors), int32
        Nearest first.
    distances : ndarray of shape (m, n_neighbors), float64
        Squared Euclidean distances, or one minus the cosine (1 for a row of zeros).

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.reference import nearest_neighbors
    >>> rows = np.array([[0], [3], [9]], dtype=np.uint8)
    >>> indices, distances = nearest_neighbors(rows[:1], rows, 2)
    >>> indices.tolist(), distances.tolist()
    ([[0, 1]], [[0.0, 9.0]])
    """
    cosine = metric == "cosine"
    asked = unit_rows(queries) if cosine else queries
    targets = unit_rows(rows) if cosine else as_floats(rows)
    approximate = _cosine_distances if cosine else _expanded_distances
    indices = np.empty((queries.shape[0], n_neighbors), dtype=np.int32)
    found = np.empty((queries.shape[0], n_neighbors))
    for where, distances, bound in approximate(asked, targets):
        last = np.partition(distances, n_neighbors - 1, axis=1)[:, n_neighbors - 1]
        for offset, row in enumerate(distances):
            candidates = np.flatnonzero(row <= last[offset] + bound[offset])
            query = np.full(len(candidates), where.start + offset)
            if cosine:
                exact = _pair_cosines(asked, query, targets, candidates)
            else:
                exact = _pair_distances(asked, query, targets, candidates)
            order = np.argsort(exact, kind="stable")[:n_neighbors]
            indices[where.start + offset] = candidates[order]
            found[where.start + offset] = exact[order]
        if report is not None:
            report(where.start + len(distances))
    return indices, found


def squared_distances(rows: Rows, centroids: Floats) -> Floats:
    """Compute the squared distance of each row to each centroid.

    Parameters
    ----------
    rows : array or CSR matrix of shape (n, d)
    centroids : ndarray of shape (k, d), float64

    Returns
    -------
    ndarray of shape (n, k), float64
        Exact for whole numbers, and zero where a row equals a centroid.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.reference import squared_distances
    >>> squared_distances(np.array([[1.0], [4.0]]), np.array([[0.0], [4.0]])).tolist()
    [[1.0, 9.0], [16.0, 0.0]]
    """
    result = np.empty((rows.shape[0], len(centroids)))
    for where, distances, bound in _expanded_distances(rows, centroids):
        # Small differences of large numbers: take the differences themselves instead.
        row, column = np.nonzero(distances <= 2**20 * bound[:, None])
        distances[row, column] = _pair_distances(rows, where.start + row, centroids, column)
        result[where] = distances
    return result


def as_floats(rows: Rows) -> Floats:
    """Return a few rows as a dense array in float64.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.reference import as_floats
    >>> as_floats(np.array([[3, 255]], dtype=np.uint8)).tolist()
    [[3.0, 255.0]]
    """
    matrix: Any = rows
    return np.asarray(matrix.toarray() if sp.issparse(rows) else matrix, dtype=np.float64)


def squared_norms(rows: Rows) -> Floats:
    """Compute the squared length of each row, without a float copy of all of them.

    Parameters
    ----------
    rows : array or CSR matrix of shape (n, d)

    Returns
    -------
    ndarray of shape (n,), float64

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.reference import squared_norms
    >>> squared_norms(np.array([[3, 4], [0, 255]], dtype=np.uint8)).tolist()
    [25.0, 65025.0]
    """
    norms = np.empty(rows.shape[0])
    for where in _blocks(rows):
        norms[where] = _squared_norms(_as_float(rows[where]))
    return norms


def unit_rows(rows: Rows) -> Floats:
    """Return rows in float64 at length 1; those of zeros stay zero.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.reference import unit_rows
    >>> unit_rows(np.array([[3, 4], [0, 0]], dtype=np.uint8)).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    values = as_floats(rows)
    norms = np.sqrt(_squared_norms(values))
    return np.asarray(values / np.where(norms == 0, 1, norms)[:, None], dtype=np.float64)


def available_levels() -> tuple[str, ...]:
    """Return the instruction sets that can run here: NumPy's own, under one name."""
    return ("reference",)


def level() -> str:
    """Return the name of this backend."""
    return "reference"


def _blocks(rows: Rows, width: int = 0) -> Iterator[slice]:
    """Cut the rows into blocks of about `_BLOCK_VALUES` values or distances."""
    size = max(1, _BLOCK_VALUES // max(rows.shape[1], width, 1))
    for start in range(0, rows.shape[0], size):
        yield slice(start, min(start + size, rows.shape[0]))


def _as_float(rows: Rows) -> Any:
    """Return rows in float64: dense ones as an array, sparse ones as CSR."""
    matrix: Any = rows
    return matrix.astype(np.float64, copy=False) if sp.issparse(rows) else as_floats(rows)


def _squared_norms(rows: Any) -> Floats:
    if sp.issparse(rows):
        matrix: Any = rows
        return np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64).ravel()
    return np.asarray(np.einsum("ij,ij->i", rows, rows), dtype=np.float64)


def _expanded_distances(rows: Rows, centroids: Floats) -> Iterator[tuple[slice, Floats, Floats]]:
    """Yield blocks of |x|^2 - 2 x.c + |c|^2 and what rounding may have changed, a row.

    Dense rows and centroids are first moved by the mean of the centroids, which changes
    no distance but keeps the terms small; whole numbers stay whole and are not moved.
    """
    whole = rows.dtype == np.uint8 and bool(np.all(centroids == np.rint(centroids)))
    moves = not whole and not sp.issparse(rows)
    origin = centroids.mean(axis=0) if moves else np.zeros(centroids.shape[1])
    moved = centroids - origin
    norms = _squared_norms(moved)
    longest = float(np.sqrt(norms.max(initial=0.0)))
    rounding = 0.0 if whole else 8 * (rows.shape[1] + 16) * np.finfo(np.float64).eps
    for where in _blocks(rows, len(centroids)):
        block = _as_float(rows[where])
        if moves:
            block = block - origin
        squares = _squared_norms(block)
        distances = np.asarray(block @ moved.T, dtype=np.float64)
        distances *= -2
        distances += squares[:, None]
        distances += norms
        np.maximum(distances, 0, out=distances)
        yield where, distances, rounding * (np.sqrt(squares) + longest) ** 2


def _cosine_distances(rows: Floats, targets: Floats) -> Iterator[tuple[slice, Floats, Floats]]:
    """Yield blocks of 1 - x.y of unit rows, and what rounding may have changed."""
    for where in _blocks(rows, len(targets)):
        distances = 1.0 - rows[where] @ targets.T
        rounding = 8 * (rows.shape[1] + 16) * np.finfo(np.float64).eps
        yield where, distances, np.full(len(distances), rounding)


def _pair_cosines(
    rows: Floats, which: NDArray[np.intp], targets: Floats, labels: NDArray[Any]
) -> Floats:
    """Compute 1 - x.y of pairs of unit rows."""
    products = np.einsum("ij,ij->i", rows[which], targets[labels])
    return np.asarray(np.clip(1.0 - products, 0.0, 2.0), dtype=np.float64)


def _pair_distances(
    rows: Rows, which: NDArray[np.intp], centroids: Floats, labels: NDArray[Any]
) -> Floats:
    """Sum the squared differences of pairs of a row and a centroid."""
    distances = np.empty(len(which))
    size = max(1, _BLOCK_VALUES // max(rows.shape[1], 1))
    for start in range(0, len(which), size):
        part = slice(start, start + size)
        difference = as_floats(rows[which[part]]) - centroids[labels[part]]
        distances[part] = _squared_norms(difference)
    return distances
