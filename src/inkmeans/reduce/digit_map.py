"""The map: a place in a plane for each of many images, neighbours close to each other."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from inkmeans.errors import ParameterError
from inkmeans.progress import Callback, Event, silent
from inkmeans.reduce.layout import Floats32
from inkmeans.reduce.neighbor_map import NeighborMap, Tell
from inkmeans.reduce.registry import get_reducer

__all__ = ["DigitMap"]

_DTYPES = (np.float32, np.float64, np.uint8)


class DigitMap(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Lay images out in a plane, so that images that are alike lie close to each other.

    Parameters
    ----------
    method : str, default="auto"
        ``"neighbors"``, which ``"auto"`` stands for, needs no extra and seconds for 70,000
        images: it embeds prototypes, places each row among them, and lets the rows settle
        among their neighbours. Or the name of a reducer in `REDUCERS`: ``"pca"`` is faster and
        shows little; ``"umap"``, ``"tsne"`` and ``"pacmap"`` take minutes.
    n_iter : int, default=15
        Steps in which the rows settle, by ``"neighbors"``. 0 leaves each row where its
        prototypes put it; 100 and more are worth their time in the background.
    random_state : int, RandomState or None, default=None
        Pass an int for the same map every time, whatever the number of threads.

    Attributes
    ----------
    embedding_ : ndarray of float32, shape (n, 2)
        The places of the rows.
    method_ : str
        The method that made it.
    n_features_in_ : int

    Notes
    -----
    Of more than 100,000 rows by ``"neighbors"`` so many, drawn at random, settle; the others
    are placed among them as `transform` places new ones.

    Examples
    --------
    >>> import inkmeans
    >>> from inkmeans.reduce import DigitMap
    >>> rows = inkmeans.load("digits").images.reshape(1797, 64)
    >>> drawing = DigitMap(random_state=0).fit(rows)
    >>> drawing.embedding_.shape
    (1797, 2)
    >>> drawing.transform(rows[:3]).shape
    (3, 2)
    """

    def __init__(self, method: str = "auto", *, n_iter: int = 15, random_state: Any = None) -> None:
        self.method = method
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: Any = None, callback: Callback | None = None) -> Self:
        """Find a place for each row.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Pixels as uint8, or any features.
        y : None
            Not used: labels have no influence on the map.
        callback : callable, default=None
            Called with an `inkmeans.progress.Event` of the stage ``"map"`` after each step.
            If it raises `inkmeans.progress.Stop` while rows settle, the map stays as it is then.

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If there is no such method, or it cannot take so many rows.
        MissingExtraError
            If the method needs an extra that is not installed.
        DataError
            If numbers are too large for distances between rows.
        """
        if self.method not in ("auto", "neighbors"):
            get_reducer(self.method)
        if not isinstance(self.n_iter, int | np.integer) or self.n_iter < 0:
            raise ParameterError(f"n_iter is {self.n_iter!r}", hint="give a whole number from 0")
        rows = validate_data(self, X, dtype=_DTYPES)
        seed = int(check_random_state(self.random_state).randint(2**31))
        self.method_ = "neighbors" if self.method == "auto" else self.method
        tell = _teller(callback or silent, self.n_iter)
        # The sums of a matrix product must not depend on the threads that share it.
        with threadpool_limits(1, user_api="blas"):
            if self.method_ == "neighbors":
                found, self.embedding_ = NeighborMap.of(rows, int(self.n_iter), seed, tell)
                self._place: Any = found.place
            else:
                reduced, self.embedding_ = _Reduced.of(rows, self.method_, seed)
                self._place = reduced.place
        return self

    def fit_transform(
        self, X: ArrayLike, y: Any = None, callback: Callback | None = None
    ) -> Floats32:
        """Find a place for each row, and return the places.

        Parameters
        ----------
        X : array-like of shape (n, d)
        y : None
            Not used.
        callback : callable, default=None
            See `fit`.

        Returns
        -------
        float32 ndarray of shape (n, 2)
        """
        return self.fit(X, callback=callback).embedding_

    def transform(self, X: ArrayLike) -> Floats32:
        """Place rows, for example a digit that was just drawn, on the map.

        Parameters
        ----------
        X : array-like of shape (n, d)

        Returns
        -------
        float32 ndarray of shape (n, 2)
            By ``"neighbors"``: amid the most alike rows that lie together. A row that was
            fitted on comes to where that lies.
        """
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=_DTYPES, reset=False)
        with threadpool_limits(1, user_api="blas"):
            placed: Floats32 = self._place(rows)
        return placed

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    @property
    def _n_features_out(self) -> int:
        return 2


@dataclass(frozen=True, eq=False)
class _Reduced:
    """A fitted reducer that gives pairs, with zeros where it has only one component."""

    fitted: Any

    @classmethod
    def of(cls, rows: NDArray[Any], name: str, seed: int) -> tuple[Self, Floats32]:
        """Fit a reducer, and return it and the places of the rows."""
        record = get_reducer(name)
        most = min(rows.shape) if record.bounded_by_rows else rows.shape[1]
        fitted = record.make(min(2, most), seed)
        reduced = fitted.fit_transform(rows)
        return cls(fitted), _as_pairs(reduced)

    def place(self, rows: NDArray[Any]) -> Floats32:
        """Place new rows."""
        return _as_pairs(self.fitted.transform(rows))


def _as_pairs(reduced: NDArray[Any]) -> Floats32:
    pairs = np.zeros((len(reduced), 2), dtype=np.float32)
    pairs[:, : reduced.shape[1]] = reduced
    return pairs


def _teller(callback: Callback, n_iter: int) -> Tell:
    began = perf_counter()

    def tell(message: str, step: int) -> None:
        callback(Event("map", message, step=step, of=n_iter, seconds=perf_counter() - began))

    return tell
