"""What every algorithm of the registry has in common, whatever it is given."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkmeans.cluster import ALGORITHMS, LandmarkClusterer, get_algorithm
from inkmeans.errors import ParameterError

LIBRARIES = {"graphs": ("igraph", "leidenalg", "genieclust"), "deep": ("torch",)}
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


def test_nan_is_refused(record):
    rows = np.eye(9, dtype=np.float32)
    rows[3, 3] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        record.make(3, 0).fit(rows)


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
