"""Families of many clusters: which of them are parts of one larger cluster."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from inkmeans.cluster.graph import normalized
from inkmeans.cluster.spectral import cluster_graph, spectral_embedding

__all__ = ["find_families", "pick_clusters"]

_FEW = 32  # clusters up to which each stands alone
_TINY = 1e-4  # eigenvalues below it all count as none


def find_families(
    graph: sp.csr_matrix, labels: NDArray[np.integer], n_clusters: int
) -> NDArray[np.int32]:
    """Group clusters by their links, into as many families as the widest eigengap tells.

    Parameters
    ----------
    graph : csr_matrix of shape (n, n)
        Of the images.
    labels : int ndarray of shape (n,)
        Their clusters, from 0.
    n_clusters : int

    Returns
    -------
    int32 ndarray of shape (n_clusters,)
        Family of each cluster, from 0; each its own where there are at most 32 clusters.

    Notes
    -----
    The widest gap is the one after which eigenvalues rise by the largest factor.

    References
    ----------
    .. [1] U. von Luxburg, "A tutorial on spectral clustering", Statistics and Computing 17,
       2007: the eigengap.

    Examples
    --------
    >>> import numpy as np
    >>> import scipy.sparse as sp
    >>> from inkmeans.recognise.families import find_families
    >>> block = np.ones((20, 20))
    >>> graph = sp.csr_matrix(sp.block_diag([block, block]))
    >>> families = find_families(graph, np.arange(40), 40)
    >>> len(set(families[:20])), len(set(families))
    (1, 2)
    """
    if n_clusters <= _FEW:
        return np.arange(n_clusters, dtype=np.int32)
    n = len(labels)
    member = sp.csr_matrix((np.ones(n), (np.arange(n), labels)), shape=(n, n_clusters))
    between = normalized(sp.csr_matrix(member.T @ graph @ member))
    eigenvalues, _ = spectral_embedding(between, _FEW + 1, 0)
    steps = eigenvalues[2:] / np.maximum(eigenvalues[1:-1], _TINY)
    n_families = 2 + int(steps.argmax())
    return cluster_graph(between, n_families, 0)[0]


def pick_clusters(scores: NDArray[np.floating], families: NDArray[np.integer]) -> NDArray[np.int32]:
    """Choose the family that scores best in all, then the best cluster of it.

    The parts of a cluster share what the whole would score, so the best of all clusters may be
    a whole one that scores less than the parts of another together.

    Parameters
    ----------
    scores : ndarray of shape (n, n_clusters)
    families : int ndarray of shape (n_clusters,)

    Returns
    -------
    int32 ndarray of shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise.families import pick_clusters
    >>> pick_clusters(np.array([[0.35, 0.25, 0.4]]), np.array([0, 0, 1])).tolist()
    [0]
    """
    n_families = int(families.max()) + 1
    if n_families == len(families):
        return np.asarray(scores.argmax(axis=1), dtype=np.int32)
    member = np.eye(n_families, dtype=scores.dtype)[families]
    best = (scores @ member).argmax(axis=1)
    inside = np.where(families == best[:, None], scores, -np.inf)
    return np.asarray(inside.argmax(axis=1), dtype=np.int32)
