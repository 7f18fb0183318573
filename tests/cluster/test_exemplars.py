"""k-medoids against every choice of medoids; affinity propagation against scikit-learn's."""

from itertools import combinations

import numpy as np
import pytest
import sklearn.cluster
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from inkmeans.cluster import AffinityPropagation, KMedoids
from inkmeans.cluster.rows import pair_distances
from inkmeans.errors import ParameterError


def cost(distances, medoids):
    return distances[list(medoids)].min(axis=0).sum()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 14), st.data())
def test_no_swap_of_a_medoid_for_another_row_is_better(n, data):
    k = data.draw(st.integers(1, n))
    rows = np.random.default_rng(data.draw(st.integers(0, 999))).normal(size=(n, 2))
    fitted = KMedoids(k, random_state=data.draw(st.integers(0, 9))).fit(rows)
    distances, medoids = pair_distances(rows), fitted.medoid_indices_.tolist()
    assert fitted.inertia_ == pytest.approx(cost(distances, medoids), abs=1e-9)
    for out in medoids:
        for other in range(n):
            swapped = {*medoids, other} - ({out} if other != out else set())
            assert cost(distances, swapped) >= fitted.inertia_ - 1e-9


def test_the_best_medoids_of_all_are_found_from_some_start():
    rows = np.random.default_rng(3).normal(size=(16, 3))
    distances = pair_distances(rows)
    best = min(cost(distances, chosen) for chosen in combinations(range(16), 3))
    fits = [KMedoids(3, random_state=seed).fit(rows).inertia_ for seed in range(8)]
    assert min(fits) == pytest.approx(best)
    assert np.mean(fits) < 1.1 * best


def test_medoids_are_rows_and_their_clusters_are_digits(small_digits):
    rows, digits = small_digits
    fitted = KMedoids(10, random_state=0).fit(rows)
    np.testing.assert_array_equal(fitted.cluster_centers_, rows[fitted.medoid_indices_])
    np.testing.assert_array_equal(fitted.predict(rows), fitted.labels_)
    np.testing.assert_array_equal(fitted.labels_[fitted.medoid_indices_], np.arange(10))
    assert adjusted_rand_score(digits, fitted.labels_) > 0.5


def test_affinity_propagation_is_scikit_learns_of_the_same_preference(small_digits):
    rows, _ = small_digits
    rows = rows[:400]
    ours = AffinityPropagation(random_state=0).fit(rows)
    theirs = sklearn.cluster.AffinityPropagation(
        damping=0.9, max_iter=400, preference=ours.preference_, random_state=0
    ).fit(rows.astype(np.float64))
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    np.testing.assert_array_equal(ours.predict(rows), ours.labels_)
    pairs = pair_distances(rows)[np.triu_indices(400, 1)]
    assert ours.preference_ == pytest.approx(-np.median(pairs**2))


def test_the_hint_is_nearly_followed(small_digits):
    rows, digits = small_digits
    fitted = AffinityPropagation(10, random_state=0).fit(rows[:600])
    assert abs(len(fitted.cluster_centers_) - 10) <= 2
    assert adjusted_rand_score(digits[:600], fitted.labels_) > 0.4


@pytest.mark.filterwarnings("ignore:All samples have mutually equal similarities")
@pytest.mark.parametrize("kind", [KMedoids, AffinityPropagation])
def test_equal_rows_and_single_rows_have_an_answer(kind):
    labels = kind(1, random_state=0).fit(np.ones((30, 3))).labels_
    assert labels.tolist() == [0] * 30
    assert kind(1, random_state=0).fit_predict(np.ones((1, 3))).tolist() == [0]


def test_parameters_that_make_no_sense_are_refused():
    for kind, parameters in (
        (KMedoids, {"n_clusters": 0}),
        (KMedoids, {"max_iter": 0}),
        (AffinityPropagation, {"n_clusters": 0}),
        (AffinityPropagation, {"damping": -1}),
    ):
        with pytest.raises(ParameterError, match=next(iter(parameters))):
            kind(**parameters).fit(np.eye(9))
