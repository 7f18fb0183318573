"""`CenterByMass` and `Deskew` in ONNX operators, with the same rounding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkmeans.prepare.images import find_middle
from inkmeans.recognise.onnx_graph import OnnxGraph

__all__ = ["add_centering", "add_deskewing"]


@dataclass(frozen=True)
class _Moments:
    """Names of values of shape (n, 1, 1), float64; as `inkmeans.prepare.Moments`."""

    y: str
    x: str
    shear: str


def add_centering(graph: OnnxGraph, images: str, height: int, width: int) -> str:
    """Move the centre of mass of images to their middle, by whole pixels.

    Parameters
    ----------
    graph : OnnxGraph
    images : str
        float32, (n, height, width), grey levels.
    height, width : int

    Returns
    -------
    str
        Of the same type and shape.
    """
    moments = _add_moments(graph, images, height, width)
    half = graph.number(0.5, np.float64)

    def shift(place: str, size: int) -> str:
        away = graph.op("Sub", place, graph.number(find_middle(size), np.float64))
        return graph.op("Floor", graph.op("Add", away, half))

    rows = _take_rows(graph, images, shift(moments.y, height), height, height)
    right = graph.op(
        "Add", shift(moments.x, width), graph.constant(np.zeros((1, height, 1)), np.float64)
    )
    return _take_columns(graph, rows, right, width, width)


def add_deskewing(graph: OnnxGraph, images: str, height: int, width: int) -> str:
    """Undo the slant of images, and centre them by mass.

    Parameters
    ----------
    graph : OnnxGraph
    images : str
        float32, (n, height, width), grey levels.
    height, width : int

    Returns
    -------
    str
        Of the same type and shape, whole numbers.
    """
    moments = _add_moments(graph, images, height, width)
    top = graph.op("Sub", moments.y, graph.number(find_middle(height), np.float64))
    from_middle = (np.arange(height) - find_middle(height)).reshape(1, height, 1)
    slant = graph.op("Mul", moments.shear, graph.constant(from_middle, np.float64))
    left = graph.op("Sub", moments.x, graph.number(find_middle(width), np.float64))
    left = graph.op("Add", left, slant)
    limits = (graph.number(limit, np.float64) for limit in (-width - 1, width))
    left = graph.op("Clip", left, *limits)

    down = graph.op("Floor", top)
    rows = _take_rows(graph, images, down, height, height + 1)
    weight = graph.op("Cast", graph.op("Sub", top, down), to=graph.FLOAT)
    blended = _blend(graph, rows, weight, 1, height)

    right = graph.op("Floor", left)
    columns = _take_columns(graph, blended, right, width, width + 1)
    weight = graph.op("Cast", graph.op("Sub", left, right), to=graph.FLOAT)
    moved = _blend(graph, columns, weight, 2, width)
    return graph.op("Floor", graph.op("Add", moved, graph.number(0.5)))


def _add_moments(graph: OnnxGraph, images: str, height: int, width: int) -> _Moments:
    """Do as `measure_moments`, whose sums are exact in float64."""
    levels = graph.op("Cast", images, to=graph.DOUBLE)
    ys = np.arange(height, dtype=np.float64)
    weights = np.stack([np.ones(width), np.arange(width)], axis=1)
    by_row = graph.op("MatMul", levels, graph.constant(weights, np.float64))
    row_mass, row_x = graph.cut(by_row, 2, 0, 1), graph.cut(by_row, 2, 1, 2)  # (n, height, 1)

    def weighed(values: str, by: NDArray[np.float64]) -> str:
        return graph.op("MatMul", graph.constant(by.reshape(1, height), np.float64), values)

    mass, sum_x = weighed(row_mass, np.ones(height)), weighed(row_x, np.ones(height))
    sum_y = weighed(row_mass, ys)
    one, zero = graph.number(1, np.float64), graph.number(0, np.float64)
    blank = graph.op("Less", mass, one)
    safe = graph.op("Max", mass, one)
    mean_y, mean_x = graph.op("Div", sum_y, safe), graph.op("Div", sum_x, safe)
    middles = (graph.number(find_middle(size), np.float64) for size in (height, width))
    y = graph.op("Where", blank, next(middles), mean_y)
    x = graph.op("Where", blank, next(middles), mean_x)
    covariance = graph.op("Div", weighed(row_x, ys), safe)
    covariance = graph.op("Sub", covariance, graph.op("Mul", mean_y, mean_x))
    variance = graph.op("Div", weighed(row_mass, ys**2), safe)
    variance = graph.op("Sub", variance, graph.op("Mul", mean_y, mean_y))
    flat = graph.op("Less", variance, graph.number(1e-9, np.float64))
    shear = graph.op("Div", covariance, graph.op("Where", flat, one, variance))
    return _Moments(y, x, graph.op("Where", flat, zero, shear))


def _take_rows(graph: OnnxGraph, images: str, down: str, height: int, count: int) -> str:
    """Take `count` rows of each image, beginning `down` rows below its top; outside is black."""
    margin = height // 2 + 2  # the centre of mass is inside, so no more is moved
    padded = graph.pad(images, (margin, 0))
    begin = graph.op("Cast", down, to=graph.INT64)
    steps = np.arange(count).reshape(1, count, 1)
    places = graph.op("Add", begin, graph.constant(steps + margin, np.int64))
    return graph.op("GatherND", padded, places, batch_dims=1)


def _take_columns(graph: OnnxGraph, images: str, right: str, width: int, count: int) -> str:
    """Take `count` pixels of each row, beginning `right` pixels after its first."""
    margin = width + 1  # as far as rows are moved
    padded = graph.pad(images, (0, margin))
    begin = graph.op("Cast", right, to=graph.INT64)
    steps = np.arange(count).reshape(1, 1, count)
    places = graph.op("Add", begin, graph.constant(steps + margin, np.int64))
    return graph.op("GatherElements", padded, places, axis=2)


def _blend(graph: OnnxGraph, values: str, weight: str, axis: int, size: int) -> str:
    """Mix each value along an axis with the next one."""
    first, second = graph.cut(values, axis, 0, size), graph.cut(values, axis, 1, size + 1)
    step = graph.op("Mul", graph.op("Sub", second, first), weight)
    return graph.op("Add", step, first)
