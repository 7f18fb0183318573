"""HDBSCAN: scikit-learn's on the same rows, with parameters from their number."""

import numpy as np
import pytest
import sklearn.cluster
from sklearn.metrics import adjusted_rand_score, pairwise_distances

from inkmeans.cluster import HDBSCAN
from inkmeans.errors import ParameterError


@pytest.mark.parametrize("method", ["eom", "leaf"])
def test_it_is_scikit_learns(small_digits, method):
    rows, _ = small_digits  # of equal distances either may take the other first: leave none
    rows = rows + np.random.default_rng(0).normal(scale=1e-3, size=rows.shape)
    size = round(np.log(len(rows)))
    theirs = sklearn.cluster.HDBSCAN(
        min_cluster_size=size, cluster_selection_method=method, metric="precomputed", copy=True
    ).fit(pairwise_distances(rows))
    ours = HDBSCAN(cluster_selection_method=method).fit(rows)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    np.testing.assert_allclose(ours.probabilities_, theirs.probabilities_, atol=1e-9)


def test_what_is_no_noise_is_one_digit_mostly(small_digits):
    rows, digits = small_digits
    labels = HDBSCAN(min_cluster_size=40, min_samples=5).fit_predict(rows)
    kept = labels >= 0
    assert 0.4 < kept.mean() < 0.9
    assert adjusted_rand_score(digits[kept], labels[kept]) > 0.8


def test_equal_rows_and_few_rows_have_an_answer():
    assert len(HDBSCAN().fit_predict(np.ones((30, 3)))) == 30
    assert HDBSCAN().fit_predict([[0.0], [1.0]]).tolist() == [-1, -1]
    with pytest.raises(ParameterError, match="n_samples=1"):
        HDBSCAN().fit([[0.0]])


def test_parameters_that_make_no_sense_are_refused():
    for parameters in ({"min_samples": 0}, {"min_cluster_size": 1}):
        with pytest.raises(ParameterError, match=next(iter(parameters))):
            HDBSCAN(**parameters).fit(np.eye(9))
