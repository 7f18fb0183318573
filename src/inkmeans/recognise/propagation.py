"""A few labels that correct clusters: each one that contradicts its cluster claims its island."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError
from inkmeans.recognise.islands import LEAST_CLAIM, Islands, check_graph, find_islands

__all__ = ["propagate"]

_TINY = 1e-12


def propagate(graph: sp.csr_matrix, labels: ArrayLike, given: ArrayLike) -> NDArray[np.int32]:
    """Correct clusters by what is known of a few images.

    An image known to be of another cluster than its own takes along the group around it that
    is most of an island: at most half its cluster, many of whose links stay inside, while of the
    others a good part leads to the known cluster. A group in which an image is known to be of
    anything else stays. Without such a group, the image goes alone.

    Parameters
    ----------
    graph : csr_matrix of shape (n, n)
        Symmetric affinities of neighbours.
    labels : int array-like of shape (n,)
        Cluster of each image.
    given : int array-like of shape (n,)
        Cluster that an image is known to be of; -1 where nothing is known. A number that no
        cluster has stands for a class that has none: its groups are judged by all links abroad.

    Returns
    -------
    int32 ndarray of shape (n,)
        Clusters, corrected; where something is given, that.

    Raises
    ------
    DataError
        If the arrays do not fit together.

    Examples
    --------
    >>> import numpy as np
    >>> import scipy.sparse as sp
    >>> from inkmeans.recognise.propagation import propagate
    >>> trio = np.ones((3, 3)) - np.eye(3)
    >>> graph = sp.csr_matrix(sp.block_diag([trio, trio, trio])).tolil()
    >>> graph[5, 6] = graph[6, 5] = graph[2, 3] = graph[3, 2] = 0.1
    >>> given = np.array([0, -1, -1, -1, 1, -1, -1, -1, -1])
    >>> propagate(graph.tocsr(), [0, 0, 0, 0, 0, 0, 1, 1, 1], given).tolist()
    [0, 0, 0, 1, 1, 1, 1, 1, 1]
    """
    links, clusters = check_graph(graph, labels)
    known = np.asarray(given)
    if known.shape != clusters.shape or known.dtype.kind not in "iu" or known.min() < -1:
        raise DataError(
            f"what is given is {known.dtype} of shape {known.shape}, for {len(clusters)} images",
            hint="give a cluster for each image, -1 where it is unknown",
        )
    out = clusters.astype(np.int32)
    astray = np.flatnonzero((known >= 0) & (known != clusters))
    if len(astray):
        islands = find_islands(links, clusters)
        claims = [
            (*_claim(links, clusters, known, islands, int(image)), int(image)) for image in astray
        ]
        for _, group, image in sorted(claims):  # the strongest claim has the last word
            out[islands.members(group)] = known[image]
    out[known >= 0] = known[known >= 0]
    return out


def _claim(
    links: sp.csr_matrix,
    clusters: NDArray[np.int64],
    known: NDArray[np.integer],
    islands: Islands,
    image: int,
) -> tuple[float, int]:
    """Return how strong the best claim of an image is, and its group: itself, failing others."""
    label = known[image]
    place = int(np.flatnonzero(islands.order == image)[0])
    here = (islands.starts <= place) & (place < islands.stops) & ~islands.is_cluster
    most = np.count_nonzero(clusters == clusters[image]) // 2  # else it is the cluster's body
    here &= islands.stops - islands.starts <= most
    likely = here & (islands.inside * islands.foreign >= LEAST_CLAIM)
    has_cluster = bool((clusters == label).any())
    best, group = 0.0, image  # the first n groups are the images
    for candidate in np.flatnonzero(likely):
        members = islands.members(int(candidate))
        told = known[members]
        if ((told >= 0) & (told != label)).any():
            continue
        strength = float(islands.inside[candidate])
        if has_cluster:
            strength *= _pull(links, clusters, members, int(label))
        else:
            strength *= float(islands.foreign[candidate])
        if strength >= max(LEAST_CLAIM, best):
            best, group = strength, int(candidate)
    return best, group


def _pull(
    links: sp.csr_matrix, clusters: NDArray[np.int64], members: NDArray[np.int64], label: int
) -> float:
    """Return the links from a group to a cluster, beside those to the rest of its own cluster."""
    part = links[members]
    outside = ~np.isin(part.indices, members)
    ends, weights = clusters[part.indices[outside]], part.data[outside]
    there = float(weights[ends == label].sum())
    home = float(weights[ends == clusters[members[0]]].sum())
    return there / max(there + home, _TINY)
