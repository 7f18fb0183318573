"""Orders and tables of results that need no clustering."""

import numpy as np
import pytest

from inkmeans.experiment.comparison.journal import CellResult
from inkmeans.experiment.comparison.options import Configuration
from inkmeans.experiment.comparison.summary import contingency_of, order, summarize

CLUSTERS = {
    "a": np.array([0, 0, 0, 1, 1, 1, 2, 2, 2]),
    "b": np.array([1, 1, 1, 0, 0, 0, 2, 2, 0]),
    "c": np.array([0, 1, 2, 0, 1, 2, 0, 1, -1]),
}


def clusters(cell):
    return CLUSTERS[cell.configuration.algorithm]


def summary(algorithm, seeds=(0,), **scores):
    results = [
        CellResult("mine", "", "pixels", None, algorithm, 3, seed,
                   scores={"train": {"n_images": 9, **scores}})
        for seed in seeds
    ]  # fmt: skip
    return summarize(Configuration("pixels", None, algorithm, 3), results, clusters)


def names(summaries):
    return [one.configuration.algorithm for one in summaries]


def test_with_one_seed_each_those_that_agree_with_the_others_come_first():
    found = [summary("c"), summary("b"), summary("a")]
    assert names(order(found, clusters))[-1] == "c"


def test_with_several_seeds_the_most_stable_comes_first_and_those_with_one_last():
    found = [summary("c"), summary("a", (0, 1))]
    assert names(order(found, clusters)) == ["a", "c"]
    assert found[1].stability.mean == 1


def test_a_configuration_without_a_result_is_in_no_order():
    failed = CellResult("mine", "", "pixels", None, "b", 3, 0, failure="no")
    empty = summarize(failed.cell.configuration, [failed], clusters)
    assert names(order([empty, summary("a")], clusters)) == ["a"]
    assert empty.costs["seconds"].n == 0
    assert empty.to_dict()["failures"] == [{"seed": 0, "reason": "no", "hint": ""}]


def test_images_in_no_cluster_are_in_no_cell_of_the_contingency():
    a, c = summary("a").results[0].cell, summary("c").results[0].cell
    found = contingency_of(a, c, clusters, 9, "")
    np.testing.assert_array_equal(found.table, [[1, 1, 1], [1, 1, 1], [1, 1, 0]])


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_score_that_one_seed_lacks_is_counted_less_often(missing):
    results = [
        CellResult("mine", "", "pixels", None, "a", 3, seed,
                   scores={"train": {"n_images": 9, "ari": ari}})
        for seed, ari in enumerate((0.5, missing, 0.7))
    ]  # fmt: skip
    found = summarize(Configuration("pixels", None, "a", 3), results, clusters)
    assert found.score("ari").n == 2
    assert found.score("ari").mean == pytest.approx(0.6)
