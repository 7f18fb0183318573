"""The image deformation distance of pairs of images, in whole numbers.

Each pixel of one image is compared with those pixels of the other that are near the same place,
and takes the one that suits it best [1]_. On an endless plane that is zero outside the images,
with gradients g of two components::

    apart(i, x, j, y) = sum over |c| <= context of |g_i(x + c) - g_j(y + c)|^2
    forward(i, j)     = sum over x of the least apart(i, x, j, x + u) over |u| <= warp

where the size of a displacement is the larger of its coordinates; and backward(i, j) =
forward(j, i).

References
----------
.. [1] D. Keysers, T. Deselaers, C. Gollan, H. Ney, "Deformation models for image recognition",
   IEEE Transactions on Pattern Analysis and Machine Intelligence 29(8), 2007, section 4.3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from inkmeans import engine
from inkmeans.engine.contract import Labels

__all__ = ["DeformationComparer", "largest_gradient", "measure_slopes", "sobel_gradients"]

Gradients = NDArray[np.int8]
Sums = NDArray[np.int64]

_NATIVE_CONTEXTS = 2  # contexts up to this one are compiled


def largest_gradient(context: int) -> int:
    """Tell how large a gradient may be for the sums of a context to fit 16 bits.

    Parameters
    ----------
    context : int
        Pixels on each side of a pixel that are compared with it.

    Returns
    -------
    int
        At most 63, so that differences fit 8 bits.

    Examples
    --------
    >>> from inkmeans.engine.deformation import largest_gradient
    >>> [largest_gradient(context) for context in (0, 1, 2)]
    [63, 30, 18]
    """
    return max(1, min(63, int(np.sqrt(65535 / 8) / (2 * context + 1))))


def measure_slopes(images: NDArray[np.uint8], *, n_threads: int = 1) -> int:
    """Find the steepest slope of all images: the largest of Sobel's differences.

    Parameters
    ----------
    images : C-contiguous uint8 ndarray of shape (n_images, height, width)
    n_threads : int, default=1

    Returns
    -------
    int
        From 0, where each image has one grey level, to 1020.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.deformation import measure_slopes
    >>> measure_slopes(np.full((1, 4, 4), 9, dtype=np.uint8))
    0
    """
    native = engine.native_part()
    if native is not None:
        return int(native.steepest_slope(images, n_threads))
    return max((int(np.abs(_slopes(image)).max()) for image in images), default=0)


def sobel_gradients(
    images: NDArray[np.uint8], unit: int, limit: int, *, n_threads: int = 1
) -> Gradients:
    """Compute Sobel's gradients in few levels.

    Parameters
    ----------
    images : C-contiguous uint8 ndarray of shape (n_images, height, width)
        The border is repeated, so that there is no edge at the end of an image.
    unit : int
        Slope that becomes `limit`; steeper ones do too.
    limit : int
        See `largest_gradient`.
    n_threads : int, default=1

    Returns
    -------
    int8 ndarray of shape (n_images, height, width, 2)
        Downwards and to the right, rounded to whole numbers, halves away from zero.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.deformation import sobel_gradients
    >>> step = np.array([[[0, 0, 255, 255]]], dtype=np.uint8)
    >>> sobel_gradients(step, 1020, 30)[0, 0, :, 1].tolist()
    [0, 30, 30, 0]
    """
    native = engine.native_part()
    if native is not None:
        gradients: Gradients = native.sobel_gradients(images, unit, limit, n_threads)
        return gradients
    out = np.empty((*images.shape, 2), dtype=np.int8)
    for i, image in enumerate(images):
        slopes = _slopes(image)
        rounded = (2 * np.abs(slopes) * limit + unit) // (2 * unit)
        out[i] = np.sign(slopes) * np.minimum(rounded, limit)
    return out


def _slopes(image: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Sobel's differences downwards and to the right, in the last axis."""
    near = sliding_window_view(np.pad(image.astype(np.int64), 1, mode="edge"), (3, 3))
    across = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    return np.stack([(near * across.T).sum(axis=(2, 3)), (near * across).sum(axis=(2, 3))], axis=2)


class DeformationComparer:
    """Compares images with those of their shortlists.

    Parameters
    ----------
    queries : C-contiguous int8 ndarray of shape (m, height, width, 2)
        Gradients within the `largest_gradient` of the context. Not copied.
    targets : ndarray of shape (n, height, width, 2) or None
        None: the queries themselves. Then a pair of images that name each other is compared once.
    warp : int, default=2
        How far a pixel may move along each axis.
    context : int, default=1
        Pixels on each side of a pixel that move with it.

    Notes
    -----
    Natively, with a warp of 2 and a context of 1, a pair of digits of 28 x 28 pixels takes about
    two microseconds both ways (AVX2). Time grows with (2 warp + 1)^2 and with the pixels that have
    an edge nearby. Contexts above 2 are compared in NumPy, some thousand times slower.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.deformation import DeformationComparer
    >>> gradients = np.zeros((2, 5, 5, 2), dtype=np.int8)
    >>> gradients[0, 2, 2], gradients[1, 2, 4] = (3, 4), (3, 4)
    >>> lists = np.array([[1], [0]], dtype=np.int32)
    >>> forward, backward = DeformationComparer(gradients).compare(lists)
    >>> forward[:, 0].tolist()
    [0, 0]
    >>> forward, backward = DeformationComparer(gradients, warp=1).compare(lists)
    >>> forward[:, 0].tolist()
    [250, 250]
    """

    def __init__(
        self,
        queries: Gradients,
        targets: Gradients | None = None,
        *,
        warp: int = 2,
        context: int = 1,
    ) -> None:
        self._queries = queries
        self._targets = queries if targets is None else targets
        self._same = targets is None
        self._warp, self._context = warp, context
        self._native: Any = None
        native = engine.native_part() if context <= _NATIVE_CONTEXTS else None
        if native is not None:
            self._native = native.DeformationComparer(
                queries, self._targets, self._same, warp, context
            )

    def compare(self, lists: Labels, *, n_threads: int = 1) -> tuple[Sums, Sums]:
        """Compare each query with the targets of its list.

        Parameters
        ----------
        lists : C-contiguous int32 ndarray of shape (m, s)
            Indices of targets.
        n_threads : int, default=1

        Returns
        -------
        forward, backward : int64 ndarrays of shape (m, s)
        """
        forward, backward = np.zeros(lists.shape, np.int64), np.zeros(lists.shape, np.int64)
        self.compare_into(lists, slice(0, len(lists)), (forward, backward), n_threads=n_threads)
        return forward, backward

    def compare_into(
        self, lists: Labels, part: slice, out: tuple[Sums, Sums], *, n_threads: int = 1
    ) -> None:
        """Compare some of the queries.

        Parameters
        ----------
        lists : C-contiguous int32 ndarray of shape (m, s)
            Those of all queries.
        part : slice
            Which queries, from start to stop.
        out : pair of int64 ndarrays of shape (m, s)
            Forward and backward. Where the queries are the targets, distances of a query may be
            written with those of an earlier one, so that all are there after the last part only.
        n_threads : int, default=1
        """
        if self._native is not None:
            self._native.compare(lists, part.start, part.stop, n_threads, *out)
            return
        for query in range(part.start, part.stop):
            for place, target in enumerate(lists[query]):
                pair = self._queries[query], self._targets[target]
                out[0][query, place] = self._compare_one_way(*pair)
                out[1][query, place] = self._compare_one_way(*pair[::-1])

    def _compare_one_way(self, own: Gradients, other: Gradients) -> int:
        """Sum up, over the pixels, the least of all displacements: the definition."""
        warp, context = self._warp, self._context
        # Pixels outside the image that have some of it in their context count too.
        own_plane = np.pad(own.astype(np.int64), _margins(2 * context))
        other_plane = np.pad(other.astype(np.int64), _margins(2 * context + warp))
        height, width = own_plane.shape[:2]
        window = (2 * context + 1, 2 * context + 1)
        least: Any = np.inf
        for down in range(2 * warp + 1):
            for across in range(2 * warp + 1):
                moved = other_plane[down : down + height, across : across + width]
                squares = np.square(own_plane - moved).sum(axis=2)
                sums = sliding_window_view(squares, window).sum(axis=(2, 3))
                least = np.minimum(least, sums)
        return int(least.sum())


def _margins(width: int) -> tuple[tuple[int, int], ...]:
    return ((width, width), (width, width), (0, 0))
