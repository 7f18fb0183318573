"""How two clusterings of the same images share them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError
from inkmeans.evaluate import match_table
from inkmeans.figures.display import Display
from inkmeans.figures.theme import CONTENT_WIDTH, INK, MUTED, Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ContingencyDisplay"]

_MAX_TEXTS = 16
_MAX_TICKS = 40
_STEPS = ("#ffffff", "#dbe8f3", "#9cc3e0", "#4a93c8", "#0a5a96", "#063a63")


class ContingencyDisplay(Display):
    """Images in each cluster of one result (row) and each of another (column).

    Parameters
    ----------
    table : array-like of int, shape (n_rows, n_columns)
    rows, columns : str, default="one result", "the other"
        Names of the two results.
    agreement : float or None, default=None
        Their adjusted Rand index.
    subtitle : str, default=""

    Attributes
    ----------
    image_ : AxesImage
        The cells, coloured by the share of the row.
    text_ : ndarray of Text, shape (n_rows, n_columns), or None
        Count of each cell; None for more than 16 rows or columns.
    row_order_, column_order_ : ndarray of int
        Clusters from top to bottom, and from left to right: the largest rows first, each column
        where most of its images are.

    Examples
    --------
    >>> from inkmeans.figures import ContingencyDisplay
    >>> display = ContingencyDisplay([[0, 3], [9, 1]]).plot()
    >>> display.row_order_, display.column_order_
    (array([1, 0]), array([0, 1]))
    """

    title = "Two clusterings of the same images"

    def __init__(
        self,
        table: ArrayLike,
        rows: str = "one result",
        columns: str = "the other",
        *,
        agreement: float | None = None,
        subtitle: str = "",
    ) -> None:
        super().__init__(subtitle=subtitle)
        self.table = np.asarray(table)
        if self.table.ndim != 2 or not self.table.size:
            raise DataError(
                f"a contingency table of the shape {self.table.shape}",
                hint="give one row and one column for each cluster",
            )
        self.rows, self.columns = rows, columns
        self.agreement = agreement
        self.label_use = (
            "No labels used. Numbers are the two results' own numbers of their clusters.\n"
            + ("In a cell: images. " if max(self.table.shape) <= _MAX_TEXTS else "")
            + "Colour: share of the row."
            + ("" if agreement is None else f" Agreement (adjusted Rand index): {agreement:.3f}.")
        )

    def _frame(self) -> Frame:
        n_rows, n_columns = self.table.shape
        side = min((CONTENT_WIDTH - 0.55) / n_columns, 6.0 / n_rows, 0.46)
        width, height = max(2.2, side * n_columns), max(2.2, side * n_rows)
        return Frame(width, height, left=0.55, bottom=0.42)

    def _draw(self, ax: Axes) -> None:
        from matplotlib.colors import LinearSegmentedColormap, PowerNorm

        self.row_order_, self.column_order_ = _order(self.table)
        ordered = self.table[self.row_order_][:, self.column_order_]
        shares = ordered / np.maximum(ordered.sum(axis=1, keepdims=True), 1)
        blues = LinearSegmentedColormap.from_list("inkmeans-blues", _STEPS)
        # The root makes a few percent visible beside a diagonal of ninety.
        norm = PowerNorm(0.5, vmin=0, vmax=1)
        self.image_ = ax.imshow(shares, cmap=blues, norm=norm, interpolation="none", aspect="auto")
        ax.set_xlabel(_short(f"clusters of {self.columns}", ax, across=True))
        ax.set_ylabel(_short(f"clusters of {self.rows}", ax, across=False))
        self._ticks(ax)
        ax.grid(visible=False)
        for spine in ax.spines.values():
            spine.set(visible=True, color=MUTED, linewidth=0.5)
        self.text_ = None
        if max(ordered.shape) <= _MAX_TEXTS:
            self.text_ = np.empty(ordered.shape, dtype=object)
            for row, column in np.ndindex(*ordered.shape):
                count = ordered[row, column]
                self.text_[row, column] = ax.text(
                    column,
                    row,
                    f"{count:,}",
                    ha="center",
                    va="center",
                    size=7,
                    color="white" if shares[row, column] > 0.36 else INK if count else "#9aa0ae",
                )

    def _ticks(self, ax: Axes) -> None:
        n_rows, n_columns = self.table.shape
        size = 8 if max(n_rows, n_columns) <= _MAX_TEXTS else 5.5
        ax.tick_params(length=0, labelsize=size, labelcolor=INK)
        for axis, n, found in (
            (ax.yaxis, n_rows, self.row_order_),
            (ax.xaxis, n_columns, self.column_order_),
        ):
            shown = n <= _MAX_TICKS
            axis.set_ticks(range(n) if shown else [], [str(c) for c in found] if shown else [])


def _order(table: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Put the largest rows first, and what belongs together on the diagonal."""
    rows = np.argsort(-table.sum(axis=1), kind="stable")
    if table.shape[0] == table.shape[1]:
        return rows, match_table(table)[rows]
    place = np.empty_like(rows)
    place[rows] = np.arange(len(rows))
    home = place[table.argmax(axis=0)]
    return rows, np.lexsort((-table.max(axis=0), home))


def _short(text: str, ax: Axes, *, across: bool) -> str:
    """Cut a name that is longer than its axis."""
    box = ax.get_window_extent()
    room = (box.width if across else box.height) / ax.get_figure(root=True).dpi  # type: ignore[union-attr]
    longest = max(12, int(room / 0.075))
    return text if len(text) <= longest else text[: longest - 1] + "…"
