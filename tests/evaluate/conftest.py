"""A real clustering, small enough to be made once for the whole folder."""

from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.cluster import MiniBatchKMeans

import inkmeans


@dataclass(frozen=True)
class Clustered:
    """Some training and test images of MNIST, clustered."""

    rows: np.ndarray
    labels: np.ndarray
    assignments: np.ndarray
    test_labels: np.ndarray
    test_assignments: np.ndarray
    centroids: np.ndarray
    names: tuple[str, ...]


@pytest.fixture(scope="session")
def clustered():
    digits = inkmeans.load("mnist")
    rows = digits.images[:3000].reshape(3000, -1)
    test = digits.images[-1000:].reshape(1000, -1)
    model = MiniBatchKMeans(20, random_state=0, n_init=1).fit(rows.astype(np.float32))
    return Clustered(
        rows=rows,
        labels=digits.labels[:3000],
        assignments=model.labels_,
        test_labels=digits.labels[-1000:],
        test_assignments=model.predict(test.astype(np.float32)),
        centroids=model.cluster_centers_,
        names=digits.names,
    )
