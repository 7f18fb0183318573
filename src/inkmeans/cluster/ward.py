"""Agglomerative clustering by Ward's criterion."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from inkmeans.cluster.graph import connect_neighbors
from inkmeans.cluster.parameters import check_choice, check_whole
from inkmeans.cluster.rows import RowsClusterer, check_enough

__all__ = ["Ward"]

_LINKAGES = ("ward", "average", "complete", "single")
_MOST_UNCONSTRAINED = 5000  # rows: above it all pairs cost more than the graph
_NEIGHBORS = 10


class Ward(RowsClusterer):
    """Joins the two clusters whose union costs least, again and again, by scikit-learn.

    Parameters
    ----------
    n_clusters : int, default=8
        Where the joining ends.
    linkage : {"ward", "average", "complete", "single"}, default="ward"
        What a union costs: the rise of the inertia (Ward), or the mean, largest or smallest
        distance between rows of the two.
    n_neighbors : int, None or "auto", default="auto"
        Only clusters that are connected in the graph of so many nearest neighbours are joined;
        None allows any two. ``"auto"``: None up to 5,000 rows, 10 above.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,), int32
    children_ : ndarray of shape (n_samples - 1, 2)
        What was joined, step by step, as in scikit-learn.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Notes
    -----
    Without the graph, time grows with n^2 d and memory with n^2 (100 MB for 5,000 rows). With it,
    memory grows with n d, and time with about n^1.6.

    References
    ----------
    J. H. Ward, "Hierarchical grouping to optimize an objective function", Journal of the American
    Statistical Association 58, 1963.

    Examples
    --------
    >>> from inkmeans.cluster import Ward
    >>> Ward(2).fit_predict([[0.0], [1.0], [9.0]]).tolist()
    [0, 0, 1]
    """

    def __init__(
        self, n_clusters: int = 8, *, linkage: str = "ward", n_neighbors: Any = "auto"
    ) -> None:
        self.n_clusters = n_clusters
        self.linkage = linkage
        self.n_neighbors = n_neighbors

    def _cluster(self, rows: NDArray[Any]) -> Any:
        from sklearn.cluster import AgglomerativeClustering

        check_whole("n_clusters", self.n_clusters)
        check_choice("linkage", self.linkage, _LINKAGES)
        n_neighbors = self.n_neighbors
        if n_neighbors == "auto":
            n_neighbors = None if len(rows) <= _MOST_UNCONSTRAINED else _NEIGHBORS
        check_whole("n_neighbors", n_neighbors, optional=True)
        check_enough(len(rows), self.n_clusters)
        if len(rows) == 1:  # nothing to join, which scikit-learn refuses
            return [0]
        graph = None if n_neighbors is None else connect_neighbors(rows, n_neighbors)
        joined = AgglomerativeClustering(
            self.n_clusters, linkage=self.linkage, connectivity=graph
        ).fit(rows)
        self.children_ = joined.children_
        return joined.labels_
