"""The main job with each reducer, from images to what the run folder holds of it."""

import numpy as np
import pytest
from safetensors.numpy import load_file

import inkmeans
from inkmeans.datasets import Digits
from inkmeans.experiment import RunOptions, run_experiment
from inkmeans.reduce import REDUCERS, get_reducer
from inkmeans.report.tables import write_centroids


@pytest.fixture(scope="module")
def small():
    digits = inkmeans.load("digits")
    return Digits(digits.images[:250], digits.labels[:250], digits.names, digits.source, 200)


SLOW = ("umap", "pacmap")  # compiled on their first use


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n in SLOW)) for n in REDUCERS]
)
def test_a_run_clusters_the_rows_that_the_reducer_gives(name, small):
    options = RunOptions(small, clusters=(10,), features=("pixels",), reduce=f"{name}:2")
    plain, reduced = run_experiment(options).runs
    assert (plain.reducer, reduced.reducer) == (None, f"{name}:2")
    assert reduced.centroids.shape == (10, 2)
    assert reduced.test.n_images == 50
    # Two directions tell little, two dimensions that keep neighbours much.
    keeps_neighbors = name in ("isomap", "umap", "tsne", "pacmap")
    assert reduced.train.majority_accuracy > (0.65 if keeps_neighbors else 0.35)
    # The centroids lie among the rows that the reducer gives, on the scale of the run.
    rows = get_reducer(name).make(2, 0).fit_transform(small.images[:200].reshape(200, 64))
    rows = rows / (255 if REDUCERS[name].linear else 1)
    members = rows[reduced.train_assignments == 0]
    spread = float(np.abs(rows).max())
    assert reduced.centroids[0] == pytest.approx(members.mean(axis=0), abs=0.2 * spread)


@pytest.mark.parametrize("name", ["truncated-svd", "isomap"])
def test_the_run_folder_says_how_rows_follow_where_a_matrix_does(name, small, tmp_path):
    options = RunOptions(small, clusters=(10,), features=("pixels",), reduce=f"{name}:2")
    write_centroids(run_experiment(options), tmp_path / "centroids.safetensors")
    kept = load_file(tmp_path / "centroids.safetensors")
    assert (f"pixels-{name}2.components" in kept) == REDUCERS[name].linear
