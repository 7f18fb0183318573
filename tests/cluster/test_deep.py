"""Deep clustering: run where torch is installed; what needs none is tested everywhere."""

import pickle
import sys

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from inkmeans import KMeans
from inkmeans.cluster import DeepClustering
from inkmeans.errors import MissingExtraError, ParameterError


@pytest.fixture(scope="module")
def fitted(small_digits):
    pytest.importorskip("torch")
    rows, _ = small_digits
    return DeepClustering(10, n_epochs=100, random_state=0).fit(rows)


def test_digits_are_told_apart_better_than_by_k_means(fitted, small_digits):
    rows, digits = small_digits
    kmeans = KMeans(10, random_state=0).fit_predict(rows)
    deep = adjusted_rand_score(digits, fitted.labels_)
    assert deep > adjusted_rand_score(digits, kmeans) + 0.05


def test_the_autoencoder_learns_to_restore(fitted):
    assert fitted.losses_[-1] < 0.5 * fitted.losses_[0]


def test_a_fitted_one_is_arrays_and_needs_no_torch(fitted, small_digits, monkeypatch):
    rows, _ = small_digits
    again = pickle.loads(pickle.dumps(fitted))
    monkeypatch.setitem(sys.modules, "torch", None)
    np.testing.assert_array_equal(again.predict(rows), fitted.labels_)
    assert again.embed(rows).shape == (len(rows), 10)


def test_the_seed_decides_and_the_callers_random_numbers_are_left_alone(small_digits):
    torch = pytest.importorskip("torch")
    rows, _ = small_digits
    state = torch.random.get_rng_state()
    first, second, other = (
        DeepClustering(10, n_epochs=2, n_refinements=1, random_state=seed).fit(rows[:300])
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.embed(rows), second.embed(rows))
    assert (first.embed(rows) != other.embed(rows)).any()
    assert torch.equal(state, torch.random.get_rng_state())


def test_without_torch_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"torch.*inkmeans\[deep\]"):
        DeepClustering(2).fit(np.eye(9))


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_clusters": 0},
        {"hidden": (0,)},
        {"n_epochs": 0},
        {"learning_rate": -1},
        {"batch_size": 0},
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters):
    with pytest.raises(ParameterError, match=next(iter(parameters))):
        DeepClustering(**parameters).fit(np.eye(9))
