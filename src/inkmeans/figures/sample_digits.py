"""Some images of the data set, as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.evaluate.checks import as_labels
from inkmeans.figures.display import Display
from inkmeans.figures.labels import class_name
from inkmeans.figures.mosaic import as_images, mosaic, place, tile_size
from inkmeans.figures.theme import CONTENT_WIDTH, INK, MUTED, Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SampleDigitsDisplay"]

_MAX_ROWS = 30


class SampleDigitsDisplay(Display):
    """Rows of images; where there are labels, one row for each class.

    Parameters
    ----------
    rows : sequence of ndarray of uint8, shape (n, height, width)
        The images of each row.
    captions : sequence of str, default=()
        What stands before each row.
    counts : sequence of int, default=()
        Images of each row's class in the whole data set.
    subtitle : str, default=""

    Attributes
    ----------
    images_ : list of AxesImage
        One for each row.
    texts_ : list of Text
        Captions and counts.

    Examples
    --------
    >>> import inkmeans
    >>> from inkmeans.figures import SampleDigitsDisplay
    >>> digits = inkmeans.load("mnist")
    >>> display = SampleDigitsDisplay.from_images(digits.images, digits.labels, digits.names)
    >>> len(display.plot().images_)
    10
    """

    title = "Sample digits"

    def __init__(
        self,
        rows: Sequence[NDArray[np.uint8]],
        captions: Sequence[str] = (),
        counts: Sequence[int] = (),
        *,
        subtitle: str = "",
    ) -> None:
        super().__init__(subtitle=subtitle)
        self.rows = tuple(as_images(row) for row in rows)
        self.captions = tuple(captions)
        self.counts = tuple(counts)
        if self.captions:
            self.label_use = "Labels used to sort the images into rows."

    @classmethod
    def from_images(
        cls,
        images: ArrayLike,
        labels: ArrayLike | None = None,
        names: Sequence[str] = (),
        *,
        n_columns: int = 15,
        random_state: int = 0,
        subtitle: str = "",
    ) -> Self:
        """Draw images at random, from each class where there are labels.

        Parameters
        ----------
        images : array-like of uint8, shape (n, height, width)
        labels : array-like of int, shape (n,), or None, default=None
        names : sequence of str, default=()
            Names of the classes.
        n_columns : int, default=15
            Images in a row.
        random_state : int, default=0
            Seed of the draw.
        subtitle : str, default=""

        Returns
        -------
        SampleDigitsDisplay
        """
        pictures = np.asarray(images)
        rng = np.random.default_rng(random_state)
        if labels is None:
            drawn = rng.permutation(len(pictures))[: 10 * n_columns]
            rows = [pictures[drawn[i : i + n_columns]] for i in range(0, len(drawn), n_columns)]
            return cls(rows, subtitle=subtitle)
        classes = as_labels(labels, len(pictures))
        present = np.unique(classes)[:_MAX_ROWS].tolist()
        members = [np.flatnonzero(classes == c) for c in present]
        rows = [pictures[np.sort(rng.permutation(m)[:n_columns])] for m in members]
        captions = [class_name(c, names) for c in present]
        return cls(rows, captions, [len(m) for m in members], subtitle=subtitle)

    def _layout(self) -> tuple[float, float, float]:
        """Return inches before the images, after them, and a pixel."""
        before = 0.15 + 0.13 * max((len(c) for c in self.captions), default=0)
        before, after = (min(before, 1.4), 0.55) if self.captions else (0.0, 0.0)
        columns = max(len(row) for row in self.rows)
        pixel = tile_size(self.rows[0].shape, (CONTENT_WIDTH - before - after) / columns - 0.015)
        return before, after, pixel

    def _frame(self) -> Frame:
        pitch = (self.rows[0].shape[1] + 2) * self._layout()[2]
        return Frame(CONTENT_WIDTH, len(self.rows) * pitch, free=True)

    def _draw(self, ax: Axes) -> None:
        before, _, pixel = self._layout()
        height = self.rows[0].shape[1]
        self.images_, self.texts_ = [], []
        for r, row in enumerate(self.rows):
            top = r * (height + 2) * pixel
            middle = top + height * pixel / 2
            picture = mosaic(row, len(row), gap=2)
            self.images_.append(place(ax, picture, before, top, pixel))
            if self.captions:
                self.texts_.append(
                    ax.text(
                        before - 0.12, middle, self.captions[r], ha="right", va="center",
                        weight="bold", size=11 if len(self.captions[r]) < 3 else 8, color=INK,
                    )
                )  # fmt: skip
            if self.counts:
                self.texts_.append(
                    ax.text(
                        CONTENT_WIDTH, middle, f"{self.counts[r]:,}", ha="right", va="center",
                        color=MUTED,
                    )
                )  # fmt: skip
