"""The main job with every algorithm that is installed; what is noise stays told apart."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import inkmeans
from inkmeans.cluster import ALGORITHMS
from inkmeans.datasets import Digits
from inkmeans.experiment import RunOptions, run_and_write, run_experiment
from inkmeans.report.summary import remarks

LIBRARIES = {"graphs": ("igraph", "leidenalg", "genieclust"), "deep": ("torch",)}

BLIND = ("dbscan", "mean-shift", "optics")  # of pixels: to these they are one cluster, or noise


@pytest.fixture(scope="module")
def small():
    digits = inkmeans.load("digits")
    return Digits(digits.images[:600], digits.labels[:600], digits.names, digits.source, 500)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_algorithm_runs_the_main_job(name, small):
    for library in LIBRARIES.get(ALGORITHMS[name].extra, ()):
        pytest.importorskip(library)
    options = RunOptions(small, clusters=(10,), features=("pixels",), algorithm=name)
    (run,) = run_experiment(options).runs
    assert run.train_assignments.max() < run.n_clusters
    assert run.train_assignments.min() >= 0
    assert (run.test is None) == (not ALGORITHMS[name].predicts)
    if not ALGORITHMS[name].finds_number:
        assert run.n_clusters >= 10
    if name not in BLIND:
        assert adjusted_rand_score(small.labels[:500], run.train_assignments) > 0.1


def test_noise_is_a_cluster_without_a_name_that_the_report_counts(small, tmp_path):
    options = RunOptions(
        small, clusters=(10,), features=("pixels",), algorithm="hdbscan", out=tmp_path
    )
    folder, contents = run_and_write(options)
    (run,) = contents.runs
    noise = run.train_assignments == run.n_clusters - 1
    assert 0 < noise.sum() == run.n_noise
    assert run.mapping[-1] == -1
    right = run.mapping[run.train_assignments] == small.labels[:500]
    assert not right[noise].any()
    assert run.train.majority_accuracy == pytest.approx(right.mean())
    assert run.train.inertia is run.train.silhouette is None
    assert contents.model is None
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert f"{run.n_noise} of 500 training images" in page


def test_landmarks_are_told_of(small, monkeypatch):
    monkeypatch.setitem(ALGORITHMS, "ward", replace(ALGORITHMS["ward"], landmarks=200))
    options = RunOptions(small, clusters=(10,), features=("pixels",), algorithm="ward")
    contents = run_experiment(options)
    assert contents.runs[0].n_landmarks == 200
    (remark,) = remarks(contents)
    assert "200 of 500 training images were clustered" in remark
    assert len(np.unique(contents.runs[0].train_assignments)) == 10
