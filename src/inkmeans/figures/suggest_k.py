"""What several criteria without labels say of the number of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from inkmeans.errors import DataError
from inkmeans.evaluate import Criterion, Suggestion
from inkmeans.figures.display import Display
from inkmeans.figures.labels import number
from inkmeans.figures.theme import ACCENT, BLUE, CONTENT_WIDTH, FAINT, INK, MUTED, Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SuggestKDisplay"]

_COLUMNS = 3
_HEIGHT, _GAP = 1.45, 0.95  # inches of a panel, and below it


class SuggestKDisplay(Display):
    """One panel a criterion, each with its own choice, and what they suggest together.

    Parameters
    ----------
    criteria : sequence of Criterion
    suggestion : Suggestion
    subtitle : str, default=""

    Attributes
    ----------
    axes_ : tuple of Axes
        One a criterion.
    lines_ : list of Line2D
        The curves.
    choices_ : list of Line2D
        The point that each criterion chooses, where it chooses one.
    texts_ : list of Text
        The suggestion, and what it rests on.

    Examples
    --------
    >>> from inkmeans.evaluate import Criterion, suggest_from
    >>> from inkmeans.figures import SuggestKDisplay
    >>> elbow = Criterion("elbow", "inertia", "the knee", (2, 4, 8), (9.0, 3.0, 2.5), 4)
    >>> display = SuggestKDisplay([elbow], suggest_from([elbow])).plot()
    >>> display.texts_[0].get_text()
    '4'
    """

    title = "How many clusters?"

    def __init__(
        self, criteria: Sequence[Criterion], suggestion: Suggestion, *, subtitle: str = ""
    ) -> None:
        super().__init__(subtitle=subtitle)
        if not criteria:
            raise DataError("no criterion to show", hint="give at least one")
        self.criteria = tuple(criteria)
        self.suggestion = suggestion
        self.label_use = (
            "No labels used. Orange: the choice of the criterion; grey line: what they suggest "
            "together.\nThe number of clusters is a choice: more clusters show finer differences."
        )

    @property
    def _n_rows(self) -> int:
        return -(-(len(self.criteria) + 1) // _COLUMNS)

    def _frame(self) -> Frame:
        height = self._n_rows * _HEIGHT + (self._n_rows - 1) * _GAP
        return Frame(CONTENT_WIDTH, height, top=0.4, bottom=0.42)

    def _draw(self, ax: Axes) -> None:
        ax.axis("off")
        width = (1 - 0.1 * _COLUMNS) / _COLUMNS
        height = self._n_rows * _HEIGHT + (self._n_rows - 1) * _GAP
        axes: list[Axes] = []
        self.lines_: list[Any] = []
        self.choices_: list[Any] = []
        for place in range(len(self.criteria) + 1):
            row, column = divmod(place, _COLUMNS)
            bottom = 1 - (row * (_HEIGHT + _GAP) + _HEIGHT) / height
            panel = ax.inset_axes(
                (0.07 + column * (width + 0.115), bottom, width, _HEIGHT / height)
            )
            if place < len(self.criteria):
                self._panel(panel, self.criteria[place])
                axes.append(panel)
            else:
                self.texts_ = self._words(panel)
        self.axes_ = tuple(axes)

    def _panel(self, panel: Axes, one: Criterion) -> None:
        chosen = "no choice" if one.choice is None else f"{one.choice}"
        panel.set_title(f"{one.name.capitalize()}: {chosen}", pad=17)
        panel.text(0, 1.06, one.title, transform=panel.transAxes, size=7.5, color=MUTED)
        values = np.array([np.nan if v is None else v for v in one.values], dtype=float)
        if self.suggestion.n_clusters is not None:
            panel.axvline(self.suggestion.n_clusters, color="#b9bfcc", linewidth=4, alpha=0.6)
        if one.errors:
            errors = np.array(one.errors)
            panel.fill_between(
                one.n_clusters, values - errors, values + errors, color=BLUE, alpha=0.18, lw=0
            )
        (line,) = panel.plot(one.n_clusters, values, color=BLUE, marker=".", markersize=4)
        self.lines_.append(line)
        if one.choice is not None:
            at = one.n_clusters.index(one.choice)
            self.choices_ += panel.plot(
                [one.choice], [values[at]], color=ACCENT, marker="o", markersize=7, zorder=4
            )
        panel.set_xlabel("clusters (k)")
        panel.grid(axis="x", color=FAINT)
        panel.yaxis.set_major_formatter(lambda value, _: number(value))
        panel.tick_params(labelsize=7)
        panel.locator_params(axis="y", nbins=4)
        _ticks(panel, one.n_clusters)

    def _words(self, panel: Axes) -> list[Any]:
        """Write the suggestion large, and what supports it small."""
        panel.axis("off")
        k = self.suggestion.n_clusters
        large = panel.text(
            0, 0.62, "?" if k is None else str(k), size=34, weight="bold", color=INK, va="center"
        )
        supporters = len(self.suggestion.supporters)
        if k is None:
            words = "no criterion\nchooses"
        elif supporters == 1:
            words = "suggested, though no\ntwo criteria agree"
        else:
            words = f"suggested: {supporters} of {len(self.criteria)}\ncriteria are for it"
        small = panel.text(0, 0.25, words, size=8.5, color=MUTED, va="top", linespacing=1.35)
        return [large, small]


def _ticks(panel: Axes, n_clusters: tuple[int, ...]) -> None:
    """Take a log axis where the numbers double rather than count up."""
    from matplotlib.ticker import MaxNLocator, NullLocator

    if n_clusters[-1] > 40 and len(n_clusters) > 1 and n_clusters[0] > 0:
        panel.set_xscale("log")
        shown = _spaced(n_clusters)
        panel.set_xticks(shown, [str(k) for k in shown])
        panel.xaxis.set_minor_locator(NullLocator())
    else:
        panel.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))


def _spaced(n_clusters: tuple[int, ...]) -> list[int]:
    """Leave out ticks until the labels of a log axis have room."""
    room = np.log(n_clusters[-1] / n_clusters[0]) / 5
    shown = [n_clusters[0]]
    for k in n_clusters[1:]:
        if np.log(k / shown[-1]) >= room:
            shown.append(k)
    return shown
