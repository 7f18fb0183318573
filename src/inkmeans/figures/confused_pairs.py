"""The classes that are most often taken for one another, in words and images."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from numpy.typing import ArrayLike

from inkmeans.evaluate import ConfusedPair, Mistake, confused_pairs
from inkmeans.figures.display import Display
from inkmeans.figures.mosaic import as_images, mosaic, place, tile_size
from inkmeans.figures.theme import CONTENT_WIDTH, FAINT, INK, MUTED, Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage
    from matplotlib.text import Text

__all__ = ["ConfusedPairsDisplay"]

_BAND = 1.22
_COLUMN = 3.55
_HALF = CONTENT_WIDTH - _COLUMN


class ConfusedPairsDisplay(Display):
    """Pairs of classes, a sentence for each direction, and the images in question.

    Parameters
    ----------
    pairs : sequence of ConfusedPair
        As from `inkmeans.evaluate.confused_pairs`.
    images : array-like of uint8, shape (n_images, height, width)
        All images that the pairs' indices point into.
    subtitle : str, default=""

    Attributes
    ----------
    images_ : list of AxesImage
        One strip for each direction that has an image.
    texts_ : list of Text
        The sentences.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.figures import ConfusedPairsDisplay
    >>> images = np.zeros((3, 8, 8), np.uint8)
    >>> display = ConfusedPairsDisplay.from_predictions(images, [4, 4, 9], [4, 9, 9]).plot()
    >>> " ".join(display.texts_[0].get_text().split())
    '4 is taken for 9: 1 of 2 fours (50.0 %) lie in clusters named 9'
    """

    title = "The most confused pairs"
    label_use = (
        "Labels used to name clusters (most frequent class of the training images) "
        "and to tell which images lie in the wrong one."
    )

    def __init__(
        self, pairs: Sequence[ConfusedPair], images: ArrayLike, *, subtitle: str = ""
    ) -> None:
        super().__init__(subtitle=subtitle)
        self.pairs = tuple(pairs)
        self.images = as_images(images)

    @classmethod
    def from_predictions(
        cls,
        images: ArrayLike,
        labels: ArrayLike,
        predicted: ArrayLike,
        names: Sequence[str] = (),
        *,
        n_pairs: int = 6,
        subtitle: str = "",
    ) -> Self:
        """Find the pairs among predicted classes.

        Parameters
        ----------
        images : array-like of uint8, shape (n_images, height, width)
        labels, predicted : array-like of int, shape (n_images,)
            True class, and the class that the image's cluster is named after.
        names : sequence of str, default=()
        n_pairs : int, default=6
        subtitle : str, default=""

        Returns
        -------
        ConfusedPairsDisplay
        """
        pairs = confused_pairs(labels, predicted, names=names, n_pairs=n_pairs)
        return cls(pairs, images, subtitle=subtitle)

    def _frame(self) -> Frame:
        return Frame(CONTENT_WIDTH, max(len(self.pairs) * _BAND - 0.2, 0.4), free=True)

    def _draw(self, ax: Axes) -> None:
        self.images_: list[AxesImage] = []
        self.texts_: list[Text] = []
        if not self.pairs:
            self.texts_.append(ax.text(0, 0.2, "No image lies in a cluster of another name."))
        for band, pair in enumerate(self.pairs):
            top = band * _BAND
            if band:
                ax.plot([0, CONTENT_WIDTH], [top - 0.08] * 2, color=FAINT, linewidth=0.8)
            first, second = sorted((pair.more, pair.less), key=lambda mistake: mistake.true)
            ax.text(
                0, top + 0.15, f"{first.true_name} and {second.true_name}",
                weight="bold", size=10.5, color=INK,
            )  # fmt: skip
            ax.text(
                CONTENT_WIDTH, top + 0.15, f"{pair.count:,} images confused",
                ha="right", color=MUTED,
            )  # fmt: skip
            self._side(ax, pair.more, 0, top)
            self._side(ax, pair.less, _COLUMN, top)

    def _side(self, ax: Axes, mistake: Mistake, left: float, top: float) -> None:
        sentence = textwrap.fill(mistake.sentence.replace(" %", "\N{NO-BREAK SPACE}%"), 57)
        self.texts_.append(
            ax.text(left, top + 0.24, sentence, va="top", size=8, linespacing=1.3, color=INK)
        )
        pixel = tile_size(self.images.shape, 0.375)
        pitch = (self.images.shape[2] + 2) * pixel
        shown = mistake.indices[: int(_HALF / pitch)]
        if len(shown):
            picture = mosaic(self.images[shown], len(shown), gap=2)
            self.images_.append(place(ax, picture, left, top + 0.6, pixel))
