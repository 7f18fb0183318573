"""The rows that are clustered: every feature, as it is and reduced, prepared once for all runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.cluster.registry import Algorithm
from inkmeans.datasets import Digits
from inkmeans.evaluate import SilhouetteSample
from inkmeans.experiment.options import Plan
from inkmeans.features.registry import Feature, get_feature
from inkmeans.progress import Callback, Event
from inkmeans.reduce import LinearMap, linear_map, parse_reducer

__all__ = ["ClusterSums", "Part", "Space", "make_spaces", "sum_clusters"]

_BLOCK = 4096  # rows at a time where a float64 copy is needed


@dataclass(frozen=True, eq=False)
class Part:
    """The training or the test rows of a space.

    Attributes
    ----------
    rows : ndarray of shape (n, d)
        uint8 or float32, as the algorithm takes them.
    unit : float
        Rows divided by it are on the scale of inertia and centroids.
    labels : ndarray of int64, shape (n,), or None
    seed : int
        Draws the sample for the silhouette.
    """

    rows: NDArray[Any]
    unit: float
    labels: NDArray[np.int64] | None
    seed: int

    @cached_property
    def sample(self) -> SilhouetteSample:
        """The rows whose distances serve the silhouettes of all runs."""
        return SilhouetteSample(self.rows, random_state=self.seed)

    @cached_property
    def squares(self) -> float:
        """Sum of the squares of all numbers in the rows, in their own unit."""
        blocks = (
            self.rows[start : start + _BLOCK].astype(np.float64)
            for start in range(0, len(self.rows), _BLOCK)
        )
        return float(sum(np.vdot(block, block) for block in blocks))


@dataclass(frozen=True, eq=False)
class Space:
    """What one set of runs is clustered in.

    Attributes
    ----------
    feature : Feature
    reducer : str or None
        For example ``"pca:64"``.
    reduction : LinearMap or None
        How the rows follow from those of the feature, brought to the common scale; None where
        no matrix says that.
    train, test : Part
        `test` is None where there is no test part.
    images : ndarray of uint8, shape (n, height, width)
        The training images as they were prepared; as they came where a row is no image.
    learnt : dict of str to ndarray
        What the feature learnt from the training images, for a `ClusterModel`.
    """

    feature: Feature
    reducer: str | None
    reduction: LinearMap | None
    train: Part
    test: Part | None
    images: NDArray[np.uint8]
    learnt: dict[str, NDArray[Any]]

    @property
    def name(self) -> str:
        """The space in the names of runs, for example ``"pixels-pca64"``."""
        return "-".join((self.feature.name, *self._reducer_name()))

    def _reducer_name(self) -> tuple[str, ...]:
        return () if self.reducer is None else (self.reducer.replace(":", ""),)


def make_spaces(
    plan: Plan, digits: Digits, algorithm: Algorithm, *, seed: int, progress: Callback
) -> Iterator[Space]:
    """Prepare the spaces of a plan one after the other, each feature only once.

    Parameters
    ----------
    plan : Plan
    digits : Digits
    algorithm : Algorithm
        Says whether rows may stay uint8.
    seed : int
    progress : Callback

    Yields
    ------
    Space
        Let go of it before the next one: MNIST as float32 takes 220 MB.
    """
    features = dict.fromkeys(name for name, _ in plan.spaces)
    for name in features:
        feature = get_feature(name)
        progress(Event("prepare", name))
        rows, images, learnt = _prepare(feature, digits)
        unreduced = _Rows(feature, rows, digits, seed)
        for reducer in (reducer for space, reducer in plan.spaces if space == name):
            if reducer is None:
                train, test = unreduced.parts(as_uint8=algorithm.accepts_uint8)
                yield Space(feature, None, None, train, test, images, learnt)
            else:
                progress(Event("reduce", f"{name}, {reducer}"))
                reduction, train, test = unreduced.reduce(reducer)
                yield Space(feature, reducer, reduction, train, test, images, learnt)


def _prepare(
    feature: Feature, digits: Digits
) -> tuple[list[NDArray[Any]], NDArray[np.uint8], dict[str, NDArray[Any]]]:
    train, test = digits.split()
    transformer = feature.make().fit(train.images)
    rows = [transformer.transform(part.images) for part in (train, test) if part is not None]
    images = rows[0].reshape(train.images.shape) if feature.shows_pixels else train.images
    return rows, images, feature.learnt(transformer)


class _Rows:
    """Rows of one feature, train and test, and what is made of them when it is needed."""

    def __init__(
        self, feature: Feature, rows: list[NDArray[Any]], digits: Digits, seed: int
    ) -> None:
        self.feature = feature
        self.rows = rows
        self.seed = seed
        self.labels = [None if p is None else p.labels for p in digits.split()]

    @cached_property
    def scaled(self) -> list[NDArray[np.float32]]:
        return [self.feature.scaled(rows) for rows in self.rows]

    def parts(self, *, as_uint8: bool) -> tuple[Part, Part | None]:
        if as_uint8 and self.rows[0].dtype == np.uint8:
            return self._parts(self.rows, self.feature.unit)
        return self._parts(self.scaled, 1.0)

    def reduce(self, reducer: str) -> tuple[LinearMap | None, Part, Part | None]:
        record, n_components = parse_reducer(reducer, self.rows[0].shape[1], len(self.rows[0]))
        fitted = record.make(n_components, self.seed).fit(self.rows[0])
        reduced = [fitted.transform(rows).astype(np.float32, copy=False) for rows in self.rows]
        if not record.linear:
            return None, *self._parts(reduced, 1.0)
        # The scale can wait until the rows are short.
        unit = np.float32(self.feature.unit)
        reduced = [rows / unit for rows in reduced]
        found = linear_map(fitted)
        return LinearMap(found.mean / unit, found.components), *self._parts(reduced, 1.0)

    def _parts(self, rows: list[NDArray[Any]], unit: float) -> tuple[Part, Part | None]:
        parts = [
            Part(part, unit, labels, self.seed)
            for part, labels in zip(rows, self.labels, strict=False)
        ]
        return parts[0], parts[1] if len(parts) > 1 else None


@dataclass(frozen=True, eq=False)
class ClusterSums:
    """The sum and the number of the rows of each cluster: all that inertia and means need.

    Attributes
    ----------
    sums : ndarray of float64, shape (n_clusters, d)
    counts : ndarray of int64, shape (n_clusters,)

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.experiment.spaces import sum_clusters
    >>> rows = np.array([[0.0], [2.0], [5.0]])
    >>> sums = sum_clusters(rows, np.array([0, 0, 1]), 2)
    >>> sums.inertia(np.array([[1.0], [5.0]]), squares=float((rows**2).sum()))
    2.0
    """

    sums: NDArray[np.float64]
    counts: NDArray[np.int64]

    def means(self) -> NDArray[np.float64]:
        """Return the mean row of each cluster; zeros where it is empty."""
        means: NDArray[np.float64] = self.sums / np.maximum(self.counts, 1)[:, None]
        return means

    def inertia(self, centroids: NDArray[np.float64], *, squares: float) -> float:
        """Return the sum of the squared distances of the rows to their centroids.

        Uses sum |x - c|^2 = sum |x|^2 - 2 c . sum x + n |c|^2 in each cluster, in float64.

        Parameters
        ----------
        centroids : ndarray of shape (n_clusters, d)
        squares : float
            Sum of the squares of all rows.

        Returns
        -------
        float
        """
        own = self.counts @ np.einsum("ij,ij->i", centroids, centroids)
        return max(0.0, float(squares - 2 * np.vdot(centroids, self.sums) + own))


def sum_clusters(
    rows: NDArray[Any], assignments: NDArray[np.integer[Any]], n_clusters: int
) -> ClusterSums:
    """Add up the rows of each cluster.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
        uint8 rows are added exactly.
    assignments : ndarray of int, shape (n,)
    n_clusters : int

    Returns
    -------
    ClusterSums

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.experiment.spaces import sum_clusters
    >>> sum_clusters(np.array([[1], [2], [4]]), np.array([1, 0, 1]), 2).sums
    array([[2.],
           [5.]])
    """
    order = np.argsort(assignments, kind="stable")
    counts = np.bincount(assignments, minlength=n_clusters)
    exact = np.uint32 if rows.dtype == np.uint8 and len(rows) < 2**24 else np.float64
    sums = np.zeros((n_clusters, rows.shape[1]), dtype=np.float64)
    for cluster, members in enumerate(np.split(order, counts.cumsum()[:-1])):
        sums[cluster] = rows[members].sum(axis=0, dtype=exact)
    return ClusterSums(sums, counts)
