"""Histograms of oriented gradients: the kernel's face, and the same in NumPy for reading."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans import engine

__all__ = [
    "HistogramOptions",
    "cell_weights",
    "count_cells",
    "oriented_histograms",
    "reference_histograms",
]

_BLOCK_PIXELS = 100_000  # of the reference at a time


@dataclass(frozen=True, slots=True)
class HistogramOptions:
    """What the histograms are made of.

    Attributes
    ----------
    cell_sizes : tuple of int
        Sides of the square cells in pixels; one grid of cells for each, in this order.
    strides : tuple of int
        Pixels from one cell to the next, of each grid.
    n_orientations : int
        Bins of the circle, or of half of it.
    signed : bool
        Whether opposite gradients are told apart.
    block_size : int
        Cells along the side of a block; 0 for one block of all cells.
    square_root : bool
        Whether the square root of the sums in cells is taken.
    epsilon : float
        Added, as a square, to the squared length of a block. A cell full of the strongest
        gradient along an axis has a sum of 1.
    clip : float
        Largest element of a block of length 1; `math.inf` for no limit.

    Examples
    --------
    >>> from inkmeans.engine.gradients import HistogramOptions
    >>> HistogramOptions(cell_sizes=(4,), strides=(2,)).n_orientations
    9
    """

    cell_sizes: tuple[int, ...] = (4,)
    strides: tuple[int, ...] = (4,)
    n_orientations: int = 9
    signed: bool = False
    block_size: int = 2
    square_root: bool = False
    epsilon: float = 0.01
    clip: float = 0.2


def count_cells(side: int, cell_size: int, stride: int) -> int:
    """Count the cells along a side of an image.

    Parameters
    ----------
    side, cell_size, stride : int
        Pixels; the cell is no larger than the side.

    Returns
    -------
    int

    Examples
    --------
    >>> from inkmeans.engine.gradients import count_cells
    >>> count_cells(28, 4, 4), count_cells(28, 4, 2)
    (7, 13)
    """
    return (side - cell_size) // stride + 1


def oriented_histograms(
    images: NDArray[np.uint8], options: HistogramOptions, *, n_threads: int = 1
) -> NDArray[np.float32]:
    """Describe each image by histograms of the directions of its gradients.

    Parameters
    ----------
    images : C-contiguous uint8 array of shape (n, height, width)
    options : HistogramOptions
        No cell may be larger than an image.
    n_threads : int, default=1

    Returns
    -------
    float32 ndarray of shape (n, d)
        Grid by grid, in it block by block (row by row), in it cell by cell, in it by
        orientation, from the gradient to the right towards that downwards.

    Notes
    -----
    The native kernel gives the same bits on every instruction set and for every number of
    threads; NumPy differs from it by rounding.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.gradients import HistogramOptions, oriented_histograms
    >>> images = np.zeros((1, 8, 8), dtype=np.uint8)
    >>> images[:, :, 4:] = 255
    >>> rows = oriented_histograms(images, HistogramOptions())
    >>> rows.shape, rows[0].argmax() % 9
    ((1, 36), np.int64(0))
    """
    compiled: Any = engine.native_part()
    if compiled is None:
        return reference_histograms(images, options)
    rows: NDArray[np.float32] = compiled.oriented_histograms(
        images,
        list(zip(options.cell_sizes, options.strides, strict=True)),
        options.n_orientations,
        options.signed,
        options.block_size,
        options.square_root,
        options.epsilon,
        options.clip,
        n_threads,
    )
    return rows


def reference_histograms(
    images: NDArray[np.uint8], options: HistogramOptions
) -> NDArray[np.float32]:
    """Compute `oriented_histograms` in float64: the specification.

    1. The gradient of a pixel is the difference of its two neighbours along each axis; at the
       border the pixel itself stands for the neighbour that is missing.
    2. Its length is shared between the two nearest orientations, in proportion to the angle.
       Bin 0 is the gradient to the right (black to white), not the range that begins there.
    3. A cell adds the pixels up with a weight that falls linearly from 1 in its middle to 0
       one cell size away, along each axis. At a stride of one cell size this is the bilinear
       interpolation of Dalal and Triggs. The grid of cells lies in the middle of the image.
    4. Blocks of neighbouring cells, one at each cell that has enough to its right and below,
       are brought to length 1; elements above `clip` are cut, and the length made 1 again.

    Parameters
    ----------
    images : uint8 array of shape (n, height, width)
    options : HistogramOptions

    Returns
    -------
    float32 ndarray of shape (n, d)

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.gradients import HistogramOptions, reference_histograms
    >>> reference_histograms(np.zeros((2, 8, 8), np.uint8), HistogramOptions()).any()
    np.False_
    """
    block = max(1, _BLOCK_PIXELS // math.prod(images.shape[1:]))
    parts = [
        _describe(images[start : start + block], options)
        for start in range(0, max(len(images), 1), block)
    ]
    return np.concatenate(parts).astype(np.float32)


def _describe(images: NDArray[np.uint8], options: HistogramOptions) -> NDArray[np.float64]:
    votes = _votes(images, options)
    grids = [
        _blocks(_cells(votes, size, stride), options)
        for size, stride in zip(options.cell_sizes, options.strides, strict=True)
    ]
    return np.concatenate(grids, axis=1)


def _votes(images: NDArray[np.uint8], options: HistogramOptions) -> NDArray[np.float64]:
    padded = np.pad(images.astype(np.float64), ((0, 0), (1, 1), (1, 1)), mode="edge")
    across = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    n_orientations = options.n_orientations
    period = 2 * np.pi if options.signed else np.pi
    place = np.mod(np.arctan2(down, across), period) * (n_orientations / period)
    votes = np.empty((*images.shape, n_orientations))
    for orientation in range(n_orientations):
        away = np.abs(place - orientation)
        away = np.minimum(away, n_orientations - away)
        votes[..., orientation] = np.hypot(across, down) * np.maximum(0, 1 - away)
    return votes


def _cells(votes: NDArray[np.float64], cell_size: int, stride: int) -> NDArray[np.float64]:
    _, height, width, _ = votes.shape
    weights_y = cell_weights(height, cell_size, stride)
    weights_x = cell_weights(width, cell_size, stride)
    sums = np.einsum("ay,nyxo,bx->nabo", weights_y, votes, weights_x, optimize=True)
    return np.asarray(sums / (255 * cell_size**2))


def cell_weights(side: int, cell_size: int, stride: int) -> NDArray[np.float64]:
    """Say how much each pixel of a line counts for each cell along it.

    Parameters
    ----------
    side, cell_size, stride : int
        Pixels.

    Returns
    -------
    float64 ndarray of shape (n_cells, side)

    Examples
    --------
    >>> from inkmeans.engine.gradients import cell_weights
    >>> cell_weights(4, 2, 2)
    array([[0.75, 0.75, 0.25, 0.  ],
           [0.  , 0.25, 0.75, 0.75]])
    """
    n_cells = count_cells(side, cell_size, stride)
    middles = (side - 1) / 2 + (np.arange(n_cells) - (n_cells - 1) / 2) * stride
    away = np.abs(np.arange(side) - middles[:, None])
    return np.maximum(0, 1 - away / cell_size)


def _blocks(cells: NDArray[np.float64], options: HistogramOptions) -> NDArray[np.float64]:
    n, n_down, n_across, n_orientations = cells.shape
    if options.square_root:
        cells = np.sqrt(cells)
    high = min(options.block_size or n_down, n_down)
    wide = min(options.block_size or n_across, n_across)
    windows = np.lib.stride_tricks.sliding_window_view(cells, (high, wide), axis=(1, 2))
    n_blocks = (n_down - high + 1) * (n_across - wide + 1)
    length = high * wide * n_orientations
    blocks = np.moveaxis(windows, 3, -1).reshape(n, n_blocks, length)
    blocks = _to_unit(blocks, options.epsilon)
    if options.clip < 1:
        blocks = _to_unit(np.minimum(blocks, options.clip), options.epsilon)
    return blocks.reshape(n, n_blocks * length)


def _to_unit(blocks: NDArray[np.float64], epsilon: float) -> NDArray[np.float64]:
    lengths = np.sqrt(np.square(blocks).sum(axis=-1, keepdims=True) + epsilon**2)
    return blocks / np.where(lengths == 0, 1, lengths)
