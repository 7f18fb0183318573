"""scikit-learn's estimator checks over every estimator of ours, registered ones included."""

import importlib

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from inkmeans import BisectingKMeans, KMeans, MiniBatchKMeans
from inkmeans.cluster import ALGORITHMS, LandmarkClusterer, Ward

LIBRARIES = {"graphs": ("igraph", "leidenalg", "genieclust"), "deep": ("torch",)}


def installed(extra):
    try:
        return all(importlib.import_module(name) for name in LIBRARIES.get(extra, ()))
    except ImportError:
        return False


KMEANS = [
    KMeans(n_clusters=2, n_init=2, max_iter=5),
    KMeans(n_clusters=2, max_iter=5, init="k-means||", metric="cosine"),
    KMeans(n_clusters=2, max_iter=5, refine="swaps"),
    MiniBatchKMeans(n_clusters=2, n_init=2, max_iter=5, batch_size=10),
    BisectingKMeans(n_clusters=2, n_init=2, max_iter=5),
]
REGISTERED = {
    name: record.make(n_clusters=3, random_state=0)
    for name, record in ALGORITHMS.items()
    if installed(record.extra) and not name.startswith("sklearn-")
}
ESTIMATORS = [
    *KMEANS,
    LandmarkClusterer(Ward(2), n_landmarks=8, landmarks="k-means", random_state=0),
    *(made for made in REGISTERED.values() if type(made) not in map(type, KMEANS)),
]

# scikit-learn declares the same two for its own KMeans, BisectingKMeans and MiniBatchKMeans:
# the random start depends on where a row stands, not only on its weight.
RANDOM_START = {
    "check_sample_weight_equivalence_on_dense_data": "the start is drawn at random",
    "check_sample_weight_equivalence_on_sparse_data": "the start is drawn at random",
}


def expected_to_fail(estimator):
    return RANDOM_START if "KMeans" in type(estimator).__name__ else {}


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_to_fail)
def test_scikit_learn_conformance(estimator, check):
    check(estimator)


def test_nothing_is_expected_to_fail_that_scikit_learn_passes():
    generator = pytest.importorskip("sklearn.utils._test_common.instance_generator")
    from sklearn import cluster

    for ours in KMEANS:
        theirs = getattr(cluster, type(ours).__name__)()
        assert RANDOM_START.keys() <= generator._get_expected_failed_checks(theirs).keys()


def test_every_algorithm_that_is_installed_is_checked():
    kinds = {type(estimator) for estimator in ESTIMATORS}
    assert all(type(estimator) in kinds for estimator in REGISTERED.values())
    assert len(REGISTERED) > len(KMEANS)  # otherwise the search has gone blind
