"""Many small images as one: hundreds of axes would take seconds, one takes milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError
from inkmeans.figures.theme import DPI, INK, PAPER, PAPER_MARKED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

__all__ = ["as_images", "mosaic", "place", "tile_size"]


def as_images(images: ArrayLike, name: str = "images") -> NDArray[np.uint8]:
    """Return images as uint8 from paper (0) to ink (255), or say what is wrong.

    Parameters
    ----------
    images : array-like of shape (n, height, width)
        uint8 as they are; others are scaled so that the largest value is full ink.
    name : str, default="images"
        What they are, for the error message.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)

    Raises
    ------
    DataError
        If they are not images.

    Examples
    --------
    >>> from inkmeans.figures.mosaic import as_images
    >>> as_images([[[0.0, 0.5]], [[1.0, -0.1]]]).ravel()
    array([  0, 128, 255,   0], dtype=uint8)
    """
    pictures = np.asarray(images)
    if pictures.ndim != 3 or pictures.size == 0 or pictures.dtype.kind not in "biuf":
        raise DataError(
            f"{name} have the shape {pictures.shape} and the type {pictures.dtype}",
            hint="give numbers of the shape (n, height, width)",
        )
    if pictures.dtype == np.uint8:
        return pictures
    top = float(np.nanmax(pictures))
    scale = 255 / top if top > 0 else 0.0
    ink: NDArray[np.float64] = np.clip(np.nan_to_num(pictures) * scale, 0, 255)
    return np.rint(ink).astype(np.uint8)


def mosaic(
    images: NDArray[np.uint8],
    n_columns: int,
    *,
    gap: int | tuple[int, int] = 1,
    marked: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint8]:
    """Lay images out in rows, ink on light paper, on white ground.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
    n_columns : int
        Images in a row.
    gap : int or tuple of int, default=1
        White pixels between rows and between columns; one number for both.
    marked : ndarray of bool, shape (n,), or None, default=None
        Images to lay on coloured paper.

    Returns
    -------
    ndarray of uint8, shape (height of all, width of all, 3)
        RGB; places after the last image stay white.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.figures.mosaic import mosaic
    >>> mosaic(np.zeros((5, 28, 28), np.uint8), n_columns=3).shape
    (57, 86, 3)
    """
    n, height, width = images.shape
    below, beside = (gap, gap) if isinstance(gap, int) else gap
    n_rows = -(-n // n_columns)
    sheet = np.full((n_rows, height + below, n_columns, width + beside, 3), 255, np.uint8)
    cells = _PLAIN[images]
    if marked is not None and marked.any():
        cells[marked] = _MARKED[images[marked]]
    cell = np.arange(n)
    sheet[cell // n_columns, :height, cell % n_columns, :width] = cells
    flat = sheet.reshape(n_rows * (height + below), n_columns * (width + beside), 3)
    return flat[: flat.shape[0] - below, : flat.shape[1] - beside]


def tile_size(shape: tuple[int, ...], target: float) -> float:
    """Return a size of a pixel near what fills the target, whole dots where it can be.

    Parameters
    ----------
    shape : tuple of int
        Height and width of an image in pixels.
    target : float
        The most inches that its longer side may take.

    Returns
    -------
    float
        Inches a pixel. Whole dots a pixel keep every pixel of a PNG equally large.

    Examples
    --------
    >>> from inkmeans.figures.mosaic import tile_size
    >>> round(28 * tile_size((28, 28), 0.4), 3)
    0.373
    """
    longest = max(shape[-2:])
    dots = target * DPI / longest
    return (int(dots) if dots >= 1 else dots) / DPI


def place(ax: Axes, picture: NDArray[Any], x: float, y: float, pixel: float) -> AxesImage:
    """Put an RGB picture on a sheet whose coordinates are inches from the top left.

    Parameters
    ----------
    ax : Axes
    picture : ndarray of uint8, shape (height, width, 3)
    x, y : float
        Its top left corner.
    pixel : float
        Inches a pixel.

    Returns
    -------
    AxesImage
    """
    height, width = picture.shape[0] * pixel, picture.shape[1] * pixel
    return ax.imshow(
        picture,
        extent=(x, x + width, y + height, y),
        interpolation="none" if pixel * DPI >= 1 else "antialiased",
        aspect=ax.get_aspect(),
        zorder=2,
    )


def _ramp(paper: str) -> NDArray[np.uint8]:
    """Return the colour of each grey level, from paper to ink."""
    ends = [[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in (paper, INK)]
    step = np.linspace(0, 1, 256)[:, None]
    return np.rint((1 - step) * ends[0] + step * ends[1]).astype(np.uint8)


_PLAIN, _MARKED = _ramp(PAPER), _ramp(PAPER_MARKED)
