"""KMeans as a user meets it; scikit-learn's own tests are run in tests/conformance."""

import pickle
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import sklearn.cluster
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from inkmeans import KMeans
from inkmeans.errors import DataError, ParameterError
from inkmeans.progress import Stop


def test_uint8_images_give_what_their_floats_give(digits):
    start = digits[:16].astype(float)
    exact = KMeans(16, init=start, tol=0).fit(digits[:1500].astype(np.float64))
    small = KMeans(16, init=start, tol=0).fit(digits[:1500])
    np.testing.assert_array_equal(small.labels_, exact.labels_)
    np.testing.assert_allclose(small.cluster_centers_, exact.cluster_centers_, rtol=1e-12)
    assert small.inertia_ == pytest.approx(exact.inertia_, rel=1e-12)
    assert small.cluster_centers_.dtype == np.float64


def test_the_same_start_ends_where_scikit_learn_ends(digits):
    rows = digits[:2000]
    start = rows[:10].astype(float)
    theirs = sklearn.cluster.KMeans(10, init=start, n_init=1).fit(rows.astype(float))
    ours = KMeans(10, init=start).fit(rows)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    assert ours.n_iter_ == theirs.n_iter_
    assert ours.inertia_ == pytest.approx(theirs.inertia_, rel=1e-9)


def test_uint8_images_are_not_copied_into_floats():
    rows = np.random.default_rng(0).integers(0, 256, (80_000, 784), dtype=np.uint8)
    tracemalloc.start()
    KMeans(3, init=rows[:3].astype(float), max_iter=2).fit(rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < rows.nbytes / 2


def test_int8_is_taken_as_float32():
    rows = np.array([[-128], [-126], [100]], dtype=np.int8)
    fitted = KMeans(2, random_state=0).fit(rows)
    assert fitted.cluster_centers_.dtype == np.float32
    assert sorted(fitted.cluster_centers_[:, 0]) == [-127, 100]
    assert fitted.predict(rows).tolist() == fitted.labels_.tolist()


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_labels_are_those_that_predict_gives(digits, dtype):
    rows = digits[:800].astype(dtype)
    for metric in ("euclidean", "cosine"):
        fitted = KMeans(12, random_state=0, metric=metric, max_iter=4).fit(rows)
        np.testing.assert_array_equal(fitted.predict(rows), fitted.labels_)
        assert -fitted.score(rows) == pytest.approx(fitted.inertia_, rel=1e-6)
        distances = fitted.transform(rows)
        np.testing.assert_array_equal(distances.argmin(axis=1), fitted.labels_)
        power = 2 if metric == "euclidean" else 1
        total = (distances.min(axis=1).astype(float) ** power).sum()
        assert total == pytest.approx(fitted.inertia_, rel=1e-5)


def test_spherical_clusters_do_not_depend_on_the_length_of_rows(digits):
    rows = digits[:600] // 4
    start = rows[:8].astype(float)
    plain = KMeans(8, init=start, metric="cosine").fit(rows)
    longer = rows * np.random.default_rng(0).integers(1, 5, (600, 1), dtype=np.uint8)
    scaled = KMeans(8, init=start, metric="cosine").fit(longer)
    np.testing.assert_array_equal(plain.labels_, scaled.labels_)
    np.testing.assert_allclose(plain.cluster_centers_, scaled.cluster_centers_, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(plain.cluster_centers_, axis=1), 1)


def test_more_clusters_than_different_rows_is_said():
    rows = np.array([[3, 3]] * 5 + [[9, 9]] * 2, dtype=np.uint8)
    with pytest.warns(ConvergenceWarning, match=r"distinct clusters \(2\)"):
        fitted = KMeans(4, random_state=0).fit(rows)
    assert fitted.inertia_ == 0


@pytest.mark.parametrize("init", ["k-means++", "k-means||", "random"])
def test_as_many_clusters_as_rows_leave_no_error(init):
    rows = np.arange(12, dtype=np.uint8).reshape(6, 2) ** 2
    fitted = KMeans(6, init=init, random_state=0).fit(rows)
    assert fitted.inertia_ == 0
    assert sorted(fitted.labels_) == list(range(6))


def test_a_fit_can_go_on_from_the_centroids_of_another(digits):
    rows = digits[:1000]
    brief = KMeans(10, random_state=0, max_iter=3).fit(rows)
    longer = KMeans(10, init=brief.cluster_centers_).fit(rows)
    whole = KMeans(10, random_state=0).fit(rows)
    assert longer.n_iter_ + 3 == whole.n_iter_
    np.testing.assert_array_equal(longer.labels_, whole.labels_)


def test_stop_returns_the_best_start_so_far(digits):
    def stop(event):
        if event.message == "start 2 of 5":
            raise Stop

    rows = digits[:300]
    stopped = KMeans(5, n_init=5, random_state=0).fit(rows, callback=stop)
    assert stopped.inertia_ <= KMeans(5, n_init=1, random_state=0).fit(rows).inertia_


def test_an_interrupt_leaves_a_fitted_model_and_goes_on(digits):
    def interrupt(event):
        if event.step == 2:
            raise KeyboardInterrupt

    model = KMeans(5, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(digits[:300], callback=interrupt)
    assert model.n_iter_ == 2
    np.testing.assert_array_equal(model.predict(digits[:300]), model.labels_)


def test_the_callback_is_no_parameter(digits):
    model = KMeans(3, random_state=0)
    assert "callback" not in model.get_params()
    model.fit(digits[:100], callback=lambda event: None)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(digits[:100]), model.labels_)
    assert clone(model).get_params() == model.get_params()


def test_frames_keep_their_names():
    frame = pd.DataFrame({"ink": [0, 1, 9], "turn": [0, 1, 9]}, dtype=np.uint8)
    model = KMeans(2, random_state=0).set_output(transform="pandas").fit(frame)
    assert list(model.transform(frame).columns) == ["kmeans0", "kmeans1"]
    assert list(model.feature_names_in_) == ["ink", "turn"]
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame.rename(columns={"ink": "paper"}))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_clusters": 0}, "n_clusters is 0"),
        ({"n_clusters": 2.5}, "n_clusters is 2.5"),
        ({"n_clusters": 99}, "n_samples=4 should be >= n_clusters=99"),
        ({"init": "kmeans"}, "init is 'kmeans'"),
        ({"init": [[0.0]]}, "does not match the number of clusters"),
        ({"n_init": "all"}, "n_init is 'all'"),
        ({"max_iter": 0}, "max_iter is 0"),
        ({"tol": -1.0}, "tol is -1.0"),
        ({"tol": float("nan")}, "tol is nan"),
        ({"algorithm": "full"}, "algorithm is 'full'"),
        ({"metric": "l1"}, "metric is 'l1'; choose one of 'euclidean', 'cosine'"),
        ({"refine": "more"}, "refine is 'more'"),
        ({"refine": "moves", "metric": "cosine"}, "Euclidean distances only"),
        ({"refine_seconds": -1}, "refine_seconds is -1"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters, message):
    with pytest.raises(ParameterError, match=message):
        KMeans(**{"n_clusters": 2, **parameters}).fit(np.eye(4))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], "shape"),
        ([[1], [1], [1], [1]], "shape"),
        ([-1, 1, 1, 1], "negative"),
        ([0, 0, 0, 0], "zero"),
    ],
)
def test_weights_that_make_no_sense_are_refused(weights, message):
    with pytest.raises(DataError, match=message):
        KMeans(2).fit(np.eye(4), sample_weight=weights)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(bad):
    with pytest.raises(ValueError, match="Input X contains"):
        KMeans(1).fit([[1.0], [bad]])
