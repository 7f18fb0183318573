"""What jobs do, in the worker process: load, call the library, keep the result, tell of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.datasets import Digits
from inkmeans.errors import DataError, ParameterError
from inkmeans.evaluate import SilhouetteSample, learn_names, score_clusters
from inkmeans.explore.clustering import Clustering
from inkmeans.explore.files import ProjectFiles, RunArrays
from inkmeans.explore.measuring import describe
from inkmeans.explore.pipeline import fit_clusters, make_map
from inkmeans.explore.settings import MAX_CLUSTERS, MapSettings, RunSettings, parse_whole
from inkmeans.explore.sources import dataset_id, open_source
from inkmeans.explore.straighten import straighten
from inkmeans.progress import Event
from inkmeans.recognise import ClusterModel, save_model

if TYPE_CHECKING:
    from inkmeans.recognise import Recognizer

__all__ = ["TASKS", "Work", "run_task", "score"]

Emit = Callable[[str, Any], None]
"""Sends one message to the server: its kind, and something that JSON can hold."""

_FRAMES = 8.0  # a second, at the most
_SHOWN = 1.0  # seconds in which the page draws what it has waited for, undisturbed


@dataclass
class Work:
    """The images of a job, and the way to tell of it.

    Attributes
    ----------
    files : ProjectFiles
    source : str
        See `inkmeans.explore.sources`.
    emit : callable
    loaded : Future or None
        The images, where a thread has begun to load them; it may give None.
    grouping : threading.Event
        Set once images are measured and clusters are looked for: from then on a processor is idle
        now and then.
    """

    files: ProjectFiles
    source: str
    emit: Emit
    loaded: Future[Digits | None] | None = None
    last_frame: float = field(default=0.0)
    grouping: threading.Event = field(default_factory=threading.Event)

    @cached_property
    def digits(self) -> Digits:
        """The images."""
        self.tell(Event("load", self.source.partition(":")[2]))
        ahead = None if self.loaded is None else self.loaded.result()
        if ahead is not None:
            return ahead
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
        if event.stage == "cluster":
            self.grouping.set()

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
        arrays = describe(
            self.digits.images, rows, found.assigned, found.n_clusters, doubt=found.doubt
        )
        self.files.save_run(key, arrays)
        if found.model is not None:
            _save(found.model, self.files.model(key))
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

    def scores(self, settings: RunSettings, found: Clustering, arrays: RunArrays) -> None:
        """Measure a run, unless that was done, and tell of it."""
        scored = found.scored
        if scored is None:
            self.tell(Event("score", settings.name))
            scored = score(self.digits, arrays, self.sample)
        self.emit("scores", {"key": settings.key(self.id), **scored})

    def map(self, settings: MapSettings) -> None:
        """Draw a map, keep it and tell of it."""
        began = time.perf_counter()
        points = make_map(self.rows, settings, progress=self.tell)
        key = settings.key(self.id)
        self.files.save_map(key, points)
        seconds = time.perf_counter() - began
        told = {"name": settings.name, "method": settings.method, "seconds": seconds}
        self.emit("map", {"dataset": self.id, "key": key, **told})


def _save(model: ClusterModel | Recognizer, path: Path) -> None:
    if isinstance(model, ClusterModel):
        save_model(model, path)
    else:
        model.save(path)


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
    """One run; at the first start a map at the same time, and both before the scores."""
    given = dict(settings)
    drawing = given.pop("map", None)
    chosen = RunSettings.read(given)
    assert work.rows is not None  # computed once, before there are two who need it
    with ThreadPoolExecutor(1) as other:
        drawn = other.submit(_map_meanwhile, work, MapSettings.read(drawing)) if drawing else None
        try:
            found, arrays = work.cluster(chosen)
        except (DataError, ParameterError):
            if drawn is None:
                raise
            # Too few images that differ, or of an odd size: not for the recogniser.
            chosen = RunSettings.read({"n_clusters": chosen.n_clusters})
            found, arrays = work.cluster(chosen)
        finally:
            work.grouping.set()
        if drawn is not None:
            drawn.result()
            time.sleep(_SHOWN)
    work.scores(chosen, found, arrays)


def _map_meanwhile(work: Work, settings: MapSettings) -> None:
    work.grouping.wait()
    work.map(settings)


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
        found, arrays = work.cluster(chosen)
        work.scores(chosen, found, arrays)


def _suggest(work: Work, settings: Mapping[str, Any]) -> None:
    """Ask several criteria, none of which uses a label, how many clusters there are."""
    # Only now: the first look is in a hurry.
    from inkmeans.experiment import SuggestOptions, suggest_k
    from inkmeans.experiment.suggestion.options import DEFAULT_REDUCER

    ks = settings.get("ks", list(range(2, 21)))
    if not isinstance(ks, list) or not 3 <= len(ks) <= 50:
        raise ParameterError("ks is no list of numbers", hint="give 3 to 50 numbers of clusters")
    numbers = [parse_whole({"k": k}, "k", None, 1, MAX_CLUSTERS) for k in ks]
    with TemporaryDirectory() as folder:
        options = SuggestOptions(
            work.digits,
            tuple(numbers),
            features=str(settings.get("features", "deskewed")),
            reduce=str(settings.get("reduce") or DEFAULT_REDUCER),
            n_repeats=parse_whole(settings, "seeds", 3, 2, 20),
            n_references=5,
            out=Path(folder),
        )
        found = suggest_k(options, progress=work.tell)
    curves = {
        "inertia" if one.name == "elbow" else one.name: dict(
            zip(one.n_clusters, one.values, strict=True)
        )
        for one in found.criteria
    }
    rows = [
        {"k": k, **{name: curve.get(k) for name, curve in curves.items()}} for k in options.clusters
    ]
    work.emit(
        "result",
        {
            "rows": rows,
            "suggested": found.suggestion.n_clusters,
            "reason": found.suggestion.reason,
            "words": list(found.words),
        },
    )


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


def run_task(
    order: Mapping[str, Any], emit: Emit, loaded: Future[Digits | None] | None = None
) -> None:
    """Do a job.

    Parameters
    ----------
    order : mapping
        ``kind``, ``settings``, ``source``, ``project`` and ``dataset``: the images that are
        expected.
    emit : callable
    loaded : Future or None, default=None
        See `Work`.

    Raises
    ------
    InkmeansError
        If it cannot be done.
    """
    work = Work(ProjectFiles(Path(order["project"])), order["source"], emit, loaded)
    expected = order.get("dataset")
    if expected is not None and work.id != expected:
        raise DataError(
            f"{order['source']}: the images have changed since they were opened",
            hint="open them again",
        )
    TASKS[order["kind"]](work, order["settings"])
