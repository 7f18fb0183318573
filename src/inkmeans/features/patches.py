"""Patch features: images described by a dictionary of their own patches."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from inkmeans.cluster.parameters import (
    check_choice,
    check_number,
    check_positive,
    check_whole,
)
from inkmeans.engine import effective_threads
from inkmeans.engine.patches import PatchLayer, encode_patches
from inkmeans.errors import ParameterError
from inkmeans.features.base import ImageFeatures
from inkmeans.features.dictionary import Dictionary, Recipe, learn_dictionary
from inkmeans.features.layers import Chains, check_layers
from inkmeans.prepare import check_images

__all__ = ["PatchFeatures"]

_PATCHES_A_SIDE = 4  # of the shorter side, where no patch size is given: 7 pixels of MNIST's 28
_UPPER_SIZE = 3  # patch size of a second layer, whose map is half as fine
_MOST_MAPS = 5000  # images whose maps a second layer is learnt on


class PatchFeatures(ImageFeatures):
    """Describe each image by which prototypes its patches are like, and where.

    Patches of the images are brought to the same contrast and whitened, and spherical k-means
    finds prototypes among them: bits of strokes. Then every patch of an image answers to each
    prototype by how far their product exceeds a threshold; answers are added up over the
    cells of a grid, and the square root is taken. No label is used.

    Parameters
    ----------
    patch_size : int, tuple of int or None, default=None
        Side of the square patches in pixels; of several, each has its dictionary, and the
        features stand side by side. None: a quarter of the shorter side, at least 2 and small
        enough for the grid; for MNIST 7.
    n_atoms : int, default=256
        Prototypes of each size.
    pool : int, default=4
        Cells of the grid, down and across.
    threshold : float, default=1.0
        What an answer must exceed to count. A whitened patch has about one unit a direction:
        at 1.0 a patch answers to some twelve of a hundred prototypes.
    whitening : float, default=1.0
        How gently patches are whitened: what is added to each variance, in units of the mean.
    n_layers : {1, 2}, default=1
        With 2, a second layer describes in the same way 3 x 3 neighbouring answers of a small
        first layer; its features stand beside those of one layer.
    n_hidden : int, default=32
        Prototypes of that small first layer.
    n_patches : int, default=50_000
        Patches that a dictionary is learnt on, at most.
    layers : tuple of tuples of inkmeans.engine.patches.PatchLayer or None, default=None
        `layers_` that were learnt before: `fit` then learns nothing and takes these, and all
        other parameters but `n_threads` count for nothing.
    random_state : int, RandomState or None, default=None
        Pass an int for the same dictionary every time.
    n_threads : int or None, default=None
        Threads to encode with; None for all that are allowed. The result is the same to the
        bit.

    Attributes
    ----------
    image_shape_ : tuple of int
        Height and width seen by `fit`.
    dictionaries_ : tuple of tuples of inkmeans.features.dictionary.Dictionary
        One tuple of one or two layers for each group of columns; not with `layers` given.
    layers_ : tuple of tuples of inkmeans.engine.patches.PatchLayer
        The same, ready to encode with.

    Notes
    -----
    For images of 28 x 28 pixels and 256 prototypes of 7 x 7 pixels about 1.5 s of one core
    (AVX2) for 10,000 images, whose patches are never held in memory; about 2 s for two layers
    more. `fit` takes a few seconds, whatever the number of images.

    Defaults were chosen without labels, by how alike the clusters of two halves of 6,000
    MNIST images are (graph of the half-whitened rows, mean of four divisions): 0.971 for any
    whitening from 0.3 to 3 and threshold from 0.7 to 1, but 0.946 at a threshold of 0.5 and
    0.956 at 2; 0.96 without the square root. Patch sizes of 5 to 9, 64 to 400 prototypes and
    two layers instead of one make no difference by this measure; with 128 prototypes it takes
    half the time.

    References
    ----------
    A. Coates, A. Y. Ng, "The importance of encoding versus training with sparse coding and
    vector quantization", ICML 2011; A. Coates, H. Lee, A. Y. Ng, "An analysis of single-layer
    networks in unsupervised feature learning", AISTATS 2011.

    Examples
    --------
    >>> from inkmeans import load
    >>> from inkmeans.features import PatchFeatures
    >>> images = load("digits").images[:200]
    >>> features = PatchFeatures(patch_size=3, n_atoms=20, pool=2, random_state=0)
    >>> features.fit_transform(images).shape
    (200, 80)
    """

    dictionaries_: tuple[tuple[Dictionary, ...], ...]
    layers_: Chains

    def __init__(
        self,
        patch_size: int | tuple[int, ...] | None = None,
        n_atoms: int = 256,
        pool: int = 4,
        *,
        threshold: float = 1.0,
        whitening: float = 1.0,
        n_layers: int = 1,
        n_hidden: int = 32,
        n_patches: int = 50_000,
        layers: Chains | None = None,
        random_state: Any = None,
        n_threads: int | None = None,
    ) -> None:
        self.patch_size = patch_size
        self.n_atoms = n_atoms
        self.pool = pool
        self.threshold = threshold
        self.whitening = whitening
        self.n_layers = n_layers
        self.n_hidden = n_hidden
        self.n_patches = n_patches
        self.layers = layers
        self.random_state = random_state
        self.n_threads = n_threads

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn the dictionaries, unless there are layers already.

        Parameters
        ----------
        X : uint8 array of shape (n_images, height, width)
            Images.
        y : None
            Not used.

        Returns
        -------
        PatchFeatures
            Itself.

        Raises
        ------
        ParameterError
            If a parameter makes no sense, or patches and grid do not fit the images.
        DataError
            If too few patches have any contrast, for example of blank images; or if layers that
            were given do not suit the images.
        """
        images = check_images(X)
        if self.layers is not None:
            check_layers(self.layers, *images.shape[1:])
            self.layers_ = self.layers
        else:
            sizes = self._sizes(*images.shape[1:])
            rng = check_random_state(self.random_state)
            pairs = [chain for size in sizes for chain in self._learn(images, size, rng)]
            self.dictionaries_ = tuple(dictionaries for dictionaries, _ in pairs)
            self.layers_ = tuple(layers for _, layers in pairs)
        self.image_shape_ = (images.shape[1], images.shape[2])
        return self

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Name the columns by patch size, layer, cell and prototype.

        Parameters
        ----------
        input_features : None
            Not used.

        Returns
        -------
        ndarray of str
            For example ``"patch7_cell0,3_atom12"``, or ``"patch7.3_..."`` of a second layer:
            rows before columns, counted from 0.
        """
        check_is_fitted(self)
        names = [
            f"patch{'.'.join(str(layer.patch_size) for layer in chain)}_cell{y},{x}_atom{atom}"
            for chain in self.layers_
            for y, x in np.ndindex(chain[-1].pool, chain[-1].pool)
            for atom in range(len(chain[-1].thresholds))
        ]
        return np.asarray(names, dtype=object)

    def _describe(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        n_threads = effective_threads(self.n_threads)
        return encode_patches(images, self.layers_, n_threads=n_threads)

    def _learn(
        self, images: NDArray[np.uint8], size: int, rng: np.random.RandomState
    ) -> list[tuple[tuple[Dictionary, ...], tuple[PatchLayer, ...]]]:
        """Learn what there is of one patch size: one layer, and two on top of each other."""
        maps = images[..., None]
        dictionary = learn_dictionary(maps, self._recipe(size, self.n_atoms), rng)
        layer = dictionary.layer(pool=self.pool, threshold=self.threshold)
        if self.n_layers == 1:
            return [((dictionary,), (layer,))]
        lower = learn_dictionary(maps, self._recipe(size, self.n_hidden), rng)
        grid = self._hidden_grid(size, min(images.shape[1:]))
        lower_layer = lower.layer(pool=grid, threshold=self.threshold)
        chosen = np.sort(rng.permutation(len(images))[:_MOST_MAPS])
        answers = encode_patches(
            images[chosen], [[lower_layer]], n_threads=effective_threads(self.n_threads)
        ).reshape(len(chosen), grid, grid, self.n_hidden)
        upper = learn_dictionary(answers, self._recipe(_UPPER_SIZE, self.n_atoms), rng)
        upper_layer = upper.layer(pool=self.pool, threshold=self.threshold)
        return [((dictionary,), (layer,)), ((lower, upper), (lower_layer, upper_layer))]

    def _recipe(self, size: int, n_atoms: int) -> Recipe:
        return Recipe(size, n_atoms, self.n_patches, float(self.whitening))

    def _hidden_grid(self, size: int, shorter: int) -> int:
        return (shorter - size + 1) // 2

    def _sizes(self, height: int, width: int) -> tuple[int, ...]:
        """Check all parameters for images of this size, and give the patch sizes."""
        for name in ("n_atoms", "pool", "n_hidden", "n_patches"):
            check_whole(name, getattr(self, name))
        check_number("threshold", self.threshold)
        check_positive("whitening", self.whitening)
        check_choice("n_layers", self.n_layers, (1, 2))
        shorter = min(height, width)
        most = shorter - self.pool + 1  # the size whose patches have a place for each cell
        sizes = self.patch_size
        if sizes is None:
            sizes = max(2, min(round(shorter / _PATCHES_A_SIDE), most))
        sizes = tuple(sizes) if isinstance(sizes, (tuple, list)) else (sizes,)
        if not sizes:
            raise ParameterError("patch_size names no size", hint="give at least one, or None")
        for size in sizes:
            check_whole("patch_size", size, least=2)
            if size > most:
                raise ParameterError(
                    f"images of {height} x {width} have no room for {self.pool} cells a side "
                    f"with patches of {size} x {size}",
                    hint=f"patch_size and pool may add up to {shorter + 1} at most",
                )
            if self.n_layers == 2:
                self._check_room_for_two(size, shorter)
        return tuple(int(size) for size in sizes)

    def _check_room_for_two(self, size: int, shorter: int) -> None:
        places = self._hidden_grid(size, shorter) - _UPPER_SIZE + 1
        if places < self.pool:
            raise ParameterError(
                f"a second layer on patches of {size} x {size} has {max(places, 0)} places a side "
                f"in images of {shorter} pixels, for {self.pool} cells",
                hint="give n_layers=1, smaller patches or fewer cells",
            )
