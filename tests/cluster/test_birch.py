"""BIRCH: scikit-learn's with the same radius; the radius from the rows."""

import numpy as np
import pytest
import sklearn.cluster
from sklearn.metrics import adjusted_rand_score, pairwise_distances

from inkmeans.cluster import Birch
from inkmeans.errors import ParameterError


def test_it_is_scikit_learns_of_the_same_radius(small_digits):
    rows, digits = small_digits
    ours = Birch(10).fit(rows)
    theirs = sklearn.cluster.Birch(n_clusters=10, threshold=ours.threshold_).fit(rows)
    np.testing.assert_array_equal(ours.balls_, theirs.subcluster_centers_)
    assert adjusted_rand_score(theirs.labels_, ours.labels_) > 0.999  # ties of equal distance
    assert adjusted_rand_score(digits, ours.labels_) > 0.6
    np.testing.assert_array_equal(ours.predict(rows), ours.labels_)


def test_the_radius_is_the_mean_distance_of_rows_to_their_nearest():
    rows = np.random.default_rng(0).normal(size=(400, 2))
    nearest = np.sort(pairwise_distances(rows), axis=1)[:, 1]
    assert Birch(4).fit(rows).threshold_ == pytest.approx(nearest.mean())
    assert Birch(4).fit(rows * 10).threshold_ == pytest.approx(10 * nearest.mean())


def test_equal_rows_are_one_ball():
    fitted = Birch(3).fit(np.ones((20, 4)))
    assert fitted.labels_.tolist() == [0] * 20
    assert len(fitted.balls_) == 1


def test_parameters_that_make_no_sense_are_refused():
    for parameters in ({"n_clusters": 0}, {"threshold": -1}, {"branching_factor": 1}):
        with pytest.raises(ParameterError, match=next(iter(parameters))):
            Birch(**parameters).fit(np.eye(9))
