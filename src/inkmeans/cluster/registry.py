"""The clustering algorithms that can be asked for by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from inkmeans.registry import discover, lookup

__all__ = ["ALGORITHMS", "Algorithm", "get_algorithm"]


class Factory(Protocol):
    """Makes an unfitted scikit-learn clusterer."""

    def __call__(self, n_clusters: int, random_state: int | None) -> Any:
        """Return a clusterer of so many clusters."""
        ...


@dataclass(frozen=True)
class Algorithm:
    """What is known of an algorithm before it is run.

    Attributes
    ----------
    name, summary : str
        The name to ask for it by, and one plain sentence.
    make : Factory
        Makes the unfitted clusterer.
    accepts_uint8 : bool
        Whether rows may stay uint8; otherwise they become float32 in [0, 1].
    predicts : bool
        Whether it assigns rows that it was not fitted on.
    max_images : int or None
        The most rows that it is sensible for; None where there is no such limit.
    extra : str or None
        The extra of inkmeans that it needs.
    """

    name: str
    summary: str
    make: Factory
    accepts_uint8: bool = False
    predicts: bool = True
    max_images: int | None = None
    extra: str | None = None


def _minibatch(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.minibatch import MiniBatchKMeans

    return MiniBatchKMeans(n_clusters, random_state=random_state)


def _kmeans(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.kmeans import KMeans

    return KMeans(n_clusters, random_state=random_state)


def _bisecting(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.bisecting import BisectingKMeans

    return BisectingKMeans(n_clusters, random_state=random_state)


def _spherical(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.kmeans import KMeans

    return KMeans(n_clusters, random_state=random_state, metric="cosine")


def _sklearn_minibatch(n_clusters: int, random_state: int | None) -> Any:
    from sklearn.cluster import MiniBatchKMeans

    return MiniBatchKMeans(n_clusters, random_state=random_state)


def _sklearn_kmeans(n_clusters: int, random_state: int | None) -> Any:
    from sklearn.cluster import KMeans

    return KMeans(n_clusters, random_state=random_state)


ALGORITHMS: dict[str, Algorithm] = {
    record.name: record
    for record in (
        Algorithm(
            "minibatch-kmeans",
            "Mini-batch k-means: small random batches move the centroids; fast, nearly as good.",
            _minibatch,
            accepts_uint8=True,
        ),
        Algorithm(
            "kmeans",
            "Lloyd's k-means: assign every image, move every centroid, until nothing changes.",
            _kmeans,
            accepts_uint8=True,
        ),
        Algorithm(
            "bisecting-kmeans",
            "Bisecting k-means: split all images in two, then the worst cluster, and so on.",
            _bisecting,
            accepts_uint8=True,
        ),
        Algorithm(
            "spherical-kmeans",
            "Spherical k-means: Lloyd's k-means by the cosine, so that stroke weight counts less.",
            _spherical,
            accepts_uint8=True,
        ),
        Algorithm(
            "sklearn-minibatch-kmeans",
            "scikit-learn's MiniBatchKMeans, for comparison.",
            _sklearn_minibatch,
        ),
        Algorithm("sklearn-kmeans", "scikit-learn's KMeans, for comparison.", _sklearn_kmeans),
    )
}


def get_algorithm(name: str) -> Algorithm:
    """Find an algorithm by its name, those of installed plugins included.

    Parameters
    ----------
    name : str
        One of `ALGORITHMS`, or an entry point of the group ``inkmeans.clusterers``.

    Returns
    -------
    Algorithm

    Raises
    ------
    ParameterError
        If there is none of that name; the hint has the nearest one.

    Examples
    --------
    >>> from inkmeans.cluster.registry import get_algorithm
    >>> get_algorithm("kmeans").predicts
    True
    """
    if name in ALGORITHMS:
        return ALGORITHMS[name]
    return lookup(ALGORITHMS | discover("inkmeans.clusterers", Algorithm), name, "algorithm")
