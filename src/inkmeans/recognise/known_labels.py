"""Labels of some images: what they say of the clusters."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from inkmeans.recognise.islands import find_islands, reach
from inkmeans.recognise.naming import name_by_votes

__all__ = ["as_clusters", "weigh_votes"]


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


def as_clusters(
    graph: sp.csr_matrix | None,
    labels: NDArray[np.integer],
    given: NDArray[np.integer],
    n_clusters: int,
) -> NDArray[np.int32]:
    """Turn given labels into clusters: the own one if so named, else the largest of that name.

    Parameters
    ----------
    graph : csr_matrix of shape (n, n) or None
    labels : int ndarray of shape (n,)
        Cluster of each image.
    given : int ndarray of shape (n,)
        Label of each image, -1 where it is unknown.
    n_clusters : int

    Returns
    -------
    int32 ndarray of shape (n,)
        -1 where nothing is known, also where no cluster bears the label's name.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise.known_labels import as_clusters
    >>> labels, given = np.array([0, 0, 0, 1, 1]), np.array([7, 7, 4, 4, -1])
    >>> as_clusters(None, labels, given, 2).tolist()
    [0, 0, 1, 1, -1]
    """
    places = np.flatnonzero(given >= 0)
    votes = (places, given[places])
    names = name_by_votes(labels, n_clusters, votes, weigh_votes(graph, labels, places))
    home: dict[Any, int] = {}
    sizes = np.bincount(labels, minlength=n_clusters)
    for cluster in np.argsort(-sizes, kind="stable"):
        if names[cluster] is not None:
            home.setdefault(names[cluster], int(cluster))
    known = np.full(len(labels), -1, dtype=np.int32)
    for place in places:
        own, name = labels[place], given[place].item()
        known[place] = own if names[own] == name else home.get(name, -1)
    return known
