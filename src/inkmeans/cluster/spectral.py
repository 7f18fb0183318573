"""Spectral clustering: k-means among the slowest modes of a graph of neighbours."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from inkmeans.cluster.graph import neighbor_graph, normalized
from inkmeans.cluster.kmeans import KMeans
from inkmeans.errors import ParameterError
from inkmeans.neighbors import nearest_neighbors

__all__ = ["SpectralClustering", "cluster_graph", "spectral_embedding"]

_DENSE = 600  # rows up to which all eigenvectors are quicker than some
_DTYPES = (np.float64, np.float32, np.uint8)
_TOLERANCE = 1e-4


def spectral_embedding(
    affinity: sp.csr_matrix, n_components: int, random_state: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the slowest modes of a random walk on a graph.

    Parameters
    ----------
    affinity : csr_matrix of shape (n, n)
        A normalised graph: see `inkmeans.cluster.graph.normalized`.
    n_components : int
        Modes to find, at most n.
    random_state : int or None, default=None
        Start of the iteration; it changes only rounding, and the modes of pieces of the graph
        that no link ties to each other.

    Returns
    -------
    eigenvalues : ndarray of shape (n_components,)
        Those of the normalised Laplacian, the smallest first: a gap after the k-th says that
        there are k clusters.
    modes : ndarray of shape (n, n_components)
        Orthonormal eigenvectors.

    References
    ----------
    .. [1] U. von Luxburg, "A tutorial on spectral clustering", Statistics and Computing 17,
       2007.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from inkmeans.cluster.graph import normalized
    >>> from inkmeans.cluster.spectral import spectral_embedding
    >>> pairs = sp.csr_matrix(sp.block_diag([[[0, 1], [1, 0]], [[0, 1], [1, 0]]]))
    >>> spectral_embedding(normalized(pairs), 3)[0].round(6).tolist()
    [0.0, 0.0, 2.0]
    """
    n = affinity.shape[0]
    wanted = min(n_components, n)
    if n <= max(_DENSE, 2 * wanted + 1):
        values, vectors = np.linalg.eigh(affinity.toarray())
    else:
        start = np.random.default_rng(random_state).random(n)
        values, vectors = sp.linalg.eigsh(affinity, k=wanted, which="LA", v0=start, tol=_TOLERANCE)
    order = np.argsort(-values, kind="stable")[:wanted]
    eigenvalues = np.abs(np.maximum(1 - values[order], 0))
    return eigenvalues, np.ascontiguousarray(vectors[:, order])


def cluster_graph(
    affinity: sp.csr_matrix, n_clusters: int, random_state: int | None = None
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Cluster the rows of a graph.

    Parameters
    ----------
    affinity : csr_matrix of shape (n, n)
        A normalised graph.
    n_clusters : int
        At most n.
    random_state : int or None, default=None

    Returns
    -------
    labels : int32 ndarray of shape (n,)
    eigenvalues : ndarray of shape (n_clusters + some,)
        Of the normalised Laplacian, the smallest first.

    Notes
    -----
    As many modes as clusters, each row of them scaled to length 1, are clustered by k-means
    with ten starts [1]_.

    References
    ----------
    .. [1] A. Ng, M. Jordan, Y. Weiss, "On spectral clustering", NeurIPS 2001.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from inkmeans.cluster.graph import normalized
    >>> from inkmeans.cluster.spectral import cluster_graph
    >>> pairs = sp.csr_matrix(sp.block_diag([[[0, 1], [1, 0]], [[0, 1], [1, 0]]]))
    >>> labels, _ = cluster_graph(normalized(pairs), 2, random_state=0)
    >>> bool(labels[0] == labels[1] != labels[2] == labels[3])
    True
    """
    eigenvalues, modes = spectral_embedding(affinity, n_clusters + 6, random_state)
    rows = modes[:, :n_clusters]
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    found = KMeans(n_clusters, n_init=10, random_state=random_state).fit(rows.astype(np.float32))
    return found.labels_, eigenvalues


class SpectralClustering(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Cluster rows by the graph of their nearest neighbours.

    Clusters may have any shape, as long as neighbours are mostly of the same one.

    Parameters
    ----------
    n_clusters : int, default=10
    n_neighbors : int, default=10
        Links of each row: see `inkmeans.cluster.graph.neighbor_graph`.
    random_state : int, RandomState or None, default=None
    n_threads : int or None, default=None
        None: as many as `inkmeans.engine.effective_threads` says.

    Attributes
    ----------
    labels_ : int32 ndarray of shape (n,)
    eigenvalues_ : ndarray
        The smallest ones of the normalised Laplacian; a gap after the k-th speaks for k.
    n_features_in_ : int

    Notes
    -----
    Exact neighbours of all rows take most of the time, which grows with n^2. New rows go to
    the cluster of most of their nearest fitted rows, which are kept. Rows that are all equal
    are one cluster, however many were asked for.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster.spectral import SpectralClustering
    >>> angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    >>> ring = np.c_[np.cos(angle), np.sin(angle)]
    >>> model = SpectralClustering(2, n_neighbors=4, random_state=0).fit(np.r_[ring, 5 * ring])
    >>> len(set(model.labels_[:60])), len(set(model.labels_))
    (1, 2)
    """

    def __init__(
        self,
        n_clusters: int = 10,
        *,
        n_neighbors: int = 10,
        random_state: Any = None,
        n_threads: int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_neighbors = n_neighbors
        self.random_state = random_state
        self.n_threads = n_threads

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Cluster rows.

        Parameters
        ----------
        X : array-like of shape (n, d)
        y : None
            Not used.

        Returns
        -------
        SpectralClustering
            Itself.

        Raises
        ------
        ParameterError
            If there are fewer rows than clusters, or no neighbours were asked for.
        """
        rows = validate_data(self, X, dtype=_DTYPES, order="C", ensure_min_samples=1)
        if not 1 <= self.n_clusters <= len(rows):
            raise ParameterError(
                f"n_clusters={self.n_clusters}, but n_samples={len(rows)}",
                hint="give a number from 1 to the number of rows",
            )
        if self.n_neighbors < 1:
            raise ParameterError(
                f"n_neighbors is {self.n_neighbors}", hint="give at least 1; 10 is usual"
            )
        self._rows = rows
        if (rows == rows[0]).all():  # a graph would tear them apart by chance
            self.labels_ = np.zeros(len(rows), dtype=np.int32)
            self.eigenvalues_ = np.zeros(1)
            return self
        wanted = min(max(self.n_neighbors, 15), len(rows) - 1)
        near, apart = nearest_neighbors(rows, wanted, exclude_self=True, n_threads=self.n_threads)
        graph = neighbor_graph(near, apart, n_neighbors=self.n_neighbors)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self.labels_, self.eigenvalues_ = cluster_graph(normalized(graph), self.n_clusters, seed)
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.int32]:
        """Give each row the cluster of most of its nearest fitted rows.

        Parameters
        ----------
        X : array-like of shape (m, d)

        Returns
        -------
        int32 ndarray of shape (m,)
            Of equally frequent clusters the first.
        """
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=_DTYPES, order="C", reset=False)
        wanted = min(self.n_neighbors, len(self._rows))
        near, _ = nearest_neighbors(self._rows, wanted, rows, n_threads=self.n_threads)
        votes = np.zeros((len(rows), self.n_clusters), dtype=np.int32)
        np.add.at(votes, (np.arange(len(rows))[:, None], self.labels_[near]), 1)
        return np.asarray(votes.argmax(axis=1), dtype=np.int32)
