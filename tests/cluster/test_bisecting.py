"""BisectingKMeans as a user meets it; scikit-learn's own tests are run in tests/conformance."""

import pickle

import numpy as np
import pytest
import sklearn.cluster
from threadpoolctl import threadpool_limits

from inkmeans import BisectingKMeans
from inkmeans.errors import ParameterError
from inkmeans.progress import Stop


@pytest.mark.parametrize("strategy", ["biggest_inertia", "largest_cluster"])
def test_it_is_as_good_as_scikit_learns(digits, strategy):
    rows = digits[:1000]
    parameters = {"n_init": 3, "random_state": 0, "bisecting_strategy": strategy}
    ours = BisectingKMeans(12, **parameters).fit(rows)
    with threadpool_limits(1):
        theirs = sklearn.cluster.BisectingKMeans(12, **parameters).fit(rows.astype(float))
    assert ours.inertia_ < 1.02 * theirs.inertia_
    np.testing.assert_array_equal(ours.predict(rows), ours.labels_)


def test_labels_are_those_of_the_centroids(digits):
    rows = digits[:500]
    fitted = BisectingKMeans(6, random_state=0).fit(rows)
    difference = rows - fitted.cluster_centers_[fitted.labels_]
    assert fitted.inertia_ == pytest.approx((difference**2).sum(), rel=1e-9)
    for j in range(6):
        mean = rows[fitted.labels_ == j].mean(axis=0)
        np.testing.assert_allclose(fitted.cluster_centers_[j], mean, atol=3)


def test_deep_trees_are_pickled_and_walked():
    rows = (2.0 ** np.arange(400))[:, None] ** 0.5  # always split into one row and the rest
    fitted = BisectingKMeans(390, random_state=0).fit(rows)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(rows), fitted.labels_)


def test_equal_rows_and_rows_of_no_weight_can_be_split():
    rows = np.array([[1], [1], [1], [1], [7]], dtype=np.uint8)
    fitted = BisectingKMeans(4, random_state=0).fit(rows, sample_weight=[0, 0, 1, 1, 1])
    assert fitted.inertia_ == 0
    assert fitted.predict(rows).shape == (5,)


def test_a_stop_keeps_the_clusters_so_far(digits):
    def stop(event):
        assert event.of == 9
        if event.step == 3:
            raise Stop

    fitted = BisectingKMeans(10, random_state=0).fit(digits[:300], callback=stop)
    assert fitted.cluster_centers_.shape == (4, 784)
    assert set(fitted.predict(digits[:300])) == {0, 1, 2, 3}
    assert fitted.transform(digits[:3]).shape == (3, 4)


@pytest.mark.parametrize(
    "parameters", [{"init": [[0.0]]}, {"bisecting_strategy": "oldest"}, {"algorithm": "full"}]
)
def test_parameters_that_make_no_sense_are_refused(parameters):
    with pytest.raises(ParameterError, match=next(iter(parameters))):
        BisectingKMeans(2, **parameters).fit(np.eye(4))
