"""The eigenvalues of a graph of neighbours, whose widest gap tells how many parts it has."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.neighbors import nearest_neighbors

__all__ = ["laplacian_eigenvalues"]

_NEIGHBORS = 10
_SCALE = 7  # the neighbour whose distance is a row's own scale
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
    Each row is joined with its 10 nearest, one way or the other; weights are
    exp(-d^2 / (s_i s_j)) with s the distance to the 7th (Zelnik-Manor and Perona, "Self-tuning
    spectral clustering", 2004). The gaps: von Luxburg, "A tutorial on spectral clustering"
    (2007), section 8.3.

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

    graph = _graph(rows)
    # Part by part: an iteration from one start cannot tell how often an eigenvalue occurs.
    n_parts, part = connected_components(graph, directed=False)
    values = []
    for which in range(n_parts):
        members = np.flatnonzero(part == which)
        similar = _normalized(graph[members][:, members])
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


def _graph(rows: NDArray[np.float32]) -> Any:
    from scipy.sparse import csr_array

    n = len(rows)
    n_neighbors = min(_NEIGHBORS, n - 1)
    found, distances = nearest_neighbors(rows, n_neighbors, exclude_self=True)
    scale = distances[:, min(_SCALE, n_neighbors) - 1]
    own = np.repeat(np.arange(n), n_neighbors)
    other = found.ravel()
    # Rows that many others equal have no scale; they are as near as can be.
    spread = np.maximum(scale[own] * scale[other], np.finfo(np.float64).tiny)
    weights = np.exp(-np.minimum(distances.ravel() ** 2 / spread, 500))
    graph = csr_array((weights, (own, other)), shape=(n, n))
    return graph.maximum(graph.T)


def _normalized(graph: Any) -> Any:
    """Return D^-1/2 W D^-1/2, whose eigenvalues are one minus those of the Laplacian."""
    from scipy.sparse import diags_array

    root = diags_array(1 / np.sqrt(graph.sum(axis=1)))
    return root @ graph @ root
