"""The graph of neighbours and the distances of all pairs, against scikit-learn's."""

import numpy as np
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import kneighbors_graph

from inkmeans.cluster.rows import neighbor_graph, pair_distances


def test_the_graph_is_that_of_scikit_learn_both_ways():
    rows = np.random.default_rng(0).normal(size=(80, 3))
    theirs = kneighbors_graph(rows, 4)
    np.testing.assert_array_equal(
        neighbor_graph(rows, 4).toarray(), theirs.maximum(theirs.T).toarray()
    )


def test_a_graph_of_few_rows_has_the_neighbours_that_there_are():
    assert neighbor_graph(np.eye(3), 10).toarray().tolist() == (1 - np.eye(3)).tolist()
    assert neighbor_graph(np.zeros((1, 2)), 10).shape == (1, 1)


def test_distances_are_those_of_scikit_learn_and_symmetric(small_digits):
    rows, _ = small_digits
    ours = pair_distances(rows[:300])
    np.testing.assert_array_equal(ours, ours.T)
    np.testing.assert_allclose(ours, pairwise_distances(rows[:300].astype(float)), atol=1e-9)
