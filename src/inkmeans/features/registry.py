"""The features that can be asked for by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError
from inkmeans.registry import lookup

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from inkmeans.features.patches import PatchFeatures

__all__ = ["FEATURES", "Feature", "get_feature"]


@dataclass(frozen=True)
class Feature:
    """What is known of a feature before it is computed.

    Attributes
    ----------
    name, summary : str
        The name to ask for it by, and one plain sentence.
    make : callable
        Makes the transformer: uint8 images of shape (n, height, width) to rows of shape (n, d).
    unit : float
        What one unit of the common scale is in these rows. Rows divided by it are on the scale in
        which inertia and centroids are told: 255 for grey levels, so that these lie in [0, 1].
    shows_pixels : bool
        Whether a row, so a centroid too, is an image that can be looked at.
    learns : bool
        Whether it learns from the images that it is fitted on: `learnt` says what. Otherwise,
        fitted on any images of the same size, it gives the same rows.
    extra : str or None
        The extra of inkmeans that it needs.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.features import get_feature
    >>> images = np.full((3, 8, 8), 255, dtype=np.uint8)
    >>> get_feature("pixels").make().fit_transform(images).shape
    (3, 64)
    """

    name: str
    summary: str
    make: Callable[[], Pipeline]
    unit: float = 1.0
    shows_pixels: bool = False
    learns: bool = False
    extra: str | None = None

    def scaled(self, rows: ArrayLike) -> NDArray[np.float32]:
        """Bring rows to the common scale, as float32.

        Parameters
        ----------
        rows : array of shape (n, d)
            What the transformer made.

        Returns
        -------
        float32 ndarray of shape (n, d)
            The rows divided by `unit`.

        Examples
        --------
        >>> from inkmeans.features import get_feature
        >>> get_feature("pixels").scaled([[0, 255]])
        array([[0., 1.]], dtype=float32)
        """
        return np.divide(rows, np.float32(self.unit), dtype=np.float32)

    def learnt(self, fitted: Pipeline) -> dict[str, NDArray[Any]]:
        """Return what a transformer learnt from the images that it was fitted on, to be kept.

        Parameters
        ----------
        fitted : Pipeline
            What `make` made, fitted.

        Returns
        -------
        dict of str to ndarray
            Empty where `learns` is False.
        """
        from inkmeans.features.layers import layers_to_arrays

        return {
            f"{name}.{part}": array
            for name, learner in _learners(fitted)
            for part, array in layers_to_arrays(learner.layers_).items()
        }

    def restore(self, image_shape: tuple[int, int], learnt: Mapping[str, NDArray[Any]]) -> Pipeline:
        """Make a transformer that needs no images: it learnt this before.

        Parameters
        ----------
        image_shape : tuple of int
            Height and width of the images that it takes.
        learnt : mapping of str to ndarray
            What `learnt` returned.

        Returns
        -------
        Pipeline
            Fitted.

        Raises
        ------
        DataError
            If this is not what such a transformer learns.

        Examples
        --------
        >>> import inkmeans
        >>> from inkmeans.features import get_feature
        >>> feature, images = get_feature("patches"), inkmeans.load("digits").images
        >>> fitted = feature.make().fit(images)
        >>> restored = feature.restore((8, 8), feature.learnt(fitted))
        >>> bool((restored.transform(images) == fitted.transform(images)).all())
        True
        """
        from inkmeans.features.layers import arrays_to_layers

        transformer, left = self.make(), dict(learnt)
        for name, learner in _learners(transformer):
            own = [key for key in left if key.startswith(f"{name}.")]
            if not own:
                raise DataError(
                    f"what the features {self.name!r} learnt from images was not kept",
                    hint="fit again",
                )
            arrays = {key.removeprefix(f"{name}."): left.pop(key) for key in own}
            learner.set_params(layers=arrays_to_layers(arrays))
        if left:
            raise DataError(f"the features {self.name!r} do not learn {min(left)[:40]!r}")
        return transformer.fit(np.zeros((1, *image_shape), dtype=np.uint8))


def _learners(transformer: Pipeline) -> Iterator[tuple[str, PatchFeatures]]:
    """Yield the parts of a transformer that learn from images, each by its name in it."""
    from inkmeans.features.patches import PatchFeatures

    for name, part in transformer.get_params().items():
        if isinstance(part, PatchFeatures):
            yield name, part


def _pixels() -> Any:
    from sklearn.pipeline import make_pipeline

    from inkmeans.prepare import FlattenImages

    return make_pipeline(FlattenImages())


def _deskewed() -> Any:
    from sklearn.pipeline import make_pipeline

    from inkmeans.prepare import Deskew, FlattenImages

    return make_pipeline(Deskew(), FlattenImages())


def _centered() -> Any:
    from sklearn.pipeline import make_pipeline

    from inkmeans.prepare import CenterByMass, FlattenImages

    return make_pipeline(CenterByMass(), FlattenImages())


def _hog() -> Any:
    from sklearn.pipeline import make_pipeline

    from inkmeans.features.hog import HOG
    from inkmeans.prepare import Deskew

    return make_pipeline(Deskew(), HOG())


def _scattering() -> Any:
    from sklearn.pipeline import make_pipeline

    from inkmeans.features.scattering import Scattering
    from inkmeans.prepare import Deskew

    return make_pipeline(Deskew(), Scattering())


def _patches() -> Any:
    from sklearn.pipeline import make_pipeline

    from inkmeans.features.patches import PatchFeatures
    from inkmeans.prepare import Deskew

    return make_pipeline(Deskew(), PatchFeatures(random_state=0))


def _hog_and_patches() -> Any:
    from sklearn.pipeline import FeatureUnion, make_pipeline
    from sklearn.preprocessing import Normalizer

    from inkmeans.features.hog import HOG
    from inkmeans.features.patches import PatchFeatures
    from inkmeans.prepare import Deskew

    # Rows of both have length 1, so that neither counts for more than the other.
    patches = make_pipeline(PatchFeatures(random_state=0), Normalizer(copy=False))
    return make_pipeline(Deskew(), FeatureUnion([("hog", HOG()), ("patches", patches)]))


FEATURES: dict[str, Feature] = {
    record.name: record
    for record in (
        Feature(
            "pixels",
            "The grey levels as they are, one row an image.",
            _pixels,
            unit=255.0,
            shows_pixels=True,
        ),
        Feature(
            "centered",
            "The grey levels after the centre of mass was moved to the middle by whole pixels.",
            _centered,
            unit=255.0,
            shows_pixels=True,
        ),
        Feature(
            "deskewed",
            "The grey levels after slant was undone and the centre of mass moved to the middle.",
            _deskewed,
            unit=255.0,
            shows_pixels=True,
        ),
        Feature(
            "hog",
            "Histograms of oriented gradients of the deskewed image: where its edges are and which "
            "way they run.",
            _hog,
        ),
        Feature(
            "scattering",
            "Wavelet scattering of the deskewed image: strokes by width and direction, and how "
            "these change along the way.",
            _scattering,
        ),
        Feature(
            "patches",
            "How much the patches of the deskewed image are like prototypes, bits of strokes that "
            "k-means learns from the images, and where.",
            _patches,
            learns=True,
        ),
        Feature(
            "hog+patches",
            "The features hog and patches side by side, each brought to length 1.",
            _hog_and_patches,
            learns=True,
        ),
    )
}


def get_feature(name: str) -> Feature:
    """Find a feature by its name.

    Parameters
    ----------
    name : str
        One of `FEATURES`.

    Returns
    -------
    Feature

    Raises
    ------
    ParameterError
        If there is none of that name; the hint has the nearest one.

    Examples
    --------
    >>> from inkmeans.features import get_feature
    >>> get_feature("deskew")
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: unknown features 'deskew'; did you mean 'deskewed'?
    """
    return lookup(FEATURES, name, "features")
