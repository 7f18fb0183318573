"""One clustering: fit, assign the test images, measure."""

from __future__ import annotations

import inspect
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.cluster.registry import Algorithm
from inkmeans.datasets import Digits
from inkmeans.evaluate import ClusterNames, Scores, learn_names, score_clusters
from inkmeans.experiment.spaces import ClusterSums, Part, Space, sum_clusters
from inkmeans.progress import Callback
from inkmeans.report.contents import ClusteringRun

__all__ = ["Clusterer", "cluster_space"]


@dataclass(frozen=True)
class Clusterer:
    """An algorithm with its settings, to be fitted on one space after the other.

    Attributes
    ----------
    algorithm : Algorithm
    n_clusters, seed : int
    """

    algorithm: Algorithm
    n_clusters: int
    seed: int

    def fit(self, rows: NDArray[Any], progress: Callback | None = None) -> Any:
        """Fit a new estimator.

        Parameters
        ----------
        rows : ndarray of shape (n, d)
        progress : callable, optional
            Told about every iteration by algorithms that can.

        Returns
        -------
        estimator
        """
        estimator = self.algorithm.make(self.n_clusters, self.seed)
        if progress is not None and "callback" in inspect.signature(estimator.fit).parameters:
            return estimator.fit(rows, callback=progress)
        return estimator.fit(rows)


def cluster_space(
    space: Space,
    clusterer: Clusterer,
    digits: Digits,
    progress: Callback | None = None,
) -> ClusteringRun:
    """Cluster a space once and measure what came of it on both parts.

    Parameters
    ----------
    space : Space
    clusterer : Clusterer
    digits : Digits
        What the space was made of.
    progress : callable, optional
        Told about every iteration by algorithms that can.

    Returns
    -------
    ClusteringRun
        Test images are assigned out of sample; None for algorithms that cannot.
    """
    begin = time.perf_counter()
    estimator = clusterer.fit(space.train.rows, progress)
    seconds = time.perf_counter() - begin
    labels = np.asarray(estimator.labels_, dtype=np.int32)
    test_labels = None
    if space.test is not None and clusterer.algorithm.predicts:
        test_labels = np.asarray(estimator.predict(space.test.rows), dtype=np.int32)
    numbering = _Numbering.of(clusterer, labels, test_labels)
    k, assigned = numbering.n_clusters, numbering.apply(labels)
    sums = sum_clusters(space.train.rows, assigned, k)
    # The means stand in for the centroids of an algorithm that has none, or none of the noise.
    centers = np.asarray(getattr(estimator, "cluster_centers_", ()), dtype=np.float64)
    if len(centers) != k:
        centers = np.asarray(sums.means(), dtype=np.float64)
    mapping = None
    if space.train.labels is not None:
        mapping = numbering.name(learn_names(assigned, space.train.labels, k, digits.n_classes))
    measure = _Measure(centers, digits.names, mapping, has_noise=numbering.noise is not None)
    train = measure.score(space.train, assigned, sums)
    test_assigned, test = None, None
    if space.test is not None and test_labels is not None:
        test_assigned = numbering.apply(test_labels)
        test_sums = sum_clusters(space.test.rows, test_assigned, k)
        test = measure.score(space.test, test_assigned, test_sums)
    n_landmarks = getattr(estimator, "n_landmarks_", len(labels))
    return ClusteringRun(
        name=f"{space.name}-{clusterer.algorithm.name}-{clusterer.n_clusters}",
        dataset=digits.source.name,
        features=space.feature.name,
        reducer=space.reducer,
        algorithm=clusterer.algorithm.name,
        n_clusters=k,
        seed=clusterer.seed,
        train_assignments=assigned,
        test_assignments=test_assigned,
        centroids=centers / space.train.unit,
        centroid_images=_mean_images(space, assigned, sums),
        mapping=None if mapping is None else mapping.majority,
        train=train,
        test=test,
        seconds=seconds,
        n_noise=int((labels < 0).sum()),
        n_landmarks=n_landmarks if n_landmarks < len(labels) else None,
    )


@dataclass(frozen=True)
class _Numbering:
    """How labels become clusters from 0 on: noise, which is -1, goes to one of its own, the last.

    `n_clusters` are those that were asked for, or as many as were found where that is more or
    where the algorithm decides; `noise` is the number of the cluster of noise, or None.
    """

    n_clusters: int
    noise: int | None

    @classmethod
    def of(
        cls, clusterer: Clusterer, train: NDArray[np.int32], test: NDArray[np.int32] | None
    ) -> _Numbering:
        both = train if test is None else np.concatenate([train, test])
        found = int(both.max()) + 1
        n_clusters = found if clusterer.algorithm.finds_number else max(clusterer.n_clusters, found)
        if both.min() >= 0:
            return cls(n_clusters, None)
        return cls(n_clusters + 1, n_clusters)

    def apply(self, labels: NDArray[np.int32]) -> NDArray[np.int32]:
        if self.noise is None:
            return labels
        return np.where(labels < 0, np.int32(self.noise), labels)

    def name(self, names: ClusterNames) -> ClusterNames:
        """Take its name away from noise: an image in no cluster is not recognised."""
        if self.noise is None:
            return names
        majority = names.majority.copy()
        majority[self.noise] = -1
        return ClusterNames(majority, None, names.n_classes)


@dataclass(frozen=True, eq=False)
class _Measure:
    """What both parts are scored against: it was learnt on the training part."""

    centers: NDArray[np.float64]
    names: tuple[str, ...]
    mapping: ClusterNames | None
    has_noise: bool

    def score(self, part: Part, assigned: NDArray[np.int32], sums: ClusterSums) -> Scores:
        # Noise is not around a centroid, nor near its like: neither is asked of it.
        inertia = silhouette = None
        if not self.has_noise:
            inertia = sums.inertia(self.centers, squares=part.squares) / part.unit**2
            silhouette = part.sample.score(assigned)
        return score_clusters(
            assigned,
            n_clusters=len(self.centers),
            labels=part.labels,
            names=self.names,
            mapping=self.mapping,
            inertia=inertia,
            silhouette=silhouette,
        )


def _mean_images(
    space: Space, assigned: NDArray[np.int32], sums: ClusterSums
) -> NDArray[np.float32]:
    """Average the prepared images of each cluster, in [0, 1]."""
    unit = space.train.unit
    if space.reducer is not None or not space.feature.shows_pixels:
        pixels = space.images.reshape(len(space.images), -1)
        sums, unit = sum_clusters(pixels, assigned, len(sums.counts)), 255.0
    return (sums.means() / unit).astype(np.float32).reshape(-1, *space.images.shape[1:])
