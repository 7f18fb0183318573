"""The one place where the explorer meets clustering, maps and recognition of the library."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inkmeans.cluster.kmeans import KMeans
from inkmeans.cluster.registry import get_algorithm
from inkmeans.datasets import Digits
from inkmeans.errors import ParameterError
from inkmeans.explore.clustering import Clustering, Frame
from inkmeans.explore.measuring import find_doubt
from inkmeans.explore.settings import RECOGNIZER, MapSettings, RunSettings
from inkmeans.progress import Callback, Event, silent
from inkmeans.reduce import REDUCERS
from inkmeans.reduce.digit_map import DigitMap

__all__ = ["fit_clusters", "list_maps", "make_map", "split_cluster"]


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
    from inkmeans.explore.in_space import fit_in_space  # not needed by the first look

    return fit_in_space(digits, rows, settings, progress, frame)


def _fit_recognizer(digits: Digits, settings: RunSettings, progress: Callback) -> Clustering:
    """Run a preset of the recogniser, which has no centroids to show."""
    from inkmeans.recognise import Recognizer
    from inkmeans.recognise.families import pick_clusters

    assert settings.preset is not None  # only presets have this algorithm
    n = digits.n_train
    recognizer = Recognizer(
        settings.n_clusters, preset=settings.preset, random_state=settings.seed
    ).fit(digits.images[:n], callback=progress)
    assigned, scores = recognizer.labels_, [recognizer.scores_]
    if n < len(digits):
        progress(Event("assign", f"{len(digits) - n:,} test images"))
        scores.append(recognizer.decision_function(digits.images[n:]))
        assigned = np.concatenate([assigned, pick_clusters(scores[1], recognizer.families_)])
    doubt = find_doubt(scores, assigned)
    return Clustering(assigned, settings.n_clusters, recognizer, doubt=doubt)


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
