"""The Gaussian mixture: scikit-learn's on the same rows, and better than k-means on digits."""

import numpy as np
import pytest
import sklearn.mixture
from sklearn.metrics import adjusted_rand_score

from inkmeans import KMeans
from inkmeans.cluster import GaussianMixture
from inkmeans.errors import ParameterError


def test_it_is_scikit_learns_where_nothing_is_reduced(small_digits):
    rows, _ = small_digits
    ours = GaussianMixture(10, n_dimensions=None, random_state=0).fit(rows)
    assert ours.reduction_ is None
    theirs = sklearn.mixture.GaussianMixture(
        10, reg_covar=1e-3 * rows.astype(float).var(axis=0).mean(), random_state=0
    ).fit(rows.astype(float))
    np.testing.assert_array_equal(ours.labels_, theirs.predict(rows.astype(float)))
    np.testing.assert_allclose(ours.predict_proba(rows), theirs.predict_proba(rows), atol=1e-6)


def test_dimensions_follow_the_number_of_rows(small_digits):
    rows, _ = small_digits
    few = GaussianMixture(10, random_state=0).fit(rows[:400])
    many = GaussianMixture(10, random_state=0).fit(rows)
    assert few.reduction_.n_components_ == 4
    assert many.reduction_.n_components_ == len(rows) // 100


def test_digits_are_told_apart_better_than_by_k_means(small_digits):
    rows, digits = small_digits
    for seed in range(2):
        mixture = GaussianMixture(10, random_state=seed).fit_predict(rows)
        kmeans = KMeans(10, random_state=seed).fit_predict(rows)
        assert adjusted_rand_score(digits, mixture) > adjusted_rand_score(digits, kmeans)


def test_new_rows_go_where_the_same_rows_went(small_digits):
    rows, _ = small_digits
    fitted = GaussianMixture(10, random_state=0).fit(rows)
    np.testing.assert_array_equal(fitted.predict(rows), fitted.labels_)
    np.testing.assert_array_equal(fitted.predict_proba(rows).argmax(axis=1), fitted.labels_)


@pytest.mark.parametrize(
    "parameters", [{"n_clusters": 0}, {"n_dimensions": 0}, {"covariance_type": "round"}]
)
def test_parameters_that_make_no_sense_are_refused(parameters):
    with pytest.raises(ParameterError, match=next(iter(parameters))):
        GaussianMixture(**parameters).fit(np.eye(9))
