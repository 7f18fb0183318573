"""Options: what a run may be asked for, and what it then does with data of a given size."""

import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans.errors import OutputError, ParameterError
from inkmeans.experiment.options import RunOptions, check_output_folder, parse_numbers

as_root = hasattr(os, "geteuid") and os.geteuid() == 0


def test_the_default_plan_is_the_six_numbers_of_clusters_on_four_spaces():
    plan = RunOptions().plan(60000, 784)
    assert plan.clusters == (10, 16, 36, 64, 144, 256)
    assert plan.spaces == (
        ("pixels", None),
        ("pixels", "pca:64"),
        ("deskewed", None),
        ("deskewed", "pca:64"),
    )
    assert plan.pages == (10,)


def test_features_asked_for_alone_are_not_reduced():
    assert RunOptions(features=("pixels",)).plan(1000, 784).spaces == (("pixels", None),)


def test_a_reducer_asked_for_is_compared_with_none():
    options = RunOptions(features=("pixels",), reduce="random-projection:8")
    assert options.plan(1000, 784).spaces == (("pixels", None), ("pixels", "random-projection:8"))


def test_the_default_reducer_suits_small_images():
    assert RunOptions().plan(1797, 64).spaces[1] == ("pixels", "pca:32")


@given(n_images=st.integers(10, 10**6), n_pixels=st.integers(1, 10**4))
def test_the_default_options_suit_data_of_any_size(n_images, n_pixels):
    plan = RunOptions().plan(n_images, n_pixels)
    assert max(plan.clusters) <= n_images
    assert set(plan.pages) <= set(plan.clusters)
    n_components = int(plan.spaces[1][1].split(":")[1])
    assert 1 <= n_components <= min(n_images, n_pixels)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"clusters": (10, 0)}, "n_clusters is 0"),
        ({"clusters": (-3,)}, "n_clusters is -3"),
        ({"clusters": ()}, "no number of clusters"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**32}, "seed is 4294967296"),
        ({"algorithm": "kmean"}, "'kmean'"),
        ({"features": ("pixel",)}, "'pixel'"),
        ({"reduce": "pca"}, "'pca'"),
        ({"reduce": "pcb:3"}, "'pcb'"),
        ({"pages": (11,)}, "pages of 11 clusters"),
        ({"preset": "slow"}, "unknown preset 'slow'"),
    ],
)
def test_values_that_make_no_sense_are_refused_before_any_work(wrong, message):
    with pytest.raises(ParameterError, match=message) as caught:
        RunOptions(**wrong)
    assert caught.value.hint


def test_more_clusters_than_images_are_refused():
    with pytest.raises(ParameterError, match="n_clusters is 256, but there are only 100"):
        RunOptions(clusters=(10, 256)).plan(100, 784)


def test_more_components_than_pixels_are_refused():
    with pytest.raises(ParameterError, match="65 components"):
        RunOptions(reduce="pca:65").plan(1000, 64)


def test_repeated_numbers_of_clusters_run_once():
    assert RunOptions(clusters=(16, 10, 16)).plan(1000, 64).clusters == (10, 16)


@pytest.mark.parametrize("text", ["", "ten", "10,,16", "1.5", "9" * 5000, "1e3", "٣"])
def test_what_is_no_list_of_numbers_is_refused(text):
    with pytest.raises(ParameterError, match="is no whole number"):
        parse_numbers(text, "--clusters")


def test_a_folder_that_can_be_written_leaves_no_trace(tmp_path):
    check_output_folder(tmp_path / "a" / "b")
    check_output_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_stays_with_what_is_in_it(tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    check_output_folder(folder)
    assert folder.is_dir()


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "results").write_text("mine")
    for folder in (tmp_path / "results", tmp_path / "results" / "inner"):
        with pytest.raises(OutputError, match="a file of that name in the way"):
            check_output_folder(folder)
    assert (tmp_path / "results").read_text() == "mine"


@pytest.mark.skipif(as_root or sys.platform == "win32", reason="root may write everywhere")
def test_a_folder_without_rights_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            check_output_folder(tmp_path / "results")
    finally:
        tmp_path.chmod(0o700)
