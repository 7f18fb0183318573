"""Clusters that teach a classifier, which then corrects them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkmeans.engine import in_blocks
from inkmeans.progress import Callback, Event
from inkmeans.recognise.kernel_ridge import LandmarkKernel, ViewRidges

__all__ = ["SelfTraining", "Taught", "Teacher", "choose_landmarks"]

_BLOCK = 1024  # images that are scored at once
_SCOUTS = 600  # landmarks of the fit that only tells which images are unsure

Rows = NDArray[np.float32]
Labels = NDArray[np.int32]


@dataclass(frozen=True)
class SelfTraining:
    """How clusters are corrected.

    Attributes
    ----------
    n_landmarks : int, default=3000
        Images that the kernel compares with; a third of them drawn at random, the others from
        those that a first fit is unsure of.
    penalty : float, default=3e-3
        Of the ridge regression.
    n_rounds : int, default=10
        At most; fewer where nothing changes any more.
    vote : float, default=0.25
        Weight of the nearest neighbours' labels beside the classifier's score.
    n_votes : int, default=5
        Neighbours that vote.
    """

    n_landmarks: int = 3000
    penalty: float = 3e-3
    n_rounds: int = 10
    vote: float = 0.25
    n_votes: int = 5


@dataclass(frozen=True, eq=False)
class Taught:
    """What came of it.

    Attributes
    ----------
    labels : int32 ndarray of shape (n,)
    scores : float32 ndarray of shape (n, k)
        What the classifier says of each image without having seen its label, about 0 to 1.
    kernels : list of LandmarkKernel
        One a view.
    weights : list of float32 ndarray of shape (m, k)
    landmarks : int64 ndarray of shape (m,)
        Which images the kernels compare with.
    """

    labels: Labels
    scores: Rows
    landmarks: NDArray[np.int64]
    kernels: list[LandmarkKernel]
    weights: list[Rows]

    def score(self, views: Sequence[Rows]) -> Rows:
        """Score other rows for each cluster, shape (m, k)."""

        def score(part: slice) -> Rows:
            scores = [
                kernel.compare(view[part]) @ weights
                for kernel, weights, view in zip(self.kernels, self.weights, views, strict=True)
            ]
            return np.asarray(np.mean(scores, axis=0, dtype=np.float32))

        return np.concatenate(in_blocks(score, len(views[0]), _BLOCK))


def choose_landmarks(
    views: Sequence[Rows], labels: Labels, options: SelfTraining, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Choose images to compare with: a third at random, the rest near the borders of clusters.

    Parameters
    ----------
    views : sequence of float32 ndarray of shape (n, d)
    labels : int32 ndarray of shape (n,)
    options : SelfTraining
    rng : numpy.random.Generator

    Returns
    -------
    int64 ndarray
        Indices of images, ascending.
    """
    n, wanted = len(labels), options.n_landmarks
    order = rng.permutation(n)
    if n <= wanted:
        return np.arange(n)
    first = np.sort(order[: max(1, wanted // 3)])
    kernel = LandmarkKernel.scaled(views[0][first[:: -(-len(first) // _SCOUTS)]])
    scout = ViewRidges([kernel], views[:1], options.penalty)
    left_out, _ = scout.solve(labels, int(labels.max()) + 1)
    best = np.sort(left_out, axis=1)
    unsure = np.argsort(best[:, -1] - best[:, -2], kind="stable")[: 2 * wanted]
    drawn = rng.permutation(unsure)
    return np.unique(np.r_[first, drawn[: wanted - len(first)]])


class Teacher:
    """Teaches a classifier clusters, any number of times for the cost of one.

    Parameters
    ----------
    views : sequence of float32 ndarray of shape (n, d)
        The images' rows, one array a view; scores of views are averaged.
    labels : int32 ndarray of shape (n,)
        Clusters, from 0, near whose borders images are chosen to compare with.
    options : SelfTraining
    neighbors : int32 ndarray of shape (n, m) or None, default=None
        Nearest images of each, which vote.
    random_state : int or None, default=None

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise.self_training import SelfTraining, Teacher
    >>> rows = np.r_[np.zeros((20, 2)), np.ones((20, 2))].astype(np.float32)
    >>> labels = np.repeat([0, 1], 20).astype(np.int32)
    >>> labels[3] = 1
    >>> Teacher([rows], labels, SelfTraining(), random_state=0).teach(labels).labels[:5].tolist()
    [0, 0, 0, 0, 0]
    """

    def __init__(
        self,
        views: Sequence[Rows],
        labels: Labels,
        options: SelfTraining,
        *,
        neighbors: Labels | None = None,
        random_state: int | None = None,
    ) -> None:
        self._options = options
        self._neighbors = neighbors
        self._landmarks = choose_landmarks(
            views, labels, options, np.random.default_rng(random_state)
        )
        self._kernels = [LandmarkKernel.scaled(view[self._landmarks]) for view in views]
        self._ridges = ViewRidges(self._kernels, views, options.penalty)

    def teach(
        self, labels: Labels, given: Labels | None = None, callback: Callback | None = None
    ) -> Taught:
        """Fit a classifier to clusters, relabel what it contradicts, and again.

        It is kernel ridge regression, whose predictions of each image without that image cost no
        second fit, so an image's wrong label does not vouch for itself.

        Parameters
        ----------
        labels : int32 ndarray of shape (n,)
            Clusters to begin with, from 0; at least two of them.
        given : int32 ndarray of shape (n,) or None, default=None
            Labels that are known, -1 elsewhere: these never change.
        callback : callable or None, default=None
            Told of each round, with how many labels changed.

        Returns
        -------
        Taught
        """
        options = self._options
        n_clusters = int(labels.max()) + 1
        labels = labels.copy()
        known = np.zeros(len(labels), dtype=bool) if given is None else given >= 0
        for step in range(1, options.n_rounds + 1):
            if given is not None:
                labels[known] = given[known]
            scores, inner = self._ridges.solve(labels, n_clusters)
            found = (scores + self._vote(labels, n_clusters)).argmax(axis=1).astype(np.int32)
            changed = int(((found != labels) & ~known).sum())
            if callback is not None:
                callback(Event("self-training", step=step, of=options.n_rounds, changed=changed))
            if not changed or len(np.unique(found)) < n_clusters:
                break  # a cluster that would be lost stays as it was
            labels = found
        if given is not None:
            labels[known] = given[known]
        return Taught(labels, scores, self._landmarks, self._kernels, self._ridges.weigh(inner))

    def _vote(self, labels: Labels, n_clusters: int) -> Rows | np.float32:
        """Let each image's nearest neighbours vote; nothing, where none are known."""
        weight = np.float32(self._options.vote)
        if self._neighbors is None or not weight:
            return np.float32(0)
        voters = labels[self._neighbors[:, : self._options.n_votes]]
        shares: Rows = np.eye(n_clusters, dtype=np.float32)[voters].mean(axis=1)
        return weight * shares
