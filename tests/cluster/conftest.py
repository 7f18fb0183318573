"""Digits to cluster, and clusterings drawn at random."""

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkmeans.datasets import load


@pytest.fixture(scope="session")
def digits():
    """5,000 MNIST images as rows of uint8."""
    return np.ascontiguousarray(load("mnist").images[:5000].reshape(5000, -1))


@st.composite
def clusterings(draw):
    """Rows of any kind, some of their weights, and rows of them to begin with."""
    dtype = draw(st.sampled_from([np.uint8, np.float32, np.float64]))
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=2, max_side=12))
    values = st.integers(0, 255) if dtype == np.uint8 else st.floats(-1e3, 1e3, width=16)
    fill = draw(st.sampled_from([None, st.just(0)]))  # many equal values, or all its own
    rows = draw(hnp.arrays(dtype, shape, elements=values, fill=fill))
    k = draw(st.integers(1, len(rows)))
    start = draw(st.lists(st.integers(0, len(rows) - 1), min_size=k, max_size=k))
    some = st.sampled_from([0.0, 0.5, 1.0, 3.0])
    weights = draw(st.none() | hnp.arrays(np.float64, len(rows), elements=some).filter(np.any))
    return rows, rows[start].astype(np.float64), weights


@pytest.fixture(scope="session")
def small_digits():
    """The 1,797 digits of scikit-learn as rows of float32 in [0, 1], and which digits they are."""
    digits = load("digits")
    return digits.images.reshape(len(digits), -1) / np.float32(255), digits.labels
