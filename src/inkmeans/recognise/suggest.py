"""Which images to label: one of each cluster, then islands, then single doubts."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError, ParameterError
from inkmeans.recognise.islands import LEAST_CLAIM, Islands, check_graph, find_islands

__all__ = ["suggest_images"]

_ODD = 0.02  # labels that a person might give and that do not hold for the images around
_TINY = 1e-12


def suggest_images(
    graph: sp.csr_matrix,
    labels: ArrayLike,
    scores: ArrayLike,
    n_images: int,
    *,
    labelled: ArrayLike = (),
) -> NDArray[np.int64]:
    """Choose the images whose labels would help most.

    First the most central image of each cluster, largest first; then whatever promises to
    correct the most images: of an island (a group within a cluster, tied to the rest of it
    hardly more than to other clusters) its most central image, or a single image that the
    classifier is unsure of.

    The promise of a group is its size, times the share of its links that stay inside, times the
    square of the share of its outer links that lead to other clusters, times the classifier's
    mean doubt. A group with a labelled image promises nothing any more, except that an island
    large enough is asked a second time, lest one odd image decide for all.

    Parameters
    ----------
    graph : csr_matrix of shape (n, n)
        Symmetric affinities of neighbours.
    labels : int array-like of shape (n,)
        Cluster of each image.
    scores : array-like of shape (n, k)
        Of each image for each cluster, about 0 to 1, by a classifier that has not seen its label.
    n_images : int
        How many to choose; fewer are returned if there are no more.
    labelled : int array-like, default=()
        Images whose labels are known already.

    Returns
    -------
    int64 ndarray
        Images, the most useful first.

    Raises
    ------
    DataError
        If the arrays do not fit together.
    ParameterError
        If `n_images` is below 1, or a labelled image does not exist.

    Examples
    --------
    >>> import numpy as np
    >>> import scipy.sparse as sp
    >>> from inkmeans.recognise.suggest import suggest_images
    >>> trio = np.ones((3, 3)) - np.eye(3)
    >>> graph = sp.csr_matrix(sp.block_diag([trio, trio]))
    >>> labels = np.array([0, 0, 0, 1, 1, 1])
    >>> suggest_images(graph, labels, np.eye(2)[labels], 2).tolist()
    [0, 3]
    """
    links, clusters = check_graph(graph, labels)
    n = len(clusters)
    margins = _margins(scores, clusters)
    known = _check_labelled(labelled, n)
    if n_images < 1:
        raise ParameterError(f"n_images is {n_images}", hint="ask for at least one image")
    islands = find_islands(links, clusters)
    promise = _promises(islands, 1 - margins)
    places = islands.places()
    degrees = np.asarray(links.sum(axis=1)).ravel()
    asked = np.zeros(len(promise), dtype=bool)
    taken = np.zeros(n, dtype=bool)

    def take(image: int) -> None:
        _tell(islands, promise, asked, int(places[image]))
        taken[image] = True
        row = slice(links.indptr[image], links.indptr[image + 1])
        near = links.indices[row]  # the label tells something of its neighbours
        alone = promise[near] > 0  # the first n groups are the images
        share = links.data[row] / np.maximum(degrees[near], _TINY)
        promise[near[alone]] *= 1 - np.minimum(share[alone], 1)

    chosen: list[int] = []
    for image in known:
        take(int(image))
    while len(chosen) < min(n_images, n - len(known)):
        group = int(promise.argmax())
        members = islands.members(group)
        image = _central(links, clusters, members[~taken[members]], margins)
        chosen.append(image)
        take(image)
    return np.array(chosen, dtype=np.int64)


def _promises(islands: Islands, doubts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many images each group's label may correct; clusters above all others."""
    sums = np.r_[0, np.cumsum(doubts[islands.order])]
    doubt = sums[islands.stops] - sums[islands.starts]
    size = islands.stops - islands.starts
    inside = np.where(size == 1, 1, islands.inside)
    promise = np.asarray(doubt * inside * islands.foreign**2)
    promise[islands.is_cluster] = len(doubts) + size[islands.is_cluster]
    return promise


def _tell(
    islands: Islands, promise: NDArray[np.float64], asked: NDArray[np.bool_], place: int
) -> None:
    """Take away, in place, the promise of what a label at this place tells."""
    around = np.flatnonzero((islands.starts <= place) & (place < islands.stops))
    group = around[promise[around].argmax()]
    if not islands.is_cluster[group]:  # what is nested in it is told too, the denser the surer
        start, stop = islands.starts[group], islands.stops[group]
        nested = (start <= islands.starts) & (islands.stops <= stop) & (promise > 0)
        promise[nested] *= 1 - islands.inside[group]
    promise[around] = -1
    sizes = islands.stops[around] - islands.starts[around]
    could_claim = (islands.inside * islands.foreign)[around] >= LEAST_CLAIM
    could_claim &= (sizes > 1) & ~islands.is_cluster[around]
    if could_claim.any() and not asked[around].any():
        at_stake = np.where(could_claim, sizes * islands.inside[around], 0)
        most = at_stake.argmax()
        promise[around[most]] = _ODD * at_stake[most]
    asked[around[could_claim]] = True


def _central(
    links: sp.csr_matrix,
    clusters: NDArray[np.int64],
    members: NDArray[np.int64],
    margins: NDArray[np.float64],
) -> int:
    """Return the image most tied to its group, least to other clusters; of equals the surest."""
    members = np.sort(members)
    part = links[members]
    row = np.repeat(np.arange(len(members)), np.diff(part.indptr))
    among = np.isin(part.indices, members)
    abroad = clusters[part.indices] != clusters[members[0]]
    worth = part.data * (among.astype(float) - abroad)
    return int(members[np.lexsort((-margins[members], -np.bincount(row, worth, len(members))))[0]])


def _margins(scores: ArrayLike, clusters: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how much higher each image's cluster scores than the best other one, from 0 to 1."""
    of_all = np.array(scores, dtype=np.float64)
    n = len(clusters)
    if of_all.ndim != 2 or len(of_all) != n or of_all.shape[1] <= clusters.max():
        raise DataError(
            f"scores have the shape {of_all.shape}, for {n} images",
            hint="give a row for each image, a column for each cluster",
        )
    if not np.isfinite(of_all).all():
        raise DataError("scores are not all finite", hint="leave out images without scores")
    own = of_all[np.arange(n), clusters].copy()
    of_all[np.arange(n), clusters] = -np.inf
    best = of_all.max(axis=1)
    return np.asarray(np.clip(own - best, 0, 1))


def _check_labelled(labelled: ArrayLike, n: int) -> NDArray[np.int64]:
    known = np.asarray(labelled).reshape(-1)
    if known.size and known.dtype.kind not in "iu":
        raise DataError(f"labelled images are {known.dtype}", hint="give their indices, from 0")
    if known.size and not 0 <= known.min() <= known.max() < n:
        wrong = known.min() if known.min() < 0 else known.max()
        raise ParameterError(f"there is no image {wrong}", hint=f"images are 0 to {n - 1}")
    return np.unique(known).astype(np.int64)
