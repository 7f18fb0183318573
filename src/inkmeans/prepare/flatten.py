"""Images to rows: reshape and normalise."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError

from inkmeans.errors import DataError, ParameterError
from inkmeans.prepare.images import TakesImages, check_images

__all__ = ["FlattenImages"]

SCALES = ("none", "unit")


class FlattenImages(TakesImages, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Make one row of each image, and normalise its grey levels if asked to.

    Parameters
    ----------
    scale : {"none", "unit"}, default="none"
        ``"none"`` leaves the grey levels as they are (uint8, 0 to 255; no copy is made of
        contiguous images); ``"unit"`` divides them by 255 (float32, 0 to 1; four times the memory).

    Attributes
    ----------
    image_shape_ : tuple of int
        Height and width seen by `fit`. Only `inverse_transform` needs it.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.prepare import FlattenImages
    >>> images = np.full((3, 2, 2), 255, dtype=np.uint8)
    >>> FlattenImages(scale="unit").fit_transform(images)[0]
    array([1., 1., 1., 1.], dtype=float32)
    """

    image_shape_: tuple[int, int]

    def __init__(self, scale: Literal["none", "unit"] = "none") -> None:
        self.scale = scale

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Remember height and width.

        Parameters
        ----------
        X : uint8 array of shape (n_images, height, width)
            Images.
        y : None
            Not used.

        Returns
        -------
        FlattenImages
            Itself.
        """
        self._check_scale()
        _, height, width = check_images(X).shape
        self.image_shape_ = (height, width)
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Make rows of images.

        Parameters
        ----------
        X : uint8 array of shape (n_images, height, width)
            Images, of the size seen by `fit` if there was a `fit`.

        Returns
        -------
        ndarray of shape (n_images, height * width)
            uint8 or float32, as `scale` says.
        """
        self._check_scale()
        images = check_images(X, getattr(self, "image_shape_", None))
        rows = images.reshape(len(images), images.shape[1] * images.shape[2])
        if self.scale == "none":
            return rows
        return np.divide(rows, np.float32(255), dtype=np.float32)

    def inverse_transform(self, X: ArrayLike) -> NDArray[np.uint8]:
        """Make images of rows, for example of centroids.

        Parameters
        ----------
        X : array of shape (n_rows, height * width)
            Rows in the scale of `transform`'s result; they need not be whole numbers.

        Returns
        -------
        uint8 ndarray of shape (n_rows, height, width)
            Rounded, and clipped to 0 and 255.
        """
        if not hasattr(self, "image_shape_"):
            raise NotFittedError("FlattenImages knows no image size yet; call fit first")
        height, width = self.image_shape_
        rows = np.asarray(X)
        if rows.ndim != 2 or rows.shape[1] != height * width:
            raise DataError(
                f"rows have the shape {rows.shape}; (rows, {height * width}) is needed for images "
                f"of {height} x {width} pixels"
            )
        if rows.dtype != np.uint8 or self.scale == "unit":
            levels = rows * 255.0 if self.scale == "unit" else rows
            rows = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
        return rows.reshape(len(rows), height, width)

    def _check_scale(self) -> None:
        if self.scale not in SCALES:
            raise ParameterError(f"scale is {self.scale!r}", hint="give 'none' or 'unit'")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags
