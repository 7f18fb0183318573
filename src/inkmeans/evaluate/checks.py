"""What every score asks of its arrays: whole numbers in range, and one for each image."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError, ParameterError

__all__ = ["as_assignments", "as_labels", "as_matrix"]


def as_assignments(assignments: ArrayLike, n_clusters: int) -> NDArray[np.int64]:
    """Return the cluster of each image as int64, or say what is wrong with it.

    Parameters
    ----------
    assignments : array-like of int, shape (n_images,)
    n_clusters : int
        Every assignment must be below it.

    Returns
    -------
    ndarray of int64, shape (n_images,)

    Raises
    ------
    ParameterError
        If `n_clusters` is below 1.
    DataError
        If there is no image, or a value is no cluster.

    Examples
    --------
    >>> from inkmeans.evaluate.checks import as_assignments
    >>> as_assignments([0, 2, 1], n_clusters=3)
    array([0, 2, 1])
    """
    if n_clusters < 1:
        raise ParameterError(f"n_clusters is {n_clusters}", hint="give a number of at least 1")
    checked = _whole_numbers(assignments, "assignments")
    if checked.size == 0:
        raise DataError("no image was assigned to a cluster", hint="score at least one image")
    if checked.min() < 0 or checked.max() >= n_clusters:
        raise DataError(
            f"assignments go from {checked.min()} to {checked.max()}, with {n_clusters} clusters",
            hint=f"clusters are numbered from 0 to {n_clusters - 1}",
        )
    return checked


def as_labels(labels: ArrayLike, n_images: int, n_classes: int | None = None) -> NDArray[np.int64]:
    """Return the class of each image as int64, or say what is wrong with it.

    Parameters
    ----------
    labels : array-like of int, shape (n_images,)
    n_images : int
        How many labels there must be.
    n_classes : int or None, default=None
        Every label must be below it; None allows any.

    Returns
    -------
    ndarray of int64, shape (n_images,)

    Raises
    ------
    DataError
        If there are too few or too many, or a value is no class.

    Examples
    --------
    >>> from inkmeans.evaluate.checks import as_labels
    >>> as_labels([7, 2], n_images=2)
    array([7, 2])
    """
    checked = _whole_numbers(labels, "labels")
    if len(checked) != n_images:
        raise DataError(
            f"{len(checked)} labels for {n_images} images", hint="give one label for each image"
        )
    if checked.size and checked.min() < 0:
        raise DataError(
            f"a label is {checked.min()}", hint="leave images of unknown class out of the scores"
        )
    if n_classes is not None and checked.size and checked.max() >= n_classes:
        raise DataError(
            f"a label is {checked.max()}, with {n_classes} classes",
            hint=f"classes are numbered from 0 to {n_classes - 1}",
        )
    return checked


def as_matrix(values: ArrayLike, name: str, n_columns: int | None = None) -> NDArray[Any]:
    """Return a matrix of numbers as it is, or say what is wrong with it.

    Parameters
    ----------
    values : array-like of shape (n_rows, n_columns)
    name : str
        What it is, for the error message.
    n_columns : int or None, default=None
        How many columns it must have; None allows any number.

    Returns
    -------
    ndarray of shape (n_rows, n_columns)

    Raises
    ------
    DataError
        If it is not a non-empty matrix of so many columns.

    Examples
    --------
    >>> from inkmeans.evaluate.checks import as_matrix
    >>> as_matrix([[1.0, 2.0]], "rows").shape
    (1, 2)
    """
    matrix = np.asarray(values)
    if matrix.ndim != 2 or matrix.size == 0 or matrix.dtype.kind not in "biuf":
        raise DataError(
            f"{name} have the shape {matrix.shape} and the type {matrix.dtype}",
            hint="give a matrix of numbers with one row for each",
        )
    if n_columns is not None and matrix.shape[1] != n_columns:
        raise DataError(
            f"{name} have {matrix.shape[1]} columns, not {n_columns}",
            hint="rows and centroids must come from the same features",
        )
    return matrix


def _whole_numbers(values: ArrayLike, name: str) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.ndim != 1 or (array.dtype.kind not in "biu" and array.size):
        raise DataError(
            f"{name} have the shape {array.shape} and the type {array.dtype}",
            hint="give one whole number for each image",
        )
    return array.astype(np.int64, copy=False)
