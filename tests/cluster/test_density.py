"""DBSCAN, OPTICS and mean shift: scikit-learn's, with a radius from the rows."""

import numpy as np
import pytest
import sklearn.cluster
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, pairwise_distances

from inkmeans import KMeans
from inkmeans.cluster import DBSCAN, OPTICS, MeanShift
from inkmeans.errors import ParameterError


@pytest.fixture(scope="module")
def distinct(small_digits):
    """Digits without equal distances, of which either could be taken first."""
    rows, digits = small_digits
    noise = np.random.default_rng(0).normal(scale=1e-3, size=rows.shape)
    return (rows + noise)[:500], digits[:500]


def test_dbscan_is_scikit_learns_of_the_same_radius(distinct):
    rows, _ = distinct
    for ours in (DBSCAN(), DBSCAN(min_samples=3), DBSCAN(eps=1.5)):
        ours.fit(rows)
        theirs = sklearn.cluster.DBSCAN(eps=ours.eps_, min_samples=ours.min_samples).fit(rows)
        np.testing.assert_array_equal(ours.labels_, theirs.labels_)


def test_the_knee_of_the_distances_parts_clusters_from_noise():
    rng = np.random.default_rng(0)
    clusters = rng.normal(size=(300, 2)) + np.repeat([[0, 0], [30, 0], [0, 30]], 100, axis=0)
    noise = rng.uniform(-100, -20, size=(10, 2))
    labels = DBSCAN().fit_predict(np.concatenate([clusters, noise]))
    truth = np.repeat([0, 1, 2], 100)
    kept = labels[:300] >= 0
    assert kept.mean() > 0.9
    assert adjusted_rand_score(truth[kept], labels[:300][kept]) == 1
    assert (labels[300:] == -1).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 12), st.integers(0, 99))
def test_the_radius_grows_with_the_rows(n, seed):
    rows = np.random.default_rng(seed).integers(0, 4, size=(n, 2)).astype(float)
    one, double = DBSCAN().fit(rows), DBSCAN().fit(2 * rows)
    np.testing.assert_array_equal(one.labels_, double.labels_)


def test_optics_is_scikit_learns(distinct):
    rows, _ = distinct
    theirs = sklearn.cluster.OPTICS(metric="precomputed").fit(pairwise_distances(rows))
    ours = OPTICS().fit(rows)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    np.testing.assert_array_equal(ours.ordering_, theirs.ordering_)
    assert ours.labels_.max() > 2


@pytest.mark.parametrize("n_dimensions", [2, 8])
def test_mean_shift_is_scikit_learns_with_its_bandwidth(distinct, n_dimensions):
    rows = PCA(n_dimensions, random_state=0).fit_transform(distinct[0]).astype(np.float64)
    bandwidth = sklearn.cluster.estimate_bandwidth(rows)
    starts = KMeans(50, random_state=0).fit(rows).cluster_centers_
    for share in (1, 0.5):
        given = "auto" if share == 1 else share * bandwidth
        ours = MeanShift(bandwidth=given, random_state=0).fit(rows)
        assert ours.bandwidth_ == pytest.approx(share * bandwidth)
        theirs = sklearn.cluster.MeanShift(bandwidth=share * bandwidth, seeds=starts).fit(rows)
        np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_)
        np.testing.assert_array_equal(ours.labels_, theirs.labels_)
        np.testing.assert_array_equal(ours.predict(rows), ours.labels_)


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
@pytest.mark.parametrize("kind", [DBSCAN, OPTICS, MeanShift])
def test_equal_rows_and_single_rows_have_an_answer(kind):
    assert len(set(kind().fit_predict(np.ones((30, 3))).tolist())) == 1
    assert len(kind().fit_predict(np.ones((1, 3)))) == 1


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (DBSCAN, {"eps": -1}),
        (DBSCAN, {"min_samples": 0}),
        (OPTICS, {"xi": -1}),
        (OPTICS, {"min_cluster_size": 1}),
        (MeanShift, {"bandwidth": -1}),
    ],
)
def test_parameters_that_make_no_sense_are_refused(kind, parameters):
    with pytest.raises(ParameterError, match=next(iter(parameters))):
        kind(**parameters).fit(np.eye(9))
