"""Nearest neighbours against a full sort."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkmeans.errors import DataError, ParameterError
from inkmeans.neighbors import nearest_neighbors
from inkmeans.progress import Stop


def slow_distances(queries, rows, metric):
    x, y = queries.astype(float), rows.astype(float)
    if metric == "euclidean":
        return np.sqrt(((x[:, None] - y[None]) ** 2).sum(axis=2))
    unit = [r / np.maximum(np.sqrt((r * r).sum(axis=1)), 1e-300)[:, None] for r in (x, y)]
    return 1 - unit[0] @ unit[1].T


@st.composite
def searches(draw):
    d = draw(st.integers(1, 9))
    dtype = draw(st.sampled_from([np.uint8, np.float32, np.float64]))
    values = st.integers(0, 255) if dtype == np.uint8 else st.floats(-99, 99, width=16)
    rows, queries = (
        draw(hnp.arrays(dtype, (draw(st.integers(1, 9)), d), elements=values)) for _ in range(2)
    )
    return rows, queries, draw(st.integers(1, len(rows)))


@settings(max_examples=150, deadline=None)
@given(searches(), st.sampled_from(["euclidean", "cosine"]), st.sampled_from([1, 2, 7]))
def test_neighbors_are_those_of_a_full_sort(search, metric, n_threads):
    rows, queries, k = search
    indices, distances = nearest_neighbors(rows, k, queries, metric=metric, n_threads=n_threads)
    slow = slow_distances(queries, rows, metric)
    np.testing.assert_allclose(distances, np.sort(slow, axis=1)[:, :k], atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(slow, indices, axis=1), distances, atol=1e-6)
    if rows.dtype == np.uint8 and metric == "euclidean":
        np.testing.assert_array_equal(indices, np.argsort(slow, axis=1, kind="stable")[:, :k])


def test_a_row_is_no_neighbor_of_itself_where_it_is_left_out():
    rows = np.array([[1], [1], [1], [5]], dtype=np.uint8)
    indices, distances = nearest_neighbors(rows, 2, exclude_self=True)
    assert indices.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1]]
    assert distances.tolist() == [[0, 0], [0, 0], [0, 0], [4, 4]]


def test_rows_of_zeros_are_at_a_right_angle_to_everything():
    rows = np.array([[0, 0], [2, 0], [0, 3]], dtype=np.float32)
    _, distances = nearest_neighbors(rows, 3, metric="cosine")
    np.testing.assert_allclose(distances, [[1, 1, 1], [0, 1, 1], [0, 1, 1]], atol=1e-12)


def test_progress_counts_queries_and_can_stop_the_search():
    rows = np.zeros((5000, 2), dtype=np.uint8)
    events = []
    nearest_neighbors(rows[:3], 1, rows, callback=events.append)
    steps = [event.step for event in events]
    assert steps == sorted(set(steps))
    assert steps[-1] == events[0].of == 5000
    assert events[0].stage == "neighbors"

    def stop(event):
        raise Stop

    with pytest.raises(Stop):
        nearest_neighbors(rows[:3], 1, rows, callback=stop)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_neighbors": 4}, ParameterError, "from 1 to 3"),
        ({"n_neighbors": 3, "exclude_self": True}, ParameterError, "from 1 to 2"),
        ({"n_neighbors": 1, "metric": "l1"}, ParameterError, "choose 'euclidean'"),
        ({"n_neighbors": 1, "queries": [[1.0, 2.0]]}, DataError, "columns"),
        (
            {"n_neighbors": 1, "queries": [[1.0]], "exclude_self": True},
            ParameterError,
            "exclude_self",
        ),
        ({"n_neighbors": 1, "queries": [[np.nan]]}, ValueError, "NaN"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        nearest_neighbors(np.zeros((3, 1)), **arguments)
