"""Any images to light ink on black, of about the size that features are made for."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from inkmeans.errors import DataError
from inkmeans.prepare.images import Images, TakesImages, check_images

__all__ = ["StandardizeImages", "blend_matrix"]

_SMALLEST, _LARGEST = 20, 40  # sides that stay as they are
_SIDE, _INK = 28, 24  # what others become, and the part of it for ink that touches the border
_TOUCHING = 0.02  # mean grey of the border, from which ink is said to touch it
_BLOCK = 2048


class StandardizeImages(TakesImages, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn dark ink on white into light ink on black, and bring odd sizes to a usual one.

    Both are decided once, by all the images seen in `fit`: ink is what fewer pixels of the border
    have, and images whose longer side is below 20 or above 40 pixels are scaled to 28, with a
    margin of 2 where their ink touches the border.

    Attributes
    ----------
    image_shape_ : tuple of int
        Height and width seen by `fit`.
    inverted_ : bool
        Whether the ink was dark.
    shape_ : tuple of int
        Height and width of what comes out.
    margin_ : int
        Black pixels laid around on each side, part of `shape_`.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.prepare import StandardizeImages
    >>> page = np.full((2, 8, 8), 255, dtype=np.uint8)
    >>> page[:, 2:6, 3] = 0
    >>> standard = StandardizeImages().fit(page)
    >>> standard.inverted_, standard.transform(page).shape
    (True, (2, 28, 28))
    """

    image_shape_: tuple[int, int]
    inverted_: bool
    shape_: tuple[int, int]
    margin_: int

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Find out how the images are.

        Parameters
        ----------
        X : uint8 array of shape (n_images, height, width)
        y : None
            Not used.

        Returns
        -------
        StandardizeImages
            Itself.
        """
        images = check_images(X)
        if not len(images):
            raise DataError("there are no images", hint="give at least one")
        height, width = images.shape[1:]
        self.image_shape_ = (height, width)
        border = np.ones((height, width), dtype=bool)
        border[1:-1, 1:-1] = False
        edge = float(images[:, border].mean()) / 255
        self.inverted_ = edge > 0.5
        touching = min(edge, 1 - edge) > _TOUCHING
        longer = max(height, width)
        self.margin_, self.shape_ = 0, (height, width)
        if not _SMALLEST <= longer <= _LARGEST:
            inner = _INK if touching else _SIDE
            self.margin_ = (_SIDE - inner) // 2
            sides = (max(1, round(side * inner / longer)) for side in (height, width))
            rows, columns = (side + 2 * self.margin_ for side in sides)
            self.shape_ = (rows, columns)
        return self

    def transform(self, X: ArrayLike) -> Images:
        """Bring images to the form that was found.

        Parameters
        ----------
        X : uint8 array of shape (n_images, height, width)
            Of the size seen by `fit`.

        Returns
        -------
        uint8 ndarray of shape (n_images, *shape_)
        """
        check_is_fitted(self)
        images = check_images(X, self.image_shape_)
        if self.inverted_:
            images = np.subtract(255, images, dtype=np.uint8)
        if self.shape_ == self.image_shape_:
            return images
        out = np.zeros((len(images), *self.shape_), dtype=np.uint8)
        inside = tuple(slice(self.margin_, side - self.margin_) for side in self.shape_)
        down, across = (
            blend_matrix(before, after.stop - after.start)
            for before, after in zip(self.image_shape_, inside, strict=True)
        )
        for start in range(0, len(images), _BLOCK):
            part = slice(start, start + _BLOCK)
            scaled = down @ images[part].astype(np.float32) @ across.T
            out[part, inside[0], inside[1]] = np.rint(scaled).clip(0, 255)
        return out


def blend_matrix(before: int, after: int) -> NDArray[np.float32]:
    """Make the matrix that resamples a line by triangles as wide as the coarser of both grids.

    Parameters
    ----------
    before, after : int
        Pixels of the line.

    Returns
    -------
    float32 ndarray of shape (after, before)
        Each row sums to 1.

    Examples
    --------
    >>> from inkmeans.prepare.standardize import blend_matrix
    >>> blend_matrix(4, 2)
    array([[0.42857143, 0.42857143, 0.14285715, 0.        ],
           [0.        , 0.14285715, 0.42857143, 0.42857143]], dtype=float32)
    """
    step = before / after
    reach = max(step, 1.0)
    places = (np.arange(after) + 0.5) * step - 0.5
    weights = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(before)) / reach)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    return np.asarray(weights, dtype=np.float32)
