"""Contents as the main job makes them, on a part of MNIST that is clustered in a second."""

from __future__ import annotations

from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

import inkmeans
from inkmeans.experiment import RunOptions
from inkmeans.experiment.run import run_experiment
from inkmeans.report.contents import Contents
from inkmeans.report.run_folder import write_run_folder

N_TRAIN, N_TEST = 1200, 300


def cluster(dataset, **options) -> Contents:
    chosen = {
        "clusters": (10, 24),
        "features": ("pixels",),
        "algorithm": "sklearn-minibatch-kmeans",
        "seed": 3,
    } | options
    # Small data gain nothing from threads, and tests that run side by side lose much.
    with threadpool_limits(1):
        return run_experiment(RunOptions(dataset, **chosen))


def part_of_mnist():
    digits = inkmeans.load("mnist")
    test = slice(digits.n_train, digits.n_train + N_TEST)
    return (
        (digits.images[:N_TRAIN], digits.labels[:N_TRAIN]),
        (digits.images[test], digits.labels[test]),
    )


@pytest.fixture(scope="session")
def contents() -> Contents:
    """Two spaces, one of them reduced, two numbers of clusters, labels and a test part."""
    return cluster(part_of_mnist(), reduce="pca:16")


@pytest.fixture(scope="session")
def folder(contents, tmp_path_factory) -> Path:
    """The run folder of these contents."""
    return write_run_folder(contents, tmp_path_factory.mktemp("out"))


@pytest.fixture
def contents_again() -> Contents:
    """The same once more."""
    return cluster(part_of_mnist(), reduce="pca:16")


@pytest.fixture(scope="session")
def unlabelled() -> Contents:
    """Images and nothing else."""
    (images, _), _ = part_of_mnist()
    return cluster(images[:600], clusters=(4,))


@pytest.fixture(scope="session")
def without_test() -> Contents:
    """Labelled images that are all clustered."""
    digits = inkmeans.load("digits")
    return cluster((digits.images[:500], digits.labels[:500]), clusters=(10,))
