"""How good each way to cluster is, against how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from inkmeans.errors import DataError
from inkmeans.evaluate import TimedScore
from inkmeans.figures.display import Display
from inkmeans.figures.theme import CONTENT_WIDTH, FAINT, INK, MUTED, SERIES_COLORS, Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ScoreAgainstTimeDisplay"]

_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*")
_LEFT = 0.55
_KEY = 0.2  # height of a line of the key
_LETTER, _LINE = 0.062, 0.13  # inches of a letter and a line beside a point


class ScoreAgainstTimeDisplay(Display):
    """A point for each configuration: seconds across, score upwards, its 95 % interval as a bar.

    Parameters
    ----------
    points : sequence of TimedScore
        Colour tells what was clustered, shape the algorithm; points of one algorithm and one
        space are joined in the order of their numbers of clusters.
    score_name : str, default="score"
        For the axis: ``"accuracy, test images"``.
    labels : str, default="no labels used"
        What labels were used for, as `inkmeans.evaluate.Scores.LABEL_USE` says it.
    subtitle : str, default=""

    Attributes
    ----------
    points_ : list of ErrorbarContainer
        In the order of `points`; those without a score or seconds are left out.
    front_ : Line2D
        Joins the points that no other beats in both score and time.
    texts_ : list of Text
        Numbers of clusters beside their points, as far as there is room.
    legend_ : Legend

    Examples
    --------
    >>> from inkmeans.evaluate import TimedScore, spread
    >>> from inkmeans.figures import ScoreAgainstTimeDisplay
    >>> quick = TimedScore("kmeans", "pixels", 10, spread([1.0, 1.2]), spread([0.51, 0.53]))
    >>> slow = TimedScore("kmeans", "deskewed", 10, spread([2.0, 2.2]), spread([0.66, 0.68]))
    >>> display = ScoreAgainstTimeDisplay([quick, slow], "accuracy").plot()
    >>> [round(float(x), 1) for x in display.front_.get_xdata()]
    [1.1, 2.1]
    """

    title = "Score against time"

    def __init__(
        self,
        points: Sequence[TimedScore],
        score_name: str = "score",
        labels: str = "no labels used",
        *,
        subtitle: str = "",
    ) -> None:
        super().__init__(subtitle=subtitle)
        self.points = tuple(p for p in points if p.score.mean is not None and p.seconds.mean)
        if not self.points:
            raise DataError("no score to show", hint="give points with a score and seconds")
        self.score_name = score_name
        self.label_use = (
            f"{labels[0].upper()}{labels[1:]}. Bars: 95 % interval of the score over the seeds. "
            "Grey line: no other is both better and faster."
        )
        self.spaces = tuple(dict.fromkeys(p.space for p in self.points))
        self.algorithms = tuple(dict.fromkeys(p.algorithm for p in self.points))

    def _frame(self) -> Frame:
        n_lines = max(len(self.spaces), len(self.algorithms))
        below = 0.55 + _KEY * (n_lines + 0.6)
        return Frame(CONTENT_WIDTH - _LEFT, 3.4, left=_LEFT, bottom=below)

    def _draw(self, ax: Axes) -> None:
        self._limits(ax)
        self.front_ = self._front(ax)
        for algorithm in self.algorithms:
            for space in self.spaces:
                self._join(ax, algorithm, space)
        self.points_ = [self._point(ax, point) for point in self.points]
        self.texts_ = self._numbers(ax)
        ax.set_xlabel("seconds from images to clusters")
        ax.set_ylabel(self.score_name)
        ax.grid(axis="x", color=FAINT)
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.3g}")
        if "accuracy" in self.score_name:
            ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g} %")
        self.legend_ = self._key(ax)

    def _limits(self, ax: Axes) -> None:
        from matplotlib.ticker import LogLocator, NullFormatter

        seconds = np.array([p.seconds.mean for p in self.points], dtype=float)
        low, high = self._reach()
        ax.set_xscale("log")
        # Half a decade is the least that shows a scale.
        middle, reach = np.sqrt(seconds.min() * seconds.max()), seconds.max() / seconds.min()
        reach = max(reach * 1.6, 3.5)
        ax.set_xlim(middle / np.sqrt(reach), middle * np.sqrt(reach))
        ax.set_ylim(low, high)
        few, many = (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)
        subs = (1.0,) if reach > 300 else few if reach > 8 else many
        ax.xaxis.set_major_locator(LogLocator(10, subs=subs))
        ax.xaxis.set_minor_formatter(NullFormatter())

    def _reach(self) -> tuple[float, float]:
        """Return the limits of the scores: with room for the bars, unless they are very long."""
        means = [p.score.mean or 0.0 for p in self.points]
        half = max(p.score.half_width or 0.0 for p in self.points)
        span = max(max(means) - min(means), 0.01)
        room = 0.08 * span + min(half, 0.6 * span)
        high = max(means) + room
        # No score is above 1, so neither is the axis, but for half a marker.
        return min(means) - room, high if max(means) > 1 else min(high, 1 + 0.02 * span)

    def _point(self, ax: Axes, point: TimedScore) -> Any:
        return ax.errorbar(
            [point.seconds.mean or 0.0],
            [point.score.mean or 0.0],
            yerr=point.score.half_width,
            color=self._color(point.space),
            marker=_MARKERS[self.algorithms.index(point.algorithm) % len(_MARKERS)],
            markersize=6,
            markeredgecolor="white",
            markeredgewidth=0.6,
            elinewidth=0.9,
            linestyle="",
            zorder=3,
        )

    def _color(self, space: str) -> str:
        return SERIES_COLORS[self.spaces.index(space) % len(SERIES_COLORS)]

    def _join(self, ax: Axes, algorithm: str, space: str) -> None:
        mine = [p for p in self.points if (p.algorithm, p.space) == (algorithm, space)]
        mine.sort(key=lambda p: p.n_clusters)
        if len(mine) > 1:
            xy = np.array([(p.seconds.mean, p.score.mean) for p in mine], dtype=float)
            ax.plot(*xy.T, color=self._color(space), linewidth=0.8, alpha=0.5, zorder=2)

    def _front(self, ax: Axes) -> Any:
        ranked = sorted(self.points, key=lambda p: (p.seconds.mean or 0, -(p.score.mean or 0)))
        best: list[tuple[float, float]] = []
        for p in ranked:
            x, y = p.seconds.mean or 0.0, p.score.mean or 0.0
            if not best or y > best[-1][1]:
                best.append((x, y))
        x, y = np.array(best).T
        (line,) = ax.plot(
            x, y, color="#b9bfcc", linewidth=4, solid_capstyle="round", alpha=0.6, zorder=1
        )
        return line

    def _numbers(self, ax: Axes) -> list[Any]:
        """Write k beside the points, where there is more than one; leave out what has no room."""
        from matplotlib.patheffects import withStroke

        if len({p.n_clusters for p in self.points}) < 2:
            return []
        dots = ax.transData.transform(
            [(p.seconds.mean or 0, p.score.mean or 0) for p in self.points]
        )
        inches = dots / ax.get_figure(root=True).dpi  # type: ignore[union-attr]
        taken = [(x - 0.06, y - 0.06, x + 0.06, y + 0.06) for x, y in inches]
        edge = ax.get_window_extent().padded(-4).transformed(_inches(ax))
        halo = [withStroke(linewidth=2, foreground="white")]
        texts = []
        for (x, y), p in zip(inches, self.points, strict=True):
            width = _LETTER * len(str(p.n_clusters))
            for dx, dy in ((0.09, 0.03), (-0.09 - width, 0.03), (-width / 2, 0.1), (0.09, -0.16),
                           (-width / 2, -0.24), (-0.09 - width, -0.16)):  # fmt: skip
                box = (x + dx, y + dy, x + dx + width, y + dy + _LINE)
                inside = edge.x0 < box[0] and box[2] < edge.x1
                if inside and edge.y0 < box[1] and box[3] < edge.y1 and _free(box, taken):
                    taken.append(box)
                    texts.append(
                        ax.annotate(
                            str(p.n_clusters),
                            (p.seconds.mean or 0, p.score.mean or 0),
                            xytext=(72 * dx, 72 * dy),
                            textcoords="offset points",
                            size=7,
                            color=INK,
                            zorder=4,
                            path_effects=halo,
                        )
                    )
                    break
        return texts

    def _key(self, ax: Axes) -> Any:
        from matplotlib.lines import Line2D

        colors = [
            Line2D([], [], linestyle="", marker="o", color=self._color(s), markersize=6, label=s)
            for s in self.spaces
        ]
        shapes = [
            Line2D([], [], linestyle="", marker=_MARKERS[i % len(_MARKERS)], color=MUTED,
                   markersize=6, label=a)
            for i, a in enumerate(self.algorithms)
        ]  # fmt: skip
        blank = Line2D([], [], linestyle="", label=" ")
        longest = max(len(colors), len(shapes))
        handles = colors + [blank] * (longest - len(colors))
        numbers = len({p.n_clusters for p in self.points}) > 1
        title = "colour: what was clustered; shape: algorithm" + (
            "; numbers: clusters" if numbers else ""
        )
        return ax.legend(
            handles=handles + shapes + [blank] * (longest - len(shapes)),
            title=title,
            title_fontproperties={"size": 7.5},
            alignment="left",
            loc="upper left",
            bbox_to_anchor=(-0.02, -0.13),
            ncols=2,
            columnspacing=3,
            handletextpad=0.4,
        )


def _inches(ax: Axes) -> Any:
    return ax.get_figure(root=True).dpi_scale_trans.inverted()  # type: ignore[union-attr]


Box = tuple[float, float, float, float]


def _free(box: Box, taken: list[Box]) -> bool:
    return all(
        box[2] <= other[0] or other[2] <= box[0] or box[3] <= other[1] or other[3] <= box[1]
        for other in taken
    )
