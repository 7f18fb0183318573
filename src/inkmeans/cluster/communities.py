"""Clusters of a graph of neighbours, by libraries of graphs: Leiden and Genie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from inkmeans.cluster.graph import connect_neighbors
from inkmeans.cluster.parameters import check_number, check_whole
from inkmeans.cluster.rows import RowsClusterer, check_enough
from inkmeans.registry import require

__all__ = ["Genie", "Leiden"]

_TRIES = 12  # resolutions that are tried for the number of clusters
_WIDEST = 6.0  # they lie between 2**-6 and 2**6


class Leiden(RowsClusterer):
    """Communities of the graph of neighbours, by leidenalg.

    Two rows are tied by the share of neighbours that they have in common. The communities are
    those of the largest modularity.

    Parameters
    ----------
    n_clusters : int or None, default=None
        A hint: the resolution is searched for that gives so many clusters, or comes nearest.
        None: the resolution is 1.
    n_neighbors : int, default=15
    resolution : float or "auto", default="auto"
        Higher finds more, smaller clusters; ``"auto"`` chooses it as said above.
    random_state : int, RandomState or None, default=None
        Pass an int for the same result every time.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,), int32
        Large clusters first.
    resolution_ : float
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Raises
    ------
    MissingExtraError
        From `fit`, if igraph and leidenalg (extra ``graphs``) are not installed.

    References
    ----------
    V. Traag, L. Waltman, N. J. van Eck, "From Louvain to Leiden: guaranteeing well-connected
    communities", Scientific Reports 9, 2019. J. Levine et al., "Data-driven phenotypic dissection
    of AML", Cell 162, 2015 (the ties).
    """

    def __init__(
        self,
        n_clusters: int | None = None,
        *,
        n_neighbors: int = 15,
        resolution: Any = "auto",
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_neighbors = n_neighbors
        self.resolution = resolution
        self.random_state = random_state

    def _cluster(self, rows: NDArray[Any]) -> Any:
        check_whole("n_clusters", self.n_clusters, optional=True)
        check_whole("n_neighbors", self.n_neighbors)
        if not isinstance(self.resolution, str):
            check_number("resolution", self.resolution)
        igraph = require("igraph", "graphs", "the algorithm leiden")
        leiden = require("leidenalg", "graphs", "the algorithm leiden")
        edges, weights = _ties(rows, self.n_neighbors)
        graph = igraph.Graph(n=len(rows), edges=edges)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))

        def communities(resolution: float) -> NDArray[np.int32]:
            found = leiden.find_partition(
                graph,
                leiden.RBConfigurationVertexPartition,
                weights=weights,
                resolution_parameter=resolution,
                seed=seed,
            )
            return np.asarray(found.membership, dtype=np.int32)

        if self.resolution != "auto" or self.n_clusters is None:
            self.resolution_ = 1.0 if self.resolution == "auto" else float(self.resolution)
            return communities(self.resolution_)
        return self._search(communities, self.n_clusters)

    def _search(
        self, communities: Callable[[float], NDArray[np.int32]], n_clusters: int
    ) -> NDArray[np.int32]:
        """Halve the range of resolutions until one gives so many communities."""
        low, high = -_WIDEST, _WIDEST
        tried: list[tuple[int, float, NDArray[np.int32]]] = []
        for step in range(_TRIES):
            middle = 0.0 if step == 0 else (low + high) / 2
            labels = communities(2.0**middle)
            found = int(labels.max()) + 1
            tried.append((abs(found - n_clusters), 2.0**middle, labels))
            if found == n_clusters:
                break
            low, high = (middle, high) if found < n_clusters else (low, middle)
        _, self.resolution_, labels = min(tried, key=lambda entry: entry[0])
        return labels


def _ties(rows: NDArray[Any], n_neighbors: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the pairs of rows that are neighbours, and the share that their own have in common."""
    graph = connect_neighbors(rows, n_neighbors)
    graph.setdiag(1)  # a row is among its own neighbours: no tie is then 0
    common = (graph @ graph).multiply(graph).tocoo()
    upper = common.row < common.col
    first, second, shared = common.row[upper], common.col[upper], common.data[upper]
    sizes = np.diff(graph.tocsr().indptr)
    weights = shared / (sizes[first] + sizes[second] - shared)
    return np.column_stack([first, second]).astype(np.int64), weights


class Genie(RowsClusterer):
    """Genie, by genieclust: joins nearest clusters, small ones first where sizes differ much.

    Parameters
    ----------
    n_clusters : int, default=8
    gini_threshold : float, default=0.3
        From 0 to 1: the inequality of sizes above which the smallest cluster must be joined next.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,), int32
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Raises
    ------
    MissingExtraError
        From `fit`, if genieclust (extra ``graphs``) is not installed.

    Notes
    -----
    In many dimensions time grows with n^2 d: 10 s for 5,000 images of 784 pixels.

    References
    ----------
    M. Gagolewski, M. Bartoszuk, A. Cena, "Genie: a new, fast, and outlier-resistant hierarchical
    clustering algorithm", Information Sciences 363, 2016.
    """

    def __init__(self, n_clusters: int = 8, *, gini_threshold: float = 0.3) -> None:
        self.n_clusters = n_clusters
        self.gini_threshold = gini_threshold

    def _cluster(self, rows: NDArray[Any]) -> Any:
        check_whole("n_clusters", self.n_clusters)
        check_number("gini_threshold", self.gini_threshold)
        genie = require("genieclust", "graphs", "the algorithm genie")
        check_enough(len(rows), self.n_clusters)
        if len(rows) == 1 or self.n_clusters == 1:  # nothing to part
            return np.zeros(len(rows))
        if len(rows) == self.n_clusters:  # nor to join
            return np.arange(len(rows))
        if rows.shape[1] == 1:  # genieclust wants two columns
            rows = np.hstack([rows, np.zeros_like(rows)])
        found = genie.Genie(self.n_clusters, gini_threshold=self.gini_threshold)
        return found.fit_predict(rows)
