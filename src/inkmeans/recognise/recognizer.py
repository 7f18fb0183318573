"""The recogniser: images without labels in, clusters that can be named and recognised out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from inkmeans.cluster.kmeans import KMeans
from inkmeans.errors import DataError, NotNamedError, ParameterError
from inkmeans.prepare import StandardizeImages, TakesImages, check_images, count_distinct
from inkmeans.progress import Callback, Event, silent
from inkmeans.recognise.answers import Explanation, Suspects
from inkmeans.recognise.calibration import find_temperature, to_probabilities
from inkmeans.recognise.families import find_families, pick_clusters
from inkmeans.recognise.grouping import group_images
from inkmeans.recognise.image_rows import half_whiten
from inkmeans.recognise.kernel_ridge import LandmarkKernel, ViewRidges
from inkmeans.recognise.known_labels import (
    check_classes,
    follow_labels,
    link_rows,
    weigh_votes,
)
from inkmeans.recognise.naming import match_names, name_by_votes
from inkmeans.recognise.presets import Preset, get_preset, make_view
from inkmeans.recognise.self_training import SelfTraining, Taught, Teacher
from inkmeans.recognise.suggest import suggest_images
from inkmeans.recognise.suspects import suspicion

__all__ = ["Recognizer"]

_TINY = 5  # images a cluster, below which k-means stands in for the graph
_LEAST = 30
_BLOCK = 4096
_MOST_PIXELS = 512 * 512  # of an image


class Recognizer(TakesImages, ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Group unlabelled images of handwritten digits, then recognise new ones.

    Images are straightened and measured (HOG or wavelet scattering), a graph of who is near to
    whom is clustered, and a kernel classifier learns from these clusters what it then corrects
    in them. No label is needed; a few give the clusters names, or correct them too.

    Parameters
    ----------
    n_clusters : int, default=10
    preset : {"fast", "balanced", "best"}, default="balanced"
        How much work to do: see `inkmeans.recognise.PRESETS`. The stages stand in the repr.
    views : list of transformers or None, default=None
        What to see of images in the place of the preset's views: each from images to rows.
    clusterer : estimator or None, default=None
        A scikit-learn clusterer of the first view's rows, in the place of the graph.
    training : SelfTraining or None, default=None
        In the place of the preset's; `inkmeans.recognise.SelfTraining`.
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    labels_ : int32 ndarray of shape (n,)
        Cluster of each image, from 0 to n_clusters - 1.
    scores_ : float32 ndarray of shape (n, n_clusters)
        What the classifier says of each image, without having been told its label.
    families_ : int32 ndarray of shape (n_clusters,)
        Of more than 32 clusters, which are parts of one larger one; else each its own.
    names_ : list of length n_clusters
        Name of each cluster; None where it has none yet.
    classes_ : ndarray
        The different names, sorted; there once a cluster has a name.
    temperature_, name_temperature_ : float
        Scale of scores that makes probabilities of them, of clusters and of names.

    Notes
    -----
    Memory for n images: n times the landmarks of each view, numbers of 4 bytes, while it learns
    (0.6 GB for `balanced` on 60,000 images, 2 GB for `best`). A graph is made of at most 70,000
    images (10,000 for `fast`); all others are assigned.

    Examples
    --------
    >>> import inkmeans
    >>> images = inkmeans.load("digits").images[:400]
    >>> recognizer = inkmeans.Recognizer(10, preset="fast", random_state=0).fit(images)
    >>> recognizer.labels_.shape
    (400,)
    >>> _ = recognizer.name_clusters({cluster: f"group {cluster}" for cluster in range(10)})
    >>> str(recognizer.predict(images[:1])[0]) == f"group {recognizer.labels_[0]}"
    True
    """

    labels_: NDArray[np.int32]
    scores_: NDArray[np.float32]
    families_: NDArray[np.int32]
    names_: list[Any]
    _graph: Any
    _taught: Taught

    def __init__(
        self,
        n_clusters: int = 10,
        preset: str = "balanced",
        *,
        views: Any = None,
        clusterer: Any = None,
        training: SelfTraining | None = None,
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.preset = preset
        self.views = views
        self.clusterer = clusterer
        self.training = training
        self.random_state = random_state

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        """Return the parameters, and the stages that they stand for."""
        return f"{super().__repr__(N_CHAR_MAX)}\n" + "\n".join(
            f"  {number}. {stage}" for number, stage in enumerate(self.stages(), 1)
        )

    def stages(self) -> list[str]:
        """Say what is done, one line a stage.

        Returns
        -------
        list of str
        """
        preset = get_preset(self.preset)
        training = self.training or preset.training
        views = list(preset.views) if self.views is None else [repr(view) for view in self.views]
        graph = "a graph of neighbours"
        if preset.shortlist:
            graph += f", {preset.shortlist} of each ranked by the image deformation distance"
        return [
            "StandardizeImages: light ink on black, a usual size",
            f"views: {', '.join(views)}, the principal components of each",
            f"clusters: {graph}" if self.clusterer is None else f"clusters: {self.clusterer!r}",
            f"self-training: kernel ridge, {training.n_landmarks:,} landmarks, at most "
            f"{training.n_rounds} rounds",
        ]

    def fit(
        self, X: ArrayLike, y: ArrayLike | None = None, callback: Callback | None = None
    ) -> Self:
        """Group images; where some labels are known, let them decide.

        Parameters
        ----------
        X : uint8 array of shape (n, height, width)
        y : int array-like of shape (n,) or None, default=None
            Label of each image, -1 where it is unknown.
        callback : callable or None, default=None
            Told of each stage with an `inkmeans.progress.Event`.

        Returns
        -------
        Recognizer
            Itself.

        Raises
        ------
        DataError, ParameterError
            If these are no images, fewer different ones than clusters, or labels of more classes.
        """
        tell = callback or silent
        images, preset, given = self._check(X, y)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        rng = np.random.default_rng(seed)
        tell(Event("standardize", step=1, of=1))
        self.standardize_ = StandardizeImages().fit(images)
        standard = self.standardize_.transform(images)
        self.views_ = self._make_views(preset, standard, seed)
        rows = []
        for step, view in enumerate(self.views_, 1):
            tell(Event("features", step=step, of=len(self.views_)))
            rows.append(np.asarray(view.fit(standard).transform(standard), dtype=np.float32))
        sample = _draw(rng, len(images), preset.n_graph_images, given)
        part = [view[sample] for view in rows]
        labels = self._group(preset, standard[sample], part[0], seed, tell)
        self._learn(part, labels, None if given is None else given[sample], seed, tell)
        self._finish(rows, sample, standard)
        if given is not None:
            self.name_clusters(np.flatnonzero(given >= 0), given[given >= 0])
        return self

    def assign(self, X: ArrayLike) -> NDArray[np.int32]:
        """Find the cluster of new images.

        Parameters
        ----------
        X : uint8 array of shape (m, height, width)
            Of the size seen by `fit`.

        Returns
        -------
        int32 ndarray of shape (m,)
            Of more than 32 clusters, the best one of the family that scores best.
        """
        return pick_clusters(self.decision_function(X), self.families_)

    def decision_function(self, X: ArrayLike) -> NDArray[np.float32]:
        """Score new images for each cluster.

        Parameters
        ----------
        X : uint8 array of shape (m, height, width)

        Returns
        -------
        float32 ndarray of shape (m, n_clusters)
            About 1 for the right cluster and 0 for the others.
        """
        images = self._check_new(X)
        out = np.empty((len(images), self.n_clusters), dtype=np.float32)
        for start in range(0, len(images), _BLOCK):
            part = slice(start, start + _BLOCK)
            standard = self.standardize_.transform(images[part])
            out[part] = self._taught.score([view.transform(standard) for view in self.views_])
        return out

    def name_clusters(self, names: Any, labels: ArrayLike | None = None) -> Self:
        """Give clusters names.

        Parameters
        ----------
        names : mapping of cluster to name, or int array-like of image indices
        labels : array-like, optional
            With indices: the label of each of these images. Clusters take the most frequent
            label among their images.

        Returns
        -------
        Recognizer
            Itself.

        Raises
        ------
        ParameterError
            If a cluster or an image does not exist.
        """
        check_is_fitted(self, "labels_")
        before = None if labels is not None else getattr(self, "names_", None)
        given, weights = names, None
        if labels is not None:
            given, weights = (names, labels), self._weigh_votes(names)
        found = name_by_votes(self.labels_, self.n_clusters, given, weights)
        if before is not None and isinstance(names, Mapping):
            found = [old if new is None else new for old, new in zip(before, found, strict=True)]
        self.names_ = list(found)
        known = [name for name in self.names_ if name is not None]
        if known:
            self.classes_ = np.unique(np.asarray(known))
            self.name_temperature_ = self._find_name_temperature(match_names(found, self.classes_))
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Say the names of new images.

        Parameters
        ----------
        X : uint8 array of shape (m, height, width)

        Returns
        -------
        ndarray of shape (m,)
            Names of the likeliest clusters that have one.

        Raises
        ------
        NotNamedError
            If no cluster has a name yet.
        """
        chances = self.predict_proba(X)  # first: it is this that says that names are missing
        return np.asarray(self.classes_[chances.argmax(axis=1)])

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Say how likely each name is.

        Parameters
        ----------
        X : uint8 array of shape (m, height, width)

        Returns
        -------
        float64 ndarray of shape (m, n_classes)
            Columns as in ``classes_``. Calibrated without labels: so that the classifier's
            certainty fits how often it agrees with the clusters of images that were left out.
            What clusters of the same name score is added up, as if they had been one.
        """
        check_is_fitted(self, "labels_")
        if all(name is None for name in self.names_):
            raise NotNamedError(
                "the clusters have no names yet",
                hint="call name_clusters({cluster: name}) or name_clusters(indices, labels) first",
            )
        scores = self.decision_function(X) @ match_names(self.names_, self.classes_)
        return to_probabilities(scores, self.name_temperature_)

    def explain(self, X: ArrayLike, n_nearest: int = 5) -> list[Explanation]:
        """Say why images are recognised as they are.

        Parameters
        ----------
        X : uint8 array of shape (m, height, width)
        n_nearest : int, default=5
            Clusters and training images to tell of.

        Returns
        -------
        list of Explanation
        """
        images = self._check_new(X)
        if n_nearest < 1:
            raise ParameterError(f"n_nearest is {n_nearest}", hint="give at least 1")
        standard = self.standardize_.transform(images)
        rows = [view.transform(standard) for view in self.views_]
        scores = self._taught.score(rows)
        assigned = pick_clusters(scores, self.families_)
        probabilities = to_probabilities(scores, self.temperature_)
        similar = self._taught.kernels[0].compare(rows[0])
        out = []
        for best, chances, alike in zip(assigned.tolist(), probabilities, similar, strict=True):
            order = np.argsort(-chances, kind="stable")[:n_nearest]
            near = np.argsort(-alike, kind="stable")[:n_nearest]
            out.append(
                Explanation(
                    cluster=best,
                    name=self.names_[best],
                    confidence=float(chances[best]),
                    clusters=order.astype(np.int32),
                    probabilities=chances[order],
                    images=self.landmarks_[near],
                    similarities=alike[near].astype(np.float64),
                )
            )
        return out

    def suggest(self, n: int, labelled: ArrayLike = ()) -> NDArray[np.int64]:
        """Choose the images whose labels would help most.

        Representatives of clusters come first, then dense groups that hang loosely on their
        cluster, then single doubts.

        Parameters
        ----------
        n : int
        labelled : int array-like, default=()
            Images whose labels are known already.

        Returns
        -------
        int64 ndarray of shape (n,)
            Places of images among those of `fit`.
        """
        self._need_graph()
        if not 1 <= n <= len(self._sample):
            raise ParameterError(f"n is {n}", hint=f"give 1 to {len(self._sample)}")
        known = np.flatnonzero(np.isin(self._sample, np.asarray(labelled, dtype=np.int64)))
        part = self._sample
        chosen = suggest_images(
            self._graph, self.labels_[part], self.scores_[part], n, labelled=known
        )
        return part[chosen]

    def suspects(self, labels: ArrayLike, n: int | None = None) -> Suspects:
        """Find labels that are probably wrong.

        Parameters
        ----------
        labels : array-like of shape (n_images,)
            A label of each image of `fit`.
        n : int or None, default=None
            How many to return; None for all, ranked.

        Returns
        -------
        Suspects
        """
        if getattr(self, "_rows", None) is None:
            raise ParameterError(
                "the training images are not at hand", hint="a file does not keep them: fit again"
            )
        given = np.asarray(labels)
        if given.shape != self.labels_.shape:
            raise DataError(
                f"labels have the shape {given.shape}",
                hint=f"one of each of the {len(self.labels_)} fitted images is needed",
            )
        classes, places = np.unique(given, return_inverse=True)
        codes = np.asarray(places, dtype=np.int32)
        if len(classes) < 2:
            raise DataError("all labels are the same", hint="give at least two different ones")
        ridges = ViewRidges(self.kernels_, self._rows, self._training().penalty)

        def leave_out(targets: NDArray[np.int32]) -> NDArray[np.float32]:
            return ridges.solve(targets, len(classes))[0]

        scores = suspicion(codes, leave_out)
        best = leave_out(codes).argmax(axis=1)
        order = np.argsort(-scores, kind="stable")[:n]
        return Suspects(order, scores[order], classes[best[order]])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all that recognising needs to a file, see `load`.

        Parameters
        ----------
        path : path
            By custom it ends in ``.safetensors``.

        Raises
        ------
        ParameterError
            If there are views other than a preset's.
        OutputError
            If the file cannot be written.
        """
        from inkmeans.recognise.recognizer_file import save_recognizer

        save_recognizer(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Recognizer:
        """Read what `save` wrote.

        Parameters
        ----------
        path : path

        Returns
        -------
        Recognizer
            It recognises and can be named, but has no graph for `suggest` and `suspects`.

        Raises
        ------
        ModelFileError
            If the file is something else, damaged, or from a newer version of inkmeans.
        """
        from inkmeans.recognise.recognizer_file import load_recognizer

        return load_recognizer(path)

    @property
    def image_shape_(self) -> tuple[int, int]:
        """Height and width of the images that it takes."""
        return self.standardize_.image_shape_

    @property
    def kernels_(self) -> list[LandmarkKernel]:
        """What the classifier compares rows with, one a view."""
        check_is_fitted(self, "labels_")
        return self._taught.kernels

    @property
    def weights_(self) -> list[NDArray[np.float32]]:
        """What the classifier makes of these comparisons, (n_landmarks, n_clusters) a view."""
        check_is_fitted(self, "labels_")
        return self._taught.weights

    def restore(self, taught: Taught) -> None:
        """Take a classifier that was kept in a file; the graph was not.

        Parameters
        ----------
        taught : Taught
        """
        self._taught = taught
        self._graph = None
        self.names_ = [None] * int(self.n_clusters)

    def _check(
        self, X: ArrayLike, y: ArrayLike | None
    ) -> tuple[NDArray[np.uint8], Preset, NDArray[np.int64] | None]:
        images = check_images(X)
        preset = get_preset(self.preset)
        n = len(images)
        if images.shape[1] * images.shape[2] > _MOST_PIXELS:
            raise DataError(
                f"images are {images.shape[1]} x {images.shape[2]} pixels",
                hint="at most 512 x 512 are taken: cut or shrink them first",
            )
        if min(images.shape[1:]) < 4:
            raise DataError(
                f"images are {images.shape[1]} x {images.shape[2]} pixels",
                hint="at least 4 each way are needed",
            )
        if not isinstance(self.n_clusters, (int, np.integer)) or self.n_clusters < 1:
            raise ParameterError(f"n_clusters is {self.n_clusters!r}", hint="give at least 1")
        distinct = count_distinct(images, int(self.n_clusters))
        if distinct < self.n_clusters:
            raise ParameterError(
                f"n_clusters is {self.n_clusters}, but only {distinct} of {n} images differ",
                hint=f"give at most {distinct} clusters, or more images",
            )
        if y is None:
            return images, preset, None
        given = np.asarray(y)
        if given.shape != (n,) or not np.issubdtype(given.dtype, np.integer) or given.min() < -1:
            raise DataError(
                f"y is {given.dtype} of the shape {given.shape}",
                hint="give one whole number an image: its label, or -1 where it is unknown",
            )
        check_classes(given, int(self.n_clusters))
        return images, preset, given.astype(np.int64) if (given >= 0).any() else None

    def _check_new(self, X: ArrayLike) -> NDArray[np.uint8]:
        check_is_fitted(self, "labels_")
        return check_images(X, self.standardize_.image_shape_)

    def _make_views(self, preset: Preset, standard: NDArray[np.uint8], seed: int) -> list[Any]:
        if self.views is not None:
            return [clone(view) for view in self.views]
        side = min(standard.shape[1:])
        return [make_view(name, seed, side) for name in preset.views]

    def _training(self) -> SelfTraining:
        return self.training or get_preset(self.preset).training

    def _group(
        self,
        preset: Preset,
        standard: NDArray[np.uint8],
        rows: NDArray[np.float32],
        seed: int,
        tell: Callback,
    ) -> NDArray[np.int32]:
        """Make the first clusters, and the graph that later questions are answered from."""
        tell(Event("cluster", step=1, of=1))
        half = half_whiten(rows[:, : preset.n_graph_components])
        self._graph = None
        self._neighbors: NDArray[np.int32] | None = None
        k = int(self.n_clusters)
        if k == 1:
            return np.zeros(len(rows), dtype=np.int32)
        if self.clusterer is not None:
            found = np.unique(clone(self.clusterer).fit(half).labels_, return_inverse=True)[1]
            if (n_found := int(found.max()) + 1) != k:
                raise ParameterError(
                    f"the clusterer found {n_found} clusters (noise is one); n_clusters is {k}",
                    hint=f"give n_clusters={n_found}, or another clusterer",
                )
            return found.astype(np.int32)
        if len(rows) < max(_LEAST, _TINY * k):
            return np.asarray(KMeans(k, n_init=10, random_state=seed).fit(half).labels_)
        grouping = group_images(
            standard,
            half,
            k,
            shortlist=min(preset.shortlist, len(rows) - 1),
            random_state=seed,
            callback=tell,
        )
        self._graph, self._neighbors = grouping.graph, grouping.neighbors
        self.eigenvalues_ = grouping.eigenvalues
        return grouping.labels

    def _learn(
        self,
        rows: list[NDArray[np.float32]],
        labels: NDArray[np.int32],
        given: NDArray[np.int64] | None,
        seed: int,
        tell: Callback,
    ) -> None:
        """Teach the classifier clusters; where labels are given, once more, as these say."""
        teacher = Teacher(
            rows,
            np.asarray(labels, dtype=np.int32),
            self.training or get_preset(self.preset).training_of(len(labels)),
            neighbors=self._neighbors,
            random_state=seed,
        )
        self._taught = teacher.teach(labels, callback=tell)
        if given is not None and (given >= 0).any():
            graph = link_rows(rows[0]) if self._graph is None else self._graph
            followed = follow_labels(graph, self._taught.labels, given, int(self.n_clusters))
            self._taught = teacher.teach(*followed, callback=tell)

    def _finish(
        self,
        rows: list[NDArray[np.float32]],
        sample: NDArray[np.int64],
        standard: NDArray[np.uint8],
    ) -> None:
        """Assign the images that were not in the sample, and keep what questions need."""
        n, k = len(rows[0]), int(self.n_clusters)
        self.families_ = np.arange(k, dtype=np.int32)
        if self._graph is not None:
            self.families_ = find_families(self._graph, self._taught.labels, k)
        self.scores_ = np.empty((n, k), dtype=np.float32)
        self.labels_ = np.empty(n, dtype=np.int32)
        rest = np.setdiff1d(np.arange(n), sample, assume_unique=True)
        for start in range(0, len(rest), _BLOCK):
            part = rest[start : start + _BLOCK]
            self.scores_[part] = self._taught.score([view[part] for view in rows])
        self.labels_[rest] = pick_clusters(self.scores_[rest], self.families_)
        self.scores_[sample], self.labels_[sample] = self._taught.scores, self._taught.labels
        self._sample, self._rows = sample, rows
        self.landmarks_ = sample[self._taught.landmarks]
        self.landmark_images_ = standard[self.landmarks_]
        self.temperature_ = find_temperature(self._taught.scores, self._taught.labels)
        self.names_ = [None] * k

    def _find_name_temperature(self, member: NDArray[np.float32]) -> float:
        """Calibrate names, where they differ from clusters and the training scores are there."""
        if (member.sum(axis=0) == 1).all() or not hasattr(self, "scores_"):
            return self.temperature_
        named = member[self.labels_].any(axis=1)
        classes = member[self.labels_[named]].argmax(axis=1)
        return find_temperature(self.scores_[named] @ member, classes)

    def _weigh_votes(self, indices: ArrayLike) -> NDArray[np.float64] | None:
        """Say how many images each label speaks for, where the graph tells of all of them."""
        places = np.asarray(indices)
        if self._graph is None:
            return None
        if not np.issubdtype(places.dtype, np.integer) or not np.isin(places, self._sample).all():
            return None
        inside = np.searchsorted(self._sample, places)
        return weigh_votes(self._graph, self.labels_[self._sample], inside)

    def _need_graph(self) -> None:
        check_is_fitted(self, "labels_")
        if self._graph is None:
            raise ParameterError(
                "there is no graph of the training images",
                hint="it is not saved, nor made of very few images: fit again, on more",
            )


def _draw(
    rng: np.random.Generator, n: int, most: int, given: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Draw the images that the graph is made of; those with labels are always among them."""
    if n <= most:
        return np.arange(n)
    order = rng.permutation(n)
    if given is not None:
        order = order[np.argsort(given[order] < 0, kind="stable")]
        most = max(most, int((given >= 0).sum()))
    return np.sort(order[:most])
