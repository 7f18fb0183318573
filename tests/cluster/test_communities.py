"""Leiden and Genie: what their libraries find, and that the extra is named where it lacks."""

import sys

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from inkmeans.cluster import Genie, Leiden
from inkmeans.cluster.communities import _ties
from inkmeans.errors import MissingExtraError, ParameterError


def test_ties_are_the_shares_of_common_neighbours():
    rows = np.array([[0.0], [1.0], [2.5], [20.0], [21.0]])
    edges, weights = _ties(rows, 1)
    # Neighbours, with the row itself: {0, 1}, {0, 1, 2}, {1, 2}, {3, 4}, {3, 4}.
    assert dict(zip(map(tuple, edges.tolist()), weights.tolist(), strict=True)) == {
        (0, 1): pytest.approx(2 / 3),
        (1, 2): pytest.approx(2 / 3),
        (3, 4): 1.0,
    }


def test_leiden_finds_digits_and_follows_the_hint(small_digits):
    pytest.importorskip("leidenalg")
    rows, digits = small_digits
    free, hinted = Leiden(random_state=0).fit(rows), Leiden(10, random_state=0).fit(rows)
    assert free.resolution_ == 1
    assert hinted.labels_.max() + 1 == 10
    for fitted in (free, hinted):
        assert adjusted_rand_score(digits, fitted.labels_) > 0.7
    again = Leiden(10, random_state=0).fit_predict(rows)
    np.testing.assert_array_equal(again, hinted.labels_)


def test_leiden_parts_what_is_not_connected():
    pytest.importorskip("leidenalg")
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(90, 2)) + np.repeat([[0, 0], [50, 0], [0, 50]], 30, axis=0)
    labels = Leiden(3, random_state=0).fit_predict(rows)
    assert adjusted_rand_score(np.repeat([0, 1, 2], 30), labels) == 1


def test_genie_is_genieclusts(small_digits):
    genieclust = pytest.importorskip("genieclust")
    rows, digits = small_digits
    ours = Genie(10).fit_predict(rows)
    np.testing.assert_array_equal(ours, genieclust.Genie(10).fit_predict(rows))
    assert adjusted_rand_score(digits, ours) > 0.7


@pytest.mark.parametrize("kind", [Leiden, Genie])
def test_equal_rows_and_single_rows_have_an_answer(kind):
    pytest.importorskip("leidenalg" if kind is Leiden else "genieclust")
    assert len(kind(2).fit_predict(np.ones((12, 3)))) == 12
    assert kind(1).fit_predict(np.ones((1, 3))).tolist() == [0]


@pytest.mark.parametrize(("kind", "library"), [(Leiden, "leidenalg"), (Genie, "genieclust")])
def test_a_library_that_lacks_is_named_with_its_extra(kind, library, monkeypatch):
    pytest.importorskip("igraph")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=rf"{library}.*inkmeans\[graphs\]"):
        kind(2).fit(np.eye(9))


def test_parameters_that_make_no_sense_are_refused():
    for kind, parameters in (
        (Leiden, {"n_clusters": 0}),
        (Leiden, {"n_neighbors": 0}),
        (Leiden, {"resolution": -1}),
        (Genie, {"n_clusters": 0}),
        (Genie, {"gini_threshold": -1}),
    ):
        with pytest.raises(ParameterError, match=next(iter(parameters))):
            kind(**parameters).fit(np.eye(9))
