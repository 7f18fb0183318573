"""Spectral clustering: k-means among the slowest modes of a graph of neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from inkmeans.cluster.graph import neighbor_graph, normalized
from inkmeans.cluster.kmeans import KMeans
from inkmeans.cluster.parameters import check_whole
from inkmeans.cluster.rows import PredictingClusterer, check_enough
from inkmeans.neighbors import nearest_neighbors

__all__ = ["SpectralClustering", "cluster_graph", "spectral_embedding"]

_DENSE = 600  # rows up to which all eigenvectors are quicker than some
_OVERLAP = 15  # nearest rows whose overlap counts, see `neighbor_graph`
_TOLERANCE = 1e-4
_MOST_MODES = 32  # each costs time, and late ones tell of ever smaller groups
_STARTS = 10
_FEWER_STARTS = 3  # of many clusters, of which every start finds about as good ones
_MANY_CLUSTERS = 64


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
    eigenvalues : ndarray of shape (n_modes + some,)
        Of the normalised Laplacian, the smallest first.

    Notes
    -----
    As many modes as clusters, but at most 32, each row of them scaled to length 1, are clustered
    by k-means with ten starts [1]_, three for more than 64 clusters.

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
    n_modes = min(n_clusters, _MOST_MODES)
    eigenvalues, modes = spectral_embedding(affinity, n_modes + 6, random_state)
    rows = modes[:, :n_modes]
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    n_init = _STARTS if n_clusters <= _MANY_CLUSTERS else _FEWER_STARTS
    kmeans = KMeans(n_clusters, n_init=n_init, random_state=random_state)
    return kmeans.fit(rows.astype(np.float32)).labels_, eigenvalues


class SpectralClustering(PredictingClusterer):
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
    labels_ : ndarray of shape (n_samples,), int32
        New rows get the cluster of most of their nearest; of equally frequent ones the first.
    eigenvalues_ : ndarray
        The smallest ones of the normalised Laplacian; a gap after the k-th speaks for k.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Notes
    -----
    Exact neighbours of all rows take most of the time, which grows with n^2. The rows are kept
    for `predict`. Rows that are all equal are one cluster, however many were asked for.

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

    def _cluster(self, rows: NDArray[Any]) -> Any:
        check_whole("n_clusters", self.n_clusters)
        check_whole("n_neighbors", self.n_neighbors)
        check_enough(len(rows), self.n_clusters)
        self._rows = rows
        if (rows == rows[0]).all():  # a graph would tear them apart by chance
            self.eigenvalues_ = np.zeros(1)
            return np.zeros(len(rows))
        wanted = min(max(self.n_neighbors, _OVERLAP), len(rows) - 1)
        near = nearest_neighbors(rows, wanted, exclude_self=True, n_threads=self.n_threads)
        graph = neighbor_graph(*near, n_neighbors=self.n_neighbors)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        labels, self.eigenvalues_ = cluster_graph(normalized(graph), self.n_clusters, seed)
        return labels

    def _assign(self, rows: NDArray[Any]) -> Any:
        wanted = min(self.n_neighbors, len(self._rows))
        near, _ = nearest_neighbors(self._rows, wanted, rows, n_threads=self.n_threads)
        votes = np.zeros((len(rows), self.n_clusters), dtype=np.int32)
        np.add.at(votes, (np.arange(len(rows))[:, None], self.labels_[near]), 1)
        return votes.argmax(axis=1)
