"""The models of runs: loaded when they are first asked, and taken away with the names given."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from inkmeans.errors import InkmeansError
from inkmeans.explore.labelling import RunState
from inkmeans.explore.opened import OpenData

if TYPE_CHECKING:
    from inkmeans.recognise import ClusterModel, Recognizer

__all__ = ["find_model", "write_model", "write_onnx"]

_MOST = 4  # that are kept in memory
_models: OrderedDict[Path, ClusterModel | Recognizer] = OrderedDict()
_lock = threading.Lock()


def find_model(data: OpenData, run: int) -> ClusterModel | Recognizer | None:
    """Return the model that a run has kept; from memory, but for the first time.

    Parameters
    ----------
    data : OpenData
    run : int

    Returns
    -------
    ClusterModel, Recognizer or None
        All who ask share it: it is not to be changed. None where the run has none, or its file
        is lost: the means of the clusters stand in then.
    """
    path = data.files.model(data.run(run).key)
    with _lock:
        if path not in _models:
            found = _load(path)
            if found is None:
                return None
            _models[path] = found
        _models.move_to_end(path)
        while len(_models) > _MOST:
            _models.popitem(last=False)
        return _models[path]


def _load(path: Path) -> ClusterModel | Recognizer | None:
    from inkmeans.recognise import load_any

    try:
        return load_any(path)
    except InkmeansError:
        return None


def write_model(data: OpenData, run: int, path: Path) -> None:
    """Write a run with the names of its clusters as a model file, for ``inkmeans predict``.

    Parameters
    ----------
    data : OpenData
    run : int
    path : Path

    Notes
    -----
    A recogniser stays what it is after a split too; a cluster of it then has the name that most of
    its images have. Of any other run the own model is written where each of its clusters has one
    heir; otherwise the means of the clusters among the straightened images.
    """
    from inkmeans.recognise import ClusterModel, save_model

    named = _named_model(data, run)
    if isinstance(named, ClusterModel):
        save_model(named, path)
    else:
        named.save(path)


def write_onnx(data: OpenData, run: int, path: Path) -> None:
    """Write what `write_model` writes as an ONNX model, for other programs.

    Parameters
    ----------
    data : OpenData
    run : int
    path : Path

    Raises
    ------
    MissingExtraError
        If onnx is not installed.
    """
    from inkmeans.recognise import export_onnx

    export_onnx(_named_model(data, run), path)


def _named_model(data: OpenData, run: int) -> ClusterModel | Recognizer:
    from inkmeans.recognise import ClusterModel

    kept = _load(data.files.model(data.run(run).key))  # its own copy, to be named
    if kept is None or isinstance(kept, ClusterModel):
        return _name_centroids(data, run, kept)
    return _name_recognizer(data, run, kept)


def _name_recognizer(data: OpenData, run: int, kept: Recognizer) -> Recognizer:
    state = data.run_state(run)
    sizes = np.bincount(state.assigned, minlength=state.next_cluster)
    names = {c: _name_of(state, sizes, c) for c in range(kept.n_clusters)}
    known = {c: data.classes[label] for c, label in names.items() if label is not None}
    return kept.name_clusters(known)


def _name_of(state: RunState, sizes: Any, fitted: int) -> int | None:
    """Return the label that most images of a cluster's heirs have through these."""
    images: dict[int, int] = {}
    for heir in sorted(state.heirs.get(fitted, ())):
        if heir in state.names:
            label = state.names[heir]
            images[label] = images.get(label, 0) + int(sizes[heir])
    return max(images, key=lambda label: images[label]) if images else None


def _name_centroids(data: OpenData, run: int, kept: ClusterModel | None) -> ClusterModel:
    from inkmeans.recognise import ClusterModel

    state, found = data.run_state(run), data.geometry(run)
    parts: dict[str, Any]
    if kept is not None and all(len(heirs) <= 1 for heirs in state.heirs.values()):
        parts = {"features": kept.features, "centroids": kept.centroids}
        parts |= {"reducer": kept.reducer, "learnt": kept.learnt}
        current = [next(iter(state.heirs[c]), -1) for c in range(kept.n_clusters)]
    else:
        parts = {"features": "deskewed", "centroids": found.means.astype(np.float64) / 255}
        current = found.numbers.tolist()
    mapping = [state.names.get(cluster, -1) for cluster in current]
    named = any(label >= 0 for label in mapping)
    return ClusterModel(
        image_shape=(data.images.shape[1], data.images.shape[2]),
        classes=data.classes if named else (),
        mapping=np.array(mapping) if named else None,
        info={
            "dataset": data.digits.source.name,
            "sha256": data.digits.source.sha256,
            "run": data.run(run).name,
        },
        **parts,
    )
