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
    landmarks : int or None
        Of more rows than this, so many are drawn and clustered, and the others follow them; None
        where all rows are clustered, whatever their number.
    finds_number : bool
        Whether it finds the number of clusters itself. What it is asked for is then a hint at
        most; its summary says which.
    nearest_centroid : bool
        Whether a new row goes to the nearest centroid; otherwise only the fitted estimator knows.
    """

    name: str
    summary: str
    make: Factory
    accepts_uint8: bool = False
    predicts: bool = True
    max_images: int | None = None
    extra: str | None = None
    landmarks: int | None = None
    finds_number: bool = False
    nearest_centroid: bool = True


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


def _gaussian_mixture(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.mixture import GaussianMixture

    return GaussianMixture(n_clusters, random_state=random_state)


def _ward(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.ward import Ward

    return _on_landmarks(Ward(n_clusters), "ward", random_state)


def _spectral(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.spectral import SpectralClustering

    clusterer = SpectralClustering(n_clusters, random_state=random_state)
    return _on_landmarks(clusterer, "spectral", random_state)


def _hdbscan(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.hdbscan import HDBSCAN

    return _on_landmarks(HDBSCAN(), "hdbscan", random_state)


def _birch(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.birch import Birch

    return _on_landmarks(Birch(n_clusters), "birch", random_state)


def _dbscan(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.density import DBSCAN

    return _on_landmarks(DBSCAN(), "dbscan", random_state)


def _optics(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.density import OPTICS

    return _on_landmarks(OPTICS(), "optics", random_state)


def _mean_shift(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.density import MeanShift

    return _on_landmarks(MeanShift(random_state=random_state), "mean-shift", random_state)


def _affinity_propagation(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.exemplars import AffinityPropagation

    clusterer = AffinityPropagation(n_clusters, random_state=random_state)
    return _on_landmarks(clusterer, "affinity-propagation", random_state)


def _k_medoids(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.exemplars import KMedoids

    clusterer = KMedoids(n_clusters, random_state=random_state)
    return _on_landmarks(clusterer, "k-medoids", random_state)


def _leiden(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.communities import Leiden

    return _on_landmarks(Leiden(n_clusters, random_state=random_state), "leiden", random_state)


def _genie(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.communities import Genie

    return _on_landmarks(Genie(n_clusters), "genie", random_state)


def _deep(n_clusters: int, random_state: int | None) -> Any:
    from inkmeans.cluster.deep import DeepClustering

    return DeepClustering(n_clusters, random_state=random_state)


def _on_landmarks(clusterer: Any, name: str, random_state: int | None) -> Any:
    from inkmeans.cluster.landmarks import LandmarkClusterer

    most = ALGORITHMS[name].landmarks or 0
    return LandmarkClusterer(clusterer, n_landmarks=most, random_state=random_state)


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
            "gaussian-mixture",
            "Gaussian mixture: clusters as clouds of their own size and shape, on principal "
            "components.",
            _gaussian_mixture,
            nearest_centroid=False,
        ),
        Algorithm(
            "ward",
            "Ward's agglomerative clustering: join the two clusters that cost least, again and "
            "again; above 5,000 images only along the graph of their neighbours.",
            _ward,
            landmarks=60_000,
            nearest_centroid=False,
        ),
        Algorithm(
            "spectral",
            "Spectral clustering: k-means among the slowest modes of the graph of neighbours.",
            _spectral,
            landmarks=70_000,
            nearest_centroid=False,
        ),
        Algorithm(
            "hdbscan",
            "HDBSCAN: clusters are where images lie densely, at any density; it finds their number "
            "itself, ignores the one asked for, and leaves the rest as noise.",
            _hdbscan,
            landmarks=5_000,
            finds_number=True,
            nearest_centroid=False,
        ),
        Algorithm(
            "birch",
            "BIRCH: gather images in a tree of small balls, then join the balls as Ward does.",
            _birch,
            landmarks=20_000,
            nearest_centroid=False,
        ),
        Algorithm(
            "dbscan",
            "DBSCAN: clusters are where images lie densely, at one density; it finds their number "
            "itself, ignores the one asked for, and leaves the rest as noise.",
            _dbscan,
            landmarks=5_000,
            finds_number=True,
            nearest_centroid=False,
        ),
        Algorithm(
            "optics",
            "OPTICS: order the images by density and cut where it changes; it finds their number "
            "itself, ignores the one asked for, and leaves much as noise.",
            _optics,
            landmarks=2_000,
            finds_number=True,
            nearest_centroid=False,
        ),
        Algorithm(
            "mean-shift",
            "Mean shift: climb to where images are densest; it finds the number of clusters "
            "itself and ignores the one asked for.",
            _mean_shift,
            landmarks=5_000,
            finds_number=True,
        ),
        Algorithm(
            "affinity-propagation",
            "Affinity propagation: images choose images that stand for them; the number asked for "
            "is a hint.",
            _affinity_propagation,
            landmarks=1_000,
        ),
        Algorithm(
            "k-medoids",
            "k-medoids (FasterPAM): as k-means, but each centroid is an image, and distances are "
            "not squared.",
            _k_medoids,
            landmarks=5_000,
        ),
        Algorithm(
            "leiden",
            "Leiden: communities of the graph of neighbours; the number asked for is a hint for "
            "the resolution.",
            _leiden,
            extra="graphs",
            landmarks=60_000,
            nearest_centroid=False,
        ),
        Algorithm(
            "genie",
            "Genie: join the nearest clusters, small ones first where sizes differ much.",
            _genie,
            extra="graphs",
            landmarks=5_000,
            nearest_centroid=False,
        ),
        Algorithm(
            "deep",
            "Deep embedded clustering: an autoencoder, then k-means on the few numbers that it "
            "squeezes images into; the yardstick for what needs no network.",
            _deep,
            extra="deep",
            nearest_centroid=False,
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
