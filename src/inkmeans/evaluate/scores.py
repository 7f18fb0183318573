"""Everything that one run is measured by on one split of the images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError
from inkmeans.evaluate.checks import as_assignments, as_labels
from inkmeans.evaluate.mapping import ClusterNames, contingency_table

__all__ = ["COMPARED", "NAMED", "UNUSED", "ClassScore", "Scores", "score_clusters"]

UNUSED = "no labels used"
COMPARED = "labels compared with clusters"
NAMED = "labels used to name clusters"


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How well the images of one class were recognised by the majority names.

    Attributes
    ----------
    index : int
        The class.
    name : str
        Its name: ``"7"``.
    precision : float or None
        Of the images in clusters of that name, the share that is of the class;
        None where no cluster has the name.
    recall : float or None
        Of the images of the class, the share in clusters of that name; None
        where the split has no such image.
    support : int
        Images of the class in this split.
    """

    index: int
    name: str
    precision: float | None
    recall: float | None
    support: int


@dataclass(frozen=True)
class Scores:
    """What one run is measured by on one split; None where a score does not apply.

    Attributes
    ----------
    n_images, n_clusters : int
    inertia : float or None
        Sum of squared distances to the own centroid, as the caller measured it.
    homogeneity, completeness, v_measure, ari, nmi : float or None
        Clusters compared with labels, by scikit-learn; nothing is named for them.
    majority_accuracy : float or None
        Share of images in a cluster that bears their class's name; each cluster is
        named after the most frequent class of its training images.
    matched_accuracy : float or None
        The same with one cluster for each class, matched on the training images;
        only where there are as many clusters as classes.
    purity : float or None
        As `majority_accuracy`, with names learnt on this split itself: on the test
        images it is an upper bound, not a prediction.
    silhouette : float or None
        Mean silhouette of a sample, as the caller measured it.
    per_class : tuple of ClassScore
        Precision and recall of each class by the majority names; empty without them.
    confusion : ndarray of int64, shape (n_classes, n_classes), or None
        Images of each true class (row) by majority name (column). Images in a cluster
        without a name are in no column.

    Examples
    --------
    >>> from inkmeans.evaluate import Scores
    >>> Scores.LABEL_USE["inertia"], Scores.LABEL_USE["majority_accuracy"]
    ('no labels used', 'labels used to name clusters')
    """

    n_images: int
    n_clusters: int
    inertia: float | None = None
    homogeneity: float | None = None
    completeness: float | None = None
    v_measure: float | None = None
    ari: float | None = None
    nmi: float | None = None
    majority_accuracy: float | None = None
    matched_accuracy: float | None = None
    purity: float | None = None
    silhouette: float | None = None
    per_class: tuple[ClassScore, ...] = ()
    confusion: NDArray[np.int64] | None = field(default=None, repr=False, compare=False)

    LABEL_USE: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "n_images": UNUSED,
            "n_clusters": UNUSED,
            "inertia": UNUSED,
            "homogeneity": COMPARED,
            "completeness": COMPARED,
            "v_measure": COMPARED,
            "ari": COMPARED,
            "nmi": COMPARED,
            "majority_accuracy": NAMED,
            "matched_accuracy": NAMED,
            "purity": NAMED,
            "silhouette": UNUSED,
            "per_class": NAMED,
            "confusion": NAMED,
        }
    )

    def to_dict(self) -> dict[str, int | float | None]:
        """Return the keys of a line of metrics.json that the scores themselves know.

        Returns
        -------
        dict of str to int, float or None
            JSON can hold every value; the run's own keys (its name, the split, the
            number of clusters ...) are the caller's to add.

        Examples
        --------
        >>> from inkmeans.evaluate import Scores
        >>> list(Scores(n_images=3, n_clusters=2, inertia=1.5).to_dict())[:3]
        ['n_images', 'inertia', 'homogeneity']
        """
        return {
            "n_images": self.n_images,
            "inertia": self.inertia,
            "homogeneity": self.homogeneity,
            "completeness": self.completeness,
            "v_measure": self.v_measure,
            "ari": self.ari,
            "nmi": self.nmi,
            "majority_accuracy": self.majority_accuracy,
            "matched_accuracy": self.matched_accuracy,
            "purity": self.purity,
            "silhouette": self.silhouette,
        }


def score_clusters(
    assignments: ArrayLike,
    *,
    n_clusters: int,
    labels: ArrayLike | None = None,
    names: Sequence[str] = (),
    mapping: ClusterNames | None = None,
    inertia: float | None = None,
    silhouette: float | None = None,
) -> Scores:
    """Measure one run on one split of the images.

    Parameters
    ----------
    assignments : array-like of int, shape (n_images,)
        The cluster of each image of the split.
    n_clusters : int
        How many clusters the run asked for, empty ones included.
    labels : array-like of int, shape (n_images,), or None, default=None
        The class of each image; without it only the scores that use none are given.
    names : sequence of str, default=()
        Names of the classes; numbers stand in for missing names.
    mapping : ClusterNames or None, default=None
        What the clusters stand for, learnt on the training images; without it the
        accuracies, the confusion matrix and the scores by class are left out.
    inertia, silhouette : float or None, default=None
        Scores that need the rows; the caller has measured them on the same split.

    Returns
    -------
    Scores

    Raises
    ------
    ParameterError, DataError
        If the arrays do not belong together.

    Examples
    --------
    >>> from inkmeans.evaluate import learn_names, score_clusters
    >>> train = learn_names([0, 0, 1, 1], [0, 0, 1, 1], n_clusters=2, n_classes=2)
    >>> test = score_clusters([0, 1, 1, 1], n_clusters=2, labels=[0, 0, 1, 1], mapping=train)
    >>> test.majority_accuracy, round(test.homogeneity, 3)
    (0.75, 0.311)
    """
    clusters = as_assignments(assignments, n_clusters)
    scores = Scores(len(clusters), n_clusters, inertia=inertia, silhouette=silhouette)
    if labels is None:
        return scores
    classes = as_labels(labels, len(clusters))
    scores = _compare(scores, clusters, classes)
    return scores if mapping is None else _name(scores, clusters, classes, names, mapping)


def _compare(scores: Scores, clusters: NDArray[np.int64], classes: NDArray[np.int64]) -> Scores:
    from sklearn.metrics import (
        adjusted_rand_score,
        homogeneity_completeness_v_measure,
        normalized_mutual_info_score,
    )

    homogeneity, completeness, v_measure = homogeneity_completeness_v_measure(classes, clusters)
    table = contingency_table(clusters, classes, scores.n_clusters, int(classes.max()) + 1)
    return replace(
        scores,
        homogeneity=float(homogeneity),
        completeness=float(completeness),
        v_measure=float(v_measure),
        ari=float(adjusted_rand_score(classes, clusters)),
        nmi=float(normalized_mutual_info_score(classes, clusters)),
        purity=float(table.max(axis=1).sum() / len(clusters)),
    )


def _name(
    scores: Scores,
    clusters: NDArray[np.int64],
    classes: NDArray[np.int64],
    names: Sequence[str],
    mapping: ClusterNames,
) -> Scores:
    predicted = _named(clusters, mapping.majority, scores.n_clusters)
    confusion = _confusion(classes, predicted, mapping.n_classes)
    matched = None
    if mapping.matched is not None and scores.n_clusters == mapping.n_classes:
        matched = float(np.mean(_named(clusters, mapping.matched, scores.n_clusters) == classes))
    return replace(
        scores,
        majority_accuracy=float(np.mean(predicted == classes)),
        matched_accuracy=matched,
        per_class=_per_class(confusion, classes, names),
        confusion=confusion,
    )


def _named(
    clusters: NDArray[np.int64], mapping: NDArray[np.int64], n_clusters: int
) -> NDArray[np.int64]:
    if len(mapping) != n_clusters:
        raise DataError(
            f"the mapping names {len(mapping)} clusters, the run has {n_clusters}",
            hint="learn the names on the training images of the same run",
        )
    return mapping[clusters]


def _confusion(
    classes: NDArray[np.int64], predicted: NDArray[np.int64], n_classes: int
) -> NDArray[np.int64]:
    # A class that training never saw gets its own row: it counts, and is never right.
    size = max(n_classes, int(classes.max()) + 1)
    named = predicted >= 0
    cells = np.bincount(classes[named] * size + predicted[named], minlength=size * size)
    confusion = cells.reshape(size, size).astype(np.int64, copy=False)
    confusion.flags.writeable = False
    return confusion


def _per_class(
    confusion: NDArray[np.int64], classes: NDArray[np.int64], names: Sequence[str]
) -> tuple[ClassScore, ...]:
    size = len(confusion)
    supports = np.bincount(classes, minlength=size)
    columns = confusion.sum(axis=0)
    hits = confusion.diagonal()
    return tuple(
        ClassScore(
            index=c,
            name=str(names[c]) if c < len(names) else str(c),
            precision=float(hits[c] / columns[c]) if columns[c] else None,
            recall=float(hits[c] / supports[c]) if supports[c] else None,
            support=int(supports[c]),
        )
        for c in range(size)
    )
