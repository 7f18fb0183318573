"""Learning what patches of images look like: a dictionary by spherical k-means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from inkmeans.engine.patches import PatchLayer
from inkmeans.errors import DataError

__all__ = ["Dictionary", "Recipe", "learn_dictionary"]

Floats = NDArray[np.float64]

_LEAST_CONTRAST = 0.01  # of the mean variance of patches: what counts as noise
_LEAST_PATCHES = 4  # an atom: fewer would be learnt by heart
_MAX_ITER = 30  # of k-means, whose last iterations change no feature


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a dictionary is learnt.

    Attributes
    ----------
    patch_size, n_atoms, n_patches : int
        Side of the patches; how many prototypes; how many patches to learn them on.
    whitening : float
        Added to the variances before directions are brought to variance 1, in units of
        their mean.

    Examples
    --------
    >>> from inkmeans.features.dictionary import Recipe
    >>> Recipe(7, 256, 50_000, 1.0).patch_size
    7
    """

    patch_size: int
    n_atoms: int
    n_patches: int
    whitening: float


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Prototypes of patches, and how patches are brought to where these live.

    A patch, its mean taken off, is divided by the square root of its variance plus `epsilon`,
    then less `mean` and times `whitening`.

    Attributes
    ----------
    patch_size : int
    epsilon : float
    mean : ndarray of shape (length,)
        Of the normalised patches; ``length`` is patch_size * patch_size * channels.
    whitening : ndarray of shape (length, length)
        Symmetric.
    atoms : ndarray of shape (n_atoms, length)
        Of length 1, among whitened patches.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.features.dictionary import Dictionary
    >>> same = Dictionary(2, 1.0, np.zeros(4), np.eye(4), np.full((1, 4), 0.5))
    >>> same.layer(pool=1, threshold=0.25).thresholds
    array([0.25], dtype=float32)
    """

    patch_size: int
    epsilon: float
    mean: Floats
    whitening: Floats
    atoms: Floats

    def layer(self, *, pool: int, threshold: float) -> PatchLayer:
        """Fold mean and whitening into the atoms, for the encoder.

        Parameters
        ----------
        pool : int
            Cells of the grid, down and across.
        threshold : float
            What an answer must exceed to count.

        Returns
        -------
        PatchLayer
        """
        folded = self.whitening @ self.atoms.T
        offsets = self.mean @ folded
        folded -= folded.mean(axis=0)  # patches have no mean, so it would count for nothing
        return PatchLayer(
            self.patch_size,
            pool,
            self.epsilon,
            np.ascontiguousarray(folded, dtype=np.float32),
            (offsets + threshold).astype(np.float32),
        )


def learn_dictionary(maps: NDArray[Any], recipe: Recipe, rng: np.random.RandomState) -> Dictionary:
    """Learn prototypes of the patches of images, or of what a layer made of these.

    Parameters
    ----------
    maps : array of shape (n, height, width, channels)
    recipe : Recipe
    rng : RandomState

    Returns
    -------
    Dictionary

    Raises
    ------
    DataError
        If fewer than four patches an atom have any contrast.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.features.dictionary import Recipe, learn_dictionary
    >>> rng = np.random.RandomState(0)
    >>> maps = rng.randint(0, 256, (4, 8, 8, 1))
    >>> learn_dictionary(maps, Recipe(3, 10, 1000, 1.0), rng).atoms.shape
    (10, 9)
    """
    from inkmeans.cluster import KMeans

    patches = _draw_patches(maps, recipe, rng)
    patches -= patches.mean(axis=1, keepdims=True)
    variances = np.square(patches).mean(axis=1)
    epsilon = _LEAST_CONTRAST * float(variances.mean())
    kept = np.flatnonzero(variances > epsilon)[: recipe.n_patches]
    if len(kept) < _LEAST_PATCHES * recipe.n_atoms:
        raise DataError(
            f"{len(kept)} patches of the images have any contrast, too few to learn "
            f"{recipe.n_atoms} atoms",
            hint="give more images, or fewer atoms",
        )
    patches = patches[kept] / np.sqrt(variances[kept, None] + epsilon)
    mean = patches.mean(axis=0)
    whitening = _whitening(patches - mean, recipe.whitening)
    whitened = ((patches - mean) @ whitening).astype(np.float32)
    kmeans = KMeans(
        recipe.n_atoms, init="k-means||", metric="cosine", max_iter=_MAX_ITER, random_state=rng
    )
    atoms = kmeans.fit(whitened).cluster_centers_.astype(np.float64)
    return Dictionary(recipe.patch_size, epsilon, mean, whitening, atoms)


def _draw_patches(maps: NDArray[Any], recipe: Recipe, rng: np.random.RandomState) -> Floats:
    """Draw twice as many patches as are needed, in float64: some have no contrast."""
    size = recipe.patch_size
    windows = sliding_window_view(maps, (size, size), axis=(1, 2))
    places = windows.shape[:3]
    total, wanted = int(np.prod(places)), 2 * recipe.n_patches
    drawn = rng.permutation(total) if total <= wanted else rng.randint(total, size=wanted)
    patches = windows[np.unravel_index(drawn, places)]  # (patch, channel, row, column)
    length = size * size * maps.shape[3]
    return patches.transpose(0, 2, 3, 1).reshape(len(drawn), length).astype(np.float64)


def _whitening(centered: Floats, added: float) -> Floats:
    covariance = centered.T @ centered / len(centered)
    variances, vectors = np.linalg.eigh(covariance)
    scale = np.sqrt(np.maximum(variances, 0) + added * variances.mean())
    return np.asarray((vectors / scale) @ vectors.T)
