"""Wavelet scattering of images: native, and in NumPy by Fourier transforms as its specification.

A first-order path is the modulus of the image filtered by a Morlet wavelet of one scale and
orientation; a second-order path filters that again at a coarser scale, and takes the modulus
again. All are averaged by one Gaussian, and kept at every 2**n_scales-th pixel [1]_. Wavelets,
and how each result is subsampled as far as its scale allows, are as in kymatio [2]_; but that
cuts filters off at the highest frequency of a coarser resolution, and here they are the same
filters, sampled more coarsely in space: values differ by 0.1 %.

References
----------
.. [1] J. Bruna, S. Mallat, "Invariant scattering convolution networks", IEEE Transactions on
   Pattern Analysis and Machine Intelligence 35(8), 2013, 1872-1886, sections 2 and 3.
.. [2] M. Andreux et al., "Kymatio: scattering transforms in Python", Journal of Machine Learning
   Research 21(60), 2020, 1-6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from inkmeans import engine

__all__ = [
    "FilterBank",
    "Path",
    "alias_filter",
    "filter_bank",
    "padded_shape",
    "scatter",
    "scattering_paths",
]

Images = NDArray[np.uint8]
Array = NDArray[np.float64]

_FINEST_WIDTH = 0.8  # of the Gaussian of scale 0, in pixels
_FINEST_FREQUENCY = 0.75 * np.pi  # of the wave of scale 0, in radians a pixel
_BLOCK = 64  # images that the reference holds at a time


@dataclass(frozen=True)
class Path:
    """Which wavelets made a path: scale and orientation, coarser last; none for the average.

    Attributes
    ----------
    wavelets : tuple of (scale, orientation)
        Scale j stands for 2**j pixels. Orientations are counted from 0.
    """

    wavelets: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class FilterBank:
    """Filters for images of one padded size.

    Attributes
    ----------
    wavelets : float64 ndarray of shape (n_scales, n_orientations, height, width)
        Fourier transforms; they are real.
    low_rows, low_columns : float64 ndarrays of shape (height,) and (width,)
        What the images are averaged with along columns and along rows, periodic, its middle at 0.
    """

    wavelets: Array
    low_rows: Array
    low_columns: Array


def scattering_paths(n_scales: int, n_orientations: int, order: int) -> list[Path]:
    """List the paths in the order in which `scatter` returns them.

    Parameters
    ----------
    n_scales, n_orientations : int
    order : {1, 2}

    Returns
    -------
    list of Path
        The average; first order, finest scale first; second order, by their first wavelet.

    Examples
    --------
    >>> from inkmeans.engine.scattering import scattering_paths
    >>> [path.wavelets for path in scattering_paths(2, 1, 2)]
    [(), ((0, 0),), ((1, 0),), ((0, 0), (1, 0))]
    >>> len(scattering_paths(3, 8, 2))
    217
    """
    wavelets = [(j, t) for j in range(n_scales) for t in range(n_orientations)]
    paths = [Path(()), *(Path((wavelet,)) for wavelet in wavelets)]
    if order == 2:
        paths += [Path((a, b)) for a in wavelets for b in wavelets if a[0] < b[0]]
    return paths


def padded_shape(height: int, width: int, n_scales: int) -> tuple[int, int]:
    """Say how large images become by zeros around them before they are scattered.

    The next multiple of 2**n_scales that leaves at least 2**(n_scales - 1) zeros: filters wrap
    around the edges, and so mix opposite edges little. Sizes whose only factor besides powers of
    two is small are quick; powers of two are quickest.

    Parameters
    ----------
    height, width : int
        In pixels.
    n_scales : int

    Returns
    -------
    tuple of int
        Height and width.

    Examples
    --------
    >>> from inkmeans.engine.scattering import padded_shape
    >>> padded_shape(28, 28, 3), padded_shape(8, 9, 2)
    ((32, 32), (12, 12))
    """
    step, gap = 2**n_scales, 2 ** (n_scales - 1)
    rows, columns = (-(-(size + gap) // step) * step for size in (height, width))
    return rows, columns


@lru_cache(maxsize=8)
def filter_bank(height: int, width: int, n_scales: int, n_orientations: int) -> FilterBank:
    """Make the filters for images of a padded size.

    A Morlet wavelet of scale j is a plane wave of 3/4 pi / 2**j radians a pixel under a Gaussian of
    0.8 * 2**j pixels along the wave and n_orientations / 4 times that across, less as much of the
    Gaussian as makes its sum zero. The low pass is a Gaussian of 0.8 * 2**(n_scales - 1) pixels.

    Parameters
    ----------
    height, width : int
        Padded, so multiples of 2**n_scales.
    n_scales, n_orientations : int

    Returns
    -------
    FilterBank
        Read-only; kept for the next call.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.scattering import filter_bank
    >>> bank = filter_bank(32, 32, 3, 8)
    >>> bank.wavelets.shape, bool(np.allclose(bank.wavelets[..., 0, 0], 0))
    ((3, 8, 32, 32), True)
    """
    wavelets = np.empty((n_scales, n_orientations, height, width))
    for j in range(n_scales):
        for t in range(n_orientations):
            wavelets[j, t] = _morlet(height, width, j, t, n_orientations)
    sigma = _FINEST_WIDTH * 2 ** (n_scales - 1)
    bank = FilterBank(wavelets, _gaussian(height, sigma), _gaussian(width, sigma))
    for array in (bank.wavelets, bank.low_rows, bank.low_columns):
        array.flags.writeable = False
    return bank


def _morlet(height: int, width: int, j: int, t: int, n_orientations: int) -> Array:
    """Fourier transform of the wavelet of scale 2**j and an orientation, periodic."""
    sigma, slant = _FINEST_WIDTH * 2**j, 4 / n_orientations
    angle = (int(n_orientations / 2 - 1) - t) * np.pi / n_orientations
    # Far enough around that the periods left out are nothing.
    reach = 6 * sigma * max(1, 1 / slant)
    rows = -(-int(np.ceil(reach)) // height) * height
    columns = -(-int(np.ceil(reach)) // width) * width
    y, x = np.arange(-rows, rows)[:, None], np.arange(-columns, columns)
    along, across = y * np.cos(angle) + x * np.sin(angle), x * np.cos(angle) - y * np.sin(angle)
    envelope = np.exp(-(along**2 + (slant * across) ** 2) / (2 * sigma**2))
    envelope *= slant / (2 * np.pi * sigma**2)
    wave = envelope * np.exp(1j * _FINEST_FREQUENCY / 2**j * along)
    wave -= wave.sum() / envelope.sum() * envelope
    periodic = wave.reshape(2 * rows // height, height, 2 * columns // width, width).sum((0, 2))
    transform: Array = np.fft.fft2(periodic).real
    return transform


def _gaussian(size: int, sigma: float) -> Array:
    periods = int(np.ceil(6 * sigma / size))
    x = np.arange(-periods * size, periods * size)
    values = np.exp(-(x**2) / (2 * sigma**2)) / (np.sqrt(2 * np.pi) * sigma)
    periodic: Array = values.reshape(2 * periods, size).sum(axis=0)
    return periodic


def scatter(
    images: Images,
    *,
    n_scales: int = 3,
    n_orientations: int = 8,
    order: int = 2,
    n_threads: int = 1,
) -> NDArray[np.float32]:
    """Scatter images.

    Parameters
    ----------
    images : uint8 ndarray of shape (n_images, height, width)
        Taken from 0 to 1, with zeros around them: see `padded_shape`.
    n_scales : int, default=3
        Wavelets of 1, 2, ... 2**(n_scales - 1) pixels.
    n_orientations : int, default=8
        Over half a turn.
    order : {1, 2}, default=2
    n_threads : int, default=1
        The result does not depend on it, nor on the instruction set.

    Returns
    -------
    float32 ndarray of shape (n_images, n_paths, rows, columns)
        Paths as in `scattering_paths`; at every 2**n_scales-th pixel of the padded images.

    Notes
    -----
    The native part interleaves 4, 8 or 16 images, so that every operation is on as many numbers.
    Falling resolution costs 0.5 % of the norm on digits against filtering at full resolution.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.scattering import scatter
    >>> scatter(np.full((2, 28, 28), 255, dtype=np.uint8)).shape
    (2, 217, 4, 4)
    """
    shape = padded_shape(images.shape[1], images.shape[2], n_scales)
    bank = filter_bank(*shape, n_scales, n_orientations)
    native = engine.native_part()
    n_paths = len(scattering_paths(n_scales, n_orientations, order))
    out = np.empty((len(images), n_paths, *(size >> n_scales for size in shape)), np.float32)
    if native is None:
        _scatter_in_numpy(images, bank, order, out)
    else:
        filters = (bank.wavelets, bank.low_rows, bank.low_columns)
        native.scatter(np.ascontiguousarray(images), *filters, order, n_threads, out)
    return out


def _scatter_in_numpy(
    images: Images, bank: FilterBank, order: int, out: NDArray[np.float32]
) -> None:
    """Scatter in NumPy: the specification of `scatter`."""
    n, height, width = images.shape
    padded = bank.wavelets.shape[2:]
    top, left = (padded[0] - height) // 2, (padded[1] - width) // 2
    for start in range(0, n, _BLOCK):
        block = images[start : start + _BLOCK]
        image = np.zeros((len(block), *padded))
        image[:, top : top + height, left : left + width] = block / 255
        for path, averaged in enumerate(_paths_of(image, bank, order)):
            out[start : start + _BLOCK, path] = averaged


def _paths_of(image: Array, bank: FilterBank, order: int) -> Iterator[Array]:
    """Yield the paths of padded images one after the other."""
    n_scales, n_orientations = bank.wavelets.shape[:2]
    low_pass = np.fft.fft2(np.outer(bank.low_rows, bank.low_columns)).real

    def average(spectrum: NDArray[np.complex128], scale: int) -> Array:
        averaged = spectrum * alias_filter(low_pass, 2**scale)
        return np.asarray(np.fft.ifft2(_subsample(averaged, 2 ** (n_scales - scale))).real)

    def filtered(
        spectrum: NDArray[np.complex128], scale: int, to: int, t: int
    ) -> NDArray[np.complex128]:
        product = spectrum * alias_filter(bank.wavelets[to, t], 2**scale)
        modulus = np.abs(np.fft.ifft2(_subsample(product, 2 ** (to - scale))))
        return np.asarray(np.fft.fft2(modulus))

    spectrum = np.fft.fft2(image)
    wavelets = [(j, t) for j in range(n_scales) for t in range(n_orientations)]
    first = {(j, t): filtered(spectrum, 0, j, t) for j, t in wavelets}
    yield average(spectrum, 0)
    for (j, _), spectrum in first.items():
        yield average(spectrum, j)
    if order == 2:
        for (j1, _), spectrum in first.items():
            for j2, t2 in wavelets:
                if j2 > j1:
                    yield average(filtered(spectrum, j1, j2, t2), j2)


def _subsample(spectrum: NDArray[np.complex128], step: int) -> NDArray[np.complex128]:
    """Make of a spectrum that of every `step`-th pixel of the image."""
    n, height, width = spectrum.shape
    parts = spectrum.reshape(n, step, height // step, step, width // step)
    return np.asarray(parts.mean(axis=(1, 3)))


def alias_filter(transform: Array, step: int) -> Array:
    """Make of a filter's transform what it is for images of every `step`-th pixel.

    Parameters
    ----------
    transform : ndarray of shape (height, width)
    step : int
        It divides both sides.

    Returns
    -------
    ndarray of shape (height / step, width / step)

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.scattering import alias_filter
    >>> alias_filter(np.arange(16.0).reshape(4, 4), 2)
    array([[20., 24.],
           [36., 40.]])
    """
    height, width = transform.shape
    return np.asarray(transform.reshape(step, height // step, step, width // step).sum(axis=(0, 2)))
