"""A recogniser as an ONNX model: images of bytes to scores, in standard operators."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from inkmeans.errors import ParameterError
from inkmeans.features import HOG, Scattering
from inkmeans.prepare import CenterByMass, Deskew, StandardizeImages
from inkmeans.prepare.standardize import blend_matrix
from inkmeans.recognise.image_rows import parts_of
from inkmeans.recognise.onnx_features import add_histograms, add_scattering
from inkmeans.recognise.onnx_graph import OPSET, OnnxGraph, load_onnx
from inkmeans.recognise.onnx_straighten import add_centering, add_deskewing
from inkmeans.recognise.safe_file import write_file

if TYPE_CHECKING:
    from inkmeans.recognise.image_rows import ImageRows
    from inkmeans.recognise.recognizer import Recognizer

__all__ = ["export_onnx"]

_IR_VERSION = 8  # the oldest that goes with the operators used: readable by more runtimes
_ALIGNMENTS = {Deskew: add_deskewing, CenterByMass: add_centering}
_FEATURES = {HOG: add_histograms, Scattering: add_scattering}


def export_onnx(recognizer: Recognizer, path: str | os.PathLike[str]) -> None:
    """Write a fitted recogniser as an ONNX model.

    Its input is ``images``, uint8 of shape (n, height, width); its outputs are ``scores``, float32
    of shape (n, n_clusters), as of `Recognizer.decision_function`, and ``probabilities``, of the
    clusters. The metadata entry ``names`` has the names of the clusters, as JSON; scores of one
    name are to be added up. ``families`` has the family of each cluster: of more than 32 clusters
    `Recognizer.assign` takes the best one of the family whose scores add up to the most.

    Parameters
    ----------
    recognizer : Recognizer
        With the views of a preset.
    path : path
        By custom it ends in ``.onnx``.

    Raises
    ------
    ParameterError
        If it has views of its own.
    MissingExtraError
        If onnx is not installed: the extra ``onnx``.
    OutputError
        If the file cannot be written.

    Notes
    -----
    Scores differ by rounding: what is computed in float64 while fitting is float32 there, but for
    the moments that straighten images, which stay float64 so that the same pixels come out.

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
    check_is_fitted(recognizer, "labels_")
    if recognizer.views is not None:
        raise ParameterError(
            "a recogniser with views of its own cannot be exported",
            hint="fit one with views=None, so with those of its preset",
        )
    onnx = load_onnx()
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
    write_file(path, _to_bytes(onnx, graph, recognizer))


def _to_bytes(onnx: Any, graph: OnnxGraph, recognizer: Recognizer) -> bytes:
    kinds, make = onnx.TensorProto, onnx.helper.make_tensor_value_info
    shape = ["n", *recognizer.image_shape_]
    outputs = [
        make(name, kinds.FLOAT, ["n", int(recognizer.n_clusters)])
        for name in ("scores", "probabilities")
    ]
    made = onnx.helper.make_graph(
        graph.nodes,
        "inkmeans_recognizer",
        [make("images", kinds.UINT8, shape)],
        outputs,
        initializer=graph.constants,
    )
    model = onnx.helper.make_model(
        made,
        producer_name="inkmeans",
        ir_version=_IR_VERSION,
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
    )
    described = {
        "names": json.dumps(list(recognizer.names_)),
        "families": json.dumps(recognizer.families_.tolist()),
    }
    onnx.helper.set_model_props(model, described)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


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
    height, width = recognizer.standardize_.shape_
    straight = _ALIGNMENTS[type(part.align_)](graph, standard, height, width)
    rows = _FEATURES[type(part.features_)](graph, straight, part.features_)
    centered = graph.op("Sub", rows, graph.constant(part.mean_))
    scaled = graph.op("Mul", centered, graph.constant(part.scale_))
    return graph.op("MatMul", scaled, graph.constant(part.components_.T))


def _score(graph: OnnxGraph, rows: str, kernel: Any, weights: Any) -> str:
    """Do as `LandmarkKernel.compare`, and weigh."""
    landmarks = kernel.landmarks
    products = graph.op("MatMul", rows, graph.constant(landmarks.T))
    lengths = graph.op("ReduceSum", graph.op("Mul", rows, rows), graph.whole([1]), keepdims=1)
    squared = graph.op("Add", graph.op("Mul", products, graph.number(-2)), lengths)
    own = np.einsum("ij,ij->i", landmarks, landmarks)
    squared = graph.op("Relu", graph.op("Add", squared, graph.constant(own)))
    alike = graph.op("Exp", graph.op("Mul", squared, graph.number(-kernel.gamma)))
    return graph.op("MatMul", alike, graph.constant(weights))
