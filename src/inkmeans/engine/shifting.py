"""Rows of images moved by fractions of a pixel: the kernel's face, and the same in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from inkmeans import engine

__all__ = ["reference_shift", "shift_rows"]

_BLOCK_PIXELS = 100_000  # of the reference at a time

Images = NDArray[np.uint8]
Shifts = NDArray[np.float64]


def shift_rows(images: Images, top: Shifts, left: Shifts, *, n_threads: int = 1) -> Images:
    """Move images down and each of their rows sideways, by fractions of a pixel.

    Parameters
    ----------
    images : C-contiguous uint8 array of shape (n, height, width)
    top : float64 array of shape (n,)
        Row of the image, in pixels, that becomes the first.
    left : float64 array of shape (n, height)
        Column that becomes the first, for each row of the result.
    n_threads : int, default=1

    Returns
    -------
    uint8 ndarray of shape (n, height, width)
        Blended of the two rows, then of the two columns next to each place, and rounded to whole
        grey levels; black where nothing was.

    Notes
    -----
    The native kernel and NumPy give the same bits.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.shifting import shift_rows
    >>> image = np.array([[[0, 100, 0]]], dtype=np.uint8)
    >>> shift_rows(image, np.zeros(1), np.array([[0.25]])).tolist()
    [[[25, 75, 0]]]
    """
    compiled: Any = engine.native_part()
    if compiled is None:
        return reference_shift(images, top, left)
    moved: Images = compiled.shift_rows(images, top, left, n_threads)
    return moved


def reference_shift(images: Images, top: Shifts, left: Shifts) -> Images:
    """Compute `shift_rows` in NumPy: the specification.

    Parameters
    ----------
    images, top, left
        As in `shift_rows`.

    Returns
    -------
    uint8 ndarray of shape (n, height, width)
    """
    out = np.empty(images.shape, dtype=np.uint8)
    _, height, width = images.shape
    # Further away there is no ink; the limits also bound the padding.
    top = np.clip(np.nan_to_num(top, nan=-np.inf), -height - 1, height + 1)
    left = np.clip(np.nan_to_num(left, nan=-np.inf), -width - 1, width + 1)
    block = max(1, _BLOCK_PIXELS // max(1, height * width))
    for start in range(0, len(images), block):
        part = slice(start, start + block)
        out[part] = _shift(images[part], top[part], left[part].ravel())
    return out


def _shift(images: Images, top: Shifts, left: Shifts) -> Images:
    n, height, width = images.shape
    down = np.floor(top).astype(np.intp)
    weight = (top - down).astype(np.float32)[:, None, None]
    rows = _take_rows(images, down, height + 1).astype(np.float32)
    blended = _blend(rows[:, :-1], rows[:, 1:], weight)

    right = np.floor(left).astype(np.intp)
    weight = (left - right).astype(np.float32)[:, None]
    columns = _take_columns(blended, right, width + 1)
    moved = _blend(columns[:, :-1], columns[:, 1:], weight)
    moved += np.float32(0.5)  # so that the cast, which cuts off, rounds
    return moved.reshape(n, height, width).astype(np.uint8)


def _blend(
    first: NDArray[np.float32], second: NDArray[np.float32], weight: NDArray[np.float32]
) -> NDArray[np.float32]:
    result = second - first
    result *= weight
    result += first
    return result


def _take_rows(images: Images, down: NDArray[np.intp], count: int) -> Images:
    """Take `count` rows of each image, beginning `down` rows below its top; outside is black."""
    n, height, width = images.shape
    pad = int(np.abs(down).max(initial=0)) + count - height
    padded = np.zeros((n, height + 2 * pad, width), dtype=images.dtype)
    padded[:, pad : pad + height] = images
    windows = sliding_window_view(padded.reshape(-1), count * width)
    starts = (np.arange(n) * (height + 2 * pad) + down + pad) * width
    taken: Images = windows[starts].reshape(n, count, width)
    return taken


def _take_columns(images: NDArray[Any], right: NDArray[np.intp], count: int) -> NDArray[Any]:
    """Take `count` pixels of each row, beginning `right` pixels after its first; one row a row."""
    n, height, width = images.shape
    pad = int(np.abs(right).max(initial=0)) + count - width
    padded = np.zeros((n * height, width + 2 * pad), dtype=images.dtype)
    padded[:, pad : pad + width] = images.reshape(n * height, width)
    windows = sliding_window_view(padded.reshape(-1), count)
    starts = np.arange(n * height) * (width + 2 * pad) + right + pad
    taken: NDArray[Any] = windows[starts]
    return taken
