"""The eigenvalues of a graph of neighbours, whose widest gap tells how many parts it has."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.cluster.graph import neighbor_graph, normalized
from inkmeans.neighbors import nearest_neighbors

__all__ = ["laplacian_eigenvalues"]

_NEIGHBORS = 10
_DENSE = 500  # rows up to which all eigenvalues cost nothing


def laplacian_eigenvalues(rows: NDArray[np.float32], n_values: int) -> NDArray[np.float64]:
    """Return the smallest eigenvalues of the normalised Laplacian of a graph of neighbours.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
    n_values : int
        At most n.

    Returns
    -------
    ndarray of float64, shape (n_values,)
        Ascending, from 0 to 2: as many are 0 as the graph has separate parts.

    Notes
    -----
    The graph is `inkmeans.cluster.graph.neighbor_graph` of the 10 nearest, without overlap. The
    gaps: von Luxburg, "A tutorial on spectral clustering" (2007), section 8.3.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.experiment.suggestion.eigengap import laplacian_eigenvalues
    >>> rows = np.repeat([[0.0], [9.0], [30.0]], 20, axis=0)
    >>> rows += np.random.default_rng(0).normal(size=rows.shape)
    >>> values = laplacian_eigenvalues(rows.astype(np.float32), 4)
    >>> (values < 1e-8).tolist()
    [True, True, True, False]
    """
    from scipy.sparse.csgraph import connected_components

    found, distances = nearest_neighbors(rows, min(_NEIGHBORS, len(rows) - 1), exclude_self=True)
    graph = neighbor_graph(found, distances, n_neighbors=_NEIGHBORS, n_overlap=0)
    # Part by part: an iteration from one start cannot tell how often an eigenvalue occurs.
    n_parts, part = connected_components(graph, directed=False)
    values = []
    for which in range(n_parts):
        members = np.flatnonzero(part == which)
        similar = normalized(graph[members][:, members])
        values.append(1 - _largest(similar, min(n_values, len(members))))
    smallest: NDArray[np.float64] = np.sort(np.concatenate(values))[:n_values]
    return smallest.clip(0, 2)


def _largest(similar: Any, n_values: int) -> NDArray[np.float64]:
    from scipy.linalg import eigh
    from scipy.sparse.linalg import ArpackError, eigsh

    n = similar.shape[0]
    found: NDArray[np.float64]
    if n > max(_DENSE, 3 * n_values + 20):
        # A start of its own: the same answer every time.
        start = np.random.default_rng(0).normal(size=n)
        try:
            found = eigsh(
                similar, n_values, which="LA", v0=start, return_eigenvectors=False,
                ncv=3 * n_values + 20, tol=1e-8,
            )  # fmt: skip
        except ArpackError:  # it did not converge: the slow way does
            pass
        else:
            return found
    found = eigh(similar.toarray(), eigvals_only=True, subset_by_index=(n - n_values, n - 1))
    return found
