"""Graphs of nearest neighbours: who is near to whom, and how much."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError, ParameterError
from inkmeans.neighbors import nearest_neighbors

__all__ = ["average_graphs", "connect_neighbors", "neighbor_graph", "normalized"]

_BLOCK = 65536  # links whose overlap is counted at once
_LEAST_OVERLAP = 1e-3  # common neighbours that a link without any counts as


def neighbor_graph(
    indices: ArrayLike,
    distances: ArrayLike,
    *,
    n_neighbors: int = 10,
    scale_neighbor: int = 7,
    n_overlap: int = 15,
) -> sp.csr_matrix:
    """Link every row to its nearest ones, by how near they are for rows of this neighbourhood.

    A link weighs exp(-d^2 / (s_i s_j)), where the scale s of a row is the distance to its
    `scale_neighbor`-th neighbour [1]_, times the share of neighbours that both ends have in
    common (the Jaccard overlap). A link from either side is a link.

    Parameters
    ----------
    indices : int array-like of shape (n, m)
        Neighbours of each row, nearest first, itself left out.
    distances : array-like of shape (n, m)
        Their distances.
    n_neighbors : int, default=10
        Links of each row; at most m.
    scale_neighbor : int, default=7
        Rank of the neighbour whose distance is the scale; the last one if there are fewer.
    n_overlap : int, default=15
        Length of the lists whose overlap counts; 0 leaves it out.

    Returns
    -------
    csr_matrix of shape (n, n), float64
        Symmetric weights from 0 to 1, an empty diagonal.

    Raises
    ------
    DataError
        If the two do not fit together.

    References
    ----------
    .. [1] L. Zelnik-Manor, P. Perona, "Self-tuning spectral clustering", NeurIPS 2004.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster.graph import neighbor_graph
    >>> graph = neighbor_graph([[1], [0], [1]], [[1.0], [1.0], [3.0]], n_neighbors=1, n_overlap=0)
    >>> graph.toarray().round(3)
    array([[0.   , 0.368, 0.   ],
           [0.368, 0.   , 0.05 ],
           [0.   , 0.05 , 0.   ]])
    """
    near, apart = np.asarray(indices), np.asarray(distances, dtype=np.float64)
    if near.ndim != 2 or near.shape != apart.shape or not near.size:
        raise DataError(
            f"indices have the shape {near.shape}, distances {apart.shape}",
            hint="give both as inkmeans.neighbors.nearest_neighbors returns them",
        )
    if min(n_neighbors, scale_neighbor) < 1 or n_overlap < 0:
        raise ParameterError(
            "a graph of neighbours needs at least one neighbour", hint="leave the defaults"
        )
    n, available = near.shape
    n_neighbors = min(n_neighbors, available)
    scales = np.maximum(apart[:, min(scale_neighbor, available) - 1], np.finfo(float).tiny)
    ends = np.repeat(np.arange(n), n_neighbors), near[:, :n_neighbors].ravel()
    squared = apart[:, :n_neighbors].ravel() ** 2
    with np.errstate(over="ignore"):  # equal rows have a scale of nothing, and others are far
        weights = np.exp(-squared / scales[ends[0]] / scales[ends[1]])
    if n_overlap:
        weights *= _overlap(near[:, : min(n_overlap, available)], ends)
    graph = sp.csr_matrix((weights, ends), shape=(n, n))
    graph = graph.maximum(graph.T).tocsr()
    graph.setdiag(0)
    graph.eliminate_zeros()
    return graph


def connect_neighbors(rows: NDArray[Any], n_neighbors: int) -> sp.csr_matrix:
    """Link every row to its nearest ones, all links alike, both ways.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
    n_neighbors : int
        Fewer where there are not so many other rows.

    Returns
    -------
    csr_matrix of shape (n, n)
        Symmetric, 1 where one of two rows is among the nearest of the other.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster.graph import connect_neighbors
    >>> connect_neighbors(np.array([[0.0], [1.0], [3.0]]), 1).toarray()
    array([[0., 1., 0.],
           [1., 0., 1.],
           [0., 1., 0.]])
    """
    n = len(rows)
    wanted = min(n_neighbors, n - 1)
    if wanted < 1:
        return sp.csr_matrix((n, n))
    indices, _ = nearest_neighbors(rows, wanted, exclude_self=True)
    starts = np.arange(0, n * wanted + 1, wanted)
    graph = sp.csr_matrix((np.ones(n * wanted), indices.ravel(), starts), shape=(n, n))
    return graph.maximum(graph.T).tocsr()


def _overlap(
    lists: NDArray[np.integer], ends: tuple[NDArray[np.integer], NDArray[np.integer]]
) -> NDArray[np.float64]:
    """Compute the Jaccard overlap of the lists of both ends of each link."""
    n, length = lists.shape
    starts = np.arange(0, n * length + 1, length)
    member = sp.csr_matrix((np.ones(lists.size), lists.ravel(), starts), shape=(n, n))
    common = np.empty(len(ends[0]))
    for begin in range(0, len(common), _BLOCK):
        part = slice(begin, begin + _BLOCK)
        both = member[ends[0][part]].multiply(member[ends[1][part]])
        common[part] = np.asarray(both.sum(axis=1)).ravel()
    return np.asarray((common + _LEAST_OVERLAP) / (2 * length - common))


def normalized(graph: sp.csr_matrix) -> sp.csr_matrix:
    """Divide each weight by the roots of the weights of both its ends.

    One minus it is the symmetric normalised Laplacian.

    Parameters
    ----------
    graph : csr_matrix of shape (n, n)
        Symmetric weights of at least 0.

    Returns
    -------
    csr_matrix of shape (n, n)
        Its eigenvalues are from -1 to 1. Rows without links stay empty.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from inkmeans.cluster.graph import normalized
    >>> normalized(sp.csr_matrix([[0.0, 2.0], [2.0, 0.0]])).toarray()
    array([[0., 1.],
           [1., 0.]])
    """
    degrees = np.asarray(graph.sum(axis=1), dtype=np.float64).ravel()
    roots = np.zeros_like(degrees)
    np.divide(1, np.sqrt(degrees), out=roots, where=degrees > 0)
    scale = sp.diags_array(roots)
    return sp.csr_matrix(scale @ graph @ scale)


def average_graphs(graphs: Iterable[sp.csr_matrix]) -> sp.csr_matrix:
    """Average graphs of the same rows, each normalised before, so that all count alike, and after.

    One graph may tear a class apart, or tie two together, by chance; the average rarely does.

    Parameters
    ----------
    graphs : iterable of csr_matrix of shape (n, n)

    Returns
    -------
    csr_matrix of shape (n, n)

    Raises
    ------
    ParameterError
        If there is no graph.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from inkmeans.cluster.graph import average_graphs
    >>> one = sp.csr_matrix([[0.0, 4.0], [4.0, 0.0]])
    >>> average_graphs([one, one]).toarray()
    array([[0., 1.],
           [1., 0.]])
    """
    parts = [normalized(graph) for graph in graphs]
    if not parts:
        raise ParameterError("there is no graph to average", hint="give at least one")
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return normalized(sp.csr_matrix(total))
