"""Any algorithm of the library in any features, as the main job clusters and scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans import engine
from inkmeans.cluster.registry import get_algorithm
from inkmeans.datasets import Digits
from inkmeans.experiment.clustering import Clusterer, cluster_space
from inkmeans.experiment.options import Plan
from inkmeans.experiment.spaces import make_spaces
from inkmeans.explore.clustering import Clustering, Frame, make_model, make_teller
from inkmeans.explore.measuring import cluster_means
from inkmeans.explore.settings import RunSettings
from inkmeans.progress import Callback
from inkmeans.reduce import LinearMap

__all__ = ["fit_in_space"]


def fit_in_space(
    digits: Digits,
    rows: NDArray[np.uint8],
    settings: RunSettings,
    progress: Callback,
    frame: Frame | None,
) -> Clustering:
    """Cluster as the main job does, which scores too.

    Parameters
    ----------
    digits, rows, settings, progress, frame
        See `inkmeans.explore.pipeline.fit_clusters`.

    Returns
    -------
    Clustering
    """
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

    tell = make_teller(progress, frame, as_pixels, digits.images.shape[1:])
    clusterer = Clusterer(algorithm, settings.n_clusters, settings.seed)
    run = cluster_space(space, clusterer, digits, tell)
    train, test = run.train_assignments, run.test_assignments
    n_clusters = run.n_clusters
    if test is None and digits.n_train < len(digits):
        means = cluster_means(rows[: digits.n_train], train, n_clusters)
        test = engine.assign(rows[digits.n_train :], means)
    keeps = algorithm.nearest_centroid and run.test_assignments is not None
    keeps = keeps or (algorithm.nearest_centroid and digits.n_train == len(digits))
    model = None
    if keeps and run.n_noise == 0 and (settings.reduce is None or linear is not None):
        model = make_model(
            digits, settings, centroids=run.centroids, reducer=linear, learnt=space.learnt
        )
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
