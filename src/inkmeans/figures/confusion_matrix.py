"""Which class lies in clusters of which name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike

from inkmeans.errors import DataError
from inkmeans.evaluate import Scores
from inkmeans.figures.display import Display
from inkmeans.figures.labels import class_name, noun
from inkmeans.figures.theme import CONTENT_WIDTH, INK, MUTED, Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ConfusionMatrixDisplay"]

_MAX_TEXTS = 15
_STEPS = ("#ffffff", "#dbe8f3", "#9cc3e0", "#4a93c8", "#0a5a96", "#063a63")


class ConfusionMatrixDisplay(Display):
    r"""Counts and percentages of the row, from the true class to the cluster's name.

    Parameters
    ----------
    confusion : array-like of int, shape (n_classes, n_classes)
        Images of each true class (row) by the class that their cluster is named after.
    names : sequence of str, default=()
        Names of the classes.
    subtitle : str, default=""

    Attributes
    ----------
    image_ : AxesImage
        The cells, coloured by the share of the row.
    text_ : ndarray of Text, shape (n_classes, n_classes), or None
        Count and percentage of each cell; None for more than 15 classes.

    Examples
    --------
    >>> from inkmeans.figures import ConfusionMatrixDisplay
    >>> display = ConfusionMatrixDisplay([[3, 1], [0, 4]]).plot()
    >>> display.text_[0, 1].get_text()
    '1\n25 %'
    """

    title = "Confusion matrix"

    def __init__(
        self, confusion: ArrayLike, names: Sequence[str] = (), *, subtitle: str = ""
    ) -> None:
        super().__init__(subtitle=subtitle)
        self.confusion = np.asarray(confusion)
        if self.confusion.ndim != 2 or len(set(self.confusion.shape)) != 1:
            raise DataError(
                f"a confusion matrix of the shape {self.confusion.shape}",
                hint="give as many rows as columns, one for each class",
            )
        self.names = tuple(names)
        self.label_use = (
            f"Labels used to name clusters (most frequent {noun(names)} of the training images) "
            "and to count.\nUpper number: images. Lower number: share of the row."
        )

    @classmethod
    def from_predictions(
        cls,
        labels: ArrayLike,
        predicted: ArrayLike,
        names: Sequence[str] = (),
        *,
        subtitle: str = "",
    ) -> Self:
        """Count the images of each true and predicted class.

        Parameters
        ----------
        labels, predicted : array-like of int, shape (n_images,)
            True class, and the class that the image's cluster is named after; images
            with -1, whose cluster has no name, are left out.
        names : sequence of str, default=()
        subtitle : str, default=""

        Returns
        -------
        ConfusionMatrixDisplay
        """
        true, guess = np.asarray(labels), np.asarray(predicted)
        size = max(len(names), int(true.max()) + 1, int(guess.max()) + 1)
        table = np.zeros((size, size), np.int64)
        named = guess >= 0
        np.add.at(table, (true[named], guess[named]), 1)
        return cls(table, names, subtitle=subtitle)

    @classmethod
    def from_scores(cls, scores: Scores, names: Sequence[str] = (), *, subtitle: str = "") -> Self:
        """Show the confusion matrix that the scores hold.

        Parameters
        ----------
        scores : Scores
            With labels and a mapping.
        names : sequence of str, default=()
        subtitle : str, default=""

        Returns
        -------
        ConfusionMatrixDisplay

        Raises
        ------
        DataError
            If the scores have none.
        """
        if scores.confusion is None:
            raise DataError(
                "these scores have no confusion matrix",
                hint="score images that have labels, with names learnt on the training images",
            )
        return cls(scores.confusion, names, subtitle=subtitle)

    @property
    def _left(self) -> float:
        longest = max(len(class_name(c, self.names)) for c in range(len(self.confusion)))
        return 0.42 + 0.08 * longest

    def _frame(self) -> Frame:
        size = min(CONTENT_WIDTH - self._left, max(2.0, 0.6 * len(self.confusion)))
        below = 0.48 if self._left < 0.6 else self._left + 0.1
        return Frame(size, size, left=self._left, bottom=below)

    def _draw(self, ax: Axes) -> None:
        from matplotlib.colors import LinearSegmentedColormap, PowerNorm

        n = len(self.confusion)
        shares = self.confusion / np.maximum(self.confusion.sum(axis=1, keepdims=True), 1)
        blues = LinearSegmentedColormap.from_list("inkmeans-blues", _STEPS)
        # The root makes a few percent of mistakes visible beside a diagonal of ninety.
        norm = PowerNorm(0.5, vmin=0, vmax=1)
        self.image_ = ax.imshow(shares, cmap=blues, norm=norm, interpolation="none")
        ticks = [class_name(c, self.names) for c in range(n)]
        ax.set_xticks(range(n), ticks, rotation=90 if self._left > 0.6 else 0)
        ax.set_yticks(range(n), ticks)
        ax.tick_params(length=0, labelsize=9.5 if n <= _MAX_TEXTS else 6, labelcolor=INK)
        ax.set_xlabel(f"{noun(self.names)} that the image's cluster is named after")
        ax.set_ylabel(f"true {noun(self.names)}")
        ax.grid(visible=False)
        for spine in ax.spines.values():
            spine.set(visible=True, color=MUTED, linewidth=0.5)
        self.text_ = None
        if n <= _MAX_TEXTS:
            self.text_ = np.empty((n, n), dtype=object)
            for row, column in np.ndindex(n, n):
                self.text_[row, column] = self._cell(ax, row, column, shares[row, column])

    def _cell(self, ax: Axes, row: int, column: int, share: float) -> object:
        count = self.confusion[row, column]
        # A share that rounds to nothing needs no second line; the count is exact.
        text = f"{count:,}\n{100 * share:.0f} %" if share >= 0.005 else f"{count:,}"
        return ax.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            size=7.5,
            linespacing=1.25,
            weight="bold" if row == column else "normal",
            color="white" if share > 0.36 else (INK if count else "#9aa0ae"),
        )
