"""What one clustering works on: rows, weights and what "near" means."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.utils.sparsefuncs import mean_variance_axis

from inkmeans import engine
from inkmeans.engine import Assigner, Floats, Labels, Rows

__all__ = ["Problem", "cosine_from_squared", "unit"]

_MOST_COLUMNS = (2**31 - 1) // 255**2  # whose squared uint8 still add up within int32


class Problem:
    """Rows to cluster, under the Euclidean distance or the cosine.

    Spherical k-means needs no kernel of its own, and no copy of the rows at unit length:
    among centroids of length 1 the nearest in the Euclidean sense is the one of the largest
    cosine, whatever the length of the row; and the sum of the unit rows of a cluster is the
    sum of its rows, each weighted by one over its length.

    Parameters
    ----------
    rows : C-contiguous array of shape (n, d), uint8, float32 or float64; or CSR matrix
    weights : ndarray of shape (n,), float64, or None for a weight of 1 each
    cosine : bool, default=False
    n_threads : int, default=1

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster.problem import Problem
    >>> problem = Problem(np.array([[0, 0], [0, 2], [9, 9]], dtype=np.uint8))
    >>> round(problem.mean_variance(), 3)
    16.444
    """

    def __init__(
        self,
        rows: Rows,
        weights: Floats | None = None,
        *,
        cosine: bool = False,
        n_threads: int = 1,
    ) -> None:
        self.rows = rows
        self.weights = weights
        self.cosine = cosine
        self.n_threads = n_threads
        self.dtype: Any = np.float32 if rows.dtype == np.float32 else np.float64

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.rows.shape[0])

    @cached_property
    def norms(self) -> Floats:
        """Length of each row."""
        return np.sqrt(engine.squared_norms(self.rows))

    @cached_property
    def total_weight(self) -> float:
        """Sum of the weights."""
        return float(self.n if self.weights is None else self.weights.sum())

    @cached_property
    def sum_weights(self) -> Floats | None:
        """Weight of each row in the sums that centroids are made of."""
        if not self.cosine:
            return self.weights
        each = 1.0 if self.weights is None else self.weights
        return np.asarray(each / np.where(self.norms == 0, 1, self.norms), dtype=np.float64)

    def subset(self, which: Any) -> Problem:
        """Return the problem of some of the rows, copied."""
        weights = None if self.weights is None else self.weights[which]
        if weights is not None and not weights.any():
            weights = None  # among rows of no weight all are alike
        return Problem(self.rows[which], weights, cosine=self.cosine, n_threads=self.n_threads)

    def sample(self, which: Any) -> Problem:
        """Return the problem of rows drawn by their weights, which then weigh 1 each."""
        return Problem(self.rows[which], cosine=self.cosine, n_threads=self.n_threads)

    def rows_as_float(self, which: Any) -> Floats:
        """Return a few rows in float64; of unit length for the cosine."""
        dense = engine.as_floats(self.rows[which])
        return unit(dense) if self.cosine else dense

    def place(self, centroids: Any) -> Floats:
        """Return centroids as they are compared: of the precision of the rows, in float64."""
        stored = np.asarray(centroids, dtype=self.dtype)
        placed = np.array(stored, dtype=np.float64, order="C")
        return unit(placed) if self.cosine else placed

    def assigner(self, n_clusters: int) -> Assigner:
        """Return an assigner whose sums are those that the centroids are made of."""
        return engine.assigner(
            self.rows, n_clusters, weights=self.sum_weights, n_threads=self.n_threads
        )

    def assign(self, centroids: Floats) -> Labels:
        """Return the nearest of the (placed) centroids of each row."""
        return engine.assign(self.rows, centroids, n_threads=self.n_threads)

    def distances(self, labels: Labels, centroids: Floats) -> Floats:
        """Return the squared (or cosine) distance of each row to its (placed) centroid."""
        squared = engine.assigned_distances(self.rows, labels, centroids, n_threads=self.n_threads)
        return cosine_from_squared(squared, self.norms) if self.cosine else squared

    def inertia(self, labels: Labels, centroids: Floats) -> float:
        """Return the weighted sum of those distances."""
        distances = self.distances(labels, centroids)
        return float(distances.sum() if self.weights is None else (distances * self.weights).sum())

    def inertia_from_sums(
        self, labels: Labels, centroids: Floats, sums: Floats, counts: NDArray[Any]
    ) -> float:
        """Return the inertia, quickly where the sums of the clusters are exact: for uint8 rows."""
        if self.rows.dtype != np.uint8 or self.weights is not None or self.cosine:
            return self.inertia(labels, centroids)
        if self.rows.shape[1] > _MOST_COLUMNS:
            return self.inertia(labels, centroids)
        wide = self.rows.astype(np.int32)
        squares = int(np.einsum("ij,ij->i", wide, wide).sum(dtype=np.int64))
        own = float(counts @ np.einsum("ij,ij->i", centroids, centroids))
        return max(0.0, squares - 2 * float(np.einsum("ij,ij->", centroids, sums)) + own)

    def assigner_distances(self, assigner: Assigner) -> Floats:
        """Return the distance of each row to the centroid that an assigner has it at."""
        squared = assigner.distances()
        return cosine_from_squared(squared, self.norms) if self.cosine else squared

    def assigner_inertia(self, assigner: Assigner, centroids: Floats) -> float:
        """Return the inertia of an assigner's labels with the centroids of its last update."""
        if self.cosine:  # the products of the rows with their centroids are in the sums
            return max(
                0.0, self.total_weight - float(np.einsum("ij,ij->", assigner.sums, centroids))
            )
        return assigner.inertia()

    def mean_variance(self) -> float:
        """Return the variance of the columns, averaged: the unit of the tolerance."""
        if sp.issparse(self.rows) and not self.cosine:
            weights = None if self.weights is None else self.weights.astype(self.dtype)
            return float(np.mean(mean_variance_axis(self.rows, axis=0, weights=weights)[1]))
        labels = np.zeros(self.n, dtype=np.int32)
        sums, _ = engine.cluster_sums(
            self.rows, labels, 1, weights=self.sum_weights, n_threads=self.n_threads
        )
        mean = sums[0] / self.total_weight
        if self.cosine:  # of rows of length 1 the mean square is 1
            return max(0.0, 1.0 - float(mean @ mean)) / len(mean)
        return self.inertia(labels, mean[None]) / (self.total_weight * len(mean))


def unit(vectors: Floats) -> Floats:
    """Scale vectors to length 1; one of zeros becomes the diagonal.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster.problem import unit
    >>> unit(np.array([[3.0, 4.0]])).tolist()
    [[0.6, 0.8]]
    """
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    if norms.all():
        return np.asarray(vectors / norms, dtype=np.float64)
    diagonal = 1 / np.sqrt(vectors.shape[1])
    return np.where(norms == 0, diagonal, vectors / np.where(norms == 0, 1, norms))


def cosine_from_squared(squared: Floats, norms: Floats) -> Floats:
    """Turn squared distances between rows and vectors of length 1 into one minus the cosine.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster.problem import cosine_from_squared
    >>> cosine_from_squared(np.array([5.0]), np.array([2.0])).tolist()  # at a right angle
    [1.0]
    """
    lengths = np.where(norms == 0, 1, norms)
    distances = 1.0 - (norms * norms + 1.0 - squared) / (2.0 * lengths)
    return np.where(norms == 0, 1.0, np.clip(distances, 0.0, 2.0))
