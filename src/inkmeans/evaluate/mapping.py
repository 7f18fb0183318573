"""Which class each cluster stands for, learnt from labelled images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import ParameterError
from inkmeans.evaluate.checks import as_assignments, as_labels

__all__ = [
    "ClusterNames",
    "contingency_table",
    "learn_names",
    "majority_mapping",
    "match_table",
    "matched_mapping",
]


@dataclass(frozen=True, eq=False)
class ClusterNames:
    """The classes that the clusters stand for; learn it on the training images.

    Attributes
    ----------
    majority : ndarray of int64, shape (n_clusters,)
        The most frequent class of each cluster, -1 for a cluster without an image.
    matched : ndarray of int64, shape (n_clusters,), or None
        One class for each cluster and one cluster for each class; None where
        there are more or fewer clusters than classes.
    n_classes : int
        How many classes there are.
    """

    majority: NDArray[np.int64]
    matched: NDArray[np.int64] | None
    n_classes: int


def learn_names(
    assignments: ArrayLike, labels: ArrayLike, n_clusters: int, n_classes: int
) -> ClusterNames:
    """Learn both mappings from clusters to classes; give it the training images.

    Parameters
    ----------
    assignments : array-like of int, shape (n_images,)
        The cluster of each image.
    labels : array-like of int, shape (n_images,)
        The class of each image.
    n_clusters, n_classes : int

    Returns
    -------
    ClusterNames

    Examples
    --------
    >>> from inkmeans.evaluate import learn_names
    >>> names = learn_names([0, 0, 1, 1], [1, 1, 0, 1], n_clusters=2, n_classes=2)
    >>> names.majority, names.matched
    (array([1, 0]), array([1, 0]))
    """
    matched = (
        matched_mapping(assignments, labels, n_clusters, n_classes)
        if n_clusters == n_classes
        else None
    )
    majority = majority_mapping(assignments, labels, n_clusters, n_classes)
    return ClusterNames(majority, matched, n_classes)


def majority_mapping(
    assignments: ArrayLike, labels: ArrayLike, n_clusters: int, n_classes: int
) -> NDArray[np.int64]:
    """Name each cluster after its most frequent class; ties go to the smaller class.

    Parameters
    ----------
    assignments : array-like of int, shape (n_images,)
        The cluster of each image.
    labels : array-like of int, shape (n_images,)
        The class of each image.
    n_clusters, n_classes : int

    Returns
    -------
    ndarray of int64, shape (n_clusters,)
        -1 for a cluster without an image; images that fall into it later count as wrong.

    Examples
    --------
    >>> from inkmeans.evaluate import majority_mapping
    >>> majority_mapping([0, 0, 0, 2], [4, 9, 9, 4], n_clusters=3, n_classes=10)
    array([ 9, -1,  4])
    """
    table = contingency_table(assignments, labels, n_clusters, n_classes)
    mapping: NDArray[np.int64] = table.argmax(axis=1)
    mapping[table.sum(axis=1) == 0] = -1
    return mapping


def matched_mapping(
    assignments: ArrayLike, labels: ArrayLike, n_clusters: int, n_classes: int
) -> NDArray[np.int64]:
    """Match clusters and classes one to one so that as many images as possible agree.

    Parameters
    ----------
    assignments : array-like of int, shape (n_images,)
        The cluster of each image.
    labels : array-like of int, shape (n_images,)
        The class of each image.
    n_clusters, n_classes : int
        They must be equal.

    Returns
    -------
    ndarray of int64, shape (n_clusters,)

    Raises
    ------
    ParameterError
        If there are more or fewer clusters than classes.

    See Also
    --------
    match_table : the same of counts.

    Examples
    --------
    >>> from inkmeans.evaluate import matched_mapping
    >>> matched_mapping([0, 0, 0, 1, 1], [1, 1, 0, 1, 1], n_clusters=2, n_classes=2)
    array([0, 1])
    """
    if n_clusters != n_classes:
        raise ParameterError(
            f"{n_clusters} clusters cannot be matched one to one with {n_classes} classes",
            hint="use majority_mapping, or as many clusters as classes",
        )
    return match_table(contingency_table(assignments, labels, n_clusters, n_classes))


def match_table(table: ArrayLike) -> NDArray[np.int64]:
    """Match rows and columns of a table one to one, so that the matched cells add up to the most.

    Parameters
    ----------
    table : array-like of int, shape (n, m)
        For example what `contingency_table` counts.

    Returns
    -------
    ndarray of int64, shape (n,)
        The column of each row; -1 for those left over where there are more rows than columns.

    Notes
    -----
    The Hungarian method, by `scipy.optimize.linear_sum_assignment`: exact, O(n^2 m).

    Examples
    --------
    >>> from inkmeans.evaluate.mapping import match_table
    >>> match_table([[5, 4], [9, 1]])
    array([1, 0])
    """
    from scipy.optimize import linear_sum_assignment

    counts = np.asarray(table)
    matched = np.full(len(counts), -1, dtype=np.int64)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    matched[rows] = columns
    return matched


def contingency_table(
    assignments: ArrayLike, labels: ArrayLike, n_clusters: int, n_classes: int
) -> NDArray[np.int64]:
    """Count the images of each class in each cluster.

    Parameters
    ----------
    assignments : array-like of int, shape (n_images,)
        The cluster of each image.
    labels : array-like of int, shape (n_images,)
        The class of each image.
    n_clusters, n_classes : int

    Returns
    -------
    ndarray of int64, shape (n_clusters, n_classes)

    Examples
    --------
    >>> from inkmeans.evaluate import contingency_table
    >>> contingency_table([0, 0, 1], [1, 1, 0], n_clusters=2, n_classes=2)
    array([[0, 2],
           [1, 0]])
    """
    clusters = as_assignments(assignments, n_clusters)
    classes = as_labels(labels, len(clusters), n_classes)
    cells = np.bincount(clusters * n_classes + classes, minlength=n_clusters * n_classes)
    table: NDArray[np.int64] = cells.reshape(n_clusters, n_classes).astype(np.int64, copy=False)
    return table
