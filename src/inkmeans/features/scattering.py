"""Wavelet scattering as a transformer of images."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.cluster.parameters import check_choice, check_whole
from inkmeans.engine import effective_threads
from inkmeans.engine.scattering import padded_shape, scatter, scattering_paths
from inkmeans.errors import DataError, ParameterError
from inkmeans.features.base import ImageFeatures
from inkmeans.prepare import check_images

__all__ = ["Scattering"]

MOST_PIXELS = 2**18  # of padded images: their filters take 200 MB


class Scattering(ImageFeatures):
    """Scatter images by Morlet wavelets.

    A stroke moves a first-order path where its width and direction are those of the wavelet;
    second-order paths tell how these change along the way. All are averaged over about
    2**n_scales pixels: a smaller shift changes little, and a small deformation a small amount.

    Parameters
    ----------
    n_scales : int, default=3
        J: wavelets of 1, 2, ... 2**(J - 1) pixels; 2**J at most the shorter side of the images.
    n_orientations : int, default=8
        L: over half a turn.
    order : {1, 2}, default=2
        Whether wavelets of wavelets are taken too. There are 1 + J L paths of order up to 1, and
        J (J - 1) / 2 L**2 more of order 2.
    n_threads : int or None, default=None
        None for all that are allowed. Results do not depend on it.

    Attributes
    ----------
    image_shape_ : tuple of int
        Height and width seen by `fit`. Only `get_feature_names_out` needs it.

    Notes
    -----
    Images are taken as light ink on black, and black is laid around them: to the next multiple of
    2**J pixels that leaves at least 2**(J - 1) of them, half on each side. Padded sides that are
    powers of two are quickest. 10,000 images of 28 x 28 pixels take half a second of one core;
    nothing is held besides the result: 13.9 KB an image.

    References
    ----------
    J. Bruna, S. Mallat, "Invariant scattering convolution networks", IEEE Transactions on Pattern
    Analysis and Machine Intelligence 35(8), 2013, 1872-1886.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.features import Scattering
    >>> images = np.full((3, 28, 28), 255, dtype=np.uint8)
    >>> Scattering().fit_transform(images).shape
    (3, 3472)
    >>> Scattering(n_scales=5).fit_transform(images)
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: n_scales is 5, and images of 28 x 28 pixels are smaller than \
2**5; give at most 4
    """

    def __init__(
        self,
        n_scales: int = 3,
        n_orientations: int = 8,
        order: Literal[1, 2] = 2,
        n_threads: int | None = None,
    ) -> None:
        self.n_scales = n_scales
        self.n_orientations = n_orientations
        self.order = order
        self.n_threads = n_threads

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Check the images, and remember their height and width.

        Parameters
        ----------
        X : uint8 array of shape (n_images, height, width)
            Images: light ink on black.
        y : None
            Not used.

        Returns
        -------
        Scattering
            Itself.
        """
        _, height, width = self._check(X).shape
        self.image_shape_ = (height, width)
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Scatter images.

        Parameters
        ----------
        X : uint8 array of shape (n_images, height, width)
            Images: light ink on black, of the size seen by `fit` if there was a `fit`.

        Returns
        -------
        float32 ndarray of shape (n_images, n_paths * n_positions)
            All positions of a path side by side, row by row; grey levels count from 0 to 1.

        Raises
        ------
        ParameterError
            If a parameter makes no sense, or the images are too small for so many scales.
        DataError
            If these are no images, or too large, or not of the size seen by `fit`.
        """
        images = self._check(X, getattr(self, "image_shape_", None))
        scattered = scatter(
            images,
            n_scales=self.n_scales,
            n_orientations=self.n_orientations,
            order=self.order,
            n_threads=effective_threads(self.n_threads),
        )
        return scattered.reshape(len(images), int(np.prod(scattered.shape[1:])))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Name the columns: wavelets by scale and orientation, then row and column.

        Parameters
        ----------
        input_features : None
            Not used.

        Returns
        -------
        ndarray of str
            Such as ``scale0_turn3_scale2_turn5_row0_column1``.

        Examples
        --------
        >>> import numpy as np
        >>> from inkmeans.features import Scattering
        >>> scattering = Scattering(n_scales=1, n_orientations=2, order=1)
        >>> scattering.fit(np.zeros((1, 2, 3), dtype=np.uint8)).get_feature_names_out()[[0, 7]]
        array(['average_row0_column0', 'scale0_turn0_row1_column1'], dtype=object)
        """
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self, "image_shape_")
        rows, columns = (
            size >> self.n_scales for size in padded_shape(*self.image_shape_, self.n_scales)
        )
        paths = scattering_paths(self.n_scales, self.n_orientations, self.order)
        names = [
            "_".join(f"scale{j}_turn{t}" for j, t in path.wavelets) or "average" for path in paths
        ]
        return np.array(
            [
                f"{name}_row{row}_column{column}"
                for name in names
                for row in range(rows)
                for column in range(columns)
            ],
            dtype=object,
        )

    def _check(
        self, X: ArrayLike, fitted_shape: tuple[int, int] | None = None
    ) -> NDArray[np.uint8]:
        """Check parameters and images, and that they suit each other."""
        check_whole("n_scales", self.n_scales)
        check_whole("n_orientations", self.n_orientations)
        check_choice("order", self.order, (1, 2))
        images = check_images(X, fitted_shape)
        _, height, width = images.shape
        side = min(height, width)
        if side < 2:
            raise DataError(
                f"images of {height} x {width} pixels are too small to scatter",
                hint="at least 2 pixels each way are needed",
            )
        if self.n_scales >= side.bit_length():
            raise ParameterError(
                f"n_scales is {self.n_scales}, and images of {height} x {width} pixels are "
                f"smaller than 2**{self.n_scales}",
                hint=f"give at most {side.bit_length() - 1}",
            )
        if np.prod(padded_shape(height, width, self.n_scales), dtype=np.float64) > MOST_PIXELS:
            raise DataError(
                f"images of {height} x {width} pixels are too large to scatter",
                hint="scale them down to at most 500 x 500 pixels",
            )
        return images

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags
