"""What a process of its own does: prepare rows once, or cluster them in one cell."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.cluster.registry import get_algorithm
from inkmeans.engine import level
from inkmeans.errors import InkmeansError
from inkmeans.evaluate import ClusterNames, learn_names, score_clusters
from inkmeans.experiment.spaces import ClusterSums, Part, sum_clusters
from inkmeans.features.registry import get_feature
from inkmeans.reduce.registry import parse_reducer

__all__ = ["do_task", "peak_memory"]


def do_task(task_file: str) -> None:
    """Do a task and leave what came of it, or why nothing did, in a file beside it.

    Parameters
    ----------
    task_file : str
        JSON that `inkmeans.experiment.comparison.workers` wrote.
    """
    path = Path(task_file)
    task = json.loads(path.read_text(encoding="utf-8"))
    try:
        result = (_prepare if task["do"] == "prepare" else _cluster)(task)
    except Exception as error:
        result = _reason(error)
    # Written last and whole: a process that is killed leaves none.
    unfinished = path.with_name("unfinished.json")
    unfinished.write_text(json.dumps(result), encoding="utf-8")
    unfinished.replace(task["result"])


def peak_memory() -> int | None:
    """Return the most bytes that this process has held so far; None where nothing tells.

    Notes
    -----
    Linux's getrusage begins with the size of the process that started this one; VmHWM does not.

    Examples
    --------
    >>> from inkmeans.experiment.comparison.work import peak_memory
    >>> peak_memory() is None or peak_memory() > 1_000_000
    True
    """
    try:
        with Path("/proc/self/status").open(encoding="ascii", errors="replace") as lines:
            for line in lines:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _reason(error: Exception) -> dict[str, Any]:
    if isinstance(error, InkmeansError):
        return {"failure": error.message, "hint": error.hint}
    if isinstance(error, MemoryError):
        return {"failure": "out of memory", "hint": "try fewer images, or reduce the features"}
    what = " ".join(str(error).split()) or "no message"
    return {"failure": f"{type(error).__name__}: {what}", "hint": ""}


# --- prepare -------------------------------------------------------------------------------


def _prepare(task: Mapping[str, Any]) -> dict[str, Any]:
    """Make the rows of one feature and seed, reduced in every way that is wanted."""
    folder, seed, n_train = Path(task["folder"]), int(task["seed"]), int(task["n_train"])
    images = np.load(folder / "images.npy", mmap_mode="r")
    order = np.random.default_rng(seed).permutation(n_train)
    feature = get_feature(task["features"])
    transformer, train = seeded(feature.make(), seed), images[order]
    begin = time.perf_counter()  # what is imported by then costs no cell any time
    transformer.fit(train)
    parts = {"train": transformer.transform(train)}
    if len(images) > n_train:
        parts["test"] = transformer.transform(np.ascontiguousarray(images[n_train:]))
    seconds = time.perf_counter() - begin
    spaces: list[dict[str, Any]] = []
    for place, reducer in enumerate(task["reducers"]):
        begin = time.perf_counter()
        try:
            rows, unit = parts, feature.unit
            if reducer is not None:
                rows, unit = _reduce(parts, reducer, unit, seed), 1.0
        except Exception as error:  # the other reducers may do
            spaces.append(_reason(error))
            continue
        took = seconds + time.perf_counter() - begin
        for name, values in rows.items():
            np.save(folder / f"{place}-{name}.npy", values)
        spaces.append({"place": place, "unit": unit, "seconds": took, "has_test": "test" in rows})
    return {"spaces": spaces}


def _reduce(
    parts: Mapping[str, NDArray[Any]], reducer: str, unit: float, seed: int
) -> dict[str, NDArray[np.float32]]:
    n_rows, n_features = parts["train"].shape
    record, n_components = parse_reducer(reducer, n_features, n_rows)
    fitted = record.make(n_components, seed)
    # Linear ones keep the scale, so that it can wait until the rows are short.
    before, after = (1.0, unit) if record.linear else (unit, 1.0)
    scaled = {
        name: rows if before == 1 else np.divide(rows, before, dtype=np.float32)
        for name, rows in parts.items()
    }
    reduced = {"train": fitted.fit_transform(scaled["train"])}
    if "test" in scaled and record.transforms_new:
        reduced["test"] = fitted.transform(scaled["test"])
    return {
        name: np.asarray(rows, dtype=np.float32) / np.float32(after)
        for name, rows in reduced.items()
    }


def seeded(estimator: Any, seed: int) -> Any:
    """Give an estimator, and those inside it, a seed wherever they take one."""
    names = [n for n in estimator.get_params() if n.rpartition("__")[2] == "random_state"]
    return estimator.set_params(**dict.fromkeys(names, seed))


# --- cluster -------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Found:
    """The clusters of one part, and whether images were left out of all of them."""

    assigned: NDArray[np.int64]
    n_clusters: int

    @property
    def kept(self) -> NDArray[np.bool_]:
        return self.assigned >= 0

    @property
    def complete(self) -> bool:
        return bool(self.kept.all())

    @property
    def numbered(self) -> NDArray[np.int64]:
        """Those left out as one cluster more, the last."""
        return np.where(self.kept, self.assigned, self.n_clusters)


def _cluster(task: Mapping[str, Any]) -> dict[str, Any]:
    """Fit one algorithm on prepared rows, assign the test images, score both."""
    algorithm = get_algorithm(task["algorithm"])
    seed, n_train = int(task["seed"]), int(task["n_train"])
    order = np.random.default_rng(seed).permutation(n_train)
    labels = _labels(task)
    train = _part(task, "train", None if labels is None else labels[:n_train][order])
    estimator = algorithm.make(int(task["n_clusters"]), seed)
    level()  # loads the engine, which is no part of a fit
    begin = time.perf_counter()
    assigned = np.asarray(estimator.fit(train.rows).labels_, dtype=np.int64)
    seconds = time.perf_counter() - begin
    peak = peak_memory()
    found = _Found(assigned, max(int(task["n_clusters"]), int(assigned.max()) + 1))
    measure = _Measure.learn(train, found, task["class_names"])
    scores = {"train": measure.score(train, found)}
    own = np.empty(n_train, dtype=np.int32)
    own[order] = assigned
    clusters = [own]
    if task["has_test"] and algorithm.predicts:
        test = _part(task, "test", None if labels is None else labels[n_train:])
        predicted = np.asarray(estimator.predict(test.rows), dtype=np.int64)
        scores["test"] = measure.score(test, _Found(predicted, found.n_clusters))
        clusters.append(predicted.astype(np.int32))
    _save(np.concatenate(clusters), Path(task["assignments"]))
    return {
        "seconds": round(seconds, 4),
        "peak_memory": peak,
        "n_found": len(np.unique(assigned[found.kept])),
        "n_landmarks": _landmarks(estimator, n_train),
        "n_left_out": int((~found.kept).sum()),
        "scores": scores,
    }


def _landmarks(estimator: Any, n_train: int) -> int | None:
    n_landmarks = int(getattr(estimator, "n_landmarks_", n_train))
    return n_landmarks if n_landmarks < n_train else None


def _labels(task: Mapping[str, Any]) -> NDArray[np.int64] | None:
    path = Path(task["folder"]) / "labels.npy"
    return np.load(path) if path.exists() else None


def _part(task: Mapping[str, Any], name: str, labels: NDArray[np.int64] | None) -> Part:
    rows, unit = np.load(Path(task["folder"]) / f"{task['place']}-{name}.npy"), task["unit"]
    if rows.dtype == np.uint8 and not get_algorithm(task["algorithm"]).accepts_uint8:
        rows, unit = np.divide(rows, unit, dtype=np.float32), 1.0
    return Part(rows, unit, labels, int(task["seed"]))


@dataclass(frozen=True, eq=False)
class _Measure:
    """What both parts are scored against: it was learnt on the training part."""

    means: NDArray[np.float64]
    class_names: tuple[str, ...]
    mapping: ClusterNames | None

    @classmethod
    def learn(cls, train: Part, found: _Found, class_names: list[str]) -> _Measure:
        k, kept = found.n_clusters, found.kept
        means = sum_clusters(train.rows[kept], found.assigned[kept], k).means()
        mapping = None
        if train.labels is not None and kept.any():
            mapping = learn_names(found.assigned[kept], train.labels[kept], k, len(class_names))
        return cls(means, tuple(class_names), mapping)

    def score(self, part: Part, found: _Found) -> dict[str, float | None]:
        inertia = silhouette = None
        mapping, k = self.mapping, found.n_clusters
        if found.complete:
            sums: ClusterSums = sum_clusters(part.rows, found.assigned, k)
            inertia = sums.inertia(self.means, squares=part.squares) / part.unit**2
            silhouette = part.sample.score(found.assigned)
        elif mapping is not None:  # an image in no cluster has no name, so it counts as wrong
            mapping = ClusterNames(np.append(mapping.majority, -1), None, mapping.n_classes)
        scores = score_clusters(
            found.numbered,
            n_clusters=k + (not found.complete),
            labels=part.labels,
            names=self.class_names,
            mapping=mapping,
            inertia=inertia,
            silhouette=silhouette,
        )
        return {key: _plain(value) for key, value in scores.to_dict().items()}


def _plain(value: float | None) -> float | None:
    """Round to 12 digits: the last ones depend on the order in which a processor adds."""
    if value is None or not np.isfinite(value):
        return None
    return value if isinstance(value, int) else float(f"{value:.12g}")


def _save(array: NDArray[Any], path: Path) -> None:
    temporary = path.with_name(f".{path.name}")
    with temporary.open("wb") as file:
        np.save(file, array)
    temporary.replace(path)
