"""All clusters of a run in one table, or in one chart where they are many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from inkmeans.errors import DataError
from inkmeans.evaluate import ClusterCharacteristics, characterize
from inkmeans.figures.display import Display
from inkmeans.figures.labels import class_name, noun, number, percent
from inkmeans.figures.mosaic import as_images, mosaic, place, tile_size
from inkmeans.figures.theme import BLUE, CONTENT_WIDTH, FAINT, INK, MUTED, Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.container import BarContainer
    from matplotlib.text import Text

__all__ = ["CharacteristicsDisplay"]

_MAX_TABLE = 40
_ROW = 0.27
_HEAD = 0.3
_PANEL = 1.25
_BETWEEN = 0.42


class CharacteristicsDisplay(Display):
    """Size, spread and main class of every cluster.

    Up to 40 clusters stand in a table; more of them make a chart with three panels, the
    clusters side by side and sorted by their main class.

    Parameters
    ----------
    clusters : sequence of ClusterCharacteristics
    centroids : array-like of shape (n_clusters, height, width), or None, default=None
        Pictures of the centroids, for the table.
    names : sequence of str, default=()
        Names of the classes.
    subtitle : str, default=""

    Attributes
    ----------
    order_ : list of int
        The clusters as they stand: by main class, then the largest first.
    texts_ : list of Text
        The cells of the table; the names of the classes over the chart.
    bars_ : list of BarContainer or LineCollection
        Sizes, mean distances and shares.

    Examples
    --------
    >>> from inkmeans.figures import CharacteristicsDisplay
    >>> display = CharacteristicsDisplay.from_predictions(
    ...     [[0.0], [1.0], [9.0]], [[0.5], [9.0]], [0, 0, 1], labels=[4, 4, 2])
    >>> display.plot().order_
    [1, 0]
    """

    title = "The clusters in numbers"

    def __init__(
        self,
        clusters: Sequence[ClusterCharacteristics],
        centroids: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        subtitle: str = "",
    ) -> None:
        super().__init__(subtitle=subtitle)
        if not clusters:
            raise DataError("no cluster to show", hint="give at least one cluster")
        self.clusters = tuple(clusters)
        self.centroids = None if centroids is None else as_images(centroids, "centroids")
        self.names = tuple(names)
        self.labelled = any(c.counts is not None for c in self.clusters)
        if self.labelled:
            self.label_use = f"Labels used to name clusters: the main {noun(names)} and its share."
        self.label_use += "\nDistances are Euclidean, in the units of the features."
        if len(self.clusters) > _MAX_TABLE:
            self.label_use += " One bar for each cluster."

    @classmethod
    def from_predictions(
        cls,
        rows: ArrayLike,
        centroids: ArrayLike,
        assignments: ArrayLike,
        labels: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        subtitle: str = "",
    ) -> Self:
        """Describe the clusters of rows.

        Parameters
        ----------
        rows : array-like of shape (n_images, n_features)
        centroids : array-like of shape (n_clusters, n_features)
        assignments : array-like of int, shape (n_images,)
        labels : array-like of int, shape (n_images,), or None, default=None
        names : sequence of str, default=()
        subtitle : str, default=""

        Returns
        -------
        CharacteristicsDisplay
        """
        described = characterize(
            rows, centroids, assignments, labels=labels, n_classes=len(names) or None
        )
        return cls(described, names=names, subtitle=subtitle)

    def _frame(self) -> Frame:
        n = len(self.clusters)
        if n <= _MAX_TABLE:
            return Frame(CONTENT_WIDTH, _HEAD + n * _ROW, free=True)
        n_panels = 3 if self.labelled else 2
        return Frame(CONTENT_WIDTH - 0.45, n_panels * (_PANEL + _BETWEEN), left=0.45, bottom=0.1)

    def _draw(self, ax: Axes) -> None:
        self.texts_: list[Text] = []
        self.bars_: list[BarContainer | LineCollection] = []
        ordered = sorted(
            self.clusters,
            key=lambda c: (99_999 if c.main_class is None else c.main_class, -c.size),
        )
        self.order_ = [c.cluster for c in ordered]
        if len(ordered) <= _MAX_TABLE:
            self._table(ax, ordered)
        else:
            self._chart(ax, ordered)

    def _table(self, ax: Axes, ordered: Sequence[ClusterCharacteristics]) -> None:
        bars = {"size": (0.95, 0.95), "distance": (2.5, 0.95), "share": (4.7, 0.95)}
        heads = [(0.72, "cluster"), (0.95, "images"), (2.5, "mean distance")]
        if self.labelled:
            heads += [(3.93, noun(self.names)), (4.7, "share"), (6.25, "second")]
        for x, text in heads:
            right = x == 0.72
            ax.text(x, 0.14, text, weight="bold", color=MUTED, ha="right" if right else "left")
        largest = max(c.size for c in ordered) or 1
        farthest = max(c.mean_distance or 0 for c in ordered) or 1
        middles = _HEAD + _ROW * (np.arange(len(ordered)) + 0.5)
        parts = {
            "size": [c.size / largest for c in ordered],
            "distance": [(c.mean_distance or 0) / farthest for c in ordered],
        }
        if self.labelled:
            parts["share"] = [c.main_share or 0 for c in ordered]
        for key, values in parts.items():
            x, width = bars[key]
            self.bars_.append(
                ax.barh(
                    middles, np.multiply(values, width), height=0.62 * _ROW, left=x,
                    color=BLUE if key == "share" else "#a9c3dc", linewidth=0,
                )
            )  # fmt: skip
        for row, cluster in enumerate(ordered):
            self._row(ax, cluster, middles[row], [v[row] for v in parts.values()], bars)

    def _row(
        self,
        ax: Axes,
        cluster: ClusterCharacteristics,
        middle: float,
        parts: Sequence[float],
        bars: dict[str, tuple[float, float]],
    ) -> None:
        def cell(x: float, text: str, **style: Any) -> None:
            self.texts_.append(ax.text(x, middle, text, va="center_baseline", **style))

        top = middle - _ROW / 2
        ax.plot([0, CONTENT_WIDTH], [top, top], color=FAINT, linewidth=0.6)
        if self.centroids is not None:
            pixel = tile_size(self.centroids.shape, _ROW - 0.02)
            picture = mosaic(self.centroids[[cluster.cluster]], 1)
            place(ax, picture, 0, middle - self.centroids.shape[1] * pixel / 2, pixel)
        cell(0.72, str(cluster.cluster), ha="right")
        values = [f"{cluster.size:,}", number(cluster.mean_distance), percent(cluster.main_share)]
        for part, value, (x, width) in zip(parts, values, bars.values(), strict=False):
            cell(x + part * width + 0.05, value, size=7.5)
        if self.labelled:
            cell(3.93, class_name(cluster.main_class, self.names, 9), weight="bold")
            cell(6.25, self._next(cluster), size=7.5, color=MUTED)

    def _next(self, cluster: ClusterCharacteristics) -> str:
        shares = cluster.shares
        if shares is None or len(shares) < 2 or not cluster.size:
            return ""
        second = int(np.argsort(-shares, kind="stable")[1])
        if not shares[second]:
            return ""
        return f"{class_name(second, self.names, 5)} · {percent(float(shares[second]))}"

    def _chart(self, ax: Axes, ordered: Sequence[ClusterCharacteristics]) -> None:
        ax.axis("off")
        n = len(ordered)
        sizes = np.array([c.size for c in ordered], float)
        distances = np.array([c.mean_distance or np.nan for c in ordered], float)
        panels = [("Images in the cluster", sizes), ("Mean distance to the centroid", distances)]
        if self.labelled:
            shares = np.array([c.main_share or np.nan for c in ordered], float) * 100
            panels.append((f"Share of the main {noun(self.names)}, %", shares))
        full = len(panels) * (_PANEL + _BETWEEN)
        for p, (title, values) in enumerate(panels):
            bottom = 1 - (p * (_PANEL + _BETWEEN) + _BETWEEN - 0.1 + _PANEL) / full
            panel = ax.inset_axes((0, bottom, 1, _PANEL / full))
            panel.set_title(title, pad=16 if self.labelled and p == 0 else 5)
            panel.set(xlim=(-0.5, n - 0.5), xticks=[])
            # One collection: hundreds of rectangles take ten times as long.
            width = 0.78 * 72 * self._frame().width / n
            self.bars_.append(panel.vlines(range(n), 0, values, color=BLUE, linewidth=width))
            panel.set_ylim(0, 100 if p == 2 else np.nanmax(values) * 1.08)
            panel.yaxis.set_major_formatter(lambda value, _: number(value))
            if self.labelled:
                self._groups(panel, [c.main_class for c in ordered], name=p == 0)

    def _groups(self, panel: Axes, classes: Sequence[int | None], *, name: bool) -> None:
        """Shade every other class behind the bars, and write the classes over the first panel."""
        edges = [i for i, c in enumerate(classes) if i == 0 or c != classes[i - 1]]
        for g, (left, right) in enumerate(zip(edges, [*edges[1:], len(classes)], strict=True)):
            if g % 2 == 0:
                panel.axvspan(left - 0.5, right - 0.5, color="#eef0f4", linewidth=0, zorder=0)
            if name:
                self.texts_.append(
                    panel.text(
                        (left + right - 1) / 2, 1.02, class_name(classes[left], self.names, 6),
                        transform=panel.get_xaxis_transform(), ha="center", weight="bold",
                        color=INK,
                    )
                )  # fmt: skip
