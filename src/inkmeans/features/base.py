"""What the features share: they take images, and are asked only after they were fitted."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from inkmeans.prepare import TakesImages, check_images

__all__ = ["ImageFeatures"]


class ImageFeatures(TakesImages, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Base of transformers from images to rows; not for use by itself."""

    image_shape_: tuple[int, int]

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Describe images.

        Parameters
        ----------
        X : uint8 array of shape (n_images, height, width)
            Images of the size seen by `fit`.

        Returns
        -------
        float32 ndarray of shape (n_images, n_features)
            Numbers of at least 0.
        """
        check_is_fitted(self)
        return self._describe(np.ascontiguousarray(check_images(X, self.image_shape_)))

    def _describe(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Describe images of the right size, C-contiguous."""
        raise NotImplementedError
