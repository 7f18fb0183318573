"""The table that a comparison ends with."""

import io
from pathlib import Path

import pytest

from inkmeans.cli.compare import comparison_table
from inkmeans.cli.output import console
from inkmeans.evaluate import spread
from inkmeans.experiment import CellResult, CompareOptions, Comparison
from inkmeans.experiment.comparison.summary import summarize

OPTIONS = CompareOptions(
    "digits", ("kmeans", "hdbscan"), ("pixels",), ("pca:8", None), clusters=(10,), seeds=(0, 1)
)
ACCURACY = {0: 0.71, 1: 0.74}


def cell(configuration, seed, **more):
    return CellResult(
        "digits", "", configuration.features, configuration.reducer, configuration.algorithm,
        configuration.n_clusters, seed, **more,
    )  # fmt: skip


def done(configuration, seed, n_found):
    scores = {"n_images": 4, "nmi": 0.6, "ari": 0.5, "majority_accuracy": ACCURACY[seed]}
    return cell(
        configuration, seed, seconds=2.0, prepare_seconds=0.5, n_found=n_found,
        scores={"train": scores, "test": {**scores, "silhouette": None}},
    )  # fmt: skip


@pytest.fixture(scope="module")
def comparison():
    summaries = []
    for configuration in OPTIONS.configurations:
        n_found = 10 if configuration.algorithm == "kmeans" else 12
        results = [done(configuration, seed, n_found) for seed in (0, 1)]
        if configuration.reducer == "pca:8":
            results[1] = cell(configuration, 1, failure="no room")
        summaries.append(summarize(configuration, results, lambda cell: [0, 0, 1, cell.seed]))
    return Comparison(OPTIONS, "digits", "", 4, 4, tuple(summaries), (), None, (), 0, Path())


def shown(table, width=200):
    stream = io.StringIO()
    console(stream).print(table)
    head, *rows = [line for line in stream.getvalue().splitlines() if line.strip(" ─")]
    return head, rows


def test_scores_are_means_with_half_of_their_interval_and_marked(comparison):
    head, rows = shown(comparison_table(comparison))
    assert {"NMI*", "ARI*", "accuracy**", "stability"} <= set(head.split())
    found = spread(ACCURACY.values())
    assert f"{found.mean:.3f} ±{found.half_width:.3f}" in rows[2]
    assert "2.5 ±0.0" in rows[2]


def test_failures_and_other_numbers_of_clusters_are_told(comparison):
    _, rows = shown(comparison_table(comparison))
    assert "1 of 2" in rows[0]
    assert "1 of 2" not in rows[2]
    assert "10 (found 12)" in rows[3]
    assert "found" not in rows[2]


def test_columns_without_any_value_are_left_out(comparison):
    head, _ = shown(comparison_table(comparison))
    assert "silhouette" not in head
    assert "MB" not in head.split()


@pytest.mark.parametrize("width", [80, 100, 140])
def test_a_narrow_terminal_gets_whole_columns_and_keeps_the_test_accuracy(comparison, width):
    head, rows = shown(comparison_table(comparison, width))
    assert "on test**" in head
    assert "…" not in "".join(rows)
    assert max(len(line.rstrip()) for line in (head, *rows)) <= max(width, 92)
