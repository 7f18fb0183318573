"""A recogniser or a model of centroids as an ONNX model, in standard operators."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from inkmeans.errors import ParameterError
from inkmeans.features import FEATURES, get_feature
from inkmeans.prepare import StandardizeImages
from inkmeans.prepare.standardize import blend_matrix
from inkmeans.recognise.cluster_model import ClusterModel
from inkmeans.recognise.image_rows import parts_of
from inkmeans.recognise.onnx_graph import OnnxGraph
from inkmeans.recognise.onnx_steps import add_step, can_add
from inkmeans.recognise.safe_file import write_file

if TYPE_CHECKING:
    from inkmeans.recognise.image_rows import ImageRows
    from inkmeans.recognise.recognizer import Recognizer

__all__ = ["export_onnx"]


def export_onnx(model: Recognizer | ClusterModel, path: str | os.PathLike[str]) -> None:
    """Write a fitted recogniser, or a model of centroids, as an ONNX model.

    Its input is ``images``, uint8 of shape (n, height, width). Its output ``clusters``, int64 of
    shape (n,), is what the model's `assign` returns. The metadata entry ``names`` has the names of
    the clusters, as JSON, null for none.

    A recogniser has two outputs more, float32 of shape (n, n_clusters): ``scores``, as of
    `Recognizer.decision_function`, and ``probabilities``, of the clusters; those of one name are
    to be added up. The metadata entry ``families`` has the family of each cluster.
    A model of centroids has ``distances`` instead, as of `ClusterModel.distances`.

    Parameters
    ----------
    model : Recognizer or ClusterModel
        A recogniser with the views of a preset.
    path : path
        By custom it ends in ``.onnx``.

    Raises
    ------
    ParameterError
        If the recogniser has views of its own, or the features cannot be written as ONNX.
    MissingExtraError
        If onnx is not installed: the extra ``onnx``.
    OutputError
        If the file cannot be written.

    Notes
    -----
    Results differ by rounding: features are float32 there. The moments that straighten images,
    and the distances to centroids, are float64, so that the same pixels and the same clusters come
    out. All images that are given at once are in memory at once: scattering and patches take up to
    a megabyte for each, so give some hundred at a time.

    Examples
    --------
    >>> import inkmeans
    >>> from inkmeans.recognise.onnx_export import export_onnx
    >>> images = inkmeans.load("digits").images[:300]
    >>> recognizer = inkmeans.Recognizer(10, preset="fast", random_state=0).fit(images)
    >>> file = getfixture("tmp_path") / "recognizer.onnx"
    >>> export_onnx(recognizer, file)
    >>> file.stat().st_size > 10_000
    True
    """
    if isinstance(model, ClusterModel):
        write_file(path, _centroids_to_bytes(model))
    else:
        write_file(path, _recognizer_to_bytes(model))


def _centroids_to_bytes(model: ClusterModel) -> bytes:
    """Do as `ClusterModel.assign` and `ClusterModel.distances`."""
    feature = get_feature(model.features)
    if not can_add(feature.make()):
        known = [name for name, record in FEATURES.items() if can_add(record.make())]
        raise ParameterError(
            f"the features {model.features!r} cannot be written as ONNX",
            hint=f"these can: {', '.join(known)}",
        )
    graph = OnnxGraph()
    levels = graph.op("Cast", "images", to=graph.FLOAT)
    rows = add_step(graph, levels, model.transformer(), model.image_shape)
    rows = graph.op("Cast", rows, to=graph.DOUBLE)
    rows = graph.op("Div", rows, graph.number(feature.unit, np.float64))
    if model.reducer is not None:
        mean, components = (
            part.astype(np.float64) for part in (model.reducer.mean, model.reducer.components)
        )
        rows = graph.op("MatMul", rows, graph.constant(components.T, np.float64))
        rows = graph.op("Sub", rows, graph.constant(components @ mean, np.float64))
    squared = _squared_distances(graph, rows, model.centroids)
    graph.name(graph.op("ArgMin", squared, axis=1, keepdims=0), "clusters")
    distances = graph.op("Cast", graph.op("Sqrt", squared), to=graph.FLOAT)
    graph.name(distances, "distances")
    names = [model.class_name(cluster) for cluster in range(model.n_clusters)]
    outputs = {"clusters": (graph.INT64, ()), "distances": (graph.FLOAT, (model.n_clusters,))}
    return graph.to_bytes(
        "inkmeans_clusters", model.image_shape, outputs, {"names": json.dumps(names)}
    )


def _recognizer_to_bytes(recognizer: Recognizer) -> bytes:
    """Do as `Recognizer.assign`, `Recognizer.decision_function` and `Recognizer.predict_proba`."""
    check_is_fitted(recognizer, "labels_")
    if recognizer.views is not None:
        raise ParameterError(
            "a recogniser with views of its own cannot be exported",
            hint="fit one with views=None, so with those of its preset",
        )
    graph = OnnxGraph()
    standard = _standardize(graph, "images", recognizer.standardize_)
    total = None
    stages = zip(recognizer.views_, recognizer.kernels_, recognizer.weights_, strict=True)
    for view, kernel, weights in stages:
        parts = [_rows(graph, standard, part, recognizer) for part in parts_of(view)]
        rows = parts[0] if len(parts) == 1 else graph.op("Concat", *parts, axis=1)
        scores = _score(graph, rows, kernel, weights)
        total = scores if total is None else graph.op("Add", total, scores)
    assert total is not None  # there is at least one view
    mean = graph.op("Mul", total, graph.number(1 / len(recognizer.views_)))
    graph.name(mean, "scores")
    scaled = graph.op("Mul", "scores", graph.number(1 / recognizer.temperature_))
    graph.name(graph.op("Softmax", scaled, axis=1), "probabilities")
    graph.name(_pick(graph, "scores", recognizer.families_), "clusters")
    described = {
        "names": json.dumps(list(recognizer.names_)),
        "families": json.dumps(recognizer.families_.tolist()),
    }
    each = (graph.FLOAT, (int(recognizer.n_clusters),))
    outputs = {"clusters": (graph.INT64, ()), "scores": each, "probabilities": each}
    return graph.to_bytes("inkmeans_recognizer", recognizer.image_shape_, outputs, described)


def _standardize(graph: OnnxGraph, images: str, standard: StandardizeImages) -> str:
    """Do as `StandardizeImages`; grey levels as float32 from here on, whole numbers still."""
    pixels = graph.op("Cast", images, to=graph.FLOAT)
    if standard.inverted_:
        pixels = graph.op("Sub", graph.number(255), pixels)
    if standard.shape_ == standard.image_shape_:
        return pixels
    margin = standard.margin_
    down, across = (
        blend_matrix(before, after - 2 * margin)
        for before, after in zip(standard.image_shape_, standard.shape_, strict=True)
    )
    scaled = graph.op("MatMul", graph.constant(down), pixels)
    scaled = graph.op("MatMul", scaled, graph.constant(across.T))
    whole = graph.op("Clip", graph.op("Round", scaled), graph.number(0), graph.number(255))
    return graph.pad(whole, (margin, margin))


def _rows(graph: OnnxGraph, standard: str, part: ImageRows, recognizer: Recognizer) -> str:
    """Do as `ImageRows`."""
    shape = recognizer.standardize_.shape_
    straight = add_step(graph, standard, part.align_, shape)
    rows = add_step(graph, straight, part.features_, shape)
    centered = graph.op("Sub", rows, graph.constant(part.mean_))
    scaled = graph.op("Mul", centered, graph.constant(part.scale_))
    return graph.op("MatMul", scaled, graph.constant(part.components_.T))


def _score(graph: OnnxGraph, rows: str, kernel: Any, weights: Any) -> str:
    """Do as `LandmarkKernel.compare`, and weigh."""
    squared = _squared_distances(graph, rows, kernel.landmarks)
    alike = graph.op("Exp", graph.op("Mul", squared, graph.number(-kernel.gamma)))
    return graph.op("MatMul", alike, graph.constant(weights))


def _squared_distances(graph: OnnxGraph, rows: str, points: NDArray[Any]) -> str:
    """Measure rows against points, in the precision of the points."""
    dtype = points.dtype
    products = graph.op("MatMul", rows, graph.constant(points.T, dtype))
    lengths = graph.op("ReduceSum", graph.op("Mul", rows, rows), graph.whole([1]), keepdims=1)
    squared = graph.op("Add", graph.op("Mul", products, graph.number(-2, dtype)), lengths)
    own = np.einsum("ij,ij->i", points, points)
    squared = graph.op("Add", squared, graph.constant(own, dtype))
    return graph.op("Max", squared, graph.number(0, dtype))


def _pick(graph: OnnxGraph, scores: str, families: NDArray[np.integer[Any]]) -> str:
    """Do as `pick_clusters`."""
    n_families = int(families.max()) + 1
    if n_families < len(families):
        of_family = graph.op("MatMul", scores, graph.constant(np.eye(n_families)[families]))
        best = graph.op("ArgMax", of_family, axis=1, keepdims=1)
        inside = graph.op("Equal", graph.constant(families[None], np.int64), best)
        scores = graph.op("Where", inside, scores, graph.number(-np.inf))
    return graph.op("ArgMax", scores, axis=1, keepdims=0)
