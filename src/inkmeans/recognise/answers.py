"""What the recogniser answers beside labels: reasons, and suspects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Explanation", "Suspects"]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why an image was recognised as it was.

    Attributes
    ----------
    cluster : int
    name : object
        Of that cluster; None while it has none.
    confidence : float
        Probability of the cluster, from 0 to 1.
    clusters : int32 ndarray of shape (n_nearest,)
        The likeliest clusters, best first.
    probabilities : float64 ndarray of shape (n_nearest,)
    images : int64 ndarray of shape (n_nearest,)
        The training images that it is most alike to, of those that the classifier compares with.
    similarities : float64 ndarray of shape (n_nearest,)
        From 0 to 1, for the same image.
    """

    cluster: int
    name: Any
    confidence: float
    clusters: NDArray[np.int32]
    probabilities: NDArray[np.float64]
    images: NDArray[np.int64]
    similarities: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Suspects:
    """Labels that are probably wrong, the most suspicious first.

    Attributes
    ----------
    indices : int64 ndarray of shape (n_suspects,)
        Places of the images.
    scores : float64 ndarray of shape (n_suspects,)
        How suspicious, at most about 1.
    suggestions : ndarray of shape (n_suspects,)
        The labels that would suit better.
    """

    indices: NDArray[np.int64]
    scores: NDArray[np.float64]
    suggestions: NDArray[Any]
