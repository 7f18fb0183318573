"""A kernel classifier that says, without a second fit, what it would say of rows left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from inkmeans.engine import in_blocks

__all__ = ["LandmarkKernel", "LandmarkRidge", "ViewRidges"]

Rows = NDArray[np.float32]

_BLOCK = 1024  # rows of the kernel at once
_PANEL = 512  # columns of a triangular matrix at once
_MOST_PAIRS = 1000  # landmarks whose distances give the width of the kernel
_FEW_LANDMARKS = 1024  # up to which leverages are all exact
_PROBES = 256  # random projections that tell which leverages are large
_LARGE = 0.2
_JITTER = 1e-5  # keeps the landmarks' own kernel invertible in float32


@dataclass(frozen=True, eq=False)
class LandmarkKernel:
    """A Gaussian kernel, approximated by what rows have in common with landmarks.

    Rows x become k(x, landmarks) R^-T, where R R^T is the kernel of the landmarks among
    themselves: inner products of these approximate the kernel (Nystroem's method [1]_).

    Parameters
    ----------
    landmarks : float32 ndarray of shape (m, d)
    gamma : float
        The kernel is exp(-gamma ||x - y||^2).

    References
    ----------
    .. [1] C. Williams, M. Seeger, "Using the Nystroem method to speed up kernel machines",
       NeurIPS 2001.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise.kernel_ridge import LandmarkKernel
    >>> landmarks = np.eye(3, dtype=np.float32)
    >>> mapped = LandmarkKernel(landmarks, gamma=1.0).map(landmarks)
    >>> (mapped @ mapped.T).round(2)[0]
    array([1.  , 0.14, 0.14], dtype=float32)
    """

    landmarks: Rows
    gamma: float

    @classmethod
    def scaled(cls, landmarks: Rows, width: float = 0.3) -> Self:
        """Choose gamma as `width` over the median squared distance of landmarks."""
        some = landmarks[:_MOST_PAIRS]
        squared = _squared_distances(some, some)[np.triu_indices(len(some), 1)]
        middle = float(np.median(squared)) if squared.size else 1.0
        return cls(landmarks, width / max(middle, 1e-12))

    def compare(self, rows: Rows) -> Rows:
        """Return the kernel of rows and landmarks, shape (n, m)."""
        kernel = _squared_distances(rows, self.landmarks)
        kernel *= np.float32(-self.gamma)
        return np.exp(kernel, out=kernel)

    def map(self, rows: Rows) -> Rows:
        """Return the rows in the space of the kernel, shape (n, m)."""
        inverse = _invert(self.root)
        out = np.empty((len(rows), len(inverse)), dtype=np.float32)

        def fill(part: slice) -> None:
            _times_transposed(self.compare(rows[part]), inverse, out[part])

        in_blocks(fill, len(rows), _BLOCK)
        return out

    @cached_property
    def root(self) -> NDArray[np.float64]:
        """The lower Cholesky factor of the landmarks' kernel."""
        from scipy.linalg import cholesky

        kernel = self.compare(self.landmarks).astype(np.float64)
        kernel[np.diag_indices_from(kernel)] += _JITTER
        factor: NDArray[np.float64] = cholesky(kernel, lower=True, check_finite=False)
        return factor


class LandmarkRidge:
    """Ridge regression in a kernel's space, factored once for any number of targets.

    Parameters
    ----------
    kernel : LandmarkKernel
    rows : float32 ndarray of shape (n, d)
        What it learns from.
    penalty : float, default=3e-3
        Of the squared length of the weights.

    Attributes
    ----------
    leverage : float32 ndarray of shape (n,)
        How much of its own target each row's prediction is made of.

    Notes
    -----
    O(n m^2) time for the factors, O(n m k) for k targets; n m numbers of memory.

    References
    ----------
    .. [1] R. Rifkin, R. Lippert, "Notes on regularized least squares", 2007: leave-one-out
       predictions from the leverages.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise.kernel_ridge import LandmarkKernel, LandmarkRidge
    >>> rows = np.array([[0.0], [0.1], [5.0], [5.1]], dtype=np.float32)
    >>> ridge = LandmarkRidge(LandmarkKernel(rows, gamma=1.0), rows, penalty=0.1)
    >>> left_out, inner = ridge.solve(np.array([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32))
    >>> left_out.argmax(axis=1).tolist()
    [0, 0, 1, 1]
    >>> new = np.array([[4.9]], dtype=np.float32)
    >>> (ridge.kernel.compare(new) @ ridge.weigh(inner)).argmax(axis=1).tolist()
    [1]
    """

    def __init__(self, kernel: LandmarkKernel, rows: Rows, penalty: float = 3e-3) -> None:
        from scipy.linalg import cholesky

        self.kernel = kernel
        self._mapped = kernel.map(rows)
        gram = (self._mapped.T @ self._mapped).astype(np.float64)
        gram[np.diag_indices_from(gram)] += penalty
        self._factor: NDArray[np.float64] = cholesky(gram, lower=True, check_finite=False)
        self.leverage = np.minimum(self._find_leverage(), np.float32(0.999))

    def solve(self, targets: Rows) -> tuple[Rows, NDArray[np.float64]]:
        """Fit targets.

        Parameters
        ----------
        targets : float32 ndarray of shape (n, k)

        Returns
        -------
        left_out : float32 ndarray of shape (n, k)
            What a fit without it predicts of each row.
        inner : float64 ndarray of shape (m, k)
            The weights in the kernel's space: see `weigh`.
        """
        from scipy.linalg import cho_solve

        n = len(targets)
        right = np.zeros((self._mapped.shape[1], targets.shape[1]))
        for some in in_blocks(lambda part: self._mapped[part].T @ targets[part], n, _BLOCK):
            right += some
        inner = cho_solve((self._factor, True), right, check_finite=False)
        weights = inner.astype(np.float32)
        left_out = np.empty(targets.shape, dtype=np.float32)

        def leave_out(part: slice) -> None:
            own = self.leverage[part, None]
            left_out[part] = (self._mapped[part] @ weights - own * targets[part]) / (1 - own)

        in_blocks(leave_out, n, _BLOCK)
        return left_out, inner

    def weigh(self, inner: NDArray[np.float64]) -> Rows:
        """Return weights of the landmarks: ``kernel.compare(new) @ weights`` predicts new rows.

        Parameters
        ----------
        inner : float64 ndarray of shape (m, k)
            What `solve` returned.

        Returns
        -------
        float32 ndarray of shape (m, k)
        """
        from scipy.linalg import solve_triangular

        weights = solve_triangular(self.kernel.root, inner, lower=True, trans=1, check_finite=False)
        return np.ascontiguousarray(weights, dtype=np.float32)

    def _find_leverage(self) -> Rows:
        """Find how much each row decides its own prediction.

        Exactly where there are few landmarks. Else random projections tell it to a tenth, and
        only where it is large, so that a tenth would matter, it is computed.
        """
        n, m = self._mapped.shape
        if m <= _FEW_LANDMARKS:
            return self._exact_leverage(np.arange(n))
        from scipy.linalg import solve_triangular

        signs = np.random.default_rng(0).choice([-1.0, 1.0], size=(m, _PROBES))
        probes = solve_triangular(self._factor, signs, lower=True, trans=1, check_finite=False)
        probes = (probes / np.sqrt(_PROBES)).astype(np.float32)
        leverage = np.empty(n, dtype=np.float32)

        def estimate(part: slice) -> None:
            seen = self._mapped[part] @ probes
            leverage[part] = np.einsum("ij,ij->i", seen, seen)

        in_blocks(estimate, n, _BLOCK)
        large = np.flatnonzero(leverage > _LARGE)
        leverage[large] = self._exact_leverage(large)
        return leverage

    def _exact_leverage(self, places: NDArray[np.integer]) -> Rows:
        inverse = _invert(self._factor)
        leverage = np.empty(len(places), dtype=np.float32)

        def compute(part: slice) -> None:
            rows = self._mapped[places[part]]
            half = np.empty_like(rows)
            _times_transposed(rows, inverse, half)
            leverage[part] = np.einsum("ij,ij->i", half, half)

        in_blocks(compute, len(places), _BLOCK)
        return leverage


class ViewRidges:
    """A ridge for each view of the same rows; what they say is averaged.

    Parameters
    ----------
    kernels : sequence of LandmarkKernel
        One a view.
    views : sequence of float32 ndarray of shape (n, d)
    penalty : float
        See `LandmarkRidge`.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise.kernel_ridge import LandmarkKernel, ViewRidges
    >>> rows = np.array([[0.0], [0.1], [5.0], [5.1]], dtype=np.float32)
    >>> ridges = ViewRidges([LandmarkKernel(rows, gamma=1.0)], [rows], penalty=0.1)
    >>> left_out, _ = ridges.solve(np.array([0, 0, 1, 1]), 2)
    >>> left_out.argmax(axis=1).tolist()
    [0, 0, 1, 1]
    """

    def __init__(
        self, kernels: Sequence[LandmarkKernel], views: Sequence[Rows], penalty: float
    ) -> None:
        self._ridges = [
            LandmarkRidge(kernel, view, penalty)
            for kernel, view in zip(kernels, views, strict=True)
        ]

    def solve(
        self, labels: NDArray[np.integer], n_classes: int
    ) -> tuple[Rows, list[NDArray[np.float64]]]:
        """Fit labels.

        Parameters
        ----------
        labels : int ndarray of shape (n,)
            Classes from 0.
        n_classes : int

        Returns
        -------
        left_out : float32 ndarray of shape (n, n_classes)
            What a fit without it predicts of each row: about 1 for its class, 0 for others.
        inner : list of ndarray
            What `weigh` makes weights of.
        """
        targets = np.eye(n_classes, dtype=np.float32)[labels]
        solved = [ridge.solve(targets) for ridge in self._ridges]
        left_out = np.mean([scores for scores, _ in solved], axis=0, dtype=np.float32)
        return np.asarray(left_out), [inner for _, inner in solved]

    def weigh(self, inner: Sequence[NDArray[np.float64]]) -> list[Rows]:
        """Return the weights of the landmarks, one array a view."""
        return [ridge.weigh(part) for ridge, part in zip(self._ridges, inner, strict=True)]


def _squared_distances(a: Rows, b: Rows) -> Rows:
    squared = a @ b.T
    squared *= np.float32(-2)
    squared += np.einsum("ij,ij->i", a, a)[:, None]
    squared += np.einsum("ij,ij->i", b, b)
    np.maximum(squared, 0, out=squared)
    return squared


def _invert(lower: NDArray[np.float64]) -> Rows:
    """Invert a lower triangular matrix: products with it, unlike solving, run side by side."""
    from scipy.linalg import lapack

    inverse, _ = lapack.dtrtri(lower, lower=1)
    return np.ascontiguousarray(inverse, dtype=np.float32)


def _times_transposed(rows: Rows, lower: Rows, out: Rows) -> None:
    """Multiply rows by the transpose of a lower triangular matrix, without most of its zeros."""
    m = len(lower)
    for start in range(0, m, _PANEL):
        stop = min(start + _PANEL, m)
        np.matmul(rows[:, :stop], lower[start:stop, :stop].T, out=out[:, start:stop])
