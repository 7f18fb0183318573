"""The distances of all pairs, against scikit-learn's."""

import numpy as np
from sklearn.metrics import pairwise_distances

from inkmeans.cluster.rows import pair_distances


def test_distances_are_those_of_scikit_learn_and_symmetric(small_digits):
    rows, _ = small_digits
    ours = pair_distances(rows[:300])
    np.testing.assert_array_equal(ours, ours.T)
    np.testing.assert_allclose(ours, pairwise_distances(rows[:300].astype(float)), atol=1e-9)
