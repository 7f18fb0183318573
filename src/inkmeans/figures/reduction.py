"""The same clusterings with and without fewer dimensions: what is saved, what is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from inkmeans.errors import DataError
from inkmeans.evaluate import Scores
from inkmeans.figures.display import Display
from inkmeans.figures.labels import number
from inkmeans.figures.theme import CONTENT_WIDTH, FAINT, INK, SERIES_COLORS, Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ReductionDisplay", "ReductionRun"]

_ROW = 0.42
_LEFT = 0.75
_MARKERS = ("o", "D", "s", "^", "v")


@dataclass(frozen=True)
class ReductionRun:
    """One clustering to compare.

    Attributes
    ----------
    name : str
        Of the features: ``"784 pixels"``, ``"PCA, 64 dimensions"``.
    seconds : float
        Time of the run, the reduction included.
    scores : Scores
        Of one split; the number of clusters comes from here.
    """

    name: str
    seconds: float
    scores: Scores


class ReductionDisplay(Display):
    """Seconds, homogeneity and accuracy, one row for each number of clusters.

    Parameters
    ----------
    runs : sequence of ReductionRun
        Runs of the same name share a colour; runs of one number of clusters share a row.
    subtitle : str, default=""

    Attributes
    ----------
    axes_ : tuple of Axes
        Seconds, homogeneity, accuracy; the first alone without labels.
    points_ : list of list of Line2D
        Points of each panel, one list entry for each name.
    legend_ : Legend

    Examples
    --------
    >>> from inkmeans.evaluate import Scores
    >>> from inkmeans.figures import ReductionDisplay, ReductionRun
    >>> runs = [ReductionRun("784 pixels", 2.0, Scores(100, 10)),
    ...         ReductionRun("PCA, 64 dimensions", 0.5, Scores(100, 10))]
    >>> len(ReductionDisplay(runs).plot().points_[0])
    2
    """

    title = "With and without dimensionality reduction"

    def __init__(self, runs: Sequence[ReductionRun], *, subtitle: str = "") -> None:
        super().__init__(subtitle=subtitle)
        if not runs:
            raise DataError("no run to compare", hint="give at least one run")
        self.runs = tuple(runs)
        self.labelled = any(run.scores.homogeneity is not None for run in runs)
        self.n_clusters = sorted({run.scores.n_clusters for run in runs})
        if self.labelled:
            self.label_use = (
                "Seconds: no labels used. Homogeneity: labels compared with clusters. Accuracy: "
                "labels used to name clusters\n(most frequent class of the training images)."
            )

    def _frame(self) -> Frame:
        height = max(1.1, _ROW * len(self.n_clusters) + 0.3)
        return Frame(CONTENT_WIDTH - _LEFT, height, left=_LEFT, top=0.26, bottom=0.62)

    def _draw(self, ax: Axes) -> None:
        ax.axis("off")
        panels = [("Seconds", [run.seconds for run in self.runs])]
        if self.labelled:
            panels.append(("Homogeneity", [_percent(run.scores.homogeneity) for run in self.runs]))
            panels.append(
                ("Accuracy", [_percent(run.scores.majority_accuracy) for run in self.runs])
            )
        width = (1 - 0.06 * (len(panels) - 1)) / len(panels)
        self.points_, axes = [], []
        for p, (title, values) in enumerate(panels):
            panel = ax.inset_axes((p * (width + 0.06), 0, width, 1))
            panel.set_title(title, pad=8)
            self.points_.append(self._panel(panel, np.array(values, float)))
            if p == 0:
                panel.set_yticks(
                    range(len(self.n_clusters)), [f"{k} clusters" for k in self.n_clusters]
                )
            else:
                panel.set_yticks(range(len(self.n_clusters)), [])
                panel.xaxis.set_major_formatter(lambda value, _: f"{value:.3g} %")
            axes.append(panel)
        self.axes_ = tuple(axes)
        self.legend_ = ax.legend(
            handles=self.points_[0],
            loc="upper center",
            bbox_to_anchor=(0.45, -0.28 / self._frame().height),
            ncols=len(self.points_[0]),
        )

    def _panel(self, panel: Axes, values: Any) -> list[Any]:
        rows = np.array([self.n_clusters.index(run.scores.n_clusters) for run in self.runs])
        names = list(dict.fromkeys(run.name for run in self.runs))
        which = np.array([names.index(run.name) for run in self.runs])
        for row in np.unique(rows):
            ends = values[rows == row]
            panel.plot([ends.min(), ends.max()], [row, row], color="#b9bfcc", linewidth=2.2)
        points = [
            panel.plot(
                values[which == i],
                rows[which == i],
                linestyle="",
                marker=_MARKERS[i % len(_MARKERS)],
                markersize=6.5,
                color=SERIES_COLORS[i % len(SERIES_COLORS)],
                label=name,
            )[0]
            for i, name in enumerate(names)
        ]
        self._values(panel, values, rows)
        return points

    def _values(self, panel: Axes, values: Any, rows: Any) -> None:
        """Write each value beside its point: the least to the left, the most to the right."""
        for row in np.unique(rows):
            ends = values[rows == row]
            for value, side in ((np.nanmin(ends), -1), (np.nanmax(ends), 1)):
                panel.annotate(
                    f"{value:.2g}" if abs(value) < 1 else number(value),
                    (value, row),
                    xytext=(6.5 * side, 0),
                    textcoords="offset points",
                    ha="right" if side < 0 else "left",
                    va="center_baseline",
                    size=7,
                    color=INK,
                )
        low, high = np.nanmin(values), np.nanmax(values)
        # A difference of a tenth must not fill the panel.
        spread = max(high - low, 0.04 * abs(high), 1e-9)
        panel.set_xlim(low - 0.36 * spread, high + 0.36 * spread)
        panel.set_ylim(len(self.n_clusters) - 0.45, -0.55)
        panel.tick_params(axis="y", length=0)
        panel.grid(axis="y", visible=False)
        panel.grid(axis="x", color=FAINT)
        panel.spines["left"].set_visible(False)


def _percent(share: float | None) -> float:
    return np.nan if share is None else 100 * share
