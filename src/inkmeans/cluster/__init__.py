"""Clustering: k-means on the engine, and the registry of all algorithms by name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from inkmeans.cluster.registry import ALGORITHMS, Algorithm, get_algorithm

if TYPE_CHECKING:
    from inkmeans.cluster.birch import Birch
    from inkmeans.cluster.bisecting import BisectingKMeans
    from inkmeans.cluster.communities import Genie, Leiden
    from inkmeans.cluster.deep import DeepClustering
    from inkmeans.cluster.density import DBSCAN, OPTICS, MeanShift
    from inkmeans.cluster.exemplars import AffinityPropagation, KMedoids
    from inkmeans.cluster.functions import k_means, kmeans_plusplus
    from inkmeans.cluster.hdbscan import HDBSCAN
    from inkmeans.cluster.kmeans import KMeans
    from inkmeans.cluster.landmarks import LandmarkClusterer
    from inkmeans.cluster.minibatch import MiniBatchKMeans
    from inkmeans.cluster.mixture import GaussianMixture
    from inkmeans.cluster.spectral import SpectralClustering
    from inkmeans.cluster.ward import Ward

# The estimators load scikit-learn; the registry alone must not.
_HOME = {
    "AffinityPropagation": "inkmeans.cluster.exemplars",
    "Birch": "inkmeans.cluster.birch",
    "BisectingKMeans": "inkmeans.cluster.bisecting",
    "DBSCAN": "inkmeans.cluster.density",
    "GaussianMixture": "inkmeans.cluster.mixture",
    "DeepClustering": "inkmeans.cluster.deep",
    "Genie": "inkmeans.cluster.communities",
    "HDBSCAN": "inkmeans.cluster.hdbscan",
    "KMeans": "inkmeans.cluster.kmeans",
    "KMedoids": "inkmeans.cluster.exemplars",
    "LandmarkClusterer": "inkmeans.cluster.landmarks",
    "Leiden": "inkmeans.cluster.communities",
    "MeanShift": "inkmeans.cluster.density",
    "MiniBatchKMeans": "inkmeans.cluster.minibatch",
    "OPTICS": "inkmeans.cluster.density",
    "SpectralClustering": "inkmeans.cluster.spectral",
    "Ward": "inkmeans.cluster.ward",
    "k_means": "inkmeans.cluster.functions",
    "kmeans_plusplus": "inkmeans.cluster.functions",
}

__all__ = [
    "ALGORITHMS",
    "DBSCAN",
    "HDBSCAN",
    "OPTICS",
    "AffinityPropagation",
    "Algorithm",
    "Birch",
    "BisectingKMeans",
    "DeepClustering",
    "GaussianMixture",
    "Genie",
    "KMeans",
    "KMedoids",
    "LandmarkClusterer",
    "Leiden",
    "MeanShift",
    "MiniBatchKMeans",
    "SpectralClustering",
    "Ward",
    "get_algorithm",
    "k_means",
    "kmeans_plusplus",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'inkmeans.cluster' has no attribute {name!r}")
