"""Images to the short rows that the recogniser compares: one view of them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted

from inkmeans.engine import in_blocks
from inkmeans.errors import DataError
from inkmeans.prepare import TakesImages
from inkmeans.reduce import PrincipalComponents

__all__ = ["ImageRows", "half_whiten", "parts_of"]

_BLOCK = 512  # images whose features are held at once
_NOISE = 1e-6  # variance that rounding may leave of equal images


class ImageRows(TakesImages, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Straighten images, measure their features, and keep the principal components of these.

    Features of one group (a path of the scattering transform, say) are divided by the square root
    of their common deviation, so that strong groups do not drown weak ones. Rows have a total
    variance of 1, so that those of different features weigh alike side by side (in scikit-learn's
    FeatureUnion).

    Parameters
    ----------
    align, features : transformers
        Images to images, and images to rows.
    n_components : int, default=300
        At most; fewer where features or images are fewer.
    group : int, default=1
        How many columns side by side are a group; 0 leaves features as they are.
    n_sample : int, default=10000
        Images that the components are found on, drawn at random where there are more.
    random_state : int or None, default=None

    Attributes
    ----------
    mean_, scale_ : float32 ndarrays of shape (n_features,)
        Features less the mean, times the scale, are projected.
    components_ : float32 ndarray of shape (n_components_, n_features)
        Their scale is such that rows have a total variance of 1.
    variance_ : float64 ndarray of shape (n_components_,)
        Of each component, largest first.

    Notes
    -----
    Features are made in blocks of images, so that never all of them are held.

    Examples
    --------
    >>> import inkmeans
    >>> from inkmeans.features import HOG
    >>> from inkmeans.prepare import Deskew
    >>> from inkmeans.recognise.image_rows import ImageRows
    >>> images = inkmeans.load("digits").images
    >>> ImageRows(Deskew(), HOG(), n_components=32).fit_transform(images).shape
    (1797, 32)
    """

    def __init__(
        self,
        align: Any,
        features: Any,
        n_components: int = 300,
        *,
        group: int = 1,
        n_sample: int = 10_000,
        random_state: int | None = None,
    ) -> None:
        self.align = align
        self.features = features
        self.n_components = n_components
        self.group = group
        self.n_sample = n_sample
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Find the components.

        Parameters
        ----------
        X : uint8 array of shape (n_images, height, width)
        y : None
            Not used.

        Returns
        -------
        ImageRows
            Itself.
        """
        images: NDArray[np.uint8] = np.asarray(X)
        if len(images) > self.n_sample:
            rng = np.random.default_rng(self.random_state)
            chosen = rng.choice(len(images), self.n_sample, replace=False)
            images = images[np.sort(chosen)]
        self.align_ = clone(self.align).fit(images)
        straight = self.align_.transform(images)
        self.features_ = clone(self.features).fit(straight)
        rows = np.asarray(self.features_.transform(straight), dtype=np.float32)
        if not np.isfinite(rows).all():
            raise DataError("some features are no numbers", hint="look at the images")
        self.mean_ = rows.mean(axis=0)
        self.scale_ = self._find_scale(rows)
        rows -= self.mean_
        rows *= self.scale_
        if len(rows) == 1:
            rows = np.repeat(rows, 2, axis=0)  # components of one row: any, of no length
        n_components = max(1, min(self.n_components, rows.shape[1], len(rows) - 1))
        found = PrincipalComponents(n_components, random_state=self.random_state).fit(rows)
        total = max(float(found.explained_variance_.sum()), _NOISE)
        self.components_ = np.asarray(found.components_ / total**0.5, dtype=np.float32)
        self.variance_ = found.explained_variance_ / total
        self.n_components_ = n_components
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Measure images.

        Parameters
        ----------
        X : uint8 array of shape (n_images, height, width)

        Returns
        -------
        float32 ndarray of shape (n_images, n_components_)
        """
        check_is_fitted(self)
        images: NDArray[np.uint8] = np.asarray(X)
        out = np.empty((len(images), self.n_components_), dtype=np.float32)

        def fill(part: slice) -> None:
            rows = self.features_.transform(self.align_.transform(images[part]))
            rows = rows.astype(np.float32, copy=False) - self.mean_
            rows *= self.scale_
            np.matmul(rows, self.components_.T, out=out[part])

        in_blocks(fill, len(images), _BLOCK)
        return out

    def _find_scale(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        d = rows.shape[1]
        if not self.group or d % self.group:
            return np.ones(d, dtype=np.float32)
        grouped = rows.var(axis=0, dtype=np.float64).reshape(-1, self.group).mean(axis=1)
        floor = max(float(grouped.max()) * 1e-8, 1e-12)
        return np.repeat(np.maximum(grouped, floor) ** -0.25, self.group).astype(np.float32)


def parts_of(view: Any) -> list[ImageRows]:
    """List what stands side by side in the rows of a view.

    Parameters
    ----------
    view : ImageRows or FeatureUnion of them

    Returns
    -------
    list of ImageRows
    """
    if isinstance(view, ImageRows):
        return [view]
    return [part for _, part in view.transformer_list]


def half_whiten(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide each column by the root of its deviation, so that strong ones weigh less, but more.

    Parameters
    ----------
    rows : float32 ndarray of shape (n, d)

    Returns
    -------
    float32 ndarray of shape (n, d)
    """
    variance = rows.var(axis=0, dtype=np.float64)
    floor = max(float(variance.max(initial=0)) * 1e-6, 1e-12)
    return np.ascontiguousarray(rows * np.maximum(variance, floor) ** -0.25, dtype=np.float32)
