"""`HOG`, `PatchFeatures` and `Scattering` in ONNX, as their references in NumPy define them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from inkmeans.engine.gradients import cell_weights
from inkmeans.engine.patches import PatchLayer
from inkmeans.engine.scattering import (
    FilterBank,
    alias_filter,
    filter_bank,
    padded_shape,
)
from inkmeans.errors import ParameterError
from inkmeans.features import HOG, PatchFeatures, Scattering
from inkmeans.recognise.onnx_graph import OnnxGraph

__all__ = ["add_histograms", "add_patches", "add_scattering"]

Floats = NDArray[np.float64]


def add_histograms(graph: OnnxGraph, images: str, hog: HOG) -> str:
    """Describe images by histograms of the directions of their gradients.

    Parameters
    ----------
    graph : OnnxGraph
    images : str
        float32, (n, height, width), grey levels.
    hog : HOG
        Fitted, of one size of cells, all of them one block, without a limit.

    Returns
    -------
    str
        float32, (n, d).
    """
    options = hog.options_
    if len(options.cell_sizes) != 1 or options.block_size or options.clip < 1:
        raise ParameterError(
            "only HOG of one cell size, one block and no limit is exported", hint="use HOG()"
        )
    size, stride = options.cell_sizes[0], options.strides[0]
    down, across = (cell_weights(side, size, stride) for side in hog.image_shape_)
    votes = _add_votes(graph, images, hog)
    sums = graph.op("MatMul", graph.constant(down / (255 * size**2)), votes)
    sums = graph.op("MatMul", sums, graph.constant(across.T))
    if options.square_root:
        sums = graph.op("Sqrt", sums)
    cells = graph.op("Transpose", sums, perm=[0, 2, 3, 1])
    rows = graph.reshape(cells, [-1, len(down) * len(across) * options.n_orientations])
    squares = graph.op("ReduceSum", graph.op("Mul", rows, rows), graph.whole([1]), keepdims=1)
    length = graph.op("Sqrt", graph.op("Add", squares, graph.number(options.epsilon**2)))
    return graph.op("Div", rows, length)


def _add_votes(graph: OnnxGraph, images: str, hog: HOG) -> str:
    """Share each gradient's length between orientations: (n, orientations, height, width)."""
    height, width = hog.image_shape_
    n_orientations = hog.options_.n_orientations
    padded = graph.op("Unsqueeze", graph.pad(images, (1, 1), "edge"), graph.whole([1]))
    middle_rows = graph.cut(padded, 2, 1, height + 1)
    middle_columns = graph.cut(padded, 3, 1, width + 1)
    across = graph.op(
        "Sub", graph.cut(middle_rows, 3, 2, width + 2), graph.cut(middle_rows, 3, 0, width)
    )
    down = graph.op(
        "Sub", graph.cut(middle_columns, 2, 2, height + 2), graph.cut(middle_columns, 2, 0, height)
    )
    period = 2 * math.pi if hog.options_.signed else math.pi
    place = graph.op("Mul", _add_angle(graph, down, across), graph.number(n_orientations / period))
    orientations = np.arange(n_orientations, dtype=np.float32).reshape(1, -1, 1, 1)
    away = graph.op("Sub", place, graph.constant(orientations))
    # The distance around the circle: away less the nearest multiple of its length.
    turns = graph.op("Round", graph.op("Mul", away, graph.number(1 / n_orientations)))
    away = graph.op("Sub", away, graph.op("Mul", turns, graph.number(n_orientations)))
    share = graph.op("Relu", graph.op("Sub", graph.number(1), graph.op("Abs", away)))
    squared = graph.op("Add", graph.op("Mul", across, across), graph.op("Mul", down, down))
    return graph.op("Mul", graph.op("Sqrt", squared), share)


def _add_angle(graph: OnnxGraph, down: str, across: str) -> str:
    """Compute arctan2(down, across), but for whole turns; ONNX has only arctan."""
    zero, one = graph.number(0), graph.number(1)
    upright = graph.op("Equal", across, zero)
    slope = graph.op("Div", down, graph.op("Where", upright, one, across))
    back = graph.op("Where", graph.op("Less", across, zero), graph.number(math.pi), zero)
    angle = graph.op("Add", graph.op("Atan", slope), back)
    straight = graph.op("Mul", graph.op("Sign", down), graph.number(math.pi / 2))
    return graph.op("Where", upright, straight, angle)


def add_patches(graph: OnnxGraph, images: str, patches: PatchFeatures) -> str:
    """Describe images by what their patches answer to prototypes.

    Parameters
    ----------
    graph : OnnxGraph
    images : str
        float32, (n, height, width), grey levels.
    patches : PatchFeatures
        Fitted.

    Returns
    -------
    str
        float32, (n, d).
    """
    parts = []
    for chain in patches.layers_:
        maps, size = graph.op("Unsqueeze", images, graph.whole([1])), patches.image_shape_
        for layer in chain:
            maps = _add_layer(graph, maps, size, layer)
            size = (layer.pool, layer.pool)
        cells = graph.op("Transpose", maps, perm=[0, 2, 3, 1])
        parts.append(graph.reshape(cells, [-1, chain[-1].n_features]))
    return parts[0] if len(parts) == 1 else graph.op("Concat", *parts, axis=1)


def _add_layer(graph: OnnxGraph, maps: str, size: tuple[int, int], layer: PatchLayer) -> str:
    """Do as a `PatchLayer`: (n, channels, height, width) to (n, atoms, pool, pool)."""
    side, pool, n_atoms = layer.patch_size, layer.pool, len(layer.thresholds)
    atoms = layer.atoms.reshape(side, side, -1, n_atoms).transpose(3, 2, 0, 1)
    n_values = math.prod(atoms.shape[1:])
    average = graph.constant(np.full((1, *atoms.shape[1:]), 1 / n_values))
    mean = graph.op("Conv", maps, average)
    squares = graph.op("Conv", graph.op("Mul", maps, maps), average)
    variance = graph.op("Relu", graph.op("Sub", squares, graph.op("Mul", mean, mean)))
    deviation = graph.op("Sqrt", graph.op("Add", variance, graph.number(layer.epsilon)))
    # Atoms add up to 0, so the mean of a patch does not count.
    alike = graph.op("Div", graph.op("Conv", maps, graph.constant(atoms)), deviation)
    thresholds = graph.constant(layer.thresholds.reshape(1, -1, 1, 1))
    answers = graph.op("Relu", graph.op("Sub", alike, thresholds))
    down, across = (
        np.arange(places) * pool // places == np.arange(pool)[:, None]
        for places in (length - side + 1 for length in size)
    )
    sums = graph.op("MatMul", graph.constant(down), answers)
    return graph.op("Sqrt", graph.op("MatMul", sums, graph.constant(across.T)))


def add_scattering(graph: OnnxGraph, images: str, scattering: Scattering) -> str:
    """Scatter images: Fourier transforms are products with their matrices.

    Parameters
    ----------
    graph : OnnxGraph
    images : str
        float32, (n, height, width), grey levels.
    scattering : Scattering
        Fitted.

    Returns
    -------
    str
        float32, (n, n_paths * n_positions).
    """
    height, width = scattering.image_shape_
    shape = padded_shape(height, width, scattering.n_scales)
    bank = filter_bank(*shape, scattering.n_scales, scattering.n_orientations)
    top, left = (shape[0] - height) // 2, (shape[1] - width) // 2
    around = [0, top, left, 0, shape[0] - height - top, shape[1] - width - left]
    padded = graph.op("Pad", images, graph.whole(around))
    unit = graph.op("Mul", padded, graph.number(1 / 255))
    image = graph.op("Unsqueeze", unit, graph.whole([1]))  # (n, 1, height, width)
    return _Scatterer(graph, bank).add(image, scattering.order)


class _Scatterer:
    """Adds the nodes of one scattering transform; values are (n, paths, height, width)."""

    def __init__(self, graph: OnnxGraph, bank: FilterBank) -> None:
        self._graph = graph
        self._bank = bank
        self._n_scales, self._n_orientations = bank.wavelets.shape[:2]
        self._shape = bank.wavelets.shape[2:]

    def add(self, image: str, order: int) -> str:
        graph, n_scales, n_orientations = self._graph, self._n_scales, self._n_orientations
        parts = [self._averaged(image, 0)]
        spectrum = self._transform(image, 0)
        first = [self._filtered(spectrum, 0, scale) for scale in range(n_scales)]
        parts += [self._averaged(values, scale) for scale, values in enumerate(first)]
        for scale in range(n_scales - 1 if order == 2 else 0):
            spectrum = self._transform(first[scale], scale)
            second = []
            for to in range(scale + 1, n_scales):
                each = [0, n_orientations, 1, *self._size(scale)]
                spread = (graph.reshape(spectrum[0], each), graph.reshape(spectrum[1], each))
                values = self._filtered(spread, scale, to)
                second.append(self._averaged(values, to))  # (n, from, to, rows, columns)
            joined = second[0] if len(second) == 1 else graph.op("Concat", *second, axis=2)
            parts.append(graph.reshape(joined, [0, -1, *self._size(n_scales)]))
        paths = graph.op("Concat", *parts, axis=1)
        count = 1 + n_scales * n_orientations
        if order == 2:
            count += n_scales * (n_scales - 1) // 2 * n_orientations**2
        return graph.reshape(paths, [-1, count * math.prod(self._size(n_scales))])

    def _size(self, scale: int) -> tuple[int, int]:
        return self._shape[0] >> scale, self._shape[1] >> scale

    def _transform(self, values: str, scale: int) -> tuple[str, str]:
        """Fourier transform of real values: its real and its imaginary part."""
        graph = self._graph
        rows, columns = (_fourier(size) for size in self._size(scale))
        cos, sin = graph.constant(columns.real), graph.constant(columns.imag)
        across = graph.op("MatMul", values, cos), graph.op("MatMul", values, sin)
        return self._times(rows, across)

    def _times(self, matrix: NDArray[np.complex128], values: tuple[str, str]) -> tuple[str, str]:
        """Multiply a complex matrix with complex values, along their columns."""
        graph, (real, imaginary) = self._graph, values
        cos, sin = graph.constant(matrix.real), graph.constant(matrix.imag)
        first = graph.op("Sub", graph.op("MatMul", cos, real), graph.op("MatMul", sin, imaginary))
        second = graph.op("Add", graph.op("MatMul", cos, imaginary), graph.op("MatMul", sin, real))
        return first, second

    def _filtered(self, spectrum: tuple[str, str], scale: int, to: int) -> str:
        """Modulus of what the wavelets of a scale leave, at that scale's resolution."""
        graph = self._graph
        filters = np.stack([alias_filter(wavelet, 2**scale) for wavelet in self._bank.wavelets[to]])
        kept = graph.constant(filters)
        real, imaginary = (
            self._folded(graph.op("Mul", part, kept), scale, to) for part in spectrum
        )
        rows, columns = (_fourier(size).conj() / size for size in self._size(to))
        real, imaginary = self._times(rows, (real, imaginary))
        cos, sin = graph.constant(columns.real), graph.constant(columns.imag)
        first = graph.op("Sub", graph.op("MatMul", real, cos), graph.op("MatMul", imaginary, sin))
        second = graph.op("Add", graph.op("MatMul", real, sin), graph.op("MatMul", imaginary, cos))
        squares = graph.op("Add", graph.op("Mul", first, first), graph.op("Mul", second, second))
        return graph.op("Sqrt", squares)

    def _folded(self, spectrum: str, scale: int, to: int) -> str:
        """Make of a spectrum that of fewer pixels: parts that become one frequency, averaged."""
        for axis, before, after in zip((-2, -1), self._size(scale), self._size(to), strict=True):
            if before == after:
                continue
            parts = [
                self._graph.cut(spectrum, axis, start, start + after)
                for start in range(0, before, after)
            ]
            total = self._graph.op("Sum", *parts)
            spectrum = self._graph.op("Mul", total, self._graph.number(after / before))
        return spectrum

    def _averaged(self, values: str, scale: int) -> str:
        """Average by the low pass, along rows and along columns, at the coarsest resolution."""
        lows = (self._bank.low_rows, self._bank.low_columns)
        down, across = (_averaging(low, 2**scale, self._n_scales - scale) for low in lows)
        graph = self._graph
        narrow = graph.op("MatMul", values, graph.constant(across.T))
        return graph.op("MatMul", graph.constant(down), narrow)


def _fourier(size: int) -> NDArray[np.complex128]:
    return np.fft.fft(np.eye(size))


def _averaging(low: Floats, step: int, scales: int) -> Floats:
    """Matrix from a line of every step-th pixel to its average at 2**scales times fewer."""
    transform = np.fft.fft(low).real.reshape(step, -1).sum(axis=0)
    size = len(transform)
    spectrum = transform[:, None] * _fourier(size)
    folded = spectrum.reshape(2**scales, size >> scales, size).mean(axis=0)
    return np.asarray(np.fft.ifft(folded, axis=0).real)
