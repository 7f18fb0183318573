"""What the report dwells on is chosen without a look at the test scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from inkmeans.report.highlights import highlight


def test_the_best_run_is_the_best_on_the_training_images(contents):
    best = highlight(contents).best
    assert best.train.majority_accuracy == max(r.train.majority_accuracy for r in contents.runs)


def test_the_choice_does_not_depend_on_test_scores(contents):
    worse = tuple(replace(r, test=replace(r.test, majority_accuracy=0.0)) for r in contents.runs)
    assert highlight(replace(contents, runs=worse)).best.name == highlight(contents).best.name


def test_it_is_shown_on_test_images_where_there_are_some(contents, without_test):
    part = highlight(contents).part
    assert part.split == "test"
    assert len(part.digits) == len(part.assignments) == 300
    assert highlight(without_test).part.split == "train"


def test_pairs_are_those_of_the_confusion_matrix(contents):
    chosen = highlight(contents)
    confusion = np.array(chosen.part.scores.confusion)
    for pair in chosen.pairs:
        assert pair.more.count == confusion[pair.more.true, pair.more.taken_for]
        assert pair.less.count == confusion[pair.less.true, pair.less.taken_for]


def test_without_labels_nothing_is_confused(unlabelled):
    chosen = highlight(unlabelled)
    assert chosen.pairs == ()
    assert chosen.best is unlabelled.runs[0]


def test_pages_are_of_the_smallest_number_unless_others_are_asked_for(contents):
    assert {run.n_clusters for run in highlight(replace(contents, pages=())).paged} == {10}
    assert {run.n_clusters for run in highlight(replace(contents, pages=(24,))).paged} == {24}


def test_twins_differ_in_the_reduction_alone(contents):
    twins = highlight(contents).twins
    assert len(twins) == 2
    for plain, reduced in twins:
        assert (plain.reducer, reduced.reducer) == (None, "pca:16")
        assert plain.n_clusters == reduced.n_clusters


def test_runs_that_are_all_reduced_are_shown_nevertheless(contents):
    reduced = tuple(run for run in contents.runs if run.reducer)
    chosen = highlight(replace(contents, runs=reduced))
    assert chosen.shown == reduced
    assert chosen.twins == ()
