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
            _sklearn_minibatch,
        ),
        Algorithm(
            "kmeans",
            "Lloyd's k-means: assign every image, move every centroid, until nothing changes.",
            _sklearn_kmeans,
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
