"""The images that are read wrongly, by what they are and what they are taken for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from inkmeans.errors import DataError
from inkmeans.evaluate.checks import as_labels
from inkmeans.figures.labels import class_name
from inkmeans.figures.mosaic import as_images
from inkmeans.figures.sample_digits import SampleDigitsDisplay

__all__ = ["MistakesDisplay"]

_MAX_ROWS = 20
_COLUMNS = 14


class MistakesDisplay(SampleDigitsDisplay):
    """Rows of wrongly read images: one for each label and the name that they got instead.

    Parameters
    ----------
    rows : sequence of ndarray of uint8, shape (n, height, width)
        The images of each row.
    captions : sequence of str, default=()
        What stands before each row: ``"4 → 9"`` is a 4 in a cluster named 9.
    counts : sequence of int, default=()
        How many there are of each, drawn or not.
    subtitle : str, default=""

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.figures import MistakesDisplay
    >>> images = np.zeros((3, 8, 8), np.uint8)
    >>> MistakesDisplay.from_predictions(images, [4, 4, 1], [9, 9, 1]).captions
    ('4 → 9',)
    """

    title = "Images that are read wrongly"

    @classmethod
    def from_predictions(
        cls,
        images: ArrayLike,
        labels: ArrayLike,
        predicted: ArrayLike,
        names: Sequence[str] = (),
        *,
        subtitle: str = "",
    ) -> Self:
        """Sort the wrongly read images, the most frequent mistake first.

        Parameters
        ----------
        images : array-like of uint8, shape (n, height, width)
        labels : array-like of int, shape (n,)
        predicted : array-like of int, shape (n,)
            What each image was taken for; -1 for nothing.
        names : sequence of str, default=()
            Names of the classes.
        subtitle : str, default=""

        Returns
        -------
        MistakesDisplay
            Of the 20 most frequent mistakes, at most 14 images each.

        Raises
        ------
        DataError
            If the arrays do not belong together, or no image is read wrongly.
        """
        pictures = as_images(images)
        classes = as_labels(labels, len(pictures))
        taken = np.asarray(predicted)
        if taken.shape != classes.shape:
            raise DataError(f"{taken.shape} predictions for {len(classes)} labels")
        wrong = np.flatnonzero(taken != classes)
        if not len(wrong):
            raise DataError("no image is read wrongly", hint="there is nothing to draw")
        pairs = np.stack([classes[wrong], taken[wrong]], axis=1)
        kinds, of, counts = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
        order = np.argsort(-counts, kind="stable")[:_MAX_ROWS]
        display = cls(
            [pictures[wrong[of.ravel() == kind][:_COLUMNS]] for kind in order],
            [" → ".join(class_name(int(c), names) for c in kinds[kind]) for kind in order],
            counts[order].tolist(),
            subtitle=subtitle,
        )
        display.label_use = "Labels used to name clusters, and to find what is wrong."
        return display
