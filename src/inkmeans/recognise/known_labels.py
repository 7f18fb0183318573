"""Labels of some images: what they say of the clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from inkmeans.cluster.graph import average_graphs, neighbor_graph, normalized
from inkmeans.errors import ParameterError
from inkmeans.neighbors import nearest_neighbors
from inkmeans.recognise.islands import find_islands, reach
from inkmeans.recognise.naming import name_by_votes
from inkmeans.recognise.propagation import propagate

__all__ = ["check_classes", "follow_labels", "link_rows", "weigh_votes"]

_OVERLAP = 15
_STAY = 0.1  # of a label's weight, at each step of its way along the links
_STEPS = 50


def weigh_votes(
    graph: sp.csr_matrix | None, labels: NDArray[np.integer], places: NDArray[np.integer]
) -> NDArray[np.float64] | None:
    """Say how many images each label speaks for, so that doubtful ones do not outvote the others.

    Parameters
    ----------
    graph : csr_matrix of shape (n, n) or None
        None: nothing is known of that.
    labels : int ndarray of shape (n,)
        Cluster of each image.
    places : int ndarray of shape (m,)
        The images with labels.

    Returns
    -------
    float64 ndarray of shape (m,), or None without a graph

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise.known_labels import weigh_votes
    >>> weigh_votes(None, np.zeros(3, int), np.array([0])) is None
    True
    """
    if graph is None:
        return None
    return np.asarray(reach(find_islands(graph, labels), places))


def check_classes(given: NDArray[np.integer], n_clusters: int) -> None:
    """Raise if there are more classes than clusters that could stand for them.

    Parameters
    ----------
    given : int ndarray of shape (n,)
        Label of each image, -1 where it is unknown.
    n_clusters : int

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise.known_labels import check_classes
    >>> check_classes(np.array([3, 4, 5, -1]), 2)
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: y has 3 different labels for 2 clusters; ask for 3 clusters \
or more
    """
    n_classes = len(np.unique(given[given >= 0]))
    if n_classes > n_clusters:
        raise ParameterError(
            f"y has {n_classes} different labels for {n_clusters} clusters",
            hint=f"ask for {n_classes} clusters or more",
        )


def link_rows(rows: NDArray[np.float32]) -> sp.csr_matrix:
    """Make a graph of nearest neighbours, for clusters that were found without one.

    Parameters
    ----------
    rows : float32 ndarray of shape (n, d)

    Returns
    -------
    csr_matrix of shape (n, n)
        Normalised.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise.known_labels import link_rows
    >>> link_rows(np.array([[0], [1], [9]], dtype=np.float32)).shape
    (3, 3)
    """
    wanted = min(_OVERLAP, len(rows) - 1)
    if wanted < 1:
        return sp.csr_matrix((len(rows), len(rows)))
    return average_graphs([neighbor_graph(*nearest_neighbors(rows, wanted, exclude_self=True))])


def follow_labels(
    graph: sp.csr_matrix,
    labels: NDArray[np.integer],
    given: NDArray[np.integer],
    n_clusters: int,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Correct clusters by given labels, so that each label has a cluster of its own.

    Clusters are named by their labels. A label that names none takes a cluster that no label
    names, if its images lean to that one most. Otherwise it may split from the cluster that it
    shares with another: its images take along those that are nearer to them than to the other
    labels. To make room for them a cluster joins a larger one of its name, or one without a name
    that which it leans to: if this is tied more loosely than the part that would be split off,
    else the label takes the whole cluster. Last, groups follow labels that contradict their
    cluster: `propagate`.

    Parameters
    ----------
    graph : csr_matrix of shape (n, n)
        Symmetric affinities of neighbours.
    labels : int ndarray of shape (n,)
        Cluster of each image.
    given : int ndarray of shape (n,)
        Label of each image, -1 where it is unknown.
    n_clusters : int

    Returns
    -------
    labels : int32 ndarray of shape (n,)
        Clusters, corrected.
    known : int32 ndarray of shape (n,)
        Those that stand for the given labels; -1 where nothing was given.

    Raises
    ------
    ParameterError
        If there are more labels than clusters.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise.known_labels import follow_labels, link_rows
    >>> graph = link_rows(np.array([[0], [1], [2], [9], [10], [11]], dtype=np.float32))
    >>> labels, given = np.array([0, 0, 0, 0, 1, 1]), np.array([7, 7, -1, 4, -1, -1])
    >>> corrected, known = follow_labels(graph, labels, given, 2)
    >>> corrected.tolist(), known.tolist()
    ([0, 0, 0, 1, 1, 1], [0, 0, -1, 1, -1, -1])
    """
    check_classes(given, n_clusters)
    places = np.flatnonzero(given >= 0)
    votes = (places, given[places])
    names = name_by_votes(labels, n_clusters, votes, weigh_votes(graph, labels, places))
    named = _Named(graph, labels.astype(np.int32), given, names)
    every, counts = np.unique(given[places], return_counts=True)
    for name in every[np.argsort(-counts, kind="stable")].tolist():
        if name not in names:
            names[named.make_room(name)] = name
    clusters, home = named.clusters, {name: named.home(name) for name in every.tolist()}
    known = np.full(len(labels), -1, dtype=np.int32)
    for place in places:
        own, name = clusters[place], given[place].item()
        known[place] = own if names[own] == name else home[name]
    return propagate(graph, clusters, known), known


@dataclass(eq=False)
class _Named:
    """Clusters with names; `clusters` is changed where room is made for one more name."""

    graph: Any  # csr_matrix, or None
    clusters: NDArray[np.int32]
    given: NDArray[np.integer]
    names: list[Any]

    def home(self, name: int) -> int:
        """Return the largest cluster of a name."""
        same = [cluster for cluster, other in enumerate(self.names) if other == name]
        return max(same, key=self.size)

    def size(self, cluster: int) -> int:
        return int(np.count_nonzero(self.clusters == cluster))

    def make_room(self, name: int) -> int:
        """Find a cluster for a label that names none, or empty one and move images there."""
        nameless = [cluster for cluster, other in enumerate(self.names) if other is None]
        second = [
            cluster
            for cluster, other in enumerate(self.names)
            if other is not None and self.home(other) != cluster
        ]
        leanings = self.lean(self.given == name)
        if leanings.any() and int(leanings.argmax()) in nameless:
            return int(leanings.argmax())
        part = self.nearer(name)
        spare = max(second or nameless, key=lambda c: self.looseness(self.clusters == c))
        members = self.clusters == spare
        if nameless and self.looseness(members) <= self.looseness(part):
            tight = min(nameless, key=lambda c: self.looseness(self.clusters == c))
            return max([tight, *nameless], key=lambda c: leanings[c])
        outward = self.lean(members)
        if self.names[spare] is not None:
            self.clusters[members] = self.home(self.names[spare])
        elif outward.any():
            self.clusters[members] = outward.argmax()
        self.clusters[part] = spare
        return spare

    def lean(self, images: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Weigh the links of images to each cluster that none of them is in."""
        links = self.graph[np.flatnonzero(images)].tocoo()
        ends = self.clusters[links.col]
        weights = np.bincount(ends, weights=links.data, minlength=len(self.names))
        weights[np.unique(self.clusters[images])] = 0
        return weights.astype(np.float64)

    def looseness(self, images: NDArray[np.bool_]) -> float:
        """Return the share of links of images that lead to others; 1 for no image."""
        links = self.graph[np.flatnonzero(images)]
        whole = float(links.sum())
        return 1 - float(links[:, np.flatnonzero(images)].sum()) / whole if whole else 1.0

    def nearer(self, name: int) -> NDArray[np.bool_]:
        """Find the images that are nearer to a label than to the others in their cluster.

        Labels spread along the links within each cluster [1]_.

        References
        ----------
        .. [1] D. Zhou, O. Bousquet, T. N. Lal, J. Weston, B. Schoelkopf, "Learning with local and
           global consistency", NeurIPS 2003.
        """
        nearer: NDArray[np.bool_] = self.given == name
        for shared in np.unique(self.clusters[nearer]):
            members = np.flatnonzero(self.clusters == shared)
            told = self.given[members]
            seeds = np.column_stack([told == name, (told >= 0) & (told != name)]).astype(float)
            links = normalized(sp.csr_matrix(self.graph[members][:, members]))
            spread = seeds
            for _ in range(_STEPS):
                spread = _STAY * seeds + (1 - _STAY) * (links @ spread)
            nearer[members] |= spread[:, 0] > spread[:, 1]
        return nearer
