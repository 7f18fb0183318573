"""The one place where the explorer meets clustering, maps and recognition of the library.

A clustering may come from any algorithm in any features. What the pages show of it, distances,
second clusters and confidence, is measured for all of them alike: against the means of the
clusters among the straightened images.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans import engine
from inkmeans.cluster.kmeans import KMeans
from inkmeans.cluster.registry import get_algorithm
from inkmeans.datasets import Digits
from inkmeans.errors import ParameterError
from inkmeans.experiment.clustering import Clusterer, cluster_space
from inkmeans.experiment.options import Plan
from inkmeans.experiment.spaces import make_spaces
from inkmeans.explore.files import RunArrays
from inkmeans.explore.protocol import NO_CLUSTER
from inkmeans.explore.settings import FIRST, RECOGNIZER, MapSettings, RunSettings
from inkmeans.progress import Callback, Event, silent
from inkmeans.recognise import ClusterModel
from inkmeans.reduce import REDUCERS, LinearMap
from inkmeans.reduce.digit_map import DigitMap

__all__ = [
    "Clustering",
    "Measured",
    "describe",
    "describe_again",
    "fit_clusters",
    "list_maps",
    "make_map",
    "measure",
    "split_cluster",
]

Frame = Callable[[Event, NDArray[np.uint8]], None]
"""Told the centroids of a running fit, as images."""

_BLOCK = 4096


@dataclass(frozen=True, eq=False)
class Clustering:
    """What came of a fit.

    Attributes
    ----------
    assigned : int32 ndarray of shape (n,)
        The cluster of each image.
    n_clusters : int
    model : ClusterModel or None
        To assign new images by, where there is one that can be kept.
    scored : dict or None
        ``scored_on`` and ``scores``, where they are known already.
    """

    assigned: NDArray[np.int32]
    n_clusters: int
    model: ClusterModel | None
    scored: dict[str, Any] | None = None


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
        Labels are looked at for scores alone.
    rows : uint8 ndarray of shape (n, height * width)
        All images straightened, see `inkmeans.explore.straighten`.
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
    n = digits.n_train
    if settings.n_clusters > n:
        raise ParameterError(
            f"{settings.n_clusters} clusters of {n} images", hint=f"ask for at most {n}"
        )
    if settings.algorithm == RECOGNIZER:
        return _fit_recognizer(digits, settings, progress)
    algorithm = get_algorithm(settings.algorithm)
    if algorithm.max_images is not None and n > algorithm.max_images:
        raise ParameterError(
            f"{n:,} images are too many for {algorithm.name}",
            hint=f"it takes up to {algorithm.max_images:,}; choose another algorithm",
        )
    if settings.preset == FIRST:
        return _fit_first(digits, rows, settings, progress, frame)
    return _fit_in_space(digits, rows, settings, progress, frame)


def _fit_recognizer(digits: Digits, settings: RunSettings, progress: Callback) -> Clustering:
    """Run a preset of the recogniser, which has no centroids to show and no model of them."""
    from inkmeans.recognise import Recognizer  # not needed by the first look, which is in a hurry

    assert settings.preset is not None  # only presets have this algorithm
    n = digits.n_train
    recognizer = Recognizer(
        settings.n_clusters, preset=settings.preset, random_state=settings.seed
    ).fit(digits.images[:n], callback=progress)
    assigned = recognizer.labels_
    if n < len(digits):
        progress(Event("assign", f"{len(digits) - n:,} test images"))
        assigned = np.concatenate([assigned, recognizer.assign(digits.images[n:])])
    return Clustering(assigned, settings.n_clusters, None)


def _fit_first(
    digits: Digits,
    rows: NDArray[np.uint8],
    settings: RunSettings,
    progress: Callback,
    frame: Frame | None,
) -> Clustering:
    """Run k-means on the straightened images, which are there already."""
    unit = 255.0
    tell = _teller(progress, frame, lambda centroids: centroids, digits.images.shape[1:])
    estimator = KMeans(settings.n_clusters, random_state=settings.seed)
    estimator.fit(rows[: digits.n_train], callback=tell)
    assigned = engine.assign(rows, estimator.cluster_centers_, n_threads=engine.effective_threads())
    assigned[: digits.n_train] = estimator.labels_
    centroids = estimator.cluster_centers_ / unit
    return Clustering(
        assigned,
        settings.n_clusters,
        _model(digits, settings, centroids=centroids, reducer=None),
    )


def _fit_in_space(
    digits: Digits,
    rows: NDArray[np.uint8],
    settings: RunSettings,
    progress: Callback,
    frame: Frame | None,
) -> Clustering:
    """Cluster as the main job does, which scores too."""
    algorithm = get_algorithm(settings.algorithm)
    plan = Plan((settings.n_clusters,), ((settings.features, settings.reduce),), ())
    space = next(make_spaces(plan, digits, algorithm, seed=settings.seed, progress=progress))
    unit, linear = space.train.unit, space.reduction
    inverse = None if linear is None or frame is None else _invert(linear)

    def as_pixels(centroids: NDArray[Any]) -> NDArray[Any] | None:
        if not space.feature.shows_pixels or (settings.reduce is not None and linear is None):
            return None
        back = centroids if inverse is None else inverse(centroids)
        return back * (255 / unit)

    tell = _teller(progress, frame, as_pixels, digits.images.shape[1:])
    clusterer = Clusterer(algorithm, settings.n_clusters, settings.seed)
    run = cluster_space(space, clusterer, digits, tell)
    train, test = run.train_assignments, run.test_assignments
    n_clusters = run.n_clusters
    if test is None and digits.n_train < len(digits):
        means = _means(rows[: digits.n_train], train, n_clusters)
        test = engine.assign(rows[digits.n_train :], means)
    keeps = algorithm.nearest_centroid and run.test_assignments is not None
    keeps = keeps or (algorithm.nearest_centroid and digits.n_train == len(digits))
    model = None
    if keeps and run.n_noise == 0 and (settings.reduce is None or linear is not None):
        model = _model(digits, settings, centroids=run.centroids, reducer=linear)
    scores = run.train if run.test is None else run.test
    return Clustering(
        train if test is None else np.concatenate([train, test]),
        n_clusters,
        model,
        {"scored_on": "all" if run.test is None else "test", "scores": scores.to_dict()},
    )


def _invert(linear: LinearMap) -> Callable[[NDArray[Any]], NDArray[np.float32]]:
    """Make what `LinearMap.inverse_transform` computes anew at each call: here it is a loop."""
    origin = linear.inverse_transform(np.zeros((1, len(linear.components))))
    axes = linear.inverse_transform(np.eye(len(linear.components))) - origin

    def inverse(rows: NDArray[Any]) -> NDArray[np.float32]:
        return rows.astype(np.float32) @ axes + origin

    return inverse


def _model(
    digits: Digits,
    settings: RunSettings,
    *,
    centroids: NDArray[np.float64],
    reducer: LinearMap | None,
) -> ClusterModel:
    source = digits.source
    return ClusterModel(
        image_shape=(digits.images.shape[1], digits.images.shape[2]),
        features=settings.features,
        centroids=centroids,
        reducer=reducer,
        info={"dataset": source.name, "sha256": source.sha256, "run": settings.name},
    )


def _teller(
    progress: Callback,
    frame: Frame | None,
    as_pixels: Callable[[NDArray[Any]], NDArray[Any] | None],
    shape: tuple[int, ...],
) -> Callback:
    """Make a callback that passes events on, and centroids as images where that can be."""

    def tell(event: Event) -> None:
        progress(event)
        pixels = None
        if frame is not None and event.centroids is not None:
            pixels = as_pixels(event.centroids)
        if frame is not None and pixels is not None:
            frame(event, _as_images(pixels, shape))

    return tell


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


def list_maps() -> dict[str, str]:
    """List the methods that draw maps, with a sentence on each."""
    first = "Neighbours stay together: prototypes are laid out, and images settle among them."
    return {"neighbors": first, **{name: record.summary for name, record in REDUCERS.items()}}


def make_map(
    rows: NDArray[np.uint8], settings: MapSettings, *, progress: Callback = silent
) -> NDArray[np.float32]:
    """Lay images out in the plane.

    Parameters
    ----------
    rows : uint8 ndarray of shape (n, d)
        Straightened images.
    settings : MapSettings
        Its method is one of `list_maps`.
    progress : Callback

    Returns
    -------
    float32 ndarray of shape (n, 2)
    """
    method = settings.method
    if method not in list_maps():
        raise ParameterError(f"unknown map {method[:40]!r}", hint="see the menu of maps")
    drawing = DigitMap(method, n_iter=settings.n_iter, random_state=settings.seed)
    points = drawing.fit_transform(rows, callback=progress)
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
