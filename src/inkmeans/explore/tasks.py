"""What jobs do, in the worker process: load, call the library, keep the result, tell of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.datasets import Digits
from inkmeans.errors import DataError, ParameterError
from inkmeans.evaluate import SilhouetteSample, learn_names, score_clusters, stability
from inkmeans.explore.files import ProjectFiles, RunArrays
from inkmeans.explore.pipeline import Clustering, describe, fit_clusters, make_map, straighten
from inkmeans.explore.settings import MAX_CLUSTERS, MapSettings, RunSettings, parse_whole
from inkmeans.explore.sources import dataset_id, open_source
from inkmeans.progress import Event
from inkmeans.recognise import save_model

__all__ = ["TASKS", "Work", "run_task", "score"]

Emit = Callable[[str, Any], None]
"""Sends one message to the server: its kind, and something that JSON can hold."""

_FRAMES = 8.0  # a second, at the most


@dataclass
class Work:
    """The images of a job, and the way to tell of it.

    Attributes
    ----------
    files : ProjectFiles
    source : str
        See `inkmeans.explore.sources`.
    emit : callable
    """

    files: ProjectFiles
    source: str
    emit: Emit
    last_frame: float = field(default=0.0)

    @cached_property
    def digits(self) -> Digits:
        """The images."""
        self.tell(Event("load", self.source.partition(":")[2]))
        return open_source(self.source, self.files, self.tell)

    @cached_property
    def rows(self) -> NDArray[np.uint8]:
        """The images straightened."""
        images = self.digits.images
        self.tell(Event("straighten", f"{len(images):,} images"))
        return straighten(images)

    @cached_property
    def sample(self) -> SilhouetteSample:
        """Of the rows that scores are measured on."""
        return SilhouetteSample(self.rows[scored_part(self.digits)])

    @property
    def id(self) -> str:
        """The name of the data set."""
        return dataset_id(self.digits)

    def tell(self, event: Event) -> None:
        """Report progress."""
        values = {"stage": event.stage, "message": event.message, "step": event.step}
        self.emit("progress", {**values, "of": event.of, "inertia": event.inertia})

    def show(self, event: Event, centroids: NDArray[np.uint8]) -> None:
        """Report how the centroids look, a few times a second."""
        now = time.monotonic()
        if now - self.last_frame >= 1 / _FRAMES:
            self.last_frame = now
            self.emit("frame", (event.step, event.inertia, centroids))

    def cluster(self, settings: RunSettings) -> tuple[Clustering, RunArrays]:
        """Fit once, keep the result and tell of it."""
        began = time.perf_counter()
        key = settings.key(self.id)
        rows = self.rows  # before the clock of the fit's own stages
        found = fit_clusters(self.digits, rows, settings, progress=self.tell, frame=self.show)
        seconds = time.perf_counter() - began
        self.tell(Event("describe", settings.name))
        arrays = describe(self.digits.images, rows, found.assigned, found.n_clusters)
        self.files.save_run(key, arrays)
        if found.model is not None:
            save_model(found.model, self.files.model(key))
        self.emit(
            "run",
            {
                "dataset": self.id,
                "key": key,
                "settings": settings.to_json(),
                "n_clusters": found.n_clusters,
                "seconds": seconds,
            },
        )
        return found, arrays

    def scores(self, settings: RunSettings, arrays: RunArrays, *, silhouette: bool = True) -> None:
        """Measure a run and tell of it."""
        self.tell(Event("score", settings.name))
        sample = self.sample if silhouette else None
        self.emit("scores", {"key": settings.key(self.id), **score(self.digits, arrays, sample)})

    def map(self, settings: MapSettings) -> None:
        """Draw a map, keep it and tell of it."""
        began = time.perf_counter()
        points = make_map(self.rows, settings.method, settings.seed, progress=self.tell)
        key = settings.key(self.id)
        self.files.save_map(key, points)
        seconds = time.perf_counter() - began
        self.emit(
            "map", {"dataset": self.id, "key": key, "method": settings.method, "seconds": seconds}
        )


def scored_part(digits: Digits) -> slice:
    """Say which images scores are measured on: the test part, or all where there is none."""
    return slice(digits.n_train if digits.n_train < len(digits) else 0, None)


def score(
    digits: Digits, arrays: RunArrays, sample: SilhouetteSample | None = None
) -> dict[str, Any]:
    """Measure a run on the test images, clusters named on the training images.

    Parameters
    ----------
    digits : Digits
    arrays : RunArrays
    sample : SilhouetteSample or None
        Of the straightened images of `scored_part`; None leaves the silhouette out.

    Returns
    -------
    dict
        ``scored_on``, ``"test"`` or ``"all"``, and `inkmeans.evaluate.Scores.to_dict`.
    """
    part = scored_part(digits)
    n_clusters = len(arrays.means)
    assigned = np.where(arrays.assigned < n_clusters, arrays.assigned, 0).astype(np.int64)
    mapping, labels = None, None
    if digits.labels is not None:
        n_train = digits.n_train
        mapping = learn_names(
            assigned[:n_train], digits.labels[:n_train], n_clusters, digits.n_classes
        )
        labels = digits.labels[part]
    scores = score_clusters(
        assigned[part],
        n_clusters=n_clusters,
        labels=labels,
        names=digits.names,
        mapping=mapping,
        inertia=float(np.square(arrays.distance[part], dtype=np.float64).sum()),
        silhouette=None if sample is None else sample.score(assigned[part]),
    )
    return {"scored_on": "test" if part.start else "all", "scores": scores.to_dict()}


def _cluster(work: Work, settings: Mapping[str, Any]) -> None:
    """One run; at the first start a map too, before the scores."""
    given = dict(settings)
    method = given.pop("map", None)
    chosen = RunSettings.read(given)
    _, arrays = work.cluster(chosen)
    if method is not None:
        work.map(MapSettings(method))
    work.scores(chosen, arrays, silhouette=method is None)


def _map(work: Work, settings: Mapping[str, Any]) -> None:
    work.map(MapSettings.read(settings))


def _compare(work: Work, settings: Mapping[str, Any]) -> None:
    """Every algorithm on every feature, with so many seeds."""
    seeds = parse_whole(settings, "seeds", 3, 1, 20)
    n_clusters = parse_whole(settings, "n_clusters", 10, 1, MAX_CLUSTERS)
    features = _names(settings, "features", "deskewed")
    algorithms = _names(settings, "algorithms", "kmeans")
    wanted = [
        RunSettings.read({**space, "n_clusters": n_clusters, "seed": seed})
        for seed in range(seeds)
        for space in (
            {"features": feature, "algorithm": algorithm}
            for feature in features
            for algorithm in algorithms
        )
    ]
    for place, chosen in enumerate(wanted):
        work.emit("part", {"done": place, "of": len(wanted), "name": chosen.name})
        _, arrays = work.cluster(chosen)
        work.scores(chosen, arrays)


def _suggest(work: Work, settings: Mapping[str, Any]) -> None:
    """Cluster with several numbers of clusters and seeds, and suggest one without labels."""
    ks = settings.get("ks", [4, 6, 8, 9, 10, 11, 12, 14, 16, 20])
    if not isinstance(ks, list) or not 1 <= len(ks) <= 50:
        raise ParameterError("ks is no list of numbers", hint="give 1 to 50 numbers of clusters")
    seeds = parse_whole(settings, "seeds", 3, 2, 10)
    space = {key: settings[key] for key in ("features", "reduce", "algorithm") if key in settings}
    rows: list[dict[str, Any]] = []
    numbers = sorted({parse_whole({"k": k}, "k", None, 2, MAX_CLUSTERS) for k in ks})
    for place, k in enumerate(numbers):
        work.emit("part", {"done": place, "of": len(numbers), "name": f"k={k}"})
        rows.append(_try_k(work, space, k, seeds))
        best = max(rows, key=lambda row: (row["stability"], row["silhouette"] or 0))
        reason = (
            f"of {seeds} starts with k={best['k']} the clusters agree the most"
            f" (adjusted Rand index {best['stability']:.2f}); no labels used"
        )
        work.emit("result", {"rows": rows, "suggested": best["k"], "reason": reason})


def _try_k(work: Work, space: Mapping[str, Any], k: int, seeds: int) -> dict[str, Any]:
    images, n_train = work.digits.images, work.digits.n_train
    part = scored_part(work.digits)
    runs, inertias, silhouettes = [], [], []
    for seed in range(seeds):
        chosen = RunSettings.read({**space, "n_clusters": k, "seed": seed})
        found = fit_clusters(work.digits, work.rows, chosen, progress=work.tell)
        arrays = describe(images, work.rows, found.assigned, found.n_clusters)
        inertias.append(float(np.square(arrays.distance[:n_train], dtype=np.float64).sum()))
        silhouettes.append(work.sample.score(found.assigned[part]))
        runs.append(found.assigned[:n_train])
    known = [value for value in silhouettes if value is not None]
    return {
        "k": k,
        "inertia": min(inertias),
        "silhouette": float(np.mean(known)) if known else None,
        "stability": stability(runs).mean,
    }


def _names(settings: Mapping[str, Any], key: str, default: str) -> list[str]:
    given = settings.get(key, [default])
    if not isinstance(given, list) or not 1 <= len(given) <= 50:
        raise ParameterError(f"{key} is no list of names", hint=f"for example [{default!r}]")
    return [str(name) for name in given]


TASKS: dict[str, Callable[[Work, Mapping[str, Any]], None]] = {
    "cluster": _cluster,
    "compare": _compare,
    "map": _map,
    "suggest-k": _suggest,
}


def run_task(order: Mapping[str, Any], emit: Emit) -> None:
    """Do a job.

    Parameters
    ----------
    order : mapping
        ``kind``, ``settings``, ``source``, ``project`` and ``dataset``: the images that are
        expected.
    emit : callable

    Raises
    ------
    InkmeansError
        If it cannot be done.
    """
    work = Work(ProjectFiles(Path(order["project"])), order["source"], emit)
    expected = order.get("dataset")
    if expected is not None and work.id != expected:
        raise DataError(
            f"{order['source']}: the images have changed since they were opened",
            hint="open them again",
        )
    TASKS[order["kind"]](work, order["settings"])
