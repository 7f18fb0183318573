"""What every algorithm of the registry has in common, whatever it is given."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import adjusted_rand_score

from inkmeans.cluster import ALGORITHMS, LandmarkClusterer, get_algorithm
from inkmeans.errors import ParameterError

LIBRARIES = {"graphs": ("igraph", "leidenalg", "genieclust"), "deep": ("torch",)}
HINTED = ("affinity-propagation", "leiden")  # where the number asked for is a hint
OURS = [name for name in ALGORITHMS if not name.startswith("sklearn-")]


@pytest.fixture(params=OURS)
def record(request):
    found = get_algorithm(request.param)
    for library in LIBRARIES.get(found.extra, ()):
        pytest.importorskip(library)
    return found


@pytest.fixture(autouse=True)
def no_warnings_about_odd_rows():
    with warnings.catch_warnings():  # equal rows, fewer clusters than asked for: both are wanted
        warnings.simplefilter("ignore")
        yield


@st.composite
def odd_rows(draw):
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))
    values = st.floats(-100, 100, width=16)
    return draw(hnp.arrays(np.float32, shape, elements=values, fill=st.just(0)))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=odd_rows(), n_clusters=st.integers(1, 4))
def test_odd_rows_get_a_label_each_or_a_clear_error(record, rows, n_clusters):
    estimator = record.make(n_clusters, 0)
    try:
        labels = estimator.fit_predict(rows)
    except ParameterError as error:
        if len(rows) >= max(n_clusters, 2) or "n_samples" not in str(error):
            raise
        return
    assert labels.dtype == np.int32
    assert labels.shape == (len(rows),)
    assert labels.min() >= -1
    used = np.unique(labels[labels >= 0])
    if record.finds_number:  # others keep the numbers of clusters that no row is left for
        np.testing.assert_array_equal(used, np.arange(len(used)))
    if record.predicts:
        assert np.isin(estimator.predict(rows), [-1, *range(n_clusters), *used]).all()


def test_equal_images_are_one_cluster_or_noise(record):
    labels = record.make(3, 0).fit_predict(np.full((40, 5), 0.5, dtype=np.float32))
    assert len(labels) == 40
    if record.landmarks is not None and record.extra is None and record.name != "ward":
        assert len(set(labels.tolist())) == 1


@pytest.mark.parametrize(
    ("value", "says"), [(np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "infinity")]
)
def test_rows_that_are_no_numbers_are_refused(record, value, says):
    rows = np.eye(9, dtype=np.float32)
    rows[3, 3] = value
    with pytest.raises(ValueError, match=says):
        record.make(3, 0).fit(rows)
    if record.predicts and record.extra is None:
        fitted = record.make(3, 0).fit(np.eye(9, dtype=np.float32))
        with pytest.raises(ValueError, match=says):
            fitted.predict(rows)


@pytest.mark.parametrize(
    "rows",
    [np.zeros((9, 4, 4), np.uint8), np.zeros(9), np.zeros((0, 4)), np.full((9, 4), "ink")],
    ids=["images", "one row", "no rows", "text"],
)
def test_what_are_no_rows_is_refused(record, rows):
    with pytest.raises(ValueError, match=r"dim|array|sample|convert|numeric"):
        record.make(3, 0).fit(rows)


def test_fewer_rows_than_clusters_are_refused_or_all_labelled(record):
    rows = np.random.default_rng(0).normal(size=(4, 3))
    if record.finds_number or record.name in HINTED:
        assert record.make(9, 0).fit_predict(rows).shape == (4,)
    else:
        with pytest.raises(ParameterError, match="n_samples=4"):
            record.make(9, 0).fit(rows)


def test_as_many_clusters_as_rows_are_one_each(record):
    rows = 100 * np.eye(6, dtype=np.float32)
    labels = record.make(6, 0).fit_predict(rows)
    if not (record.finds_number or record.name in HINTED):
        assert sorted(labels.tolist()) == list(range(6))


@pytest.mark.parametrize("scale", [1e-20, 1e15])
def test_very_small_and_very_large_numbers_are_clustered(record, scale):
    rows = np.random.default_rng(0).normal(size=(60, 3)) + np.repeat([[0.0], [30.0]], 30, axis=0)
    labels = record.make(2, 0).fit_predict(rows * scale)
    assert labels.shape == (60,)
    assert labels.min() >= -1


def test_bytes_are_taken_as_the_numbers_that_they_are(record, small_digits):
    rows = np.round(small_digits[0][:120] * 255).astype(np.uint8)
    as_bytes, as_floats = (record.make(4, 0).fit(part).labels_ for part in (rows, rows * 1.0))
    assert as_bytes.dtype == np.int32
    if not record.name.startswith(("minibatch", "deep")):  # these draw by what rows they get
        assert adjusted_rand_score(as_bytes, as_floats) > 0.9


def test_the_same_seed_gives_the_same_labels(record, small_digits):
    rows = small_digits[0][:200]
    first, second = (record.make(5, 7).fit(rows).labels_ for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_landmarks_are_those_of_the_record(record):
    made = record.make(4, 0)
    assert isinstance(made, LandmarkClusterer) == (record.landmarks is not None)
    if record.landmarks is not None:
        assert made.n_landmarks == record.landmarks
        assert record.max_images is None
