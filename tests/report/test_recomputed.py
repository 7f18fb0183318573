"""Every score follows from the files of the run folder and the images: independent code."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file
from scipy.optimize import linear_sum_assignment
from sklearn import metrics


@pytest.fixture(scope="module")
def frame(folder):
    return pd.read_parquet(folder / "assignments.parquet")


@pytest.fixture(scope="module")
def arrays(folder):
    return load_file(folder / "centroids.safetensors")


def records(folder):
    return json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["scores"]


def of_runs(folder):
    """Leave out the recogniser, which has no centroids."""
    return [record for record in records(folder) if record["features"] != "recognizer"]


def rows_of(record, images, arrays):
    rows = images.reshape(len(images), -1) / 255.0
    if record["reducer"] is None:
        return rows
    space = f"{record['features']}-{record['reducer'].replace(':', '')}"
    return (rows - arrays[f"{space}.mean"]) @ arrays[f"{space}.components"].T.astype(float)


def counts(frame, run, k):
    table = np.zeros((k, 10), dtype=int)
    for cluster, label in zip(frame[run], frame["label"], strict=True):
        table[cluster, label] += 1
    return table


def test_scores_that_compare_labels_with_clusters(folder, frame):
    for record in records(folder):
        part = frame[frame["split"] == record["split"]]
        true, found = part["label"], part[record["run"]]
        for name, score in {
            "homogeneity": metrics.homogeneity_score,
            "completeness": metrics.completeness_score,
            "v_measure": metrics.v_measure_score,
            "ari": metrics.adjusted_rand_score,
            "nmi": metrics.normalized_mutual_info_score,
        }.items():
            assert record[name] == pytest.approx(score(true, found), rel=1e-9), name


def test_scores_that_name_clusters(folder, frame):
    for record in records(folder):
        run, k = record["run"], record["n_clusters"]
        train = frame[frame["split"] == "train"]
        part = frame[frame["split"] == record["split"]]
        learnt = counts(train, run, k)
        here = counts(part, run, k)
        majority = here[np.arange(k), learnt.argmax(axis=1)].sum() / len(part)
        assert record["majority_accuracy"] == pytest.approx(majority)
        assert record["purity"] == pytest.approx(here.max(axis=1).sum() / len(part))
        if k == 10:
            matched = here[linear_sum_assignment(-learnt)].sum() / len(part)
            assert record["matched_accuracy"] == pytest.approx(matched)


def test_inertia_follows_from_images_and_centroids(folder, frame, arrays, contents):
    for record in of_runs(folder):
        chosen = (frame["split"] == record["split"]).to_numpy()
        rows = rows_of(record, contents.digits.images[chosen], arrays)
        own = arrays[record["run"]][frame[record["run"]][chosen]]
        assert record["inertia"] == pytest.approx(((rows - own) ** 2).sum(), rel=1e-5)


def test_silhouette_follows_from_the_seeded_sample(folder, frame, arrays, contents):
    seed = json.loads((folder / "run.json").read_text(encoding="utf-8"))["seed"]
    for record in of_runs(folder):
        chosen = (frame["split"] == record["split"]).to_numpy()
        rows = rows_of(record, contents.digits.images[chosen], arrays)
        clusters = frame[record["run"]][chosen].to_numpy()
        drawn = np.random.default_rng(seed).permutation(len(rows))[:2000]
        expected = metrics.silhouette_score(rows[drawn], clusters[drawn])
        assert record["silhouette"] == pytest.approx(expected, abs=1e-5)
