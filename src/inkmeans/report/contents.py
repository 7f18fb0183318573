"""What a run folder is made of: the contract between the experiment and the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inkmeans.datasets import Digits
    from inkmeans.evaluate import ClusterCharacteristics, Scores, Stability
    from inkmeans.reduce import LinearMap

__all__ = ["ClusteringRun", "Contents", "PcaMap", "Recognition"]


@dataclass(frozen=True, eq=False)
class ClusteringRun:
    """One clustering of one data set, and what it was measured by.

    Attributes
    ----------
    name : str
        Unique among the runs: ``"pixels-pca64-minibatch-kmeans-256"``.
    dataset, features, algorithm : str
        Names of the data set, the features and the algorithm.
    reducer : str or None
        ``"pca:64"``; None where the features were clustered as they are.
    n_clusters, seed : int
    train_assignments : ndarray of int32, shape (n_train,)
        The cluster of each training image.
    test_assignments : ndarray of int32, shape (n_test,), or None
        None without a test part, or where the algorithm does not assign new images.
    centroids : ndarray of float64, shape (n_clusters, d)
        In the space that was clustered; pixels lie in [0, 1].
    centroid_images : ndarray of float32, shape (n_clusters, height, width)
        Mean of the prepared training images of each cluster, in [0, 1].
    mapping : ndarray of int64, shape (n_clusters,), or None
        The class that each cluster stands for, by majority of its training images; -1 where
        it is empty. None without labels.
    train : Scores
    test : Scores or None
    seconds : float
        What fitting took.
    characteristics : tuple of ClusterCharacteristics
        The clusters of the training images one by one, members as rows of these; empty where
        they were not described.
    n_noise : int
        Training images that the algorithm left out of all clusters. They are the last of the
        `n_clusters`, which has no name; so are such test images.
    n_landmarks : int or None
        How many training images were clustered themselves, where the others only followed them.
    """

    name: str
    dataset: str
    features: str
    reducer: str | None
    algorithm: str
    n_clusters: int
    seed: int
    train_assignments: NDArray[np.int32]
    test_assignments: NDArray[np.int32] | None
    centroids: NDArray[np.float64]
    centroid_images: NDArray[np.float32]
    mapping: NDArray[np.int64] | None
    train: Scores
    test: Scores | None
    seconds: float
    characteristics: tuple[ClusterCharacteristics, ...] = ()
    n_noise: int = 0
    n_landmarks: int | None = None

    @property
    def space(self) -> str:
        """What was clustered, as in the names of runs: ``"pixels"``, ``"pixels-pca64"``."""
        if self.reducer is None:
            return self.features
        return f"{self.features}-{self.reducer.replace(':', '')}"


@dataclass(frozen=True, eq=False)
class Recognition:
    """What the recogniser made of the data set: clusters that are digits.

    Attributes
    ----------
    name : str
        ``"recognizer-fast-10"``.
    dataset, preset : str
    n_clusters, seed : int
    train_assignments : ndarray of int32, shape (n_train,)
    test_assignments : ndarray of int32, shape (n_test,), or None
        None without a test part.
    mapping : ndarray of int64, shape (n_clusters,), or None
        The class that each cluster stands for, one to one where there are as many of both; -1
        for none. None without labels.
    train : Scores
    test : Scores or None
    seconds : float
        What fitting took.
    stages : tuple of str
        What was done, one line a stage.
    recognizer : Recognizer
        Fitted, its clusters named where there were labels.
    """

    name: str
    dataset: str
    preset: str
    n_clusters: int
    seed: int
    train_assignments: NDArray[np.int32]
    test_assignments: NDArray[np.int32] | None
    mapping: NDArray[np.int64] | None
    train: Scores
    test: Scores | None
    seconds: float
    stages: tuple[str, ...]
    recognizer: Any

    features = "recognizer"
    reducer = None

    @property
    def algorithm(self) -> str:
        """The preset: what stands in the place of an algorithm's name."""
        return self.preset

    @property
    def space(self) -> str:
        """What was clustered, as in the names of runs."""
        return self.features


@dataclass(frozen=True, eq=False)
class PcaMap:
    """A sample of the training images in the plane of their two principal components.

    Attributes
    ----------
    run : str
        Name of the run whose clusters are shown.
    indices : ndarray of int64, shape (m,)
        Which training images.
    points : ndarray of float32, shape (m, 2)
        Where they lie.
    centroids : ndarray of float32, shape (n_clusters, 2)
        Where the centroids of the run lie.
    explained : tuple of two float
        Share of the variance along each component.
    """

    run: str
    indices: NDArray[np.int64]
    points: NDArray[np.float32]
    centroids: NDArray[np.float32]
    explained: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Contents:
    """All that a run folder is made of.

    Attributes
    ----------
    digits : Digits
        The images that were clustered, training part first.
    runs : tuple of ClusteringRun
        In the order in which they are listed.
    config : dict
        What was asked for, as JSON can hold it.
    seed : int
    prepared : mapping of str to ndarray of uint8, shape (n_train, height, width)
        The training images as each feature prepared them; the raw ones stand in for a feature
        that is not listed.
    reductions : mapping of str to LinearMap
        How the rows of each reduced space (``"pixels-pca64"``) follow from its features.
    stability : mapping of str to Stability
        Agreement over seeds of some runs, by their names.
    pca_map : PcaMap or None
    stages : mapping of str to float
        Seconds of each stage.
    pages : tuple of int
        The numbers of clusters whose clusters are drawn one by one; the smallest if empty.
    model : ClusterModel or None
        What is kept for recognition; None where the algorithm assigns no new images.
    recognition : Recognition or None
        None where it was not asked for, or not possible.
    skipped : str
        Why there is no recognition though it was asked for; empty otherwise.
    """

    digits: Digits
    runs: tuple[ClusteringRun, ...]
    config: Mapping[str, Any]
    seed: int
    prepared: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    reductions: Mapping[str, LinearMap] = field(default_factory=dict)
    stability: Mapping[str, Stability] = field(default_factory=dict)
    pca_map: PcaMap | None = None
    stages: Mapping[str, float] = field(default_factory=dict)
    pages: tuple[int, ...] = ()
    model: Any | None = None
    recognition: Recognition | None = None
    skipped: str = ""

    @property
    def clusterings(self) -> tuple[ClusteringRun | Recognition, ...]:
        """The runs, and what the recogniser made."""
        return self.runs if self.recognition is None else (*self.runs, self.recognition)

    def images_of(self, run: ClusteringRun) -> NDArray[np.uint8]:
        """Return the training images as the features of a run prepared them.

        Parameters
        ----------
        run : ClusteringRun

        Returns
        -------
        ndarray of uint8, shape (n_train, height, width)
        """
        prepared = self.prepared.get(run.features)
        return self.digits.images[: self.digits.n_train] if prepared is None else prepared
