import pytest
from sklearn.metrics import adjusted_rand_score

from inkmeans.errors import DataError, ParameterError
from inkmeans.evaluate import stability


def test_stability_is_the_mean_of_all_pairs(clustered):
    a, b = clustered.assignments, clustered.labels
    c = (a + b) % 7
    pairs = [adjusted_rand_score(*pair) for pair in ((a, b), (a, c), (b, c))]
    result = stability([a, b, c])
    assert result.mean == pytest.approx(sum(pairs) / 3)
    assert (result.n_runs, result.lowest, result.highest) == (3, min(pairs), max(pairs))


def test_numbering_of_clusters_does_not_matter(clustered):
    assert stability([clustered.assignments, 19 - clustered.assignments]).mean == 1


def test_nothing_to_compare_is_refused():
    with pytest.raises(ParameterError, match="1 run"):
        stability([[0, 1]])
    with pytest.raises(DataError, match="shapes"):
        stability([[0, 1], [0, 1, 1]])
