"""scikit-learn's own tests of its k-means, with our classes in the place of theirs.

The installed test modules are imported anew while `sklearn.cluster` holds our classes and
functions, so nothing of them is copied here and a newer scikit-learn brings its own tests.
"""

import importlib.util
from unittest import mock

import pytest
import sklearn.cluster

import inkmeans.cluster

OURS = ("BisectingKMeans", "KMeans", "MiniBatchKMeans", "k_means", "kmeans_plusplus")

# Tests of scikit-learn's private helpers, which would run scikit-learn's code and not ours.
LEFT_OUT = {
    "test_relocate_empty_clusters": "_relocate_empty_clusters_dense and _sparse",
    "test_minibatch_update_consistency": "_mini_batch_step, _labels_inertia",
    "test_minibatch_reassign": "_mini_batch_step, _labels_inertia",
    "test_euclidean_distance": "_euclidean_dense_dense_wrapper and _sparse_dense_wrapper",
    "test_inertia": "_inertia_dense, _inertia_sparse",
    "test_is_same_clustering": "_is_same_clustering",
    "test_sample_weight_init": "KMeans._init_centroids; see tests/cluster/test_seeding.py",
    "test_sample_weight_zero": "KMeans._init_centroids; see tests/cluster/test_seeding.py",
}


def load(name):
    spec = importlib.util.find_spec(name)
    module = importlib.util.module_from_spec(spec)
    ours = {name: getattr(inkmeans.cluster, name) for name in OURS}
    with mock.patch.multiple(sklearn.cluster, **ours):
        spec.loader.exec_module(module)
    return {key: value for key, value in vars(module).items() if key.startswith("test_")}


pytest.importorskip("sklearn.cluster.tests.test_k_means")
SUITES = load("sklearn.cluster.tests.test_k_means") | load(
    "sklearn.cluster.tests.test_bisect_k_means"
)
globals().update({name: test for name, test in SUITES.items() if name not in LEFT_OUT})


def test_what_is_left_out_is_there_and_is_little():
    assert LEFT_OUT.keys() <= SUITES.keys()
    assert len(LEFT_OUT) < len(SUITES) / 4
