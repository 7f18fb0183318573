"""The steps of `inkmeans.features` in ONNX operators, one by one or as a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import Normalizer

from inkmeans.features import HOG, PatchFeatures, Scattering
from inkmeans.prepare import CenterByMass, Deskew, FlattenImages
from inkmeans.recognise.onnx_features import add_histograms, add_patches, add_scattering
from inkmeans.recognise.onnx_graph import OnnxGraph
from inkmeans.recognise.onnx_straighten import add_centering, add_deskewing

__all__ = ["add_step", "can_add"]

Shape = tuple[int, int]


def add_step(graph: OnnxGraph, value: str, step: Any, image_shape: Shape) -> str:
    """Do as a fitted transformer.

    Parameters
    ----------
    graph : OnnxGraph
    value : str
        float32: images of shape (n, height, width), grey levels, or rows.
    step : transformer
        One of which `can_add` is true.
    image_shape : tuple of int
        Height and width.

    Returns
    -------
    str
        float32, of the shape that the step's `transform` returns.
    """
    if isinstance(step, Pipeline):
        for _, part in step.steps:
            value = add_step(graph, value, part, image_shape)
        return value
    if isinstance(step, FeatureUnion):
        rows = [add_step(graph, value, part, image_shape) for _, part in step.transformer_list]
        return graph.op("Concat", *rows, axis=1)
    return _STEPS[type(step)](graph, value, step, image_shape)


def can_add(step: Any) -> bool:
    """Say whether `add_step` knows a transformer, fitted or not.

    Examples
    --------
    >>> from inkmeans.features import get_feature
    >>> from inkmeans.prepare import StandardizeImages
    >>> from inkmeans.recognise.onnx_steps import can_add
    >>> can_add(get_feature("hog").make()), can_add(StandardizeImages())
    (True, False)
    """
    if isinstance(step, (Pipeline, FeatureUnion)):
        parts = step.steps if isinstance(step, Pipeline) else step.transformer_list
        return all(can_add(part) for _, part in parts)
    return type(step) in _STEPS


def _center(graph: OnnxGraph, images: str, _step: CenterByMass, shape: Shape) -> str:
    return add_centering(graph, images, *shape)


def _deskew(graph: OnnxGraph, images: str, _step: Deskew, shape: Shape) -> str:
    return add_deskewing(graph, images, *shape)


def _flatten(graph: OnnxGraph, images: str, step: FlattenImages, shape: Shape) -> str:
    rows = graph.reshape(images, [-1, shape[0] * shape[1]])
    return graph.op("Div", rows, graph.number(255)) if step.scale == "unit" else rows


def _normalize(graph: OnnxGraph, rows: str, _step: Normalizer, _shape: Shape) -> str:
    squares = graph.op("ReduceSum", graph.op("Mul", rows, rows), graph.whole([1]), keepdims=1)
    length = graph.op("Max", graph.op("Sqrt", squares), graph.number(1e-6))  # blank rows stay so
    return graph.op("Div", rows, length)


_STEPS: dict[type, Callable[[OnnxGraph, str, Any, Shape], str]] = {
    CenterByMass: _center,
    Deskew: _deskew,
    FlattenImages: _flatten,
    HOG: lambda graph, images, step, _shape: add_histograms(graph, images, step),
    Normalizer: _normalize,
    PatchFeatures: lambda graph, images, step, _shape: add_patches(graph, images, step),
    Scattering: lambda graph, images, step, _shape: add_scattering(graph, images, step),
}
