"""What every preparation takes: a stack of uint8 images. Its check and its moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError

__all__ = [
    "Moments",
    "TakesImages",
    "check_images",
    "count_distinct",
    "find_middle",
    "measure_moments",
]

Images = NDArray[np.uint8]


class TakesImages:
    """Mixin, before scikit-learn's classes: tells scikit-learn that X is images, not rows."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        return tags


@dataclass(frozen=True, slots=True)
class Moments:
    """Where the ink of each image is, and how it leans. Pixels; y runs downwards.

    Attributes
    ----------
    mass : float64 ndarray of shape (n_images,)
        Sum of the grey levels; 0 for a blank image.
    y, x : float64 ndarrays of shape (n_images,)
        Centre of mass; `find_middle` where there is no ink.
    shear : float64 ndarray of shape (n_images,)
        Covariance of x and y over the variance of y: how many pixels a stroke moves to the right
        for each pixel that it goes down. 0 where the ink has no height.
    """

    mass: NDArray[np.float64]
    y: NDArray[np.float64]
    x: NDArray[np.float64]
    shear: NDArray[np.float64]


def check_images(images: ArrayLike, fitted_shape: tuple[int, int] | None = None) -> Images:
    """Make sure that this is a stack of 8-bit images.

    Parameters
    ----------
    images : uint8 array-like of shape (n_images, height, width)
        At least one pixel high and wide.
    fitted_shape : tuple of int or None, default=None
        Height and width that they must have, those of the images fitted on.

    Returns
    -------
    ndarray
        The same memory where that was an array already.

    Raises
    ------
    DataError
        If the shape or the type is another.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.prepare import check_images
    >>> check_images(np.zeros((5, 8, 8))).shape
    Traceback (most recent call last):
    ...
    inkmeans.errors.DataError: images are float64; uint8 grey levels from 0 to 255 are needed
    """
    array: NDArray[Any] = np.asarray(images)
    if array.ndim != 3:
        raise DataError(
            f"images have the shape {array.shape}",
            hint="the shape (images, height, width) is needed, also for one image",
        )
    if 0 in array.shape[1:]:
        raise DataError(f"images have the shape {array.shape}, so no pixels")
    if array.dtype != np.uint8:
        raise DataError(
            f"images are {array.dtype}", hint="uint8 grey levels from 0 to 255 are needed"
        )
    if fitted_shape is not None and array.shape[1:] != tuple(fitted_shape):
        raise DataError(
            "images are {} x {} pixels; those fitted on were {} x {}".format(
                *array.shape[1:], *fitted_shape
            ),
            hint="bring them to the same size first",
        )
    return array


def count_distinct(images: Images, enough: int) -> int:
    """Count different images, up to as many as are enough.

    Parameters
    ----------
    images : uint8 ndarray of shape (n_images, height, width)
    enough : int

    Returns
    -------
    int

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.prepare import count_distinct
    >>> count_distinct(np.zeros((5, 2, 2), np.uint8), 3)
    1
    """
    seen: set[bytes] = set()
    for image in images:
        seen.add(image.tobytes())
        if len(seen) >= enough:
            break
    return len(seen)


def find_middle(size: int) -> int:
    """Say which row (or column) of so many is the middle, for centring.

    The middle one of an odd number, and of an even number the later of the two: MNIST's own
    convention, whose images of 28 x 28 have their centre of mass within half a pixel of (14, 14).

    Parameters
    ----------
    size : int
        Height or width in pixels.

    Returns
    -------
    int
        Counted from 0.

    Examples
    --------
    >>> from inkmeans.prepare import find_middle
    >>> find_middle(28), find_middle(5)
    (14, 2)
    """
    return size // 2


def measure_moments(images: Images) -> Moments:
    """Measure mass, centre of mass and shear of each image.

    The sums are of whole numbers below 2**53, so they are exact, and the same on every machine
    and for every number of threads.

    Parameters
    ----------
    images : uint8 ndarray of shape (n_images, height, width)
        Light ink on black: grey levels are weights.

    Returns
    -------
    Moments

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.prepare import measure_moments
    >>> slope = np.eye(5, dtype=np.uint8)[None] * 255
    >>> float(measure_moments(slope).shear[0])
    1.0
    """
    _, height, width = images.shape
    ys = np.arange(height, dtype=np.float64)
    xs = np.arange(width, dtype=np.float64)
    by_row = images @ np.stack([np.ones(width), xs], axis=1)  # (n, height, 2): sums of v and x v
    row_mass, row_x = by_row[..., 0], by_row[..., 1]
    mass = row_mass.sum(axis=1)
    sum_y, sum_x = row_mass @ ys, row_x.sum(axis=1)
    safe = np.maximum(mass, 1.0)
    blank = mass == 0
    y = np.where(blank, find_middle(height), sum_y / safe)
    x = np.where(blank, find_middle(width), sum_x / safe)
    # mass * covariance sums, still whole numbers until the division
    covariance = row_x @ ys / safe - (sum_y / safe) * (sum_x / safe)
    variance = row_mass @ ys**2 / safe - (sum_y / safe) ** 2
    flat = variance < 1e-9  # one row of ink, but for the rounding of the division
    shear = np.where(flat, 0.0, covariance / np.where(flat, 1.0, variance))
    return Moments(mass, y, x, shear)
