"""A small data set, and one comparison of it that the whole folder looks at."""

import numpy as np
import pytest

import inkmeans
from inkmeans.datasets import Digits
from inkmeans.experiment import CompareOptions, compare


@pytest.fixture(scope="session")
def small():
    digits = inkmeans.load("digits")
    return Digits(digits.images[:400], digits.labels[:400], digits.names, digits.source, 300)


@pytest.fixture(scope="session")
def options(small, tmp_path_factory):
    return CompareOptions(
        small,
        algorithms=("kmeans", "sklearn-kmeans"),
        features=("pixels",),
        reduce=(None, "pca:65"),  # of 64 pixels: it fails, the rest goes on
        clusters=(10,),
        seeds=(0, 3),
        out=tmp_path_factory.mktemp("work") / "comparison",
    )


@pytest.fixture(scope="session")
def watched():
    return []


@pytest.fixture(scope="session")
def comparison(options, watched):
    return compare(options, watch=watched.append)


@pytest.fixture(scope="session")
def clusters(comparison):
    """The clusters of a cell by its name, as the folder holds them."""

    def read(name):
        return np.load(next((comparison.folder / "assignments").glob(f"*-{name}.npy")))

    return read
