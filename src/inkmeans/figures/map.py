"""The images as points in a plane, with the centroids among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError
from inkmeans.evaluate.checks import as_labels, as_matrix
from inkmeans.figures.display import Display
from inkmeans.figures.labels import class_name, noun
from inkmeans.figures.mosaic import as_images, mosaic, tile_size
from inkmeans.figures.theme import CONTENT_WIDTH, DPI, INK, MUTED, Frame, class_color

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["MapDisplay"]

_HEIGHT = 5.6
_MAX_POINTS = 8000
_PICTURE = 0.374
_FEW = 36


class MapDisplay(Display):
    """A map of the images by their two principal components, and the centroids on it.

    Parameters
    ----------
    points : array-like of shape (n_images, 2)
        Places of the images; a seeded sample of 8,000 is drawn where there are more.
    centers : array-like of shape (n_clusters, 2)
        Places of the centroids.
    centroids : array-like of shape (n_clusters, height, width)
        Pictures of the centroids; a picture that would hide another becomes a dot.
    labels : array-like of int, shape (n_images,), or None, default=None
        Class of each image, for its colour.
    names : sequence of str, default=()
        Names of the classes.
    explained : tuple of float, default=()
        Shares of the variance along both axes.
    random_state : int, default=0
        Seed of the sample.
    subtitle : str, default=""

    Attributes
    ----------
    points_ : PathCollection
        The images.
    dots_ : PathCollection
        Centroids without a picture.
    images_ : list of AxesImage
        Pictures of the others.
    legend_ : Legend or None
        Colours of the classes.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.figures import MapDisplay
    >>> rng = np.random.default_rng(0)
    >>> rows, centroids = rng.random((50, 64)), rng.random((3, 64))
    >>> display = MapDisplay.from_rows(rows, centroids, centroids.reshape(3, 8, 8)).plot()
    >>> len(display.images_) + len(display.dots_.get_offsets())
    3
    """

    title = "Map of the images and the centroids"

    def __init__(
        self,
        points: ArrayLike,
        centers: ArrayLike,
        centroids: ArrayLike,
        labels: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        explained: Sequence[float] = (),
        random_state: int = 0,
        subtitle: str = "",
    ) -> None:
        super().__init__(subtitle=subtitle)
        self.points = as_matrix(points, "points", 2)
        self.centers = as_matrix(centers, "centers", 2)
        self.centroids = as_images(centroids, "centroids")
        if len(self.centers) != len(self.centroids):
            raise DataError(
                f"{len(self.centers)} places for {len(self.centroids)} centroids",
                hint="give one place for each centroid",
            )
        self.labels = None if labels is None else as_labels(labels, len(self.points))
        self.names = tuple(names)
        self.explained = tuple(explained)
        self.random_state = random_state
        if self.labels is not None:
            self.label_use = f"Labels used to colour the images by their true {noun(names)}, only."
        self.label_use += "\nA black dot is a centroid whose picture would hide another."

    @classmethod
    def from_rows(
        cls,
        rows: ArrayLike,
        centroid_rows: ArrayLike,
        centroids: ArrayLike,
        labels: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        random_state: int = 0,
        subtitle: str = "",
    ) -> Self:
        """Find the two principal components of rows, and lay a sample of them out.

        Parameters
        ----------
        rows : array-like of shape (n_images, n_features)
        centroid_rows : array-like of shape (n_clusters, n_features)
        centroids : array-like of shape (n_clusters, height, width)
            Pictures of the centroids.
        labels : array-like of int, shape (n_images,), or None, default=None
        names : sequence of str, default=()
        random_state : int, default=0
            Seed of the sample of 8,000 that the components are learnt on and drawn from.
        subtitle : str, default=""

        Returns
        -------
        MapDisplay
        """
        from sklearn.decomposition import PCA

        matrix = as_matrix(rows, "rows")
        middles = as_matrix(centroid_rows, "centroids", matrix.shape[1]).astype(np.float32)
        drawn = _sample(len(matrix), random_state)
        sample = matrix[drawn].astype(np.float32)
        pca = PCA(n_components=2, svd_solver="arpack", random_state=random_state).fit(sample)
        return cls(
            pca.transform(sample),
            pca.transform(middles),
            centroids,
            None if labels is None else np.asarray(labels)[drawn],
            names,
            explained=tuple(pca.explained_variance_ratio_),
            random_state=random_state,
            subtitle=subtitle,
        )

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        rows: ArrayLike,
        image_shape: tuple[int, int],
        labels: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        subtitle: str = "",
    ) -> Self:
        """Map rows and the centroids of a clusterer fitted on pixels.

        Parameters
        ----------
        estimator : clusterer
            With ``cluster_centers_``.
        rows : array-like of shape (n_images, n_features)
        image_shape : tuple of int
            Height and width.
        labels : array-like of int, shape (n_images,), or None, default=None
        names : sequence of str, default=()
        subtitle : str, default=""

        Returns
        -------
        MapDisplay
        """
        centers = np.asarray(estimator.cluster_centers_)
        pictures = centers.reshape(-1, *image_shape)
        return cls.from_rows(rows, centers, pictures, labels, names, subtitle=subtitle)

    def _frame(self) -> Frame:
        return Frame(CONTENT_WIDTH - 0.35, _HEIGHT, left=0.35, bottom=0.65 if self._named else 0.35)

    @property
    def _named(self) -> bool:
        return self.labels is not None

    def _draw(self, ax: Axes) -> None:
        drawn = _sample(len(self.points), self.random_state)
        points = self.points[drawn]
        colors: Any = MUTED
        if self.labels is not None:
            colors = np.array([class_color(int(c)) for c in self.labels[drawn]])
        self.points_ = ax.scatter(
            points[:, 0], points[:, 1], s=3.5, c=colors, alpha=0.55, linewidths=0, rasterized=True
        )
        everything = np.vstack([points, self.centers])
        low, high = everything.min(axis=0), everything.max(axis=0)
        margin = 0.04 * (high - low) + 1e-9
        ax.set_xlim(low[0] - margin[0], high[0] + margin[0])
        ax.set_ylim(low[1] - margin[1], high[1] + margin[1])
        ax.set(xticks=[], yticks=[], xlabel=self._axis(0), ylabel=self._axis(1))
        ax.grid(visible=False)
        self._draw_centroids(ax)
        self.legend_ = self._legend(ax) if self._named else None

    def _axis(self, which: int) -> str:
        name = ("first", "second")[which] + " principal component"
        if not self.explained:
            return name
        return f"{name} ({100 * self.explained[which]:.1f} % of the variance)"

    def _draw_centroids(self, ax: Axes) -> None:
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        # Among many centroids smaller pictures, clear of one another, tell more.
        few = len(self.centers) <= _FEW
        side = tile_size(self.centroids.shape, _PICTURE if few else _PICTURE / 2)
        side *= max(self.centroids.shape[1:]) + 2  # the frame
        wide = side / (CONTENT_WIDTH - 0.35) * (right - left)
        high = side * self.centroids.shape[1] / self.centroids.shape[2]
        high = high / _HEIGHT * (top - bottom)
        shown = _without_overlap(self.centers, np.array([wide, high]) * (0.8 if few else 1.08))
        self.images_ = []
        for c in np.flatnonzero(shown):
            x, y = self.centers[c]
            self.images_.append(
                ax.imshow(
                    _framed(mosaic(self.centroids[[c]], 1)),
                    extent=(x - wide / 2, x + wide / 2, y - high / 2, y + high / 2),
                    interpolation="none" if self.centroids.shape[2] <= side * DPI else None,
                    aspect="auto",
                    zorder=3,
                )
            )
        ax.set(xlim=(left, right), ylim=(bottom, top))
        dots = self.centers[~shown]
        self.dots_ = ax.scatter(
            dots[:, 0],
            dots[:, 1],
            s=16 if few else 9,
            c=INK,
            edgecolors="white",
            linewidths=0.8,
            zorder=4 if few else 2.5,
        )

    def _legend(self, ax: Axes) -> Any:
        from matplotlib.lines import Line2D

        assert self.labels is not None
        labels = [class_name(c, self.names, 9) for c in np.unique(self.labels)[:20].tolist()]
        handles = [
            Line2D([], [], marker="o", linestyle="", markersize=6, markeredgewidth=0,
                   color=class_color(c), label=label)
            for c, label in zip(np.unique(self.labels)[:20].tolist(), labels, strict=True)
        ]  # fmt: skip
        return ax.legend(
            handles=handles,
            loc="upper center",
            bbox_to_anchor=(0.5, -0.05),
            ncols=10 if all(len(label) < 3 for label in labels) else 5,
            handletextpad=0.1,
            columnspacing=1.6,
        )


def _sample(n: int, seed: int) -> NDArray[np.int64]:
    if n <= _MAX_POINTS:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).permutation(n)[:_MAX_POINTS])


def _without_overlap(centers: NDArray[Any], size: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Keep every center whose picture hides none of those kept before it."""
    shown = np.zeros(len(centers), dtype=bool)
    for c, center in enumerate(centers):
        near = np.abs(centers[shown] - center) < size
        shown[c] = not near.all(axis=1).any()
    return shown


def _framed(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Put a thin dark frame around a picture, so that it stands out from the points."""
    return np.pad(picture, ((1, 1), (1, 1), (0, 0)), constant_values=60)
