"""The files that other programs read."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from inkmeans.report.tables import (
    score_records,
    write_assignments,
    write_centroids,
    write_metrics,
)

N_TRAIN, N_TEST = 1200, 300
KEYS = [
    "run", "dataset", "features", "reducer", "algorithm", "n_clusters", "seed", "split",
    "n_images", "inertia", "homogeneity", "completeness", "v_measure", "ari", "nmi",
    "majority_accuracy", "matched_accuracy", "purity", "silhouette", "seconds",
]  # fmt: skip


def test_metrics_have_the_promised_keys_in_their_order(contents, tmp_path):
    write_metrics(contents, tmp_path / "metrics.json")
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert list(metrics) == ["scores"]
    assert all(list(record) == KEYS for record in metrics["scores"])


def test_metrics_have_one_record_for_each_run_and_split(contents):
    records = score_records(contents)
    places = [(record["run"], record["split"]) for record in records]
    assert len(set(places)) == len(places) == 2 * (len(contents.runs) + 1) == 10
    assert {record["n_images"] for record in records} == {N_TRAIN, N_TEST}
    assert {record["reducer"] for record in records} == {None, "pca:16"}


def test_matched_accuracy_is_null_unless_clusters_are_as_many_as_classes(contents):
    for record in score_records(contents):
        assert (record["matched_accuracy"] is None) == (record["n_clusters"] != 10)


def test_scores_that_need_labels_are_null_without_them(unlabelled):
    record, recognizer = score_records(unlabelled)
    assert recognizer["run"] == "recognizer-fast-10"
    assert recognizer["majority_accuracy"] is recognizer["matched_accuracy"] is None
    assert record["homogeneity"] is record["purity"] is record["majority_accuracy"] is None
    assert record["inertia"] > 0
    assert record["split"] == "train"


def test_the_same_seed_gives_the_same_metrics(contents, contents_again):
    first, second = score_records(contents), score_records(contents_again)
    for record in first + second:
        del record["seconds"]
    assert first == second


def test_a_score_that_is_not_finite_is_null(contents):
    run = contents.runs[0]
    broken = replace(run, train=replace(run.train, silhouette=float("nan")))
    record, *_ = score_records(replace(contents, runs=(broken,)))
    assert record["silhouette"] is None


def test_assignments_have_a_row_for_each_image_and_a_column_for_each_run(contents, tmp_path):
    frame = pd.read_parquet(write_assignments(contents, tmp_path))
    assert list(frame) == ["index", "split", "label", *(run.name for run in contents.clusterings)]
    assert frame["index"].tolist() == list(range(N_TRAIN + N_TEST))
    assert (frame["split"] == "train").sum() == N_TRAIN
    assert (frame["label"].to_numpy() == contents.digits.labels).all()
    for run in contents.clusterings:
        both = np.concatenate([run.train_assignments, run.test_assignments])
        assert (frame[run.name].to_numpy() == both).all()


def test_csv_says_the_same_where_pyarrow_is_missing(contents, tmp_path, monkeypatch):
    parquet = pd.read_parquet(write_assignments(contents, tmp_path))
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", None)
        path = write_assignments(contents, tmp_path)
    assert path.name == "assignments.csv"
    frame = pd.read_csv(path)
    assert frame.astype(str).equals(parquet.astype(str))


@pytest.mark.parametrize("with_pyarrow", [True, False])
def test_what_was_not_assigned_is_null(contents, tmp_path, monkeypatch, with_pyarrow):
    run = replace(contents.runs[0], test_assignments=None, test=None)
    with monkeypatch.context() as patch:
        if not with_pyarrow:
            patch.setitem(sys.modules, "pyarrow", None)
        path = write_assignments(replace(contents, runs=(run,)), tmp_path)
    frame = pd.read_parquet(path) if with_pyarrow else pd.read_csv(path)
    assert frame[run.name].isna().tolist() == [False] * N_TRAIN + [True] * N_TEST


def test_labels_that_there_are_not_are_null(unlabelled, tmp_path):
    frame = pd.read_parquet(write_assignments(unlabelled, tmp_path))
    assert frame["label"].isna().all()


def test_centroids_are_kept_as_they_are(contents, tmp_path):
    write_centroids(contents, tmp_path / "centroids.safetensors")
    arrays = load_file(tmp_path / "centroids.safetensors")
    for run in contents.runs:
        assert arrays[run.name].dtype == np.float64
        assert np.array_equal(arrays[run.name], run.centroids)
    assert arrays["pixels-pca16.components"].shape == (16, 784)
    assert arrays["pixels-pca16.mean"].shape == (784,)
