"""What patch features learnt: as arrays that a file can keep, and checked when they come back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.engine.patches import PatchLayer
from inkmeans.errors import DataError

__all__ = ["Chains", "arrays_to_layers", "check_layers", "layers_to_arrays"]

Chains = tuple[tuple[PatchLayer, ...], ...]

_PARTS = ("atoms", "thresholds", "layout")


def layers_to_arrays(chains: Sequence[Sequence[PatchLayer]]) -> dict[str, NDArray[Any]]:
    """Lay layers out as arrays.

    Parameters
    ----------
    chains : sequence of sequences of PatchLayer

    Returns
    -------
    dict of str to ndarray
        Of layer l of chain c ``"c.l.atoms"``, ``"c.l.thresholds"`` (float32) and ``"c.l.layout"``
        (float64): patch size, cells a side, epsilon.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.patches import PatchLayer
    >>> from inkmeans.features.layers import arrays_to_layers, layers_to_arrays
    >>> layer = PatchLayer(2, 3, 0.5, np.zeros((4, 7), "f4"), np.ones(7, "f4"))
    >>> arrays = layers_to_arrays([[layer]])
    >>> arrays["0.0.layout"].tolist()
    [2.0, 3.0, 0.5]
    >>> arrays_to_layers(arrays)[0][0].pool
    3
    """
    arrays: dict[str, NDArray[Any]] = {}
    for place, chain in enumerate(chains):
        for height, layer in enumerate(chain):
            layout = np.array([layer.patch_size, layer.pool, layer.epsilon], dtype=np.float64)
            arrays[f"{place}.{height}.atoms"] = layer.atoms
            arrays[f"{place}.{height}.thresholds"] = layer.thresholds
            arrays[f"{place}.{height}.layout"] = layout
    return arrays


def arrays_to_layers(arrays: Mapping[str, NDArray[Any]]) -> Chains:
    """Make layers of what `layers_to_arrays` laid out.

    Parameters
    ----------
    arrays : mapping of str to ndarray

    Returns
    -------
    tuple of tuples of PatchLayer

    Raises
    ------
    DataError
        If these are other arrays. Whether the layers suit images is for `check_layers`.
    """
    chains: list[tuple[PatchLayer, ...]] = []
    while f"{len(chains)}.0.layout" in arrays:
        chain: list[PatchLayer] = []
        while (name := f"{len(chains)}.{len(chain)}.layout") in arrays:
            chain.append(_layer(arrays, name.removesuffix("layout")))
        chains.append(tuple(chain))
    if not chains or sum(map(len, chains)) * len(_PARTS) != len(arrays):
        raise DataError("arrays that are no layers of patch features")
    return tuple(chains)


def _layer(arrays: Mapping[str, NDArray[Any]], prefix: str) -> PatchLayer:
    try:
        atoms, thresholds, layout = (arrays[prefix + part] for part in _PARTS)
    except KeyError as error:
        raise DataError(f"layers of patch features without {error}") from error
    size, pool, epsilon = layout.tolist() if layout.shape == (3,) else (math.nan,) * 3
    sound = (
        atoms.dtype == thresholds.dtype == np.float32
        and float(size).is_integer()
        and float(pool).is_integer()
    )
    if not sound:
        raise DataError("arrays that are no layers of patch features")
    return PatchLayer(int(size), int(pool), float(epsilon), np.ascontiguousarray(atoms), thresholds)


def check_layers(chains: Sequence[Sequence[PatchLayer]], height: int, width: int) -> None:
    """Raise unless layers suit images of this size, and each other.

    Parameters
    ----------
    chains : sequence of sequences of PatchLayer
    height, width : int

    Raises
    ------
    DataError
        If a layer has the wrong shape, numbers that are not finite, or no room for its cells.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.patches import PatchLayer
    >>> from inkmeans.features.layers import check_layers
    >>> layer = PatchLayer(3, 2, 0.5, np.zeros((9, 7), "f4"), np.ones(7, "f4"))
    >>> check_layers([[layer]], 4, 4)
    >>> check_layers([[layer]], 3, 3)
    Traceback (most recent call last):
    ...
    inkmeans.errors.DataError: a layer of patch features does not suit images of 3 x 3 pixels
    """
    for chain in chains:
        side, channels = min(height, width), 1
        for layer in chain:
            n_atoms = len(layer.thresholds)
            sound = (
                layer.thresholds.shape == (n_atoms,)
                and n_atoms > 0
                and layer.patch_size >= 1
                and layer.atoms.shape == (layer.patch_size**2 * channels, n_atoms)
                and 1 <= layer.pool <= side - layer.patch_size + 1
                and 0 <= layer.epsilon < math.inf
                and bool(np.isfinite(layer.atoms).all() and np.isfinite(layer.thresholds).all())
            )
            if not sound:
                raise DataError(
                    f"a layer of patch features does not suit images of {height} x {width} pixels"
                )
            side, channels = layer.pool, n_atoms
