"""The files of a run folder that other programs read: scores, assignments, centroids."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.evaluate import Scores
from inkmeans.report.contents import ClusteringRun, Contents, Recognition

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["score_records", "write_assignments", "write_centroids", "write_metrics"]


def score_records(contents: Contents) -> list[dict[str, Any]]:
    """Return the lines of metrics.json.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    list of dict
        One for each run and split, training before test. Floats have 12 significant digits:
        the last ones depend on the order in which a processor adds.
    """
    return [
        _record(run, split, scores)
        for run in contents.clusterings
        for split, scores in (("train", run.train), ("test", run.test))
        if scores is not None
    ]


def _record(run: ClusteringRun | Recognition, split: str, scores: Scores) -> dict[str, Any]:
    record = {
        "run": run.name,
        "dataset": run.dataset,
        "features": run.features,
        "reducer": run.reducer,
        "algorithm": run.algorithm,
        "n_clusters": run.n_clusters,
        "seed": run.seed,
        "split": split,
        **scores.to_dict(),
        "seconds": round(run.seconds, 3),
    }
    return {key: _rounded(value) for key, value in record.items()}


def _rounded(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return float(f"{value:.12g}") if np.isfinite(value) else None


def write_metrics(contents: Contents, path: Path) -> None:
    """Write the scores, a run and split a line.

    Parameters
    ----------
    contents : Contents
    path : Path
        ``metrics.json``.
    """
    lines = (json.dumps(record, ensure_ascii=False) for record in score_records(contents))
    body = ",\n".join(f"  {line}" for line in lines)
    path.write_text(f'{{"scores": [\n{body}\n]}}\n', encoding="utf-8", newline="\n")


def write_assignments(contents: Contents, folder: Path) -> Path:
    """Write the cluster of every image in every run.

    Parameters
    ----------
    contents : Contents
    folder : Path
        Gets ``assignments.parquet``, or ``assignments.csv`` where pyarrow is missing.

    Returns
    -------
    Path
        The file. Its columns are index, split, label and, by their names, the runs; a label
        or a cluster that there is not is null in Parquet and empty in CSV.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError:
        return _write_csv(contents, folder / "assignments.csv")
    path = folder / "assignments.parquet"
    columns = {
        name: _to_arrow(pa, values, mask) for name, (values, mask) in _columns(contents).items()
    }
    pyarrow.parquet.write_table(pa.table(columns), path, compression="zstd")
    return path


Columns = Mapping[str, tuple[NDArray[Any], NDArray[np.bool_] | None]]


def _columns(contents: Contents) -> Columns:
    """Return each column with the rows in which it has no value (None: it has all)."""
    digits = contents.digits
    index = np.arange(len(digits), dtype=np.int64)
    is_test = index >= digits.n_train
    labels = digits.labels
    columns: dict[str, tuple[NDArray[Any], NDArray[np.bool_] | None]] = {
        "index": (index, None),
        "split": (np.where(is_test, "test", "train"), None),
        "label": (np.zeros_like(index), index >= 0) if labels is None else (labels, None),
    }
    for run in contents.clusterings:
        clusters = np.zeros(len(digits), dtype=np.int32)
        clusters[: digits.n_train] = run.train_assignments
        if run.test_assignments is not None:
            clusters[digits.n_train :] = run.test_assignments
        columns[run.name] = (clusters, None if run.test_assignments is not None else is_test)
    return columns


def _to_arrow(pa: Any, values: NDArray[Any], mask: NDArray[np.bool_] | None) -> pa.Array:
    array = pa.array(values, mask=mask)
    return array.dictionary_encode() if values.dtype.kind == "U" else array


def _write_csv(contents: Contents, path: Path) -> Path:
    columns = _columns(contents)
    texts = []
    for values, mask in columns.values():
        text = values.astype(str)
        texts.append(text if mask is None else np.where(mask, "", text))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*texts, strict=True))
    return path


def write_centroids(contents: Contents, path: Path) -> None:
    """Write what distances are measured to: centroids, and how reduced rows come about.

    Parameters
    ----------
    contents : Contents
    path : Path
        ``centroids.safetensors``. It holds each run's centroids by the name of the run, in
        float64, and for each reduced space ``<space>.mean`` and ``<space>.components``: its
        rows are ``(rows - mean) @ components.T``.
    """
    from safetensors.numpy import save

    arrays = {run.name: np.ascontiguousarray(run.centroids) for run in contents.runs}
    for space, reduction in contents.reductions.items():
        arrays[f"{space}.mean"] = np.ascontiguousarray(reduction.mean)
        arrays[f"{space}.components"] = np.ascontiguousarray(reduction.components)
    path.write_bytes(save(arrays))
