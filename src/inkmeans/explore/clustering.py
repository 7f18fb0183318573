"""What fits give back, and how they tell of centroids meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.datasets import Digits
from inkmeans.explore.measuring import Doubt, as_images
from inkmeans.explore.settings import RunSettings
from inkmeans.progress import Callback, Event
from inkmeans.recognise import ClusterModel
from inkmeans.reduce import LinearMap

if TYPE_CHECKING:
    from inkmeans.recognise import Recognizer

__all__ = ["Clustering", "Frame", "make_model", "make_teller"]

Frame = Callable[[Event, NDArray[np.uint8]], None]
"""Told the centroids of a running fit, as images."""


@dataclass(frozen=True, eq=False)
class Clustering:
    """What came of a fit.

    Attributes
    ----------
    assigned : int32 ndarray of shape (n,)
        The cluster of each image.
    n_clusters : int
    model : ClusterModel, Recognizer or None
        To assign new images by, where there is one that can be kept.
    scored : dict or None
        ``scored_on`` and ``scores``, where they are known already.
    doubt : Doubt or None
        What the model itself says of it, where it is a recogniser.
    """

    assigned: NDArray[np.int32]
    n_clusters: int
    model: ClusterModel | Recognizer | None
    scored: dict[str, Any] | None = None
    doubt: Doubt | None = None


def make_model(
    digits: Digits,
    settings: RunSettings,
    *,
    centroids: NDArray[np.float64],
    reducer: LinearMap | None = None,
    learnt: Mapping[str, NDArray[Any]] | None = None,
) -> ClusterModel:
    """Make the model of a run of which the centroids, and what the features learnt, are all."""
    source = digits.source
    return ClusterModel(
        image_shape=(digits.images.shape[1], digits.images.shape[2]),
        features=settings.features,
        centroids=centroids,
        reducer=reducer,
        learnt=learnt or {},
        info={"dataset": source.name, "sha256": source.sha256, "run": settings.name},
    )


def make_teller(
    progress: Callback,
    frame: Frame | None,
    as_pixels: Callable[[NDArray[Any]], NDArray[Any] | None],
    shape: tuple[int, ...],
) -> Callback:
    """Make a callback that passes events on, and centroids as images where that can be."""

    def tell(event: Event) -> None:
        progress(event)
        pixels = None
        if frame is not None and event.centroids is not None:
            pixels = as_pixels(event.centroids)
        if frame is not None and pixels is not None:
            frame(event, as_images(pixels, shape))

    return tell
