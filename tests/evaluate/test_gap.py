"""The gap statistic, against its definition and on data of known numbers of clusters."""

import numpy as np
import pytest
from sklearn.cluster import KMeans

from inkmeans.errors import DataError, ParameterError
from inkmeans.evaluate import GapStatistic, gap_statistic

KS = (1, 2, 3, 4, 5, 6)


def measure(rows, k, seed):
    return KMeans(k, n_init=3, random_state=seed).fit(rows).inertia_


def suggestion(rows):
    return gap_statistic(rows, [measure(rows, k, 0) for k in KS], KS, measure).suggestion


def test_blobs_are_counted():
    rng = np.random.default_rng(0)
    centers = np.array([(0, 0), (8, 1), (1, 7), (9, 9)])
    rows = np.concatenate([rng.normal(c, 0.5, (40, 2)) for c in centers])
    assert suggestion(rows) == 4


def test_rows_without_clusters_are_one():
    assert suggestion(np.random.default_rng(1).uniform(0, 1, (150, 2))) == 1


def test_gap_and_error_are_those_of_the_paper():
    rows = np.random.default_rng(2).normal(size=(60, 3)) * [3, 2, 1]
    seen = []

    def remember(drawn, k, seed):
        seen.append((k, measure(drawn, k, seed), drawn))
        return seen[-1][1]

    own = [measure(rows, k, 0) for k in (2, 3)]
    found = gap_statistic(rows, own, (2, 3), remember, n_references=4)
    for place, k in enumerate((2, 3)):
        logs = np.log([inertia for n, inertia, _ in seen if n == k])
        assert found.gaps[place] == pytest.approx(logs.mean() - np.log(own[place]))
        assert found.errors[place] == pytest.approx(logs.std() * np.sqrt(1.25))
    turned = (rows - rows.mean(axis=0)) @ np.linalg.svd(rows - rows.mean(axis=0))[2].T
    widths = np.sort(np.ptp(turned, axis=0))
    for _, _, drawn in seen:
        assert (np.sort(np.ptp(drawn, axis=0)) <= widths + 1e-5).all()
        assert drawn.shape == rows.shape


def test_the_rule_takes_the_first_gap_within_one_error_of_the_next():
    assert GapStatistic((2, 3, 4), (0.1, 0.5, 0.55), (0.0, 0.0, 0.06)).suggestion == 3
    assert GapStatistic((2, 3, 4), (0.1, 0.5, 0.6), (0.0, 0.0, 0.06)).suggestion is None


def test_a_seed_decides_the_references():
    rows = np.random.default_rng(3).normal(size=(40, 2))
    own = [measure(rows, k, 0) for k in (2, 3)]
    one, again, other = (
        gap_statistic(rows, own, (2, 3), measure, n_references=2, random_state=seed)
        for seed in (0, 0, 7)
    )
    assert one == again != other


def test_what_makes_no_sense_is_refused():
    rows = np.zeros((5, 2))
    with pytest.raises(DataError, match="all rows are the same"):
        gap_statistic(rows, [1.0], (2,), measure)
    with pytest.raises(DataError, match="2 inertias for 1"):
        gap_statistic(rows + np.eye(5, 2), [1.0, 2.0], (2,), measure)
    with pytest.raises(ParameterError, match="1 references"):
        gap_statistic(rows, [1.0], (2,), measure, n_references=1)
