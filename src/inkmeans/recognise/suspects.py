"""Labels that are probably wrong, found by a classifier that has not seen them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError

__all__ = ["suspicion"]


def suspicion(
    given: ArrayLike,
    left_out: Callable[[NDArray[np.int32]], NDArray[np.floating]] | ArrayLike,
) -> NDArray[np.float64]:
    """Rate how likely each given label is wrong.

    The suspicion of a label is the best score of all other labels less its own score, both by a
    classifier that has not seen it [1]_. Wrong labels also mislead the classifier about their
    neighbours; so where it can be fitted anew, it is: labels that the first fit contradicts take
    what it says instead, and the second fit judges the labels as they were given.

    Parameters
    ----------
    given : int array-like of shape (n,)
        Labels, from 0 to k - 1.
    left_out : callable, or array-like of shape (n, k)
        From labels to scores that leave each image's own label out; or these scores themselves,
        which are then not refined.

    Returns
    -------
    float64 ndarray of shape (n,)
        Above 0 where another label scores higher; with scores from 0 to 1, at most about 1.

    Raises
    ------
    DataError
        If labels and scores do not fit together.

    References
    ----------
    .. [1] C. Northcutt, L. Jiang, I. Chuang, "Confident learning: estimating uncertainty in
       dataset labels", Journal of Artificial Intelligence Research 70, 2021.

    Examples
    --------
    >>> from inkmeans.recognise.suspects import suspicion
    >>> suspicion([0, 1, 1], [[0.9, 0.1], [0.8, 0.2], [0.4, 0.6]]).round(1).tolist()
    [-0.8, 0.6, -0.2]
    """
    labels = np.asarray(given)
    if labels.ndim != 1 or (labels.size and labels.dtype.kind not in "iu"):
        raise DataError(
            f"labels are {labels.dtype} of shape {labels.shape}",
            hint="give one integer for each image",
        )
    if labels.size and labels.min() < 0:
        raise DataError(f"a label is {labels.min()}", hint="give labels from 0, none unknown")
    codes = labels.astype(np.int32)
    if not callable(left_out):
        return _excess(codes, np.asarray(left_out))
    first = np.asarray(left_out(codes))
    doubted = _excess(codes, first) > 0
    if not doubted.any():
        return _excess(codes, first)
    repaired = np.where(doubted, first.argmax(axis=1), codes).astype(np.int32)
    if len(np.unique(repaired)) < len(np.unique(codes)):  # a label that would be lost
        return _excess(codes, first)
    return _excess(codes, np.asarray(left_out(repaired)))


def _excess(labels: NDArray[np.int32], scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the best score of all other labels less the own one."""
    n = len(labels)
    if scores.ndim != 2 or len(scores) != n or scores.shape[1] < 2:
        raise DataError(
            f"{n} labels have scores of shape {scores.shape}",
            hint="give a row of at least two scores for each label",
        )
    if n and labels.max() >= scores.shape[1]:
        raise DataError(
            f"a label is {labels.max()}, with scores for {scores.shape[1]} labels",
            hint="give labels from 0 to the number of scores less one",
        )
    others = scores.astype(np.float64)
    if not np.isfinite(others).all():
        raise DataError("scores are not all finite", hint="leave out images without scores")
    own = others[np.arange(n), labels].copy()
    others[np.arange(n), labels] = -np.inf
    return np.asarray(others.max(axis=1) - own)
