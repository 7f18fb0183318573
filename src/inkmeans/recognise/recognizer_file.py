"""The file of a recogniser: what it needs to recognise new images, and to be named.

It is a safetensors file as `inkmeans.recognise.safe_file` describes, of the format
``inkmeans-recognizer``. The description has the parameters, the names of the clusters, and how
images are brought to their usual form; the arrays are ``labels`` and ``families`` (int32),
``landmarks`` (int64), ``landmark_images`` (uint8); of each view, by its number, ``0.landmarks``
and ``0.weights`` (float32); and of each of its features, by its place in the view, ``0.0.mean``,
``0.0.scale``, ``0.0.components`` (float32) and ``0.0.variance`` (float64).

The graph of the training images, their scores and a clusterer of one's own are not kept.
"""

from __future__ import annotations

import os
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from inkmeans.errors import InkmeansError, ModelFileError, ParameterError
from inkmeans.prepare import StandardizeImages
from inkmeans.recognise.image_rows import ImageRows, parts_of
from inkmeans.recognise.kernel_ridge import LandmarkKernel
from inkmeans.recognise.presets import PRESETS, get_preset, make_view
from inkmeans.recognise.recognizer import Recognizer
from inkmeans.recognise.safe_file import (
    HINT,
    Arrays,
    one_line,
    pack,
    read_file,
    refuse,
    unpack,
    write_file,
)
from inkmeans.recognise.self_training import SelfTraining, Taught

__all__ = ["RECOGNIZER_FORMAT", "RECOGNIZER_SCHEMA", "load_recognizer", "save_recognizer"]

RECOGNIZER_FORMAT = "inkmeans-recognizer"
RECOGNIZER_SCHEMA = 1

_MOST_SIDE = 512 * 512 // 4  # of images, whose other side is at least 4
_MOST_STANDARD = 64  # of a side of images in their usual form
_WHOLE: dict[str, type] = {
    "labels": np.int32,
    "families": np.int32,
    "landmarks": np.int64,
    "landmark_images": np.uint8,
}
_OF_VIEW: dict[str, type] = {"landmarks": np.float32, "weights": np.float32}
_OF_PART: dict[str, type] = {
    "mean": np.float32,
    "scale": np.float32,
    "components": np.float32,
    "variance": np.float64,
}
_VIEWS = {view for preset in PRESETS.values() for view in preset.views}


def save_recognizer(recognizer: Recognizer, path: str | os.PathLike[str]) -> None:
    """Write a fitted recogniser to a file, whole or not at all.

    Parameters
    ----------
    recognizer : Recognizer
        With the views of a preset.
    path : path
        By custom it ends in ``.safetensors``.

    Raises
    ------
    ParameterError
        If it has views of its own, which no file can promise to bring back.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import inkmeans
    >>> from inkmeans.recognise.recognizer_file import load_recognizer, save_recognizer
    >>> images = inkmeans.load("digits").images[:300]
    >>> recognizer = inkmeans.Recognizer(10, preset="fast", random_state=0).fit(images)
    >>> file = getfixture("tmp_path") / "recognizer.safetensors"
    >>> save_recognizer(recognizer, file)
    >>> bool((load_recognizer(file).assign(images) == recognizer.assign(images)).all())
    True
    """
    check_is_fitted(recognizer, "labels_")
    if recognizer.views is not None:
        raise ParameterError(
            "a recogniser with views of its own cannot be saved",
            hint="fit one with views=None, so with those of its preset",
        )
    described, arrays = _describe(recognizer)
    write_file(path, pack(RECOGNIZER_FORMAT, RECOGNIZER_SCHEMA, described, arrays))


def load_recognizer(path: str | os.PathLike[str]) -> Recognizer:
    """Read a recogniser from a file.

    Parameters
    ----------
    path : path
        What `save_recognizer` wrote, of at most 512 MiB.

    Returns
    -------
    Recognizer
        Fitted, but for `suggest` and `suspects`, which need the training images' graph.

    Raises
    ------
    ModelFileError
        If it is something else, damaged, or from a newer version of inkmeans.
    DataError
        If there is no such file, or it cannot be read.
    """
    path = Path(path)
    described, arrays = unpack(read_file(path), path, RECOGNIZER_FORMAT, RECOGNIZER_SCHEMA)
    try:
        return _build(described, arrays, path)
    except KeyError as error:
        raise ModelFileError(f"{path} does not say its {error}", hint=HINT) from error
    except ModelFileError:
        raise
    except InkmeansError as error:
        raise ModelFileError(f"{path}: {one_line(error)}", hint=HINT) from error
    except (TypeError, ValueError, OverflowError) as error:
        raise ModelFileError(
            f"{path} describes no recogniser: {one_line(error)}", hint=HINT
        ) from error


def _describe(recognizer: Recognizer) -> tuple[dict[str, Any], Arrays]:
    seed, standard = recognizer.random_state, recognizer.standardize_
    described = {
        "n_clusters": int(recognizer.n_clusters),
        "preset": recognizer.preset,
        "random_state": int(seed) if isinstance(seed, (int, np.integer)) else None,
        "training": None if recognizer.training is None else asdict(recognizer.training),
        "views": list(get_preset(recognizer.preset).views),
        "image_shape": list(standard.image_shape_),
        "standard_shape": list(standard.shape_),
        "margin": int(standard.margin_),
        "inverted": bool(standard.inverted_),
        "gammas": [float(kernel.gamma) for kernel in recognizer.kernels_],
        "temperature": float(recognizer.temperature_),
        "name_temperature": float(
            getattr(recognizer, "name_temperature_", recognizer.temperature_)
        ),
        "names": list(recognizer.names_),
    }
    arrays: Arrays = {
        "labels": recognizer.labels_,
        "families": recognizer.families_,
        "landmarks": recognizer.landmarks_,
        "landmark_images": recognizer.landmark_images_,
    }
    stages = zip(recognizer.views_, recognizer.kernels_, recognizer.weights_, strict=True)
    for number, (view, kernel, weights) in enumerate(stages):
        arrays[f"{number}.landmarks"] = np.asarray(kernel.landmarks, dtype=np.float32)
        arrays[f"{number}.weights"] = np.asarray(weights, dtype=np.float32)
        for place, part in enumerate(parts_of(view)):
            for name, dtype in _OF_PART.items():
                learnt = getattr(part, f"{name}_")
                arrays[f"{number}.{place}.{name}"] = np.asarray(learnt, dtype=dtype)
    return described, arrays


def _build(described: dict[str, Any], arrays: Arrays, path: Path) -> Recognizer:
    views, names, n_clusters = described["views"], described["names"], described["n_clusters"]
    if not isinstance(views, list) or not views or not set(views) <= _VIEWS:
        refuse(path, "has views that this version does not know")
    if type(n_clusters) is not int or not isinstance(names, list) or len(names) != n_clusters:
        refuse(path, "does not name as many clusters as it has")
    preset = _preset(described, path)
    gammas, temperature = described["gammas"], described["temperature"]
    positive = [*gammas, temperature, described["name_temperature"]]
    if len(gammas) != len(views) or not all(
        type(value) is float and 0 < value < np.inf for value in positive
    ):
        refuse(path, "describes no kernel")
    standard = _standardize(described, path)
    made = [make_view(name, None, min(standard.shape_)) for name in views]
    _check_arrays(arrays, [len(parts_of(view)) for view in made], n_clusters, standard, path)

    recognizer = Recognizer(
        n_clusters,
        preset,
        training=_training(described["training"], path),
        random_state=described["random_state"],
    )
    recognizer.standardize_ = standard
    for number, view in enumerate(made):
        for place, part in enumerate(parts_of(view)):
            _restore_part(part, _of_part(arrays, number, place), standard, path)
    recognizer.views_ = made
    recognizer.labels_, recognizer.families_ = arrays["labels"], arrays["families"]
    recognizer.landmarks_ = arrays["landmarks"]
    recognizer.landmark_images_ = arrays["landmark_images"]
    recognizer.temperature_ = temperature
    recognizer.restore(
        Taught(
            labels=arrays["labels"],
            scores=np.empty((0, n_clusters), dtype=np.float32),
            landmarks=arrays["landmarks"],
            kernels=[
                LandmarkKernel(arrays[f"{number}.landmarks"], gamma)
                for number, gamma in enumerate(gammas)
            ],
            weights=[arrays[f"{number}.weights"] for number in range(len(views))],
        )
    )
    recognizer.name_clusters(
        {cluster: name for cluster, name in enumerate(names) if name is not None}
    )
    if hasattr(recognizer, "classes_"):
        recognizer.name_temperature_ = described["name_temperature"]
    return recognizer


def _preset(described: dict[str, Any], path: Path) -> str:
    preset = described["preset"]
    if not isinstance(preset, str) or list(get_preset(preset).views) != described["views"]:
        refuse(path, "has other views than its preset")
    return preset


def _training(described: Any, path: Path) -> SelfTraining | None:
    if described is None:
        return None
    known = {field.name for field in fields(SelfTraining)}
    numbers = isinstance(described, dict) and all(
        type(value) in (int, float) for value in described.values()
    )
    if not numbers or set(described) != known:
        refuse(path, "describes no self-training")
    return SelfTraining(**described)


def _standardize(described: dict[str, Any], path: Path) -> StandardizeImages:
    before, after = described["image_shape"], described["standard_shape"]
    margin, inverted = described["margin"], described["inverted"]
    sound = (
        _is_shape(before, _MOST_SIDE)
        and _is_shape(after, _MOST_STANDARD)
        and type(margin) is int
        and 0 <= 2 * margin < min(after)
        and type(inverted) is bool
    )
    if not sound:
        refuse(path, "describes no images")
    standard = StandardizeImages()
    standard.image_shape_, standard.shape_ = (before[0], before[1]), (after[0], after[1])
    standard.margin_, standard.inverted_ = margin, inverted
    return standard


def _is_shape(value: Any, most: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(side) is int and 1 <= side <= most for side in value)
    )


def _check_arrays(
    arrays: Arrays, n_parts: list[int], n_clusters: int, standard: StandardizeImages, path: Path
) -> None:
    """Check that arrays are there, of their types, finite, and fit to each other."""
    wanted = dict(_WHOLE)
    for number, parts in enumerate(n_parts):
        wanted |= {f"{number}.{name}": dtype for name, dtype in _OF_VIEW.items()}
        for place in range(parts):
            wanted |= {f"{number}.{place}.{name}": dtype for name, dtype in _OF_PART.items()}
    if set(arrays) != set(wanted):
        refuse(path, f"has the wrong arrays: {', '.join(sorted(set(arrays) ^ set(wanted)))[:100]}")
    for name, dtype in wanted.items():
        if arrays[name].dtype != dtype or not np.isfinite(arrays[name]).all():
            refuse(path, f"has numbers in {name} that make no sense")
    labels, landmarks, families = (arrays[name] for name in ("labels", "landmarks", "families"))
    m = len(landmarks)
    sound = (
        labels.ndim == landmarks.ndim == 1
        and m > 0
        and 0 <= labels.min() <= labels.max() < n_clusters
        and families.shape == (n_clusters,)
        and 0 <= families.min() <= families.max() < n_clusters
        and 0 <= landmarks.min() <= landmarks.max() < len(labels)
        and arrays["landmark_images"].shape == (m, *standard.shape_)
    )
    for number, parts in enumerate(n_parts):
        n_columns = 0
        for place in range(parts):
            part = _of_part(arrays, number, place)
            width = part["components"].shape
            n_columns += width[0] if width else 0
            sound = (
                sound
                and len(width) == 2
                and part["mean"].shape == part["scale"].shape == width[1:]
                and part["variance"].shape == width[:1]
            )
        sound = (
            sound
            and arrays[f"{number}.landmarks"].shape == (m, n_columns)
            and arrays[f"{number}.weights"].shape == (m, n_clusters)
        )
    if not sound:
        refuse(path, "has arrays that do not fit together")


def _of_part(arrays: Arrays, number: int, place: int) -> Arrays:
    return {name: arrays[f"{number}.{place}.{name}"] for name in _OF_PART}


def _restore_part(part: ImageRows, arrays: Arrays, standard: StandardizeImages, path: Path) -> None:
    """Make of a transformer what fitting had made of it."""
    blank = np.zeros((1, *standard.shape_), dtype=np.uint8)
    part.align_ = part.align.fit(blank)
    part.features_ = part.features.fit(blank)
    for name, array in arrays.items():
        setattr(part, f"{name}_", array)
    part.n_components_ = len(part.components_)
    if part.features_.transform(blank).shape[1] != len(part.mean_):
        refuse(path, "has components of other features than images of this size have")
