"""Scores of clusters to probabilities, calibrated without labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["find_temperature", "to_probabilities"]

_TEMPERATURES = np.geomspace(0.02, 1.0, 40)


def to_probabilities(scores: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Turn scores into probabilities: the softmax of scores over the temperature.

    Parameters
    ----------
    scores : ndarray of shape (n, k)
    temperature : float
        Above 0; the smaller, the surer.

    Returns
    -------
    float64 ndarray of shape (n, k)
        Rows add up to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise.calibration import to_probabilities
    >>> to_probabilities(np.array([[1.0, 0.0]]), 0.5).round(2)
    array([[0.88, 0.12]])
    """
    scaled = scores.astype(np.float64) / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def find_temperature(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Choose the temperature under which the clusters of left-out images are the likeliest.

    Parameters
    ----------
    scores : ndarray of shape (n, k)
        What a classifier says of images that it left out.
    labels : int ndarray of shape (n,)
        Their clusters.

    Returns
    -------
    float
        From 0.02 to 1.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural networks",
       ICML 2017: temperature scaling.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise.calibration import find_temperature
    >>> sure, unsure = np.array([[1.0, 0.0]] * 4), np.array([0, 0, 0, 1])
    >>> find_temperature(sure, np.zeros(4, int)) < find_temperature(sure, unsure)
    True
    """
    places = np.arange(len(labels))
    costs = []
    for temperature in _TEMPERATURES:
        chances = to_probabilities(scores, temperature)[places, labels]
        costs.append(-np.log(np.maximum(chances, 1e-12)).mean())
    return float(_TEMPERATURES[int(np.argmin(costs))])
