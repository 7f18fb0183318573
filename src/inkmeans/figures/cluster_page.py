"""Pages of clusters: each with its size, its spread, its digits and telling members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError
from inkmeans.evaluate import ClusterCharacteristics, characterize, mean_images
from inkmeans.figures.display import Display
from inkmeans.figures.labels import class_name, noun, number, percent
from inkmeans.figures.mosaic import as_images, mosaic, place, tile_size
from inkmeans.figures.theme import BLUE, CONTENT_WIDTH, INK, MUTED, Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer
    from matplotlib.image import AxesImage
    from matplotlib.text import Text

__all__ = ["ClusterPageDisplay"]

_BAND = 1.72
_TOP = 0.3
_PICTURE = 1.15
_BARS = (1.62, 2.72)
_STRIP = 3.66
_MAX_BARS = 10
_KINDS = ("typical", "borderline", "worst")


class ClusterPageDisplay(Display):
    """One or several clusters on a page, one band each.

    Parameters
    ----------
    clusters : sequence of ClusterCharacteristics
        The clusters of this page.
    images : array-like of uint8, shape (n_images, height, width)
        All images that the members' indices point into.
    centroids : array-like of shape (n_clusters, height, width)
        Pictures of all centroids of the run.
    labels : array-like of int, shape (n_images,), or None, default=None
        Class of each image; members of another class than the main one lie on
        coloured paper.
    names : sequence of str, default=()
        Names of the classes.
    subtitle : str, default=""

    Attributes
    ----------
    images_ : list of AxesImage
        Centroid, typical, borderline and worst members of each cluster in turn.
    bars_ : list of BarContainer
        Shares of the classes, one for each cluster that has labels.
    texts_ : list of Text
        The headings of the clusters.

    See Also
    --------
    ClusterPageDisplay.pages : lays many clusters out on several pages.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.figures import ClusterPageDisplay
    >>> images = np.random.default_rng(0).integers(0, 256, (9, 8, 8), np.uint8)
    >>> page = ClusterPageDisplay.from_predictions(images, [0, 0, 0, 0, 1, 1, 1, 1, 1])
    >>> [text.get_text() for text in page.plot().texts_]
    ['Cluster 0', 'Cluster 1']
    """

    title = "The clusters, one by one"

    def __init__(
        self,
        clusters: Sequence[ClusterCharacteristics],
        images: ArrayLike,
        centroids: ArrayLike,
        labels: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        subtitle: str = "",
    ) -> None:
        super().__init__(subtitle=subtitle)
        self.clusters = tuple(clusters)
        self.images = as_images(images)
        self.centroids = as_images(centroids, "centroids")
        self.labels = None if labels is None else np.asarray(labels)
        self.names = tuple(names)
        if not self.clusters or max(c.cluster for c in self.clusters) >= len(self.centroids):
            raise DataError(
                f"{len(self.clusters)} clusters to show, {len(self.centroids)} centroids",
                hint="give at least one cluster, and the centroids of all",
            )
        kind = noun(names)
        self.label_use = (
            f"Labels used to name clusters and for the shares. On orange paper: "
            f"images of another {kind} than the main one.\n"
            if self.labels is not None
            else "No labels used. "
        )
        self.label_use += (
            "Typical: nearest to the centroid. Borderline: another centroid is nearly as near. "
            "Worst: farthest.\nDistances are Euclidean, in the units of the features."
        )

    @classmethod
    def from_predictions(
        cls,
        images: ArrayLike,
        assignments: ArrayLike,
        labels: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        subtitle: str = "",
    ) -> Self:
        """Describe all clusters of images by their pixels, on one page.

        Parameters
        ----------
        images : array-like of uint8, shape (n_images, height, width)
        assignments : array-like of int, shape (n_images,)
        labels : array-like of int, shape (n_images,), or None, default=None
        names : sequence of str, default=()
        subtitle : str, default=""

        Returns
        -------
        ClusterPageDisplay
        """
        pictures = as_images(images)
        means = mean_images(pictures, assignments, int(np.max(assignments)) + 1)
        described = characterize(
            pictures.reshape(len(pictures), -1),
            means.reshape(len(means), -1),
            assignments,
            labels=labels,
            n_classes=len(names) or None,
        )
        return cls(described, pictures, means, labels, names, subtitle=subtitle)

    @classmethod
    def pages(
        cls,
        clusters: Sequence[ClusterCharacteristics],
        images: ArrayLike,
        centroids: ArrayLike,
        *,
        per_page: int = 5,
        subtitle: str = "",
        **options: Any,
    ) -> tuple[Self, ...]:
        """Lay clusters out on pages, ordered by their main class and then by size.

        Parameters
        ----------
        clusters, images, centroids
            As for the constructor.
        per_page : int, default=5
            Clusters on a page.
        subtitle : str, default=""
            The number of the page is added to it.
        **options : Any
            `labels` and `names`, as for the constructor.

        Returns
        -------
        tuple of ClusterPageDisplay
        """
        ordered = sorted(
            clusters, key=lambda c: (99_999 if c.main_class is None else c.main_class, -c.size)
        )
        parts = [ordered[i : i + per_page] for i in range(0, len(ordered), per_page)]
        before = f"{subtitle}; " if subtitle else ""
        return tuple(
            cls(
                part, images, centroids,
                subtitle=f"{before}page {p} of {len(parts)}" if len(parts) > 1 else subtitle,
                **options,
            )
            for p, part in enumerate(parts, start=1)
        )  # fmt: skip

    def _frame(self) -> Frame:
        return Frame(CONTENT_WIDTH, len(self.clusters) * _BAND - 0.2, free=True)

    def _draw(self, ax: Axes) -> None:
        self.images_: list[AxesImage] = []
        self.bars_: list[BarContainer] = []
        self.texts_: list[Text] = []
        for band, cluster in enumerate(self.clusters):
            top = band * _BAND
            if band:
                ax.plot([0, CONTENT_WIDTH], [top - 0.1] * 2, color="#e4e6ec", linewidth=0.8)
            self._head(ax, cluster, top)
            pixel = tile_size(self.images.shape, _PICTURE)
            picture = mosaic(self.centroids[[cluster.cluster]], 1)
            self.images_.append(place(ax, picture, 0, top + _TOP, pixel))
            if cluster.counts is not None and cluster.size:
                self._bars(ax, cluster, top + _TOP)
            for row, kind in enumerate(_KINDS):
                self._strip(ax, cluster, kind, top + _TOP + row * 0.4)

    def _head(self, ax: Axes, cluster: ClusterCharacteristics, top: float) -> None:
        text = f"Cluster {cluster.cluster}"
        if cluster.main_class is not None:
            mostly = class_name(cluster.main_class, self.names)
            text += f": {percent(cluster.main_share)} are {mostly}"
        self.texts_.append(ax.text(0, top + 0.17, text, weight="bold", size=10.5, color=INK))
        facts = f"{cluster.size:,} images" if cluster.size else "no image"
        if cluster.mean_distance is not None:
            facts += f" · mean distance to the centroid {number(cluster.mean_distance)}"
        ax.text(CONTENT_WIDTH, top + 0.17, facts, ha="right", color=MUTED)

    def _bars(self, ax: Axes, cluster: ClusterCharacteristics, top: float) -> None:
        shares = cluster.shares
        assert shares is not None
        shown = np.sort(np.argsort(-shares, kind="stable")[:_MAX_BARS])
        left, right = _BARS
        step = _PICTURE / max(len(shown), 1)
        middles = top + step * (np.arange(len(shown)) + 0.5)
        colors = [BLUE if c == cluster.main_class else "#a9afbd" for c in shown]
        self.bars_.append(
            ax.barh(
                middles,
                shares[shown] * (right - left),
                height=0.72 * step,
                left=left,
                color=colors,
                linewidth=0,
            )
        )
        for middle, c in zip(middles, shown, strict=True):
            ax.text(
                left - 0.06, middle, class_name(int(c), self.names, 6), ha="right",
                va="center_baseline", size=6.5, color=MUTED,
            )  # fmt: skip
            if shares[c] >= 0.01:
                ax.text(
                    left + shares[c] * (right - left) + 0.04, middle, percent(shares[c]),
                    va="center_baseline", size=6.5, color=INK,
                )  # fmt: skip

    def _strip(self, ax: Axes, cluster: ClusterCharacteristics, kind: str, top: float) -> None:
        members: NDArray[np.int64] = getattr(cluster, kind)
        pixel = tile_size(self.images.shape, 0.375)
        pitch = (self.images.shape[2] + 2) * pixel
        members = members[: int((CONTENT_WIDTH - _STRIP + 2 * pixel) / pitch + 1e-9)]
        middle = top + self.images.shape[1] * pixel / 2
        ax.text(_STRIP - 0.08, middle, kind, ha="right", va="center", size=7.5, color=MUTED)
        if len(members):
            marked = None if self.labels is None else self.labels[members] != cluster.main_class
            picture = mosaic(self.images[members], len(members), gap=2, marked=marked)
            self.images_.append(place(ax, picture, _STRIP, top, pixel))
