"""The one place where the explorer meets clustering, maps and recognition of the library.

A clustering may come from any algorithm in any features. What the pages show of it, distances,
second clusters and confidence, is measured for all of them alike: against the means of the
clusters among the straightened images.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inkmeans import engine
from inkmeans.cluster.registry import Algorithm, get_algorithm
from inkmeans.datasets import Digits
from inkmeans.errors import DataError, ParameterError
from inkmeans.explore.files import RunArrays
from inkmeans.explore.protocol import NO_CLUSTER
from inkmeans.explore.settings import RunSettings
from inkmeans.features.registry import Feature, get_feature
from inkmeans.prepare import Deskew
from inkmeans.progress import Callback, Event, silent
from inkmeans.recognise import ClusterModel
from inkmeans.reduce import LinearMap, PrincipalComponents, linear_map, parse_reducer

__all__ = [
    "MAPS",
    "Clustering",
    "Measured",
    "Recognizing",
    "describe",
    "describe_again",
    "fit_clusters",
    "make_map",
    "measure",
    "split_cluster",
    "straighten",
]

MAPS = {"pca": "Principal components: the two directions in which the images differ the most."}

Frame = Callable[[Event, NDArray[np.uint8]], None]
"""Told the centroids of a running fit, as images."""

_BLOCK = 4096


class Recognizing(Protocol):
    """What a run leaves behind to recognise new images by."""

    def assign(self, images: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Return the cluster of each image."""
        ...


@dataclass(frozen=True, eq=False)
class Clustering:
    """What came of a fit: the cluster of each image, and the model if there is one to keep."""

    assigned: NDArray[np.int32]
    n_clusters: int
    model: Any


def straighten(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn images into rows of grey levels, slant undone and centred.

    Parameters
    ----------
    images : uint8 ndarray of shape (n, height, width)

    Returns
    -------
    uint8 ndarray of shape (n, height * width)
    """
    return Deskew().transform(images).reshape(len(images), -1)


def fit_clusters(
    digits: Digits,
    rows: NDArray[np.uint8],
    settings: RunSettings,
    *,
    progress: Callback = silent,
    frame: Frame | None = None,
) -> Clustering:
    """Cluster the training images, and assign the test images out of sample.

    Parameters
    ----------
    digits : Digits
        Labels are not looked at.
    rows : uint8 ndarray of shape (n, height * width)
        All images straightened, see `straighten`.
    settings : RunSettings
    progress : Callback
    frame : callable or None
        Told how the centroids look after each iteration, where they are images.

    Returns
    -------
    Clustering

    Raises
    ------
    InkmeansError
        If the settings do not suit the images.
    """
    train = digits.images[: digits.n_train]
    algorithm = _algorithm(settings, len(train))
    progress(Event("prepare", settings.features))
    feature = get_feature(settings.features)
    given = (
        rows[: len(train)] if feature.name == "deskewed" else feature.make().fit_transform(train)
    )
    space = _make_space(feature, given, settings, keep_uint8=algorithm.accepts_uint8)

    def tell(event: Event) -> None:
        progress(event)
        if frame is not None and event.centroids is not None and space.feature.shows_pixels:
            centroids: NDArray[Any] = event.centroids / space.unit
            if space.linear is not None:
                centroids = space.linear.inverse_transform(centroids)
            frame(event, _as_images(centroids * 255, train.shape[1:]))

    estimator = algorithm.make(settings.n_clusters, settings.seed)
    takes_callback = "callback" in inspect.signature(estimator.fit).parameters
    estimator.fit(space.rows, **({"callback": tell} if takes_callback else {}))
    assigned = np.asarray(estimator.labels_, dtype=np.int32)
    n_clusters = max(settings.n_clusters, int(assigned.max()) + 1)
    centroids = getattr(estimator, "cluster_centers_", None)
    if centroids is None or len(centroids) != n_clusters:
        centroids = _means(space.rows, assigned, n_clusters)
    model = space.model(np.asarray(centroids, dtype=np.float64), digits, settings)
    test = digits.images[digits.n_train :]
    if len(test):
        progress(Event("assign", f"{len(test):,} test images"))
        placed = model.assign(test, n_threads=engine.effective_threads())
        assigned = np.concatenate([assigned, placed])
    return Clustering(assigned, n_clusters, model)


def _algorithm(settings: RunSettings, n: int) -> Algorithm:
    if settings.n_clusters > n:
        raise ParameterError(
            f"{settings.n_clusters} clusters of {n} images", hint=f"ask for at most {n}"
        )
    algorithm = get_algorithm(settings.algorithm)
    if algorithm.max_images is not None and n > algorithm.max_images:
        raise ParameterError(
            f"{n:,} images are too many for {algorithm.name}",
            hint=f"it takes up to {algorithm.max_images:,}; choose another algorithm",
        )
    return algorithm


@dataclass(frozen=True, eq=False)
class _Space:
    """The rows that are clustered, and how new images come among them."""

    feature: Feature
    rows: NDArray[Any]
    unit: float
    linear: LinearMap | None

    def model(
        self, centroids: NDArray[np.float64], digits: Digits, settings: RunSettings
    ) -> ClusterModel:
        source = digits.source
        return ClusterModel(
            image_shape=(digits.images.shape[1], digits.images.shape[2]),
            features=self.feature.name,
            centroids=centroids / self.unit,
            reducer=self.linear,
            info={"dataset": source.name, "sha256": source.sha256, "run": settings.name},
        )


def _make_space(
    feature: Feature, rows: NDArray[Any], settings: RunSettings, *, keep_uint8: bool
) -> _Space:
    if settings.reduce is not None:
        reducer, n_components = parse_reducer(settings.reduce, rows.shape[1], len(rows))
        fitted = reducer.make(n_components, settings.seed).fit(feature.scaled(rows))
        reduced = fitted.transform(feature.scaled(rows))
        return _Space(feature, np.ascontiguousarray(reduced), 1.0, linear_map(fitted))
    if keep_uint8:
        return _Space(feature, np.ascontiguousarray(rows), feature.unit, None)
    return _Space(feature, feature.scaled(rows), 1.0, None)


def describe(
    images: NDArray[np.uint8],
    rows: NDArray[np.uint8],
    assigned: NDArray[np.integer[Any]],
    n_clusters: int,
) -> RunArrays:
    """Measure each image against the mean of its cluster and the nearest other one.

    Parameters
    ----------
    images : uint8 ndarray of shape (n, height, width)
    rows : uint8 ndarray of shape (n, height * width)
        The same images straightened.
    assigned : int ndarray of shape (n,)
        -1 or `NO_CLUSTER` for an image in no cluster.
    n_clusters : int

    Returns
    -------
    RunArrays

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.explore.pipeline import describe
    >>> rows = np.array([[0], [2], [255]], np.uint8)
    >>> found = describe(rows.reshape(-1, 1, 1), rows, np.array([0, 0, 1]), 2)
    >>> found.second.tolist(), found.confidence.round(2).tolist()
    ([1, 1, 0], [1.0, 1.0, 1.0])
    """
    placed = np.where(np.asarray(assigned) < 0, NO_CLUSTER, assigned).astype(np.uint16)
    means = _means(rows, placed, n_clusters).astype(np.float32)
    pictures = _means(images.reshape(len(images), -1), placed, n_clusters)
    found = measure(rows, placed, means, np.flatnonzero(np.bincount(placed)[:n_clusters]))
    return RunArrays(
        placed,
        found.second,
        found.distance,
        found.confidence,
        means,
        _as_images(pictures, images.shape[1:]),
    )


def describe_again(
    images: NDArray[np.uint8],
    rows: NDArray[np.uint8],
    base: RunArrays,
    assigned: NDArray[np.uint16],
    n_clusters: int,
) -> RunArrays:
    """Measure only the images whose clusters were merged or split since.

    Parameters
    ----------
    images, rows : ndarrays
        See `describe`.
    base : RunArrays
        As the run was fitted.
    assigned : uint16 ndarray of shape (n,)
        As it is now.
    n_clusters : int
        One more than the highest number of a cluster.

    Returns
    -------
    RunArrays
        `second` is that of the fit.
    """
    n_means = max(n_clusters, len(base.means))
    means = np.zeros((n_means, base.means.shape[1]), np.float32)
    pictures = np.zeros((n_means, *base.pictures.shape[1:]), np.uint8)
    means[: len(base.means)], pictures[: len(base.pictures)] = base.means, base.pictures
    numbers = np.unique(assigned[assigned != NO_CLUSTER]).astype(np.int64)
    moved = assigned != base.assigned
    touched = np.intersect1d(np.union1d(assigned[moved], base.assigned[moved]), numbers)
    for cluster in touched:
        members = np.flatnonzero(assigned == cluster)
        means[cluster] = rows[members].mean(axis=0)
        pictures[cluster] = np.rint(images[members].mean(axis=0))
    members = np.flatnonzero(np.isin(assigned, touched))
    found = measure(rows[members], assigned[members], means, numbers)
    distance, confidence = base.distance.copy(), base.confidence.copy()
    distance[members], confidence[members] = found.distance, found.confidence
    return RunArrays(assigned, base.second, distance, confidence, means, pictures)


def split_cluster(
    rows: NDArray[np.uint8], parts: int, numbers: Callable[[int], int]
) -> NDArray[np.uint16]:
    """Cluster the images of one cluster.

    Parameters
    ----------
    rows : uint8 ndarray of shape (n, d)
    parts : int
    numbers : callable
        Gives the number of a part by its rank in size, 0 for the largest.

    Returns
    -------
    uint16 ndarray of shape (n,)

    Raises
    ------
    ParameterError
        If the images are too few, or all alike.
    """
    from inkmeans.cluster import KMeans

    if len(rows) < parts:
        raise ParameterError(
            f"{len(rows)} images cannot be split into {parts} parts", hint="ask for fewer"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fewer distinct rows than parts: told below
        labels = KMeans(parts, n_init=3, random_state=0).fit(rows).labels_
    sizes = np.bincount(labels, minlength=parts)
    if np.count_nonzero(sizes) < 2:
        raise ParameterError("the images of this cluster are all alike", hint="leave it whole")
    ranks = np.empty(parts, np.int64)
    ranks[np.argsort(-sizes, kind="stable")] = np.arange(parts)
    named = np.array([numbers(rank) for rank in range(parts)], np.uint16)
    split: NDArray[np.uint16] = named[ranks[labels]]
    return split


@dataclass(frozen=True, eq=False)
class Measured:
    """How images lie among means; see `inkmeans.explore.files.RunArrays`."""

    second: NDArray[np.uint16]
    distance: NDArray[np.float32]
    confidence: NDArray[np.float32]


def measure(
    rows: NDArray[np.uint8],
    assigned: NDArray[np.uint16],
    means: NDArray[np.float32],
    clusters: NDArray[np.integer[Any]],
) -> Measured:
    """Measure rows against the means of some clusters.

    Parameters
    ----------
    rows : uint8 ndarray of shape (n, d)
    assigned : uint16 ndarray of shape (n,)
        Rows in none of `clusters` are as far as the nearest of them.
    means : float32 ndarray of shape (more than max(clusters), d)
    clusters : int ndarray
        Numbers of those that are not empty.

    Returns
    -------
    Measured
        Confidence is 1 - own / second in squared distances; 0 where the second is nearer.
    """
    n = len(rows)
    second = np.full(n, NO_CLUSTER, np.uint16)
    distance, confidence = np.zeros(n, np.float32), np.ones(n, np.float32)
    if not len(clusters):
        return Measured(second, distance, confidence)
    centers = np.ascontiguousarray(means[clusters], dtype=np.float64)
    places = np.full(NO_CLUSTER + 1, -1)
    places[clusters] = np.arange(len(clusters))
    for start in range(0, n, _BLOCK):
        part = slice(start, start + _BLOCK)
        squared = engine.squared_distances(rows[part], centers)
        lines = np.arange(len(squared))
        own = places[assigned[part]]
        own = np.where(own < 0, squared.argmin(axis=1), own)
        mine = squared[lines, own]
        distance[part] = np.sqrt(mine) / 255
        if len(clusters) > 1:
            squared[lines, own] = np.inf
            other = squared.argmin(axis=1)
            theirs = squared[lines, other]
            second[part] = clusters[other]
            confidence[part] = np.clip(1 - mine / np.maximum(theirs, 1e-9), 0, 1)
    return Measured(second, distance, confidence)


def make_map(
    rows: NDArray[np.uint8], method: str, seed: int, *, progress: Callback = silent
) -> NDArray[np.float32]:
    """Lay images out in the plane.

    Parameters
    ----------
    rows : uint8 ndarray of shape (n, d)
        Straightened images.
    method : str
        One of `MAPS`.
    seed : int
    progress : Callback

    Returns
    -------
    float32 ndarray of shape (n, 2)
    """
    if method not in MAPS:
        raise ParameterError(f"unknown map {method!r}", hint=f"known: {', '.join(MAPS)}")
    progress(Event("map", method))
    if len(rows) < 3 or rows.shape[1] < 2:
        return np.stack([np.arange(len(rows)), np.zeros(len(rows))], axis=1).astype(np.float32)
    points: NDArray[np.float32] = PrincipalComponents(2).fit(rows).transform(rows)
    if not np.isfinite(points).all():
        raise DataError("the map has points that are no numbers", hint="choose another method")
    return np.ascontiguousarray(points, dtype=np.float32)


def _means(
    rows: NDArray[Any], assigned: NDArray[np.integer[Any]], n_clusters: int
) -> NDArray[np.float64]:
    """Return the mean row of each cluster; zeros where it is empty."""
    sums = np.zeros((n_clusters, rows.shape[1]))
    order = np.argsort(assigned, kind="stable")
    counts = np.bincount(assigned[assigned < n_clusters], minlength=n_clusters)
    bounds = np.concatenate([[0], np.cumsum(counts)])
    for cluster in np.flatnonzero(counts):
        members = order[bounds[cluster] : bounds[cluster + 1]]
        for start in range(0, len(members), _BLOCK):
            part = rows[members[start : start + _BLOCK]]
            exact = np.uint32 if rows.dtype == np.uint8 else np.float64
            sums[cluster] += part.sum(axis=0, dtype=exact)
    means: NDArray[np.float64] = sums / np.maximum(counts, 1)[:, None]
    return means


def _as_images(rows: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    grey: NDArray[np.uint8] = np.clip(np.rint(rows), 0, 255).astype(np.uint8)
    return grey.reshape(-1, *shape)
