import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inkmeans import engine
from inkmeans.cluster.problem import Problem


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("weights", [None, np.array([1.0, 0.0, 2.5, 1.0, 1.0, 3.0])])
@given(st.data())
def test_inertia_from_sums_is_the_inertia(dtype, weights, data):
    rows = data.draw(arrays(np.uint8, (6, 5))).astype(dtype)
    centroids = data.draw(arrays(np.uint8, (3, 5))) + 0.25
    problem = Problem(rows, weights)
    labels = problem.assign(centroids)
    sums, counts = engine.cluster_sums(rows, labels, 3, weights=weights)
    quick = problem.inertia_from_sums(labels, centroids, sums, counts)
    assert quick == pytest.approx(problem.inertia(labels, centroids), rel=1e-9, abs=1e-6)


def test_inertia_of_the_widest_rows_does_not_overflow():
    rows = np.full((2, 33_100), 255, dtype=np.uint8)
    problem, labels, centroids = Problem(rows), np.zeros(2, np.int32), np.zeros((1, 33_100))
    sums, counts = engine.cluster_sums(rows, labels, 1)
    assert problem.inertia_from_sums(labels, centroids, sums, counts) == 2 * 33_100 * 255**2
