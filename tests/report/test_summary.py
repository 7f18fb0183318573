"""The result in words is true to the numbers, and says what is missing."""

from __future__ import annotations

from dataclasses import replace

from inkmeans.report.highlights import highlight
from inkmeans.report.summary import headline, key_facts, missing_parts
from inkmeans.report.wording import as_percent


def test_the_headline_gives_the_test_accuracy_of_the_best_run(contents):
    chosen = highlight(contents)
    result, explanation = headline(contents, chosen)
    assert as_percent(chosen.best.test.majority_accuracy) in result
    assert "300 new digits" in result
    assert "No label was used to form them" in explanation


def test_without_a_test_part_no_new_image_is_claimed(without_test):
    result, explanation = headline(without_test, highlight(without_test))
    assert "new" not in result
    assert "No new images" in explanation
    (note,) = missing_parts(without_test)
    assert "no test part" in note


def test_without_labels_nothing_is_recognised(unlabelled):
    result, explanation = headline(unlabelled, highlight(unlabelled))
    assert "%" not in result
    assert "no labels" in explanation
    labels, test = missing_parts(unlabelled)
    assert "no labels" in labels
    assert "no test part" in test
    assert any(
        "silhouette" in fact.meaning for fact in key_facts(unlabelled, highlight(unlabelled))
    )


def test_an_algorithm_that_assigns_no_new_images_is_named_as_the_reason(contents):
    runs = tuple(replace(run, test=None, test_assignments=None) for run in contents.runs)
    (note,) = missing_parts(replace(contents, runs=runs))
    assert "does not assign new images" in note


def test_nothing_is_missing_where_all_is_there(contents):
    assert missing_parts(contents) == ()


def test_the_facts_compare_with_and_without_reduction(contents):
    facts = key_facts(contents, highlight(contents))
    assert any("pca:16" in fact.meaning and fact.value.endswith("×") for fact in facts)
