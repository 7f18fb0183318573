"""Nearest neighbours, on the engine: exact ones of rows, and better ones of images.

`nearest_neighbors` compares every query with every row. `DeformationIndex` puts the neighbours
that it found in a better order: it looks at the images again, and lets their pixels move.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans import engine
from inkmeans.engine import Floats, Labels, Rows
from inkmeans.engine.deformation import (
    DeformationComparer,
    largest_gradient,
    measure_slopes,
    sobel_gradients,
)
from inkmeans.errors import DataError, ParameterError
from inkmeans.progress import Callback, Event, silent

__all__ = ["METRICS", "DeformationIndex", "nearest_neighbors"]

METRICS = ("euclidean", "cosine")

_IMAGE_BLOCK, _IMAGE_BLOCKS = 256, 16  # images compared at once, at least; parts of many


def nearest_neighbors(
    rows: Any,
    n_neighbors: int,
    queries: Any = None,
    *,
    metric: str = "euclidean",
    exclude_self: bool = False,
    n_threads: int | None = None,
    callback: Callback | None = None,
) -> tuple[Labels, Floats]:
    """Find the nearest rows of each query.

    Parameters
    ----------
    rows : array-like of shape (n, d)
        uint8, float32 and float64 are taken as they are; images of uint8 are the fastest.
    n_neighbors : int
    queries : array-like of shape (m, d) or None, default=None
        None: the rows themselves.
    metric : {"euclidean", "cosine"}, default="euclidean"
    exclude_self : bool, default=False
        Whether to leave each row out of its own neighbours; only without `queries`. Other
        rows that equal it stay.
    n_threads : int or None, default=None
        None: as many as `inkmeans.engine.effective_threads` says.
    callback : callable, default=None
        Called with an `inkmeans.progress.Event` of the stage ``"neighbors"`` after each block
        of queries. If it raises, `inkmeans.progress.Stop` too, there is no result.

    Returns
    -------
    indices : ndarray of shape (m, n_neighbors), int32
        Nearest first; of equally near rows the first.
    distances : ndarray of shape (m, n_neighbors), float64
        Euclidean distances, or one minus the cosine (1 where a row is all zeros).

    Raises
    ------
    ParameterError, DataError
        If there are fewer rows than neighbours asked for, or shapes do not match.

    Notes
    -----
    Time grows with m n d, memory (beyond the result) with m + n; the cosine needs a copy of
    both in float64.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.neighbors import nearest_neighbors
    >>> rows = np.array([[0, 0], [3, 4], [9, 9]], dtype=np.uint8)
    >>> indices, distances = nearest_neighbors(rows, 1, exclude_self=True)
    >>> indices.tolist(), distances[:, 0].round(2).tolist()
    ([[1], [0], [1]], [5.0, 5.0, 7.81])
    """
    targets = _check(rows, "rows")
    asked = targets if queries is None else _check(queries, "queries")
    wanted = _check_request(targets, asked, n_neighbors, metric, exclude_self and queries is None)
    if exclude_self and queries is not None:
        raise ParameterError(
            "exclude_self goes with neighbours among the rows themselves",
            hint="leave queries out, or exclude_self",
        )
    if metric == "cosine":
        asked, targets = _unit_pair(asked, targets)
    indices, squared = _search(asked, targets, wanted, n_threads, callback or silent)
    if exclude_self:
        indices, squared = _without_self(indices, squared)
    return indices, squared / 2 if metric == "cosine" else np.sqrt(squared)


def _search(
    asked: Rows, targets: Rows, wanted: int, n_threads: int | None, callback: Callback
) -> tuple[Labels, Floats]:
    """Search, and tell how far it is."""
    m, began = asked.shape[0], perf_counter()

    def report(done: int) -> None:
        callback(Event("neighbors", step=done, of=m, seconds=perf_counter() - began))

    return engine.nearest_neighbors(
        asked, targets, wanted, n_threads=engine.effective_threads(n_threads), report=report
    )


def _check(rows: Any, name: str) -> NDArray[Any]:
    from sklearn.utils.validation import check_array

    checked: NDArray[Any] = check_array(
        rows, dtype=[np.float64, np.float32, np.uint8], order="C", input_name=name
    )
    return checked


def _check_request(
    targets: Rows, asked: Rows, n_neighbors: int, metric: str, leave_self: bool
) -> int:
    """Return how many neighbours to look for."""
    if metric not in METRICS:
        raise ParameterError(f"metric is {metric!r}", hint="choose 'euclidean' or 'cosine'")
    if targets.shape[1] != asked.shape[1]:
        raise DataError(
            f"rows have {targets.shape[1]} columns, queries {asked.shape[1]}",
            hint="both should come from the same features",
        )
    available = targets.shape[0] - leave_self
    if not 1 <= n_neighbors <= available:
        raise ParameterError(
            f"n_neighbors is {n_neighbors}", hint=f"give a number from 1 to {available}"
        )
    return int(n_neighbors) + leave_self


def _unit_pair(asked: Rows, targets: Rows) -> tuple[Floats, Floats]:
    """Scale both to length 1, so that half the squared distance is one minus the cosine.

    Rows of zeros get a direction of their own, at a right angle to all else: their cosine
    with anything, each other included, is 0.
    """
    units = [_unit(asked), _unit(targets)]
    if all(unit.any(axis=1).all() for unit in units):
        return units[0], units[1]
    wider = []
    for own, unit in enumerate(units):
        extra = np.zeros((len(unit), 2))
        extra[:, own] = ~unit.any(axis=1)
        wider.append(np.hstack([unit, extra]))
    return wider[0], wider[1]


def _unit(rows: Rows) -> Floats:
    norms = np.sqrt(engine.squared_norms(rows))[:, None]
    return np.asarray(rows / np.where(norms == 0, 1, norms), dtype=np.float64)


def _without_self(indices: Labels, squared: Floats) -> tuple[Labels, Floats]:
    """Leave each row out of its own neighbours, or the last where equal rows came first."""
    own = indices == np.arange(len(indices))[:, None]
    own[~own.any(axis=1), -1] = True
    shape = (len(indices), indices.shape[1] - 1)
    return indices[~own].reshape(shape), squared[~own].reshape(shape)


class DeformationIndex:
    """Images whose shortlists of neighbours are ranked by the image deformation distance.

    Each pixel of one image takes, out of the pixels of the other that are near its place, the
    one whose gradients and context suit it best [1]_. What is left apart is the forward distance
    f of the two images; that of the other image to this one is the backward distance b. Images
    differ in how near their neighbours are, so each has a scale s, and they are ranked by
    sqrt(f / s_own + b / s_other).

    Parameters
    ----------
    warp : int, default=2
        How far a pixel may move along each axis. Time grows with (2 warp + 1)^2.
    context : int, default=1
        How many pixels on each side of a pixel move with it. Above 2 it is slow.
    scale_neighbor : int, default=7
        The scale of an image is its forward distance to the neighbour of this rank, among those of
        its shortlist by forward distance; to the last one where there are fewer. A scale of 0 (so
        many of its neighbours are within reach of a deformation) becomes 1, the smallest
        difference that there is.
    n_threads : int or None, default=None
        None: as many as `inkmeans.engine.effective_threads` says.

    Attributes
    ----------
    scales_ : float64 ndarray of shape (n,)
        Scale of each image.
    indices_ : int32 ndarray of shape (n, n_neighbors)
        Neighbours of each image among the others, nearest first; of equally near ones in the order
        of the shortlist. Not there after `restore`.
    distances_ : float64 ndarray of shape (n, n_neighbors)
        Their distances.

    Notes
    -----
    Gradients are Sobel's with the border repeated, in 61 levels of the steepest slope that the
    images have (127 without a context, 37 with one of 2); outside the image they are zero. They
    take two bytes a pixel of memory, and the distances 16 bytes a pair. Distances do not depend
    on the instruction set or the number of threads.

    References
    ----------
    .. [1] D. Keysers, T. Deselaers, C. Gollan, H. Ney, "Deformation models for image recognition",
       IEEE Transactions on Pattern Analysis and Machine Intelligence 29(8), 2007, section 4.3.

    Examples
    --------
    >>> import inkmeans
    >>> from inkmeans.neighbors import DeformationIndex, nearest_neighbors
    >>> digits = inkmeans.load("digits")
    >>> images, new = digits.images[:1000], digits.images[1000:1100]
    >>> rows = images.reshape(1000, -1)
    >>> shortlist, _ = nearest_neighbors(rows, 20, exclude_self=True)
    >>> index = DeformationIndex(warp=1).fit(images, shortlist, n_neighbors=10)
    >>> index.indices_.shape
    (1000, 10)
    >>> shortlist, _ = nearest_neighbors(rows, 20, new.reshape(100, -1))
    >>> indices, distances = index.neighbors(new, shortlist, n_neighbors=1)
    >>> found = digits.labels[indices[:, 0]]
    >>> bool((found == digits.labels[1000:1100]).mean() > 0.9)
    True
    """

    scales_: Floats
    indices_: Labels
    distances_: Floats

    def __init__(
        self,
        *,
        warp: int = 2,
        context: int = 1,
        scale_neighbor: int = 7,
        n_threads: int | None = None,
    ) -> None:
        for name, value, least in (
            ("warp", warp, 0),
            ("context", context, 0),
            ("scale_neighbor", scale_neighbor, 1),
        ):
            if value < least:
                raise ParameterError(f"{name} is {value}", hint=f"give a number from {least} on")
        self.warp = warp
        self.context = context
        self.scale_neighbor = scale_neighbor
        self.n_threads = n_threads
        self._unit = 1
        self._gradients: NDArray[np.int8] | None = None

    def fit(
        self,
        images: ArrayLike,
        shortlist: ArrayLike,
        *,
        n_neighbors: int | None = None,
        callback: Callback | None = None,
    ) -> Self:
        """Rank the neighbours of images among themselves, and keep their scales.

        Parameters
        ----------
        images : uint8 array-like of shape (n, height, width)
        shortlist : integer array-like of shape (n, s)
            Indices of the images that may be neighbours of each, itself left out.
        n_neighbors : int or None, default=None
            How many to keep of each list; None for all.
        callback : callable, default=None
            Called with an `inkmeans.progress.Event` of the stage ``"deformation"`` after each
            block of images. If it raises, `inkmeans.progress.Stop` too, there is no result.

        Returns
        -------
        DeformationIndex
            Itself.

        Raises
        ------
        DataError, ParameterError
            If the images are not images, or the shortlist does not fit them.
        """
        checked = _check_images(images)
        lists = _check_lists(shortlist, len(checked), len(checked))
        if (lists == np.arange(len(lists))[:, None]).any():
            raise DataError(
                "the shortlist of an image has the image itself", hint="leave it out: exclude_self"
            )
        wanted = _check_wanted(n_neighbors, lists)
        unit = max(1, measure_slopes(checked, n_threads=self._threads))
        gradients = self._find_gradients(checked, unit)
        forward, backward = self._compare(gradients, None, lists, callback or silent)
        self._unit, self._gradients = unit, gradients
        self.scales_ = self._find_scales(forward)
        self.indices_, self.distances_ = self._rank(lists, forward, backward, self.scales_, wanted)
        return self

    def restore(self, images: ArrayLike, scales: ArrayLike) -> Self:
        """Become what `fit` made, but for the neighbours, from the images and their scales.

        Parameters
        ----------
        images : uint8 array-like of shape (n, height, width)
            Those of `fit`.
        scales : array-like of shape (n,)
            What `fit` left in ``scales_``, of the same parameters.

        Returns
        -------
        DeformationIndex
            Itself.

        Raises
        ------
        DataError
            If there is not one positive scale of each image.
        """
        checked = _check_images(images)
        given = np.asarray(scales, dtype=np.float64)
        if given.shape != (len(checked),) or not (np.isfinite(given) & (given > 0)).all():
            raise DataError(
                f"scales have the shape {given.shape}, or some are not positive",
                hint=f"one positive number of each of the {len(checked)} images is needed",
            )
        self._unit = max(1, measure_slopes(checked, n_threads=self._threads))
        self._gradients = self._find_gradients(checked, self._unit)
        self.scales_ = given
        return self

    def neighbors(
        self,
        images: ArrayLike,
        shortlist: ArrayLike,
        n_neighbors: int | None = None,
        *,
        callback: Callback | None = None,
    ) -> tuple[Labels, Floats]:
        """Rank the neighbours of new images among the fitted ones.

        Parameters
        ----------
        images : uint8 array-like of shape (m, height, width)
        shortlist : integer array-like of shape (m, s)
            Indices of fitted images that may be neighbours of each. Scales of the new images come
            from these lists, so they should be about as long as those of `fit`.
        n_neighbors : int or None, default=None
            How many to return; None for all.
        callback : callable, default=None
            See `fit`.

        Returns
        -------
        indices : int32 ndarray of shape (m, n_neighbors)
            Nearest first; of equally near ones in the order of the shortlist.
        distances : float64 ndarray of shape (m, n_neighbors)

        Raises
        ------
        DataError, ParameterError
            If nothing was fitted, or images or shortlist do not fit.
        """
        if self._gradients is None:
            raise ParameterError("there are no fitted images yet", hint="call fit or restore first")
        checked = _check_images(images)
        if checked.shape[1:] != self._gradients.shape[1:3]:
            raise DataError(
                "images are {}x{}, the fitted ones {}x{}".format(
                    *checked.shape[1:], *self._gradients.shape[1:3]
                ),
                hint="prepare both in the same way",
            )
        lists = _check_lists(shortlist, len(checked), len(self._gradients))
        wanted = _check_wanted(n_neighbors, lists)
        gradients = self._find_gradients(checked, self._unit)
        forward, backward = self._compare(gradients, self._gradients, lists, callback or silent)
        return self._rank(lists, forward, backward, self._find_scales(forward), wanted)

    @property
    def _threads(self) -> int:
        return engine.effective_threads(self.n_threads)

    def _find_gradients(self, images: NDArray[np.uint8], unit: int) -> NDArray[np.int8]:
        limit = largest_gradient(self.context)
        return sobel_gradients(images, unit, limit, n_threads=self._threads)

    def _compare(
        self,
        queries: NDArray[np.int8],
        targets: NDArray[np.int8] | None,
        lists: Labels,
        callback: Callback,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Compare block by block and tell how far it is."""
        began = perf_counter()
        comparer = DeformationComparer(queries, targets, warp=self.warp, context=self.context)
        out = np.zeros(lists.shape, np.int64), np.zeros(lists.shape, np.int64)
        m = len(lists)
        size = max(_IMAGE_BLOCK, -(-m // _IMAGE_BLOCKS))
        for start in range(0, m, size):
            part = slice(start, min(start + size, m))
            comparer.compare_into(lists, part, out, n_threads=self._threads)
            callback(Event("deformation", step=part.stop, of=m, seconds=perf_counter() - began))
        return out

    def _find_scales(self, forward: NDArray[np.int64]) -> Floats:
        rank = min(self.scale_neighbor, forward.shape[1]) - 1
        scales = np.partition(forward, rank, axis=1)[:, rank]
        return np.maximum(scales, 1).astype(np.float64)

    def _rank(
        self,
        lists: Labels,
        forward: NDArray[np.int64],
        backward: NDArray[np.int64],
        scales: Floats,
        wanted: int,
    ) -> tuple[Labels, Floats]:
        distances = np.sqrt(forward / scales[:, None] + backward / self.scales_[lists])
        order = np.argsort(distances, axis=1, kind="stable")[:, :wanted]
        return np.take_along_axis(lists, order, axis=1), np.take_along_axis(
            distances, order, axis=1
        )


def _check_images(images: ArrayLike) -> NDArray[np.uint8]:
    array: NDArray[Any] = np.asarray(images)
    if array.ndim != 3 or array.dtype != np.uint8 or 0 in array.shape:
        raise DataError(
            f"images are {array.dtype} of the shape {array.shape}",
            hint="uint8 grey levels of the shape (images, height, width) are needed",
        )
    return np.ascontiguousarray(array)


def _check_lists(shortlist: ArrayLike, n_queries: int, n_targets: int) -> Labels:
    array: NDArray[Any] = np.asarray(shortlist)
    if array.ndim != 2 or len(array) != n_queries or array.shape[1] == 0:
        raise DataError(
            f"the shortlist has the shape {array.shape}",
            hint=f"it should have {n_queries} rows, one an image, of one index or more",
        )
    if array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= n_targets:
        raise DataError(
            "the shortlist names images that there are not",
            hint=f"indices should be whole numbers from 0 to {n_targets - 1}",
        )
    return np.ascontiguousarray(array, dtype=np.int32)


def _check_wanted(n_neighbors: int | None, lists: Labels) -> int:
    available = lists.shape[1]
    if n_neighbors is not None and not 1 <= n_neighbors <= available:
        raise ParameterError(
            f"n_neighbors is {n_neighbors}",
            hint=f"give a number from 1 to {available}, the length of the shortlists",
        )
    return available if n_neighbors is None else int(n_neighbors)
