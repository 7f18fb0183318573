"""Centroids as images, with what each stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from inkmeans.evaluate import contingency_table
from inkmeans.figures.display import Display
from inkmeans.figures.labels import as_counts, class_name, main_class, noun, percent
from inkmeans.figures.mosaic import as_images, mosaic, place, tile_size
from inkmeans.figures.theme import ACCENT, CONTENT_WIDTH, INK, Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CentroidsDisplay", "grid_columns"]

_MAX_COLUMNS = 16
_MAX_CAPTIONS = 400
_GAP = 0.05


class CentroidsDisplay(Display):
    """Every centroid as an image; beneath it the class it stands for, and its share.

    Parameters
    ----------
    centroids : array-like of shape (n_clusters, height, width)
        Centroids of pixels, or the mean images of the clusters.
    counts : array-like of int, shape (n_clusters, n_classes), or None, default=None
        Images of each class in each cluster; None without labels.
    names : sequence of str, default=()
        Names of the classes.
    subtitle : str, default=""

    Attributes
    ----------
    image_ : AxesImage
        All centroids.
    texts_ : list of Text
        Captions, in the order of `order_`.
    order_ : ndarray of int64, shape (n_clusters,)
        Clusters by class, the purest first; in their own order without labels.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.figures import CentroidsDisplay
    >>> centroids = np.random.default_rng(0).random((2, 8, 8))
    >>> display = CentroidsDisplay(centroids, counts=[[1, 3], [5, 0]]).plot()
    >>> [text.get_text() for text in display.texts_]
    ['0 · 100 %', '1 · 75 %']
    """

    title = "What the centroids look like, and what they stand for"

    def __init__(
        self,
        centroids: ArrayLike,
        counts: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        subtitle: str = "",
    ) -> None:
        super().__init__(subtitle=subtitle)
        self.centroids = as_images(centroids, "centroids")
        self.counts = as_counts(counts, len(self.centroids))
        self.names = tuple(names)
        if self.counts is not None:
            self.label_use = (
                f"Labels used to name clusters: each stands for its most frequent {noun(names)}; "
                "the percentage is its share.\n"
                "Orange: less than half of the images in the cluster."
            )

    @property
    def heading(self) -> str:
        """Without labels a centroid stands for nothing."""
        return self.title if self.counts is not None else "What the centroids look like"

    @classmethod
    def from_predictions(
        cls,
        centroids: ArrayLike,
        assignments: ArrayLike,
        labels: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        subtitle: str = "",
    ) -> Self:
        """Name the centroids after the labels of their images.

        Parameters
        ----------
        centroids : array-like of shape (n_clusters, height, width)
        assignments, labels : array-like of int, shape (n_images,)
            Cluster and class of each image; `labels` may be None.
        names : sequence of str, default=()
        subtitle : str, default=""

        Returns
        -------
        CentroidsDisplay
        """
        pictures = as_images(centroids, "centroids")
        counts = None
        if labels is not None:
            n_classes = max(len(names), int(np.max(labels)) + 1)
            counts = contingency_table(assignments, labels, len(pictures), n_classes)
        return cls(centroids, counts, names, subtitle=subtitle)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        image_shape: tuple[int, int],
        labels: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        subtitle: str = "",
    ) -> Self:
        """Take centroids and assignments from a clusterer fitted on pixels.

        Parameters
        ----------
        estimator : clusterer
            With ``cluster_centers_`` and ``labels_``.
        image_shape : tuple of int
            Height and width.
        labels : array-like of int, shape (n_images,), or None, default=None
            Class of each image that it was fitted on.
        names : sequence of str, default=()
        subtitle : str, default=""

        Returns
        -------
        CentroidsDisplay
        """
        centroids = np.asarray(estimator.cluster_centers_).reshape(-1, *image_shape)
        return cls.from_predictions(centroids, estimator.labels_, labels, names, subtitle=subtitle)

    def _layout(self) -> tuple[int, float, float]:
        """Return columns, inches a pixel, and the height of a caption in inches."""
        k = len(self.centroids)
        n_columns = grid_columns(k)
        target = min(CONTENT_WIDTH / n_columns - _GAP, 1.15)
        captioned = self.counts is not None and k <= _MAX_CAPTIONS
        caption = 0.0 if not captioned else 0.22 if n_columns <= 8 else 0.15
        return n_columns, tile_size(self.centroids.shape, target), caption

    def _frame(self) -> Frame:
        n_columns, pixel, caption = self._layout()
        n_rows = -(-len(self.centroids) // n_columns)
        pitch = self.centroids.shape[1] * pixel + _GAP + caption
        return Frame(CONTENT_WIDTH, n_rows * pitch, free=True)

    def _draw(self, ax: Axes) -> None:
        n_columns, pixel, caption = self._layout()
        _, height, width = self.centroids.shape
        standing = [
            main_class(None if self.counts is None else self.counts[c])
            for c in range(len(self.centroids))
        ]
        keys = [(99_999 if c is None else c, -(s or 0)) for c, s in standing]
        self.order_ = np.array(sorted(range(len(keys)), key=lambda c: keys[c]), dtype=np.int64)
        row_gap = round((_GAP + caption) / pixel)
        spare = CONTENT_WIDTH - n_columns * width * pixel
        column_gap = min(int(spare / (n_columns - 1) / pixel), width // 3)
        self.image_ = place(
            ax,
            mosaic(self.centroids[self.order_], n_columns, gap=(row_gap, column_gap)),
            0,
            0,
            pixel,
        )
        self.texts_ = []
        for position, cluster in enumerate(self.order_ if caption else ()):
            row, column = divmod(position, n_columns)
            self.texts_.append(
                ax.text(
                    (column * (width + column_gap) + width / 2) * pixel,
                    (row * (height + row_gap) + height) * pixel + 0.03,
                    self._caption(*standing[cluster], short=n_columns > 8),
                    ha="center",
                    va="top",
                    size=6 if n_columns > 8 else 8.5,
                    color=ACCENT if (standing[cluster][1] or 1) < 0.5 else INK,
                )
            )

    def _caption(self, digit: int | None, share: float | None, *, short: bool) -> str:
        if digit is None or share is None:
            return "empty"
        if short:
            return f"{class_name(digit, self.names, 5)} {int(100 * share)}%"
        return f"{class_name(digit, self.names, 8)} · {percent(share)}"


def grid_columns(n_images: int) -> int:
    """Return how many columns show so many images well, without a gap where it can be.

    Parameters
    ----------
    n_images : int

    Returns
    -------
    int

    Examples
    --------
    >>> from inkmeans.figures.centroids import grid_columns
    >>> [grid_columns(k) for k in (10, 16, 36, 64, 144, 256)]
    [5, 8, 6, 8, 12, 16]
    """
    least = max(5, int(np.ceil(np.sqrt(n_images))))
    if least >= _MAX_COLUMNS:
        return min(least, 2 * _MAX_COLUMNS)
    return next((c for c in range(least, min(2 * least, 12) + 1) if n_images % c == 0), least)
