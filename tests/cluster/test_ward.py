"""Ward's clustering: scikit-learn's, on a graph of exact neighbours where rows are many."""

import numpy as np
import pytest
import sklearn.cluster
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

from inkmeans.cluster import Ward
from inkmeans.errors import ParameterError


@pytest.mark.parametrize("linkage", ["ward", "average"])
def test_it_is_scikit_learns(small_digits, linkage):
    rows, _ = small_digits
    theirs = sklearn.cluster.AgglomerativeClustering(10, linkage=linkage).fit(rows)
    ours = Ward(10, linkage=linkage).fit(rows)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    np.testing.assert_array_equal(ours.children_, theirs.children_)


def test_neighbours_bind_as_scikit_learns_graph_does(small_digits):
    rows, _ = small_digits
    graph = kneighbors_graph(rows.astype(np.float64), 12)
    theirs = sklearn.cluster.AgglomerativeClustering(10, connectivity=graph).fit(rows)
    ours = Ward(10, n_neighbors=12).fit(rows)
    # Of equally near rows each takes another as the last neighbour.
    assert adjusted_rand_score(theirs.labels_, ours.labels_) > 0.95


def test_digits_are_found(small_digits):
    rows, digits = small_digits
    assert adjusted_rand_score(digits, Ward(10).fit_predict(rows)) > 0.75
    assert adjusted_rand_score(digits, Ward(10, n_neighbors=10).fit_predict(rows)) > 0.75


def test_many_rows_are_bound_to_their_neighbours_by_themselves():
    rows = np.random.default_rng(0).normal(size=(5001, 2))
    np.testing.assert_array_equal(
        Ward(7).fit_predict(rows), Ward(7, n_neighbors=10).fit_predict(rows)
    )


def test_parameters_that_make_no_sense_are_refused():
    for parameters in ({"n_clusters": 0}, {"linkage": "median"}, {"n_neighbors": 0}):
        with pytest.raises(ParameterError, match=next(iter(parameters))):
            Ward(**parameters).fit(np.eye(9))
    with pytest.raises(ParameterError, match="n_samples=3"):
        Ward(8).fit(np.eye(3))
