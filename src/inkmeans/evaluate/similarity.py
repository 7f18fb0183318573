"""How alike the clusters are, and which classes are taken for one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError, ParameterError
from inkmeans.evaluate.checks import as_labels, as_matrix

__all__ = ["ConfusedPair", "Mistake", "confused_pairs", "link_centroids"]

LinkageMethod = Literal["average", "ward", "complete", "single"]

_PLURALS = {
    "0": "zeros", "1": "ones", "2": "twos", "3": "threes", "4": "fours",
    "5": "fives", "6": "sixes", "7": "sevens", "8": "eights", "9": "nines",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Mistake:
    """The images of one class that lie in clusters named after another.

    Attributes
    ----------
    true, taken_for : int
        The class of the images, and the class that their clusters are named after.
    true_name, taken_for_name : str
    count, support : int
        So many images, of so many of the true class.
    indices : ndarray of int64
        The first of these images, in the order of the data set.
    """

    true: int
    taken_for: int
    true_name: str
    taken_for_name: str
    count: int
    support: int
    indices: NDArray[np.int64]

    @property
    def share(self) -> float:
        """Share of the true class's images that are taken for the other."""
        return self.count / self.support if self.support else 0.0

    @property
    def sentence(self) -> str:
        """The mistake in words."""
        if not self.count:
            return f"no image of {self.true_name} lies in a cluster named {self.taken_for_name}"
        them = _PLURALS.get(self.true_name, f"images of {self.true_name}")
        return (
            f"{self.true_name} is taken for {self.taken_for_name}: {self.count:,} of "
            f"{self.support:,} {them} ({100 * self.share:.1f} %) lie in clusters "
            f"named {self.taken_for_name}"
        )


@dataclass(frozen=True, eq=False)
class ConfusedPair:
    """Two classes that are taken for one another.

    Attributes
    ----------
    more, less : Mistake
        The two directions, the more frequent one first.
    """

    more: Mistake
    less: Mistake

    @property
    def count(self) -> int:
        """Images of either class that are taken for the other."""
        return self.more.count + self.less.count


def confused_pairs(
    labels: ArrayLike,
    predicted: ArrayLike,
    *,
    names: Sequence[str] = (),
    n_pairs: int = 6,
    n_images: int = 12,
) -> tuple[ConfusedPair, ...]:
    """Find the pairs of classes that are most often taken for one another.

    Parameters
    ----------
    labels : array-like of int, shape (n_images,)
        The class of each image.
    predicted : array-like of int, shape (n_images,)
        The class that its cluster is named after, -1 where it has no name:
        ``names.majority[assignments]``.
    names : sequence of str, default=()
        Names of the classes; numbers stand in for missing names.
    n_pairs : int, default=6
        The most pairs to return.
    n_images : int, default=12
        The most images to name in each direction.

    Returns
    -------
    tuple of ConfusedPair
        By the images confused in either direction, most first; pairs that are never
        confused are left out.

    Raises
    ------
    DataError
        If the arrays do not belong together.

    Examples
    --------
    >>> from inkmeans.evaluate import confused_pairs
    >>> pair, = confused_pairs([4, 4, 4, 9], [9, 4, 4, 9])
    >>> pair.more.sentence
    '4 is taken for 9: 1 of 3 fours (33.3 %) lie in clusters named 9'
    >>> pair.more.indices, pair.less.count
    (array([0]), 0)
    """
    guesses = np.asarray(predicted)
    if guesses.ndim != 1 or guesses.dtype.kind not in "iu" or (guesses < -1).any():
        raise DataError(
            f"predicted classes have the shape {guesses.shape} and the type {guesses.dtype}",
            hint="give one class for each image, -1 where its cluster has no name",
        )
    classes = as_labels(labels, len(guesses))
    if not len(classes):
        return ()
    size = int(max(classes.max(), guesses.max())) + 1
    supports = np.bincount(classes, minlength=size)
    seen = guesses >= 0
    cells = np.bincount(classes[seen] * size + guesses[seen], minlength=size * size)
    table = cells.reshape(size, size)

    def mistake(true: int, taken_for: int) -> Mistake:
        wrong = np.flatnonzero((classes == true) & (guesses == taken_for))
        return Mistake(
            true=true,
            taken_for=taken_for,
            true_name=_class_name(true, names),
            taken_for_name=_class_name(taken_for, names),
            count=int(table[true, taken_for]),
            support=int(supports[true]),
            indices=wrong[:n_images],
        )

    either = np.triu(table + table.T, k=1)
    ranked = np.argsort(-either, axis=None, kind="stable")[:n_pairs]
    pairs = []
    for a, b in zip(*np.unravel_index(ranked, either.shape), strict=True):
        if either[a, b]:
            one, other = mistake(int(a), int(b)), mistake(int(b), int(a))
            pairs.append(ConfusedPair(*sorted((one, other), key=lambda m: -m.count)))
    return tuple(pairs)


def _class_name(index: int, names: Sequence[str]) -> str:
    return str(names[index]) if index < len(names) else str(index)


def link_centroids(centroids: ArrayLike, method: LinkageMethod = "average") -> NDArray[np.float64]:
    """Join the centroids step by step, the most alike first.

    Parameters
    ----------
    centroids : array-like of shape (n_clusters, n_features)
        At least two.
    method : {"average", "ward", "complete", "single"}, default="average"
        How the distance between two groups follows from their members'; the average
        keeps the heights in the units of the rows.

    Returns
    -------
    ndarray of shape (n_clusters - 1, 4)
        As from `scipy.cluster.hierarchy.linkage`, with leaves ordered so that
        neighbours are alike.

    Raises
    ------
    ParameterError
        If the method is unknown, or there are fewer than two centroids.

    Examples
    --------
    >>> from inkmeans.evaluate import link_centroids
    >>> link_centroids([[0.0], [1.0], [5.0]])[:, 2]
    array([1. , 4.5])
    """
    from scipy.cluster.hierarchy import linkage

    if method not in get_args(LinkageMethod):
        raise ParameterError(
            f"unknown linkage {method!r}", hint=f"known: {', '.join(get_args(LinkageMethod))}"
        )
    matrix: NDArray[Any] = as_matrix(centroids, "centroids").astype(np.float64)
    if len(matrix) < 2:
        raise ParameterError("one centroid has no neighbour", hint="link at least two centroids")
    # Above some hundreds the optimal order takes longer than everything else.
    joined: NDArray[np.float64] = linkage(matrix, method, optimal_ordering=len(matrix) <= 300)
    return joined
