"""How inertia, homogeneity and accuracy change with the number of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from inkmeans.errors import DataError
from inkmeans.evaluate import Scores
from inkmeans.figures.display import Display
from inkmeans.figures.labels import number
from inkmeans.figures.theme import CONTENT_WIDTH, SERIES_COLORS, Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ScoreSeries", "ScoresByClustersDisplay"]

_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True)
class ScoreSeries:
    """The scores of runs that differ in the number of clusters alone.

    Attributes
    ----------
    name : str
        What the runs share: ``"pixels"``, ``"deskewed"``. Series of one name have one colour.
    split : str
        ``"train"`` or ``"test"``; the latter is dashed.
    scores : tuple of Scores
        One for each number of clusters.
    """

    name: str
    split: str
    scores: tuple[Scores, ...]


class ScoresByClustersDisplay(Display):
    """Inertia, homogeneity and majority accuracy against k, one line a series.

    Parameters
    ----------
    series : sequence of ScoreSeries
    subtitle : str, default=""

    Attributes
    ----------
    axes_ : tuple of Axes
        Inertia, homogeneity and accuracy; the first alone where no series has labels.
    lines_ : list of list of Line2D
        Lines of each panel.
    legend_ : Legend

    Examples
    --------
    >>> from inkmeans.evaluate import Scores
    >>> from inkmeans.figures import ScoresByClustersDisplay, ScoreSeries
    >>> scores = tuple(Scores(100, k, inertia=900 / k, homogeneity=k / 40) for k in (10, 20))
    >>> display = ScoresByClustersDisplay([ScoreSeries("pixels", "train", scores)]).plot()
    >>> display.lines_[0][0].get_ydata().tolist()
    [0.9, 0.45]
    """

    title = "Scores against the number of clusters"

    def __init__(self, series: Sequence[ScoreSeries], *, subtitle: str = "") -> None:
        super().__init__(subtitle=subtitle)
        if not any(one.scores for one in series):
            raise DataError("no score to show", hint="give at least one series with scores")
        self.series = tuple(series)
        self.labelled = any(
            score.homogeneity is not None for one in self.series for score in one.scores
        )
        if self.labelled:
            self.label_use = (
                "Inertia: no labels used; a series is measured in its own features. Homogeneity: "
                "labels compared with clusters.\nAccuracy: labels used to name clusters "
                "(most frequent class of the training images)."
            )

    def _frame(self) -> Frame:
        return Frame(CONTENT_WIDTH, 2.35, top=0.26, bottom=0.85)

    def _draw(self, ax: Axes) -> None:
        ax.axis("off")
        panels = [("Inertia per image", "inertia", 0.07)]
        if self.labelled:
            panels += [("Homogeneity", "homogeneity", 0.41), ("Accuracy", "accuracy", 0.745)]
        width = 0.255 if self.labelled else 0.93
        self.lines_ = []
        axes = []
        for title, key, left in panels:
            panel = ax.inset_axes((left, 0, width, 1))
            panel.set_title(title, pad=8)
            self.lines_.append(self._panel(panel, key))
            axes.append(panel)
        self.axes_ = tuple(axes)
        self.legend_ = ax.legend(
            handles=self.lines_[0],
            loc="upper center",
            bbox_to_anchor=(0.5, -0.22),
            ncols=min(4, len(self.lines_[0])),
            handlelength=2.6,
        )

    def _panel(self, panel: Axes, key: str) -> list[Any]:
        names = list(dict.fromkeys(one.name for one in self.series))
        ticks = sorted({score.n_clusters for one in self.series for score in one.scores})
        lines = []
        for one in self.series:
            points = sorted((score.n_clusters, _value(score, key)) for score in one.scores)
            which = names.index(one.name)
            (line,) = panel.plot(
                [k for k, _ in points],
                [value for _, value in points],
                color=SERIES_COLORS[which % len(SERIES_COLORS)],
                marker=_MARKERS[which % len(_MARKERS)],
                markersize=4.2,
                markerfacecolor="white" if one.split == "test" else None,
                linestyle=(0, (3, 1.6)) if one.split == "test" else "-",
                label=f"{one.name}, {one.split}" if one.split else one.name,
            )
            lines.append(line)
        panel.set_xscale("log")
        panel.set_xticks(ticks, [str(k) for k in ticks])
        panel.set_xticks([], minor=True)
        panel.tick_params(axis="x", labelsize=7)
        panel.set_xlabel("clusters (k)")
        if key == "inertia":
            panel.yaxis.set_major_formatter(lambda value, _: number(value))
        else:
            top = panel.get_ylim()[1]
            panel.set_ylim(top=min(1.0, top))
            panel.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        return lines


def _value(score: Scores, key: str) -> float:
    """Return a score to draw; inertia for each image, so that splits can be compared."""
    if key == "inertia":
        return np.nan if score.inertia is None else score.inertia / score.n_images
    value = score.majority_accuracy if key == "accuracy" else score.homogeneity
    return np.nan if value is None else value
