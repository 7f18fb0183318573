"""What a saved model is used for: scored on a data set, asked about image files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkmeans.datasets import Digits, load
from inkmeans.engine import effective_threads
from inkmeans.errors import DataError
from inkmeans.evaluate import ClusterNames, Scores, score_clusters
from inkmeans.experiment.spaces import Part, sum_clusters
from inkmeans.features.registry import get_feature
from inkmeans.prepare import Intake, read_image, take_in
from inkmeans.progress import Callback, Event, silent
from inkmeans.recognise import ClusterModel, Recognizer

__all__ = ["PICTURES", "Prediction", "evaluate_model", "predict_files"]

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
"""Endings of files that hold one picture; other files are read as data sets."""


@dataclass(frozen=True)
class Prediction:
    """What a model says about one image.

    Attributes
    ----------
    name : str
        The file, and the place of the image in it where there are several: ``"a.npy[3]"``.
    cluster : int
    digit : str or None
        What the cluster stands for; None where that is not known.
    intake : Intake
        What was done to the image to bring it to the model's size.
    """

    name: str
    cluster: int
    digit: str | None
    intake: Intake


def evaluate_model(
    model: ClusterModel | Recognizer,
    digits: Digits,
    *,
    seed: int = 0,
    progress: Callback | None = None,
) -> dict[str, Scores]:
    """Assign the images of a data set to the clusters of a model, and score each part.

    Parameters
    ----------
    model : ClusterModel or Recognizer
        A recogniser has no centroids, so no inertia and no silhouette.
    digits : Digits
        Of the image size that the model takes. Its classes are matched with the model's by their
        names; the scores that need this are None where no name is in both.
    seed : int, default=0
        Draws the sample for the silhouette.
    progress : callable, optional

    Returns
    -------
    dict of str to Scores
        Keys ``"train"`` and, where the data set has one, ``"test"``.

    Raises
    ------
    DataError
        If the images are of another size.

    Examples
    --------
    >>> import inkmeans
    >>> from inkmeans.experiment import RunOptions, evaluate_model, run_experiment
    >>> contents = run_experiment(RunOptions("digits", clusters=(10,), features=("pixels",)))
    >>> scores = evaluate_model(contents.model, inkmeans.load("digits"))
    >>> scores["train"].majority_accuracy == contents.runs[0].train.majority_accuracy
    True
    """
    report = progress or silent
    size, taken = digits.images.shape[1:], _image_shape(model)
    if size != taken:
        raise DataError(
            f"{digits.source.name}: images of {size[0]} x {size[1]} pixels",
            hint=f"this model takes {taken[0]} x {taken[1]}",
        )
    mapping = _names_for(model, digits.names)
    scores = {}
    for split, part in zip(("train", "test"), digits.split(), strict=True):
        if part is None:
            continue
        report(Event("assign", f"{split}, {len(part):,} images"))
        inertia = silhouette = None
        if isinstance(model, ClusterModel):
            assigned, inertia, silhouette = _measure_rows(model, part, seed)
        else:
            assigned = model.assign(part.images)
        report(Event("score", split))
        scores[split] = score_clusters(
            assigned,
            n_clusters=model.n_clusters,
            labels=part.labels,
            names=digits.names,
            mapping=mapping,
            inertia=inertia,
            silhouette=silhouette,
        )
    return scores


def _image_shape(model: ClusterModel | Recognizer) -> tuple[int, int]:
    return model.image_shape_ if isinstance(model, Recognizer) else model.image_shape


def _names_of(model: ClusterModel | Recognizer) -> list[str | None]:
    """Give what each cluster stands for."""
    if isinstance(model, Recognizer):
        return [None if name is None else str(name) for name in model.names_]
    return [model.class_name(cluster) for cluster in range(model.n_clusters)]


def _names_for(model: ClusterModel | Recognizer, names: tuple[str, ...]) -> ClusterNames | None:
    """Translate what the clusters stand for into the classes of another data set."""
    places = {name: place for place, name in enumerate(names)}
    known = np.array([places.get(name or "", -1) for name in _names_of(model)])
    return ClusterNames(known, None, len(names)) if (known >= 0).any() else None


def _measure_rows(
    model: ClusterModel, digits: Digits, seed: int
) -> tuple[NDArray[np.int32], float, float | None]:
    """Assign images, and say how near they are to their centroids."""
    assigned = model.assign(digits.images, n_threads=effective_threads())
    rows = _rows_of(model, digits.images, digits.labels, seed)
    sums = sum_clusters(rows.rows, assigned, model.n_clusters)
    inertia = sums.inertia(model.centroids * rows.unit, squares=rows.squares) / rows.unit**2
    return assigned, inertia, rows.sample.score(assigned)


def _rows_of(
    model: ClusterModel, images: NDArray[np.uint8], labels: NDArray[np.int64] | None, seed: int
) -> Part:
    feature = get_feature(model.features)
    rows = model.transformer().transform(images)
    if model.reducer is None:
        return Part(rows, feature.unit, labels, seed)
    return Part(model.reducer.transform(feature.scaled(rows)), 1.0, labels, seed)


def predict_files(
    model: ClusterModel | Recognizer,
    paths: Sequence[str | Path],
    *,
    progress: Callback | None = None,
) -> list[Prediction]:
    """Say which cluster, and which digit, the images in files are.

    Parameters
    ----------
    model : ClusterModel or Recognizer
    paths : sequence of path
        Pictures, or whatever else `inkmeans.load` reads. Images of another size than the model's
        are taken in as MNIST's were made, see `inkmeans.prepare.take_in`.
    progress : callable, optional

    Returns
    -------
    list of Prediction
        One an image.

    Raises
    ------
    DataError
        If a file cannot be read; nothing is predicted then.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.experiment import RunOptions, predict_files, run_experiment
    >>> contents = run_experiment(RunOptions("digits", clusters=(10,), features=("pixels",)))
    >>> file = getfixture("tmp_path") / "two.npy"
    >>> np.save(file, contents.digits.images[:2])
    >>> [p.name.rpartition("two")[2] for p in predict_files(contents.model, [file])]
    ['.npy[0]', '.npy[1]']
    """
    names: list[str] = []
    taken: list[tuple[NDArray[np.uint8], Intake]] = []
    report = progress or silent
    for path in map(Path, paths):
        report(Event("load", str(path)))
        for name, image in _images_in(path):
            names.append(name)
            taken.append(take_in(image, _image_shape(model)))
    if not taken:
        return []
    clusters = model.assign(np.stack([image for image, _ in taken]))
    stand_for = _names_of(model)
    return [
        Prediction(name, int(cluster), stand_for[cluster], intake)
        for name, cluster, (_, intake) in zip(names, clusters, taken, strict=True)
    ]


def _images_in(path: Path) -> list[tuple[str, NDArray[np.uint8]]]:
    if path.suffix.lower() in PICTURES and not path.is_dir():
        return [(str(path), read_image(path))]
    images = load(path).images
    return [(f"{path}[{index}]", image) for index, image in enumerate(images)]
