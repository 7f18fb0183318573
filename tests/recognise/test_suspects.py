"""Wrong labels among real digits are found by what a classifier says that has not seen them."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from inkmeans.errors import DataError
from inkmeans.recognise.kernel_ridge import LandmarkKernel, LandmarkRidge
from inkmeans.recognise.suspects import suspicion


@pytest.fixture(scope="module")
def left_out(digits):
    rows = digits.images.reshape(len(digits.images), -1).astype(np.float32)
    ridge = LandmarkRidge(LandmarkKernel.scaled(rows), rows, penalty=0.1)
    return lambda labels: ridge.solve(np.eye(10, dtype=np.float32)[labels])[0]


@pytest.mark.parametrize("seed", range(3))
def test_flipped_labels_come_first(digits, left_out, seed):
    rng = np.random.default_rng(seed)
    labels = digits.labels.astype(np.int64)
    flipped = rng.choice(len(labels), len(labels) // 100, replace=False)
    labels[flipped] = (labels[flipped] + rng.integers(1, 10, len(flipped))) % 10
    wrong = np.zeros(len(labels), dtype=bool)
    wrong[flipped] = True
    assert average_precision_score(wrong, suspicion(labels, left_out)) > 0.95


def test_many_flipped_labels_are_found_better_by_a_second_fit(digits, left_out):
    rng = np.random.default_rng(0)
    labels = digits.labels.astype(np.int64)
    flipped = rng.choice(len(labels), len(labels) // 4, replace=False)
    labels[flipped] = (labels[flipped] + 1) % 10
    wrong = np.zeros(len(labels), dtype=bool)
    wrong[flipped] = True
    once = average_precision_score(wrong, suspicion(labels, left_out(labels)))
    assert average_precision_score(wrong, suspicion(labels, left_out)) > once


def test_a_label_that_a_second_fit_would_lose_is_kept():
    asked = []

    def left_out(labels):
        asked.append(labels)
        return np.array([[0.9, 0.1], [0.8, 0.2]])

    assert suspicion([0, 1], left_out).tolist() == pytest.approx([-0.8, 0.6])
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("given", "scores"),
    [
        ([0, 1], [[1.0, 0.0]]),
        ([0, 2], np.eye(2)),
        ([0, -1], np.eye(2)),
        ([0.5, 1], np.eye(2)),
        ([0, 0], np.ones((2, 1))),
        ([0, 1], [[1.0, np.nan], [0.0, 1.0]]),
    ],
)
def test_labels_and_scores_that_do_not_fit(given, scores):
    with pytest.raises(DataError):
        suspicion(given, scores)
