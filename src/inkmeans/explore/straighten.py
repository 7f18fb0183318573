"""The images as everything here compares them: slant undone, centred, one row an image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["straighten"]


def straighten(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn images into rows of grey levels, slant undone and centred.

    Parameters
    ----------
    images : uint8 ndarray of shape (n, height, width)

    Returns
    -------
    uint8 ndarray of shape (n, height * width)

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.explore.straighten import straighten
    >>> straighten(np.eye(3, dtype=np.uint8)[None] * 255).reshape(3, 3).tolist()
    [[0, 255, 0], [0, 255, 0], [0, 255, 0]]
    """
    from inkmeans.prepare import Deskew  # loads scikit-learn, which takes a second

    return Deskew().transform(images).reshape(len(images), -1)
