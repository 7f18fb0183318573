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
_AFTER = 0.55
_TILE = 0.385
_GAP = 2  # pixels between images


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

    title = "Sample images"

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
        n_columns: int | None = None,
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
        n_columns : int or None, default=None
            Images in a row; None takes as many as are well seen.
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
            n_columns = n_columns or _columns(pictures.shape, CONTENT_WIDTH)
            drawn = rng.permutation(len(pictures))[: 10 * n_columns]
            rows = [pictures[drawn[i : i + n_columns]] for i in range(0, len(drawn), n_columns)]
            return cls(rows, subtitle=subtitle)
        classes = as_labels(labels, len(pictures))
        present = np.unique(classes)[:_MAX_ROWS].tolist()
        members = [np.flatnonzero(classes == c) for c in present]
        captions = [class_name(c, names) for c in present]
        room = CONTENT_WIDTH - _before(captions) - _AFTER
        n_columns = n_columns or _columns(pictures.shape, room)
        rows = [pictures[np.sort(rng.permutation(m)[:n_columns])] for m in members]
        return cls(rows, captions, [len(m) for m in members], subtitle=subtitle)

    def _layout(self) -> tuple[float, float, float]:
        """Return inches before the images, after them, and a pixel."""
        before, after = (_before(self.captions), _AFTER) if self.captions else (0.0, 0.0)
        columns = max(len(row) for row in self.rows)
        room, shape = CONTENT_WIDTH - before - after, self.rows[0].shape
        pixel = tile_size((columns * (shape[2] + _GAP) - _GAP,), room)
        return before, after, min(pixel, tile_size(shape, room / columns))

    def _frame(self) -> Frame:
        pitch = (self.rows[0].shape[1] + _GAP) * self._layout()[2]
        return Frame(CONTENT_WIDTH, len(self.rows) * pitch, free=True)

    def _draw(self, ax: Axes) -> None:
        before, _, pixel = self._layout()
        height = self.rows[0].shape[1]
        self.images_, self.texts_ = [], []
        for r, row in enumerate(self.rows):
            top = r * (height + _GAP) * pixel
            middle = top + height * pixel / 2
            picture = mosaic(row, len(row), gap=_GAP)
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


def _before(captions: Sequence[str]) -> float:
    """Return the inches that captions take."""
    longest = max(len(caption) for caption in captions)
    return 0.28 if longest < 3 else 0.25 + 0.075 * longest


def _columns(shape: tuple[int, ...], room: float) -> int:
    """Return how many images fit, each near the size at which digits are well read."""
    pixel = tile_size(shape, _TILE)
    return max(1, int((room / pixel + _GAP) / (shape[2] + _GAP)))
