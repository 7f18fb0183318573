"""MiniBatchKMeans as a user meets it; scikit-learn's own tests are run in tests/conformance."""

import numpy as np
import pytest
import sklearn.cluster
from threadpoolctl import threadpool_limits

from inkmeans import KMeans, MiniBatchKMeans
from inkmeans.errors import ParameterError
from inkmeans.progress import Stop


def test_it_is_as_good_as_scikit_learns(digits):
    rows = digits[:2000]
    ours = [MiniBatchKMeans(20, random_state=seed).fit(rows).inertia_ for seed in range(3)]
    floats = rows.astype(np.float32)
    with threadpool_limits(1):
        theirs = [
            sklearn.cluster.MiniBatchKMeans(20, random_state=seed).fit(floats).inertia_
            for seed in range(3)
        ]
    assert np.mean(ours) < 1.02 * np.mean(theirs)


def test_uint8_images_give_what_their_floats_give(digits):
    small = MiniBatchKMeans(10, random_state=1).fit(digits[:1500])
    exact = MiniBatchKMeans(10, random_state=1).fit(digits[:1500].astype(float))
    assert small.n_steps_ == exact.n_steps_
    np.testing.assert_array_equal(small.labels_, exact.labels_)


def test_spherical_centroids_have_length_1(digits):
    fitted = MiniBatchKMeans(10, random_state=0, metric="cosine").fit(digits[:1000])
    np.testing.assert_allclose(np.linalg.norm(fitted.cluster_centers_, axis=1), 1)
    exact = KMeans(10, random_state=0, metric="cosine").fit(digits[:1000])
    assert exact.inertia_ < fitted.inertia_ * 1.02
    assert fitted.inertia_ < exact.inertia_ * 1.15


def test_rows_of_no_weight_do_not_count(digits):
    rows = np.vstack([digits[:300], 255 - digits[:300]])
    weights = np.repeat([1.0, 0.0], 300)
    fitted = MiniBatchKMeans(5, random_state=0, init="random").fit(rows, sample_weight=weights)
    assert fitted.cluster_centers_.mean() < 2 * digits[:300].mean()


def test_batches_one_by_one_find_clusters_too(digits):
    model = MiniBatchKMeans(10, random_state=0)
    events = []
    for start in range(0, 5000, 500):
        model.partial_fit(digits[start : start + 500])
    assert model.n_steps_ == 10
    assert model.cluster_centers_.dtype == np.float64
    whole = MiniBatchKMeans(10, random_state=0).fit(digits, callback=events.append)
    assert -model.score(digits) < 1.1 * whole.inertia_
    assert [event.step for event in events] == list(range(1, whole.n_steps_ + 1))
    # Each tells the inertia of all rows as its batch suggests it.
    assert events[-1].inertia == pytest.approx(whole.inertia_, rel=0.1)


def test_without_labels_the_inertia_is_an_estimate(digits):
    fitted = MiniBatchKMeans(10, random_state=0, compute_labels=False).fit(digits)
    assert not hasattr(fitted, "labels_")
    assert fitted.inertia_ == pytest.approx(-fitted.score(digits), rel=0.1)


@pytest.mark.parametrize("error", [Stop, KeyboardInterrupt])
def test_a_stop_keeps_the_centroids_so_far(digits, error):
    def stop(event):
        if event.step == 2:
            raise error

    model = MiniBatchKMeans(5, random_state=0)
    if error is Stop:
        model.fit(digits, callback=stop)
    else:
        with pytest.raises(KeyboardInterrupt):
            model.fit(digits, callback=stop)
    assert model.n_steps_ == 2
    np.testing.assert_array_equal(model.predict(digits), model.labels_)


@pytest.mark.parametrize(
    "parameters",
    [
        {"batch_size": 0},
        {"max_no_improvement": -1},
        {"init_size": 0},
        {"reassignment_ratio": -0.1},
        {"metric": "l2"},
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters):
    with pytest.raises(ParameterError, match=next(iter(parameters))):
        MiniBatchKMeans(2, **parameters).fit(np.eye(4))
