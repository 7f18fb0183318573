"""Rows of images to clusters by graphs of neighbours: the first guess of the recogniser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from inkmeans.cluster.graph import average_graphs, neighbor_graph, normalized
from inkmeans.cluster.spectral import cluster_graph
from inkmeans.neighbors import DeformationIndex, nearest_neighbors
from inkmeans.prepare import Deskew
from inkmeans.progress import Callback, silent

__all__ = ["Grouping", "group_images", "pair_information"]

_FEW = 4_000  # images up to which many graphs cost little
_FEW_COMPONENTS = (16, 32, 64, 128)
_FEW_NEIGHBORS = (5, 10, 20)
_NEIGHBORS = 10
_OVERLAP = 15


@dataclass(frozen=True, eq=False)
class Grouping:
    """Clusters of images, and the graph that they were found in.

    Attributes
    ----------
    labels : int32 ndarray of shape (n,)
    graph : csr_matrix of shape (n, n)
        Normalised, averaged over all graphs that were made.
    neighbors : int32 ndarray of shape (n, m)
        Nearest first, by the best distance at hand.
    eigenvalues : float64 ndarray
        The smallest ones of the graph's normalised Laplacian.
    """

    labels: NDArray[np.int32]
    graph: sp.csr_matrix
    neighbors: NDArray[np.int32]
    eigenvalues: NDArray[np.float64]


def group_images(
    images: NDArray[np.uint8],
    rows: NDArray[np.float32],
    n_clusters: int,
    *,
    shortlist: int = 0,
    random_state: int | None = None,
    callback: Callback | None = None,
) -> Grouping:
    """Cluster images by who is near to whom.

    Graphs of the rows' distance and, where that is asked for, of the image deformation distance
    are averaged. One graph of few images may tear a class apart by chance; then graphs of
    different numbers of components and neighbours are made too, and of their clusterings, and
    that of the average, the one is taken that says the most of neighbours: `pair_information`.

    Parameters
    ----------
    images : uint8 ndarray of shape (n, height, width)
        Straightened before the deformation distance compares them.
    rows : float32 ndarray of shape (n, d)
        Their components, half-whitened, largest variance first.
    n_clusters : int
        Fewer than there are images.
    shortlist : int, default=0
        Neighbours that the deformation distance ranks anew.
    random_state : int or None, default=None
    callback : callable or None, default=None

    Returns
    -------
    Grouping

    Examples
    --------
    >>> import inkmeans
    >>> from inkmeans.recognise.grouping import group_images
    >>> images = inkmeans.load("digits").images[:300]
    >>> rows = images.reshape(300, -1).astype("float32")
    >>> group_images(images, rows, 10, random_state=0).labels.shape
    (300,)
    """
    tell = callback or silent
    available = len(rows) - 1
    wanted = min(max(shortlist, _OVERLAP + 5), available)
    near, apart = nearest_neighbors(rows, wanted, exclude_self=True, callback=tell)
    graphs = [neighbor_graph(near, apart, n_neighbors=_NEIGHBORS, n_overlap=_OVERLAP)]
    few = len(rows) <= _FEW
    if few:
        graphs += _more_graphs(rows, min(max(_FEW_NEIGHBORS) + 5, available))
    if shortlist:
        straight = Deskew().transform(images)
        index = DeformationIndex().fit(straight, near[:, :shortlist], callback=tell)
        near, apart = index.indices_, index.distances_
        several = _FEW_NEIGHBORS if few else (_NEIGHBORS,)
        graphs += [neighbor_graph(near, apart, n_neighbors=k) for k in several]
    average = average_graphs(graphs)
    affinities = [average]
    if few:
        affinities += map(normalized, graphs)
    best = -np.inf
    for affinity in affinities:
        found, values = cluster_graph(affinity, n_clusters, random_state)
        information = pair_information(found, near[:, :_NEIGHBORS])
        if information > best:
            best, labels, eigenvalues = information, found, values
    return Grouping(labels, average, near[:, :_OVERLAP], eigenvalues)


def pair_information(labels: NDArray[np.integer], neighbors: NDArray[np.integer]) -> float:
    """Measure how much an image's cluster says of its neighbours' clusters.

    The mutual information of both [1]_, in nats: large where neighbours are in the same cluster
    and clusters are many and even. It needs no labels of classes.

    Parameters
    ----------
    labels : int ndarray of shape (n,)
        Clusters, from 0.
    neighbors : int ndarray of shape (n, m)

    Returns
    -------
    float
        From 0 to the logarithm of the number of clusters.

    References
    ----------
    .. [1] X. Ji, J. Henriques, A. Vedaldi, "Invariant information clustering for unsupervised
       image classification and segmentation", ICCV 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise.grouping import pair_information
    >>> neighbors = np.array([[1], [0], [3], [2]])
    >>> round(pair_information(np.array([0, 0, 1, 1]), neighbors), 3)
    0.693
    >>> round(pair_information(np.array([0, 1, 0, 1]), neighbors), 3)
    0.693
    >>> pair_information(np.array([0, 0, 0, 0]), neighbors)
    0.0
    """
    k = int(labels.max()) + 1
    own = np.repeat(labels, neighbors.shape[1]).astype(np.int64)
    joint = np.bincount(own * k + labels[neighbors].ravel(), minlength=k * k).reshape(k, k)
    shares = (joint + joint.T) / (2 * len(own))
    alone = shares.sum(axis=1)
    here = shares > 0
    return float((shares[here] * np.log(shares[here] / np.outer(alone, alone)[here])).sum())


def _more_graphs(rows: NDArray[np.float32], wanted: int) -> list[sp.csr_matrix]:
    """Make graphs of fewer components, with fewer and more neighbours."""
    graphs = []
    for width in _FEW_COMPONENTS:
        if width > rows.shape[1]:
            continue
        part = np.ascontiguousarray(rows[:, :width])
        near, apart = nearest_neighbors(part, wanted, exclude_self=True)
        graphs += [
            neighbor_graph(near, apart, n_neighbors=k, n_overlap=max(k, 10)) for k in _FEW_NEIGHBORS
        ]
    return graphs
