"""Islands: groups within clusters that hang more loosely on them than on each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError

__all__ = ["LEAST_CLAIM", "Islands", "check_graph", "find_islands", "reach"]

_MOST_LEVELS = 40
_LEAST_MERGED = 0.02  # share of groups: below it, large ones swallow single images one by one
_TINY = 1e-12
_HARDLY = 0.01
LEAST_CLAIM = 0.2
"""Share of an island's links that stay inside, times that of its outer links that lead to a
class, from which a label of this class may claim it."""


@dataclass(frozen=True, eq=False)
class Islands:
    """Groups within clusters, small ones nested in large ones, and how they are tied.

    Attributes
    ----------
    order : int64 ndarray of shape (n,)
        All images, so that each group is a run of this.
    starts, stops : int64 ndarray of shape (n_groups,)
        Group g is ``order[starts[g]:stops[g]]``. Single images and whole clusters are groups too.
    inside : float64 ndarray of shape (n_groups,)
        Share of a group's links that stay in it.
    foreign : float64 ndarray of shape (n_groups,)
        Share of the links that leave it which go to other clusters; 1 for whole clusters.
    is_cluster : bool ndarray of shape (n_groups,)
    standing : float64 ndarray of shape (n,)
        Share of each image's links that lead to its own cluster, less that of the others: -1 to 1.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    inside: NDArray[np.float64]
    foreign: NDArray[np.float64]
    is_cluster: NDArray[np.bool_]
    standing: NDArray[np.float64]

    def members(self, group: int) -> NDArray[np.int64]:
        """Return the images of a group."""
        return self.order[self.starts[group] : self.stops[group]]

    def places(self) -> NDArray[np.int64]:
        """Return the place of each image in `order`."""
        places = np.empty_like(self.order)
        places[self.order] = np.arange(len(self.order))
        return places


def check_graph(graph: sp.csr_matrix, labels: ArrayLike) -> tuple[sp.csr_matrix, NDArray[np.int64]]:
    """Check that a graph and the clusters of its images fit together.

    Parameters
    ----------
    graph : csr_matrix of shape (n, n)
    labels : int array-like of shape (n,)

    Returns
    -------
    graph, labels

    Raises
    ------
    DataError
        If they do not.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from inkmeans.recognise.islands import check_graph
    >>> check_graph(sp.csr_matrix((2, 2)), [0, 1])[1].tolist()
    [0, 1]
    """
    clusters = np.asarray(labels)
    n = len(clusters) if clusters.ndim == 1 else 0
    if n == 0 or clusters.dtype.kind not in "iu" or clusters.min() < 0:
        raise DataError(
            f"clusters are {clusters.dtype} of shape {clusters.shape}",
            hint="give one integer from 0 for each image",
        )
    if not sp.issparse(graph) or graph.shape != (n, n):
        shape = getattr(graph, "shape", None)
        raise DataError(
            f"the graph has the shape {shape}, for {n} images",
            hint="give a sparse matrix with a row and a column for each image",
        )
    links = sp.csr_matrix(graph, dtype=np.float64)
    if not np.isfinite(links.data).all() or (links.data < 0).any():
        raise DataError("a link weighs less than 0 or is not finite", hint="give affinities")
    return links, clusters.astype(np.int64)


def find_islands(graph: sp.csr_matrix, labels: NDArray[np.integer]) -> Islands:
    """Find dense groups within each cluster, from pairs of images up to the cluster itself.

    Groups that are each other's nearest unite, level by level [1]_; near is a large weight
    between two for the weight that each has in all, so that dense groups close before they
    unite with others.

    Parameters
    ----------
    graph : csr_matrix of shape (n, n)
        Symmetric affinities.
    labels : int ndarray of shape (n,)
        Cluster of each image.

    Returns
    -------
    Islands

    References
    ----------
    .. [1] I. Dhillon, Y. Guan, B. Kulis, "Weighted graph cuts without eigenvectors: a multilevel
       approach", IEEE PAMI 29(11), 2007.

    Examples
    --------
    >>> import numpy as np
    >>> import scipy.sparse as sp
    >>> from inkmeans.recognise.islands import find_islands
    >>> pair = np.ones((2, 2)) - np.eye(2)
    >>> islands = find_islands(sp.csr_matrix(sp.block_diag([pair, pair])), np.zeros(4, int))
    >>> [islands.members(g).tolist() for g in range(len(islands.starts))]
    [[0], [1], [2], [3], [0, 1], [2, 3], [0, 1, 2, 3]]
    """
    links = graph.tocoo()
    n = len(labels)
    same = labels[links.row] == labels[links.col]
    between = sp.csr_matrix((links.data[same], (links.row[same], links.col[same])), shape=(n, n))
    abroad = np.bincount(links.row[~same], weights=links.data[~same], minlength=n)
    weights = [abroad.astype(np.float64)]
    levels = [np.arange(n)]  # the group of each image
    ties = [_ties(between, weights[0])]
    while len(levels) < _MOST_LEVELS:
        united = _unite(between)
        n_groups = int(united.max()) + 1
        if n_groups > (1 - _LEAST_MERGED) * between.shape[0]:
            break
        into = sp.csr_matrix((np.ones(len(united)), (united, np.arange(len(united)))))
        between = sp.csr_matrix(into @ between @ into.T)
        weights.append(np.asarray(into @ weights[-1]))
        levels.append(united[levels[-1]])
        ties.append(_ties(between, weights[-1]))
    clusters = np.unique(labels, return_inverse=True)[1]
    levels.append(clusters)
    into = sp.csr_matrix((np.ones(n), (clusters, np.arange(n))))
    degrees = np.asarray(graph.sum(axis=1), dtype=np.float64).ravel()
    whole = np.asarray(into @ degrees)
    away = into @ weights[0]
    ties.append((np.where(whole > 0, 1 - away / np.maximum(whole, _TINY), 0), np.ones(len(whole))))
    return _collect(levels, ties, np.asarray(1 - 2 * weights[0] / np.maximum(degrees, _TINY)))


def reach(islands: Islands, known: NDArray[np.integer]) -> NDArray[np.float64]:
    """Weigh labelled images by how many images each speaks for, and how well it stands.

    Each image is spoken for by a labelled image of the smallest group around it that has any:
    of several, by the one best tied to the cluster. One that is itself tied to other clusters is
    hardly heard, whatever the group. So the label of an island or of a doubtful image weighs
    little beside that of a central one.

    Parameters
    ----------
    islands : Islands
    known : int ndarray of shape (m,)
        Labelled images.

    Returns
    -------
    float64 ndarray of shape (m,)
        Numbers of images, times the standing of the one that speaks for them.

    Examples
    --------
    >>> import numpy as np
    >>> import scipy.sparse as sp
    >>> from inkmeans.recognise.islands import find_islands, reach
    >>> parts = [np.ones((k, k)) - np.eye(k) for k in (2, 6)]
    >>> islands = find_islands(sp.csr_matrix(sp.block_diag(parts)), np.zeros(8, int))
    >>> reach(islands, np.array([0, 5])).tolist()
    [2.0, 6.0]
    """
    places = islands.places()[known]
    order = np.argsort(islands.standing[known], kind="stable")
    speaker = np.full(len(islands.order), -1)
    size_so_far = np.full(len(islands.order), len(islands.order) + 1)
    for one in order:  # the one of highest standing last, so that of equal groups it gets it
        around = (islands.starts <= places[one]) & (places[one] < islands.stops)
        for start, stop in zip(islands.starts[around], islands.stops[around], strict=True):
            run = slice(start, stop)
            smallest = size_so_far[run] >= stop - start
            speaker[run][smallest] = one
            size_so_far[run][smallest] = stop - start
    spoken = np.bincount(speaker[speaker >= 0], minlength=len(places))
    return np.asarray(spoken * np.maximum(islands.standing[known], _HARDLY))


def _unite(between: sp.csr_matrix) -> NDArray[np.int64]:
    """Unite groups that are each other's nearest; return the new group of each."""
    n = between.shape[0]
    total = np.asarray(between.sum(axis=1)).ravel()
    row = np.repeat(np.arange(n), np.diff(between.indptr))
    column = between.indices
    away = row != column
    row, column = row[away], column[away]
    near = between.data[away] / np.sqrt(total[row] * total[column])
    group = np.arange(n)
    if len(row):
        first = np.flatnonzero(np.r_[True, row[1:] != row[:-1]])
        most = np.zeros(n)
        most[row[first]] = np.maximum.reduceat(near, first)
        nearest = np.full(n, n)
        best = near == most[row]
        np.minimum.at(nearest, row[best], column[best])
        one = row[first]
        mutual = one[(nearest[nearest[one]] == one) & (one < nearest[one])]
        group[nearest[mutual]] = mutual
    return np.unique(group, return_inverse=True)[1]


def _ties(
    between: sp.csr_matrix, foreign: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the share of links inside, and that of outer links that lead abroad."""
    inside = between.diagonal()
    home = np.maximum(np.asarray(between.sum(axis=1)).ravel() - inside, 0)
    outer = home + foreign
    return inside / np.maximum(inside + outer, _TINY), foreign / np.maximum(outer, _TINY)


def _collect(
    levels: list[NDArray[np.int64]],
    ties: list[tuple[NDArray[np.float64], NDArray[np.float64]]],
    standing: NDArray[np.float64],
) -> Islands:
    """Lay the groups of all levels out as runs of one order, each group once."""
    order = np.lexsort(levels)
    starts, stops, inside, foreign = [], [], [], []
    before = np.full(len(order) + 1, -1)  # the stop of the last group that began here
    for height, (level, (within, abroad)) in enumerate(zip(levels, ties, strict=True)):
        groups = level[order]
        start = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
        stop = np.r_[start[1:], len(order)]
        if height == 0:  # single images stay in their own order
            place = np.argsort(order)
            start, stop = place, place + 1
            new = np.ones(len(order), dtype=bool)
            groups_at = np.arange(len(order))
        else:
            top = height == len(levels) - 1
            new = np.ones(len(start), dtype=bool) if top else before[start] != stop
            groups_at = groups[start]
        before[start] = stop
        starts.append(start[new])
        stops.append(stop[new])
        inside.append(within[groups_at][new])
        foreign.append(abroad[groups_at][new])
    first, last = np.concatenate(starts), np.concatenate(stops)
    is_cluster = np.zeros(len(first), dtype=bool)
    is_cluster[len(first) - len(starts[-1]) :] = True
    end = np.zeros(len(order), dtype=np.int64)  # of the cluster that begins here
    end[starts[-1]] = stops[-1]
    once = is_cluster | (end[first] != last) | (last - first == 1)  # a cluster is no island too
    return Islands(
        order,
        first[once],
        last[once],
        np.concatenate(inside)[once],
        np.concatenate(foreign)[once],
        is_cluster[once],
        standing,
    )
