"""Options: the cells that follow from them, and what is refused before any work."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans.errors import ParameterError
from inkmeans.experiment import CompareOptions
from inkmeans.experiment.comparison.options import Configuration, parse_reducers, parse_seeds


def test_the_cells_are_the_cross_product_seed_by_seed():
    options = CompareOptions(
        algorithms=("kmeans", "bisecting-kmeans"),
        features=("pixels", "deskewed"),
        reduce=(None, "pca:8"),
        clusters=(10, 64),
        seeds=(5, 1),
    )
    cells = options.cells
    assert len(cells) == len(set(cells)) == 2 * 2 * 2 * 2 * 2
    assert [cell.seed for cell in cells] == [5] * 16 + [1] * 16
    assert len({cell.name for cell in cells}) == len(cells)


def test_what_is_asked_for_twice_is_done_once():
    options = CompareOptions(algorithms=("kmeans", "kmeans"), features=("pixels",), seeds=(0, 0))
    assert [cell.name for cell in options.cells] == ["pixels-kmeans-10-seed0"]


def test_an_algorithm_that_finds_the_number_of_clusters_itself_runs_once():
    options = CompareOptions(
        algorithms=("dbscan", "kmeans"), features=("pixels",), clusters=(20, 10), seeds=(1,)
    )
    names = ["pixels-dbscan-20-seed1", "pixels-kmeans-20-seed1", "pixels-kmeans-10-seed1"]
    assert [cell.name for cell in options.cells] == names
    with pytest.raises(ParameterError, match="no run"):
        options.find("pixels-dbscan-10")


def test_names_suit_every_file_system():
    name = Configuration("a/b", "pca:3", "mine: or yours?", 7).name
    assert not set(name) & set('/\\:?*"<>| ')


def test_a_run_is_found_by_its_name_with_and_without_the_seed():
    options = CompareOptions(seeds=(4, 2))
    assert options.find("pixels-kmeans-10").seed == 4
    assert options.find("pixels-kmeans-10-seed2").seed == 2
    with pytest.raises(ParameterError, match="no run") as caught:
        options.find("pixels-kmeens-10")
    assert caught.value.hint == "did you mean 'pixels-kmeans-10'?"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"algorithms": ()}, "no algorithm"),
        ({"algorithms": ("kmeens",)}, "'kmeens'"),
        ({"features": ("pixel",)}, "'pixel'"),
        ({"reduce": ("pcb:3",)}, "'pcb'"),
        ({"clusters": (10, 0)}, "n_clusters is 0"),
        ({"seeds": ()}, "no seed"),
        ({"seeds": (-1,)}, "a seed is -1"),
        ({"contingency": ("pixels-kmeans-10", "mine")}, "'mine'"),
    ],
)
def test_values_that_make_no_sense_are_refused_with_a_hint(wrong, message):
    with pytest.raises(ParameterError, match=message) as caught:
        CompareOptions(**wrong)
    assert caught.value.hint


@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=6))
def test_seeds_are_a_list_or_their_number(seeds):
    assert parse_seeds(", ".join(map(str, seeds)), "--seeds") == tuple(seeds)
    assert parse_seeds(f"{seeds[0]},", "--seeds") == (seeds[0],)
    assert parse_seeds("4", "--seeds") == (0, 1, 2, 3)


@pytest.mark.parametrize("text", ["0", "-1", "1001", "three", "1,,2", ",", ""])
def test_seeds_that_are_none_are_refused(text):
    with pytest.raises(ParameterError, match="--seeds"):
        parse_seeds(text, "--seeds")


def test_no_reduction_is_called_none():
    assert parse_reducers("none") == (None,)
    assert parse_reducers("pca:64, none,pca: 64") == ("pca:64", None)
    with pytest.raises(ParameterError, match="no number of components"):
        parse_reducers("none,pca")
