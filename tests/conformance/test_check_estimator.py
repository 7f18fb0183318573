"""scikit-learn's estimator checks over every estimator of ours."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from inkmeans import BisectingKMeans, KMeans, MiniBatchKMeans

ESTIMATORS = [
    KMeans(n_clusters=2, n_init=2, max_iter=5),
    KMeans(n_clusters=2, max_iter=5, init="k-means||", metric="cosine"),
    KMeans(n_clusters=2, max_iter=5, refine="swaps"),
    MiniBatchKMeans(n_clusters=2, n_init=2, max_iter=5, batch_size=10),
    BisectingKMeans(n_clusters=2, n_init=2, max_iter=5),
]

# scikit-learn declares the same two for its own KMeans, BisectingKMeans and MiniBatchKMeans:
# the random start depends on where a row stands, not only on its weight.
RANDOM_START = {
    "check_sample_weight_equivalence_on_dense_data": "the start is drawn at random",
    "check_sample_weight_equivalence_on_sparse_data": "the start is drawn at random",
}


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=lambda _: RANDOM_START)
def test_scikit_learn_conformance(estimator, check):
    check(estimator)


def test_nothing_is_expected_to_fail_that_scikit_learn_passes():
    generator = pytest.importorskip("sklearn.utils._test_common.instance_generator")
    from sklearn import cluster

    for ours in ESTIMATORS:
        theirs = getattr(cluster, type(ours).__name__)()
        assert RANDOM_START.keys() <= generator._get_expected_failed_checks(theirs).keys()
