"""Suggestions on images whose groups are known, and on real digits."""

import json

import numpy as np
import pytest

import inkmeans
from inkmeans.errors import DataError, ParameterError
from inkmeans.experiment import SuggestOptions, suggest_k
from inkmeans.progress import Stop


def patterns(n_groups, n_each, seed=0):
    """Images of a few clear patterns in noise."""
    rng = np.random.default_rng(seed)
    pattern = rng.integers(0, 2, (n_groups, 1, 8, 8)) * 200
    images = pattern + rng.normal(25, 12, (n_groups, n_each, 8, 8))
    return rng.permutation(images.reshape(-1, 8, 8).clip(0, 255).astype(np.uint8))


def options(images, tmp_path, **more):
    common = {"clusters": tuple(range(2, 9)), "features": "pixels", "n_references": 3}
    return SuggestOptions(images, out=tmp_path / "k", **{**common, **more})


@pytest.mark.parametrize("n_groups", [3, 5])
def test_clear_groups_are_counted_by_every_criterion(n_groups, tmp_path):
    found = suggest_k(options(patterns(n_groups, 40), tmp_path, n_repeats=3))
    choices = {one.name: one.choice for one in found.criteria}
    assert choices == dict.fromkeys(choices, n_groups)
    assert found.suggestion.n_clusters == n_groups
    assert set(found.suggestion.supporters) == set(choices)
    assert f"Suggested: {n_groups}." in found.words[-2]


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    tried = SuggestOptions(
        "digits", (4, 8, 10, 12, 20), "pixels", sample=500, n_references=2, n_repeats=2, out=folder
    )
    return suggest_k(tried)


def test_the_files_hold_what_was_found(digits):
    record = json.loads(digits.files[0].read_text(encoding="utf-8"))
    assert record["labels"] == "no labels used"
    assert (record["n_sample"], record["n_train"]) == (500, 1797)
    assert record["suggestion"]["n_clusters"] == digits.suggestion.n_clusters
    for one, criterion in zip(record["criteria"], digits.criteria, strict=True):
        assert one["n_clusters"] == [4, 8, 10, 12, 20]
        assert one["values"] == pytest.approx(criterion.values)
    assert [path.name for path in digits.files[1:]] == ["suggest-k.png", "suggest-k.svg"]


def test_the_words_tell_sample_criteria_suggestion_and_that_it_is_a_choice(digits):
    first, *criteria, suggestion, choice = digits.words
    assert "500 of 1,797 training images" in first
    assert [line.partition(":")[0].lower() for line in criteria] == [
        one.name for one in digits.criteria
    ]
    assert suggestion.startswith("Suggested: ")
    assert "is a choice" in choice


def test_the_inertia_is_that_of_k_means_on_the_sample(digits):
    images = inkmeans.load("digits").images
    drawn = np.sort(np.random.default_rng(0).permutation(1797)[:500])
    rows = inkmeans.datasets.load("digits").images[drawn].reshape(500, -1) / 255
    whole = ((rows - rows.mean(axis=0)) ** 2).sum() / 500
    assert images.shape[0] == 1797
    elbow = digits.criteria[0]
    assert all(a > b for a, b in zip(elbow.values, elbow.values[1:], strict=False))
    assert 0.2 * whole < elbow.values[0] < whole


def test_the_same_seed_gives_the_same_answer(tmp_path):
    images = patterns(4, 30)
    one, again, other = (
        suggest_k(options(images, tmp_path, n_repeats=2, seed=seed)) for seed in (1, 1, 2)
    )
    assert one == again
    assert one.criteria != other.criteria


def test_images_that_are_all_the_same_are_refused(tmp_path):
    with pytest.raises(DataError, match="all images are the same"):
        suggest_k(options(np.full((50, 8, 8), 7, np.uint8), tmp_path))


def test_as_many_clusters_as_images_are_refused_and_nothing_is_left(tmp_path):
    with pytest.raises(ParameterError, match="n_clusters is 8, but there are only 8"):
        suggest_k(options(patterns(4, 2), tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_it_can_be_stopped(tmp_path):
    def stop(event):
        if event.stage == "gap":
            raise Stop

    with pytest.raises(Stop):
        suggest_k(options(patterns(3, 20), tmp_path), progress=stop)
    assert list(tmp_path.iterdir()) == []
