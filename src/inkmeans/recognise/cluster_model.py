"""A fitted clustering that can assign and name new images."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans import engine
from inkmeans.errors import DataError, NotNamedError, ParameterError
from inkmeans.features import Feature, get_feature
from inkmeans.prepare import FlattenImages, check_images
from inkmeans.reduce import LinearMap

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

__all__ = ["ClusterModel", "Info"]

Info = Mapping[str, str | int | float | bool | None]

BLOCK_ROWS = 4096  # images whose float copies exist at a time


@dataclass(frozen=True, eq=False, kw_only=True)
class ClusterModel:
    """Centroids, how images come to lie among them, and what they stand for.

    Attributes
    ----------
    image_shape : tuple of int
        Height and width of the images that it takes.
    features : str
        One of `inkmeans.features.FEATURES`.
    centroids : float64 ndarray of shape (n_clusters, d)
        On the common scale of the features (pixels in [0, 1]), or in the reduced space.
    reducer : LinearMap or None
        From features to the space of the centroids; None where they lie among the features.
    learnt : mapping of str to ndarray
        What features learnt from images, see `inkmeans.features.Feature.learnt`; empty where they
        learn nothing.
    classes : tuple of str
        Names of the classes; empty if there are none.
    mapping : int64 ndarray of shape (n_clusters,), or None
        The class that each cluster stands for, -1 for none; None if the clusters have no names.
    info : mapping of str to str, number, bool or None
        Where it comes from, for people: data set, algorithm, seed, version ...

    Raises
    ------
    DataError, ParameterError
        If the parts do not fit together. Arrays are copied and made read-only.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.recognise import ClusterModel
    >>> model = ClusterModel(
    ...     image_shape=(2, 2),
    ...     features="pixels",
    ...     centroids=[[0, 0, 0, 0], [1, 1, 1, 1]],
    ...     classes=("dark", "light"),
    ...     mapping=[0, 1],
    ... )
    >>> [model.class_name(cluster) for cluster in model.assign(np.full((1, 2, 2), 200, np.uint8))]
    ['light']
    """

    image_shape: tuple[int, int]
    features: str
    centroids: NDArray[np.float64]
    reducer: LinearMap | None = None
    learnt: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    mapping: NDArray[np.int64] | None = None
    info: Info = field(default_factory=dict)

    def __post_init__(self) -> None:
        centroids = _frozen(self.centroids, np.float64)
        height, width = self.image_shape
        if min(height, width) < 1:
            raise DataError(f"a model of images of {height} x {width} pixels")
        n_pixels = height * width if get_feature(self.features).shows_pixels else None
        if centroids.ndim != 2 or 0 in centroids.shape:
            raise DataError(
                f"centroids have the shape {centroids.shape}; two dimensions are needed"
            )
        if not np.isfinite(centroids).all():
            raise DataError("centroids that are not finite numbers")
        reducer = None if self.reducer is None else _checked_reducer(self.reducer, centroids)
        n_features = centroids.shape[1] if reducer is None else len(reducer.mean)
        if n_pixels not in (None, n_features):
            raise DataError(
                f"{n_features} features for images of {height} x {width} = {n_pixels} pixels"
            )
        mapping = None
        if self.mapping is not None:
            mapping = _frozen(self.mapping, np.int64)
            if mapping.shape != (len(centroids),):
                raise DataError(f"names of shape {mapping.shape} for {len(centroids)} clusters")
            if mapping.min() < -1 or mapping.max() >= len(self.classes):
                raise DataError(f"a cluster is named by none of the {len(self.classes)} classes")
        for name, value in (
            ("image_shape", (int(height), int(width))),
            ("centroids", centroids),
            ("reducer", reducer),
            ("learnt", {name: _frozen(array) for name, array in self.learnt.items()}),
            ("classes", tuple(self.classes)),
            ("mapping", mapping),
            ("info", _checked_info(self.info)),
        ):
            object.__setattr__(self, name, value)

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(self.centroids)

    def transformer(self) -> Pipeline:
        """Make what turns images into the features that the model was fitted on.

        Returns
        -------
        sklearn.pipeline.Pipeline
            Fitted.

        Raises
        ------
        DataError
            If the features learn from images, and what they learnt is not in `learnt`.
        """
        return self._feature.restore(self.image_shape, self.learnt)

    def assign(self, images: ArrayLike, *, n_threads: int = 1) -> NDArray[np.int32]:
        """Find the nearest centroid of each image.

        Parameters
        ----------
        images : uint8 array of shape (n_images, height, width)
            Light ink on black, of `image_shape`.
        n_threads : int, default=1
            Threads for the nearest centroids.

        Returns
        -------
        int32 ndarray of shape (n_images,)
            Of centroids at the same distance the first.

        Raises
        ------
        DataError
            If the images are of another size, or what the features learnt was not kept.
        """

        def nearest(rows: NDArray[Any], centroids: NDArray[np.float64]) -> NDArray[np.int32]:
            return engine.assign(rows, centroids, n_threads=n_threads)

        parts = list(self._over_blocks(images, nearest))
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)

    def predict(self, images: ArrayLike, *, n_threads: int = 1) -> NDArray[np.int64]:
        """Say which class the nearest centroid of each image stands for.

        Parameters
        ----------
        images : uint8 array of shape (n_images, height, width)
            Light ink on black, of `image_shape`.
        n_threads : int, default=1
            Threads for the nearest centroids.

        Returns
        -------
        int64 ndarray of shape (n_images,)
            Positions in `classes`; -1 where the cluster has no name.

        Raises
        ------
        NotNamedError
            If no cluster of the model has a name.
        DataError
            If the images are of another size.
        """
        if self.mapping is None:
            raise NotNamedError(
                "the clusters of this model have no names",
                hint="fit on labelled images, or name the clusters",
            )
        named: NDArray[np.int64] = self.mapping[self.assign(images, n_threads=n_threads)]
        return named

    def distances(self, images: ArrayLike) -> NDArray[np.float32]:
        """Measure the Euclidean distance of each image to each centroid.

        Parameters
        ----------
        images : uint8 array of shape (n_images, height, width)
            Light ink on black, of `image_shape`.

        Returns
        -------
        float32 ndarray of shape (n_images, n_clusters)
            On the scale of `centroids`.

        Raises
        ------
        DataError
            If the images are of another size.
        """
        unit = self._unit

        def measure(rows: NDArray[Any], centroids: NDArray[np.float64]) -> NDArray[np.float32]:
            distances = np.sqrt(engine.squared_distances(rows, centroids)) / unit
            return distances.astype(np.float32)

        parts = list(self._over_blocks(images, measure))
        return np.concatenate(parts) if parts else np.empty((0, self.n_clusters), np.float32)

    def class_name(self, cluster: int) -> str | None:
        """Return the name of the class that a cluster stands for.

        Parameters
        ----------
        cluster : int
            What `assign` gives.

        Returns
        -------
        str or None
            None where it has no name.
        """
        position = -1 if self.mapping is None else int(self.mapping[cluster])
        return None if position < 0 else self.classes[position]

    def centroid_images(self) -> NDArray[np.uint8]:
        """Draw the centroids as images; those of a reduced space are brought back first.

        Returns
        -------
        uint8 ndarray of shape (n_clusters, height, width)

        Raises
        ------
        ParameterError
            If the features are no pixels.
        """
        if not self._feature.shows_pixels:
            raise ParameterError(f"centroids of the features {self.features!r} are no images")
        rows = self.centroids if self.reducer is None else self._restored()
        blank = np.zeros((1, *self.image_shape), dtype=np.uint8)
        return FlattenImages(scale="unit").fit(blank).inverse_transform(rows)

    @property
    def _feature(self) -> Feature:
        return get_feature(self.features)

    @property
    def _unit(self) -> float:
        """What a distance that `_over_blocks` hands out is to be divided by."""
        return self._feature.unit if self.reducer is None else 1.0

    def _restored(self) -> NDArray[np.float32]:
        assert self.reducer is not None
        return self.reducer.inverse_transform(self.centroids)

    def _over_blocks(
        self, images: ArrayLike, work: Callable[[NDArray[Any], NDArray[np.float64]], Any]
    ) -> Iterator[Any]:
        """Yield what `work` makes of the rows of a block of images, and of the centroids."""
        checked = check_images(images)
        if checked.shape[1:] != self.image_shape:
            raise DataError(
                f"images are {checked.shape[1]} x {checked.shape[2]} pixels",
                hint=f"this model takes {self.image_shape[0]} x {self.image_shape[1]}",
            )
        transformer = self.transformer()
        # Rows stay uint8 where they can: the centroids take their scale instead.
        centroids = self.centroids * self._unit
        for start in range(0, len(checked), BLOCK_ROWS):
            rows = transformer.transform(checked[start : start + BLOCK_ROWS])
            if self.reducer is not None:
                rows = self.reducer.transform(self._feature.scaled(rows))
            if rows.shape[1] != centroids.shape[1]:
                raise DataError(
                    f"{self.features} gives {rows.shape[1]} features",
                    hint=f"this model was fitted on {centroids.shape[1]}",
                )
            yield work(np.ascontiguousarray(rows), centroids)


def _frozen(values: ArrayLike, dtype: Any = None) -> NDArray[Any]:
    array = np.array(values, dtype=dtype, order="C")
    array.flags.writeable = False
    return array


def _checked_reducer(reducer: LinearMap, centroids: NDArray[np.float64]) -> LinearMap:
    mean, components = _frozen(reducer.mean, np.float32), _frozen(reducer.components, np.float32)
    if components.ndim != 2 or mean.shape != components.shape[1:]:
        raise DataError(
            f"a reducer with a mean of shape {mean.shape} and components of shape "
            f"{components.shape}"
        )
    if len(components) != centroids.shape[1]:
        raise DataError(
            f"a reducer to {len(components)} components for centroids of {centroids.shape[1]}"
        )
    if not (np.isfinite(mean).all() and np.isfinite(components).all()):
        raise DataError("a reducer with numbers that are not finite")
    return LinearMap(mean, components)


def _checked_info(info: Info) -> dict[str, str | int | float | bool | None]:
    for name, value in info.items():
        plain = value is None or isinstance(value, (str, int, float))
        if not isinstance(name, str) or not plain:
            raise DataError(f"info {name!r} is no plain value but a {type(value).__name__}")
        if isinstance(value, float) and not math.isfinite(value):
            raise DataError(f"info {name!r} is {value}")
    return dict(info)
