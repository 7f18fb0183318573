"""Checks of what the estimators are asked for, before any work begins."""

from __future__ import annotations

import math
from collections.abc import Collection
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_array

from inkmeans.errors import DataError, ParameterError

__all__ = ["check_choice", "check_number", "check_positive", "check_weights", "check_whole"]


def check_choice(name: str, value: Any, choices: Collection[Any]) -> None:
    """Raise unless the value is one of the choices.

    Examples
    --------
    >>> from inkmeans.cluster.parameters import check_choice
    >>> check_choice("metric", "l1", ["euclidean", "cosine"])
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: metric is 'l1'; choose one of 'euclidean', 'cosine'
    """
    if not any(value is choice or value == choice for choice in choices):
        known = ", ".join(repr(choice) for choice in choices)
        raise ParameterError(f"{name} is {value!r}", hint=f"choose one of {known}")


def check_whole(name: str, value: Any, *, least: int = 1, optional: bool = False) -> None:
    """Raise unless the value is a whole number of at least `least`, or None if `optional`.

    Examples
    --------
    >>> from inkmeans.cluster.parameters import check_whole
    >>> check_whole("n_clusters", 0)
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: n_clusters is 0; give a whole number of at least 1
    """
    if optional and value is None:
        return
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise ParameterError(
            f"{name} is {value!r}", hint=f"give a whole number of at least {least}"
        )


def check_number(name: str, value: Any, *, optional: bool = False) -> None:
    """Raise unless the value is a number of at least 0, or None if `optional`.

    Examples
    --------
    >>> from inkmeans.cluster.parameters import check_number
    >>> check_number("tol", -1)
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: tol is -1; give a number of at least 0
    """
    if optional and value is None:
        return
    if isinstance(value, bool) or not isinstance(value, Real) or not float(value) >= 0:
        raise ParameterError(f"{name} is {value!r}", hint="give a number of at least 0")


def check_positive(name: str, value: Any) -> None:
    """Raise unless the value is a finite number above 0.

    Examples
    --------
    >>> from inkmeans.cluster.parameters import check_positive
    >>> check_positive("epsilon", 0)
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: epsilon is 0; give a number above 0
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < math.inf:
        raise ParameterError(f"{name} is {value!r}", hint="give a number above 0")


def check_weights(sample_weight: Any, n: int) -> NDArray[np.float64] | None:
    """Return sample weights as float64, or None where every row weighs 1.

    Parameters
    ----------
    sample_weight : array-like of shape (n,), float or None
    n : int

    Returns
    -------
    ndarray of shape (n,), float64, or None

    Raises
    ------
    DataError
        If they are not one number a row, are negative or are all zero.

    Examples
    --------
    >>> from inkmeans.cluster.parameters import check_weights
    >>> check_weights([1, 2], 2)
    array([1., 2.])
    """
    if sample_weight is None:
        return None
    if isinstance(sample_weight, Real):
        sample_weight = np.full(n, float(sample_weight))
    weights: NDArray[np.float64] = check_array(
        sample_weight, dtype=np.float64, ensure_2d=False, order="C", input_name="sample_weight"
    )
    if weights.shape != (n,):
        raise DataError(
            f"sample_weight has the shape {weights.shape}", hint=f"give {n} weights, one a row"
        )
    if weights.min() < 0:
        raise DataError("sample_weight has negative values", hint="give weights of at least 0")
    if weights.max() == 0:
        raise DataError(
            "sample_weight is zero everywhere",
            hint="Sample weights must contain at least one non-zero number",
        )
    return None if bool(np.all(weights == 1)) else weights
