"""The tables hold every run and every cluster, and are rectangular."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inkmeans.evaluate import Scores
from inkmeans.report.highlights import highlight
from inkmeans.report.page_tables import (
    classes_table,
    clusters_table,
    reduction_table,
    scores_table,
    stability_table,
)
from inkmeans.report.wording import SCORES


def rows(table):
    return [row for body in table.bodies for row in body.rows]


@pytest.mark.parametrize("split", ["train", "test"])
def test_every_run_has_a_row_of_scores(contents, split):
    chosen = highlight(contents)
    table = scores_table(contents, split, chosen.best)
    assert len(rows(table)) == len(contents.runs) + 1
    assert [body.heading for body in table.bodies] == [
        "pixels · sklearn-minibatch-kmeans",
        "pixels, pca:16 · sklearn-minibatch-kmeans",
        "recognizer · fast",
    ]
    assert sum(row.marked for row in rows(table)) == 1


def test_columns_are_grouped_by_what_labels_were_used_for(contents):
    table = scores_table(contents, "test", highlight(contents).best)
    groups = dict(table.groups)
    assert set(groups) == {"", *Scores.LABEL_USE.values()}
    assert sum(groups.values()) == len(table.columns) == 1 + len(SCORES)


def test_every_score_that_metrics_hold_is_explained():
    measured = set(Scores(n_images=1, n_clusters=1).to_dict()) - {"n_images"}
    assert measured == set(SCORES)
    assert all(len(score.meaning) > 60 for score in SCORES.values())


def test_tables_are_rectangular(contents, without_test):
    for made in (contents, without_test):
        chosen = highlight(made)
        tables = [
            scores_table(made, "train", chosen.best),
            reduction_table(chosen),
            classes_table(chosen),
            stability_table(made),
            *(clusters_table(run, made.digits.names) for run in chosen.shown),
        ]
        for table in filter(None, tables):
            assert all(1 + len(row.cells) == len(table.columns) for row in rows(table))


def test_there_is_no_table_of_what_was_not_measured(unlabelled):
    chosen = highlight(unlabelled)
    assert scores_table(unlabelled, "test", chosen.best) is None
    assert reduction_table(chosen) is None
    assert classes_table(chosen) is None
    assert stability_table(replace(unlabelled, stability={})) is None


def test_every_cluster_has_a_row_with_its_size(contents):
    run = contents.runs[0]
    table = clusters_table(run, contents.digits.names)
    assert [int(row.cells[-2].replace(",", "")) for row in rows(table)] == [
        cluster.size for cluster in run.characteristics
    ]


def test_clusters_without_labels_have_no_names(unlabelled):
    table = clusters_table(unlabelled.runs[0], ())
    assert [column.heading for column in table.columns] == ["Cluster", "Images", "Mean distance"]


def test_precision_and_recall_are_those_of_the_best_run(contents):
    chosen = highlight(contents)
    first = rows(classes_table(chosen))[0]
    score = chosen.part.scores.per_class[0]
    assert first.heading == "0"
    assert first.cells[2] == str(score.support)
