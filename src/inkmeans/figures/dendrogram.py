"""How alike the centroids are, as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from inkmeans.errors import DataError
from inkmeans.evaluate import link_centroids
from inkmeans.figures.display import Display
from inkmeans.figures.labels import as_counts, class_name, noun
from inkmeans.figures.mosaic import as_images, mosaic
from inkmeans.figures.theme import CONTENT_WIDTH, INK, Frame, class_color

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["DendrogramDisplay"]

_MAX_LEAVES = 36
_LEFT = 0.5
_HEIGHT = 3.4


class DendrogramDisplay(Display):
    """A tree that joins the most alike centroids first; the leaves are their images.

    Above 36 clusters the lowest branches are cut: a leaf is then the mean of several
    centroids.

    Parameters
    ----------
    linkage : array-like of shape (n_clusters - 1, 4)
        As from `inkmeans.evaluate.link_centroids`.
    centroids : array-like of shape (n_clusters, height, width)
        Pictures of the centroids.
    counts : array-like of int, shape (n_clusters, n_classes), or None, default=None
        Images of each class in each cluster; None without labels.
    names : sequence of str, default=()
        Names of the classes.
    subtitle : str, default=""

    Attributes
    ----------
    lines_ : LineCollection
        The branches.
    image_ : AxesImage
        The leaves.
    texts_ : list of Text
        What each leaf stands for.
    leaves_ : list of list of int
        The clusters under each leaf, from left to right.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.figures import DendrogramDisplay
    >>> centroids = np.random.default_rng(0).random((4, 8, 8))
    >>> sorted(DendrogramDisplay.from_centroids(centroids).plot().leaves_)
    [[0], [1], [2], [3]]
    """

    title = "How alike the centroids are"

    def __init__(
        self,
        linkage: ArrayLike,
        centroids: ArrayLike,
        counts: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        subtitle: str = "",
    ) -> None:
        super().__init__(subtitle=subtitle)
        self.centroids = as_images(centroids, "centroids")
        self.linkage = np.asarray(linkage, dtype=np.float64)
        if self.linkage.shape != (len(self.centroids) - 1, 4):
            raise DataError(
                f"a linkage of the shape {self.linkage.shape} for {len(self.centroids)} centroids",
                hint="link the same centroids: link_centroids(rows)",
            )
        self.counts = as_counts(counts, len(self.centroids))
        self.names = tuple(names)
        if self.counts is not None:
            self.label_use = (
                f"Labels used to name clusters (most frequent {noun(names)}). Coloured branches: "
                f"all leaves below stand for the same {noun(names)}; grey: several."
            )
        if len(self.centroids) > _MAX_LEAVES:
            self.label_use += (
                "\nA leaf shows the mean of as many centroids as the number in brackets says."
            )

    @classmethod
    def from_centroids(
        cls,
        centroids: ArrayLike,
        counts: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        subtitle: str = "",
    ) -> Self:
        """Join centroids by the distances between their pixels.

        Parameters
        ----------
        centroids : array-like of shape (n_clusters, height, width)
        counts, names, subtitle
            As for the constructor.

        Returns
        -------
        DendrogramDisplay
        """
        pictures = np.asarray(centroids)
        linkage = link_centroids(pictures.reshape(len(pictures), -1))
        return cls(linkage, pictures, counts, names, subtitle=subtitle)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        image_shape: tuple[int, int],
        counts: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        subtitle: str = "",
    ) -> Self:
        """Join the centroids of a clusterer fitted on pixels.

        Parameters
        ----------
        estimator : clusterer
            With ``cluster_centers_``.
        image_shape : tuple of int
            Height and width.
        counts, names, subtitle
            As for the constructor.

        Returns
        -------
        DendrogramDisplay
        """
        centroids = np.asarray(estimator.cluster_centers_).reshape(-1, *image_shape)
        return cls.from_centroids(centroids, counts, names, subtitle=subtitle)

    def _frame(self) -> Frame:
        captions = 0.24 if len(self.centroids) <= _MAX_LEAVES else 0.36
        captions += 0.4 if self._turned else 0
        bottom = self._leaf_size()[1] + 0.06 + captions
        return Frame(CONTENT_WIDTH - _LEFT, _HEIGHT, left=_LEFT, bottom=bottom)

    def _draw(self, ax: Axes) -> None:
        from matplotlib.collections import LineCollection
        from scipy.cluster.hierarchy import dendrogram

        below = self._clusters_below()
        classes = [
            None if self.counts is None else int(row.argmax())
            for row in (self.centroids if self.counts is None else self.counts)
        ]

        def color(node: int) -> str:
            found = {classes[cluster] for cluster in below[node]}
            return class_color(found.pop()) if len(found) == 1 else class_color(None)

        tree = dendrogram(
            self.linkage,
            no_plot=True,
            link_color_func=color,
            truncate_mode="lastp" if len(self.centroids) > _MAX_LEAVES else None,
            p=_MAX_LEAVES,
        )
        self.leaves_ = [below[node] for node in tree["leaves"] or ()]
        # scipy puts the leaves at 5, 15, 25 ...; here each is one wide.
        branches = np.stack([np.array(tree["icoord"]) / 10, np.array(tree["dcoord"])], axis=2)
        self.lines_ = LineCollection(list(branches), colors=tree["color_list"], linewidths=1.5)
        ax.add_collection(self.lines_, autolim=False)
        low, high = self.linkage[-len(branches), 2], self.linkage[-1, 2]
        bottom = max(0.0, low - 0.35 * ((high - low) or high or 1.0))
        top = high + 0.04 * ((high - bottom) or 1.0)
        ax.set(xlim=(0, len(self.leaves_)), ylim=(bottom, top), xticks=[])
        ax.set_ylabel("distance between (groups of) centroids")
        ax.spines["bottom"].set_visible(False)
        self._draw_leaves(ax)

    def _draw_leaves(self, ax: Axes) -> None:
        n = len(self.leaves_)
        pictures = np.array([self.centroids[leaf].mean(axis=0) for leaf in self.leaves_])
        _, height, width = pictures.shape
        side, below = self._leaf_size()
        # The strip's pixels are so many that a leaf and its gap are as wide as a branch's place.
        gap = max(1, round(width * ((CONTENT_WIDTH - _LEFT) / n / side - 1)))
        strip = mosaic(np.rint(pictures).astype(np.uint8), n, gap=gap)
        leaves = ax.inset_axes((0, -(below + 0.06) / _HEIGHT, 1, below / _HEIGHT))
        pitch = width + gap
        self.image_ = leaves.imshow(
            strip,
            extent=(gap / 2 / pitch, n - gap / 2 / pitch, 0, height),
            aspect="auto",
            interpolation="antialiased",
        )
        leaves.set(xlim=(0, n))
        leaves.axis("off")
        self.texts_ = []
        for i, leaf in enumerate(self.leaves_):
            text = ""
            if self.counts is not None:
                text = class_name(
                    int(self.counts[leaf].sum(axis=0).argmax()),
                    self.names,
                    9 if self._turned else 5,
                )
            if len(self.centroids) > _MAX_LEAVES:
                text += f" ({len(leaf)})" if self._turned else f"\n({len(leaf)})"
            self.texts_.append(
                leaves.text(
                    i + 0.5,
                    -0.12 * height,
                    text,
                    ha="center",
                    va="top",
                    rotation=90 if self._turned else 0,
                    size=9 if n <= 16 else 7.5 if len(self.centroids) <= _MAX_LEAVES else 6,
                    linespacing=1.4,
                    color=INK,
                )
            )

    @property
    def _turned(self) -> bool:
        """Whether names are too long to stand side by side under many leaves."""
        longest = max((len(name) for name in self.names), default=1)
        return self.counts is not None and len(self.centroids) > 16 and longest > 2

    def _leaf_size(self) -> tuple[float, float]:
        """Return width and height of a leaf's picture in inches."""
        pitch = (CONTENT_WIDTH - _LEFT) / min(len(self.centroids), _MAX_LEAVES)
        side = min(pitch * 0.94, 0.62)
        return side, side * self.centroids.shape[1] / self.centroids.shape[2]

    def _clusters_below(self) -> list[list[int]]:
        """Return the clusters under each node of the tree; the first nodes are the clusters."""
        below = [[cluster] for cluster in range(len(self.centroids))]
        for left, right in self.linkage[:, :2].astype(int):
            below.append(below[left] + below[right])
        return below
