"""Options of a suggestion: ranges, and what is refused before any work."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans.errors import ParameterError
from inkmeans.experiment import SuggestOptions
from inkmeans.experiment.suggestion.options import parse_range


@given(first=st.integers(1, 500), length=st.integers(1, 999), more=st.sets(st.integers(1, 2000)))
def test_ranges_and_numbers_are_put_in_order(first, length, more):
    last = first + length - 1
    text = ",".join([f"{first}-{last}", *map(str, more)])
    assert parse_range(text, "--clusters") == tuple(sorted({*range(first, last + 1)} | more))


@pytest.mark.parametrize("text", ["", "2-", "a-b", "9-2", "1-5000", "2--4", "2,,3", "2 to 5"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(ParameterError, match="--clusters") as caught:
        parse_range(text, "--clusters")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"clusters": (10, 20)}, "2 numbers of clusters"),
        ({"clusters": (5, 5, 5)}, "1 number of clusters"),
        ({"clusters": (0, 1, 2)}, "n_clusters is 0"),
        ({"clusters": parse_range("-3,2,4", "-c")}, "n_clusters is -3"),
        ({"features": "pixel"}, "'pixel'"),
        ({"reduce": "pca"}, "'pca'"),
        ({"sample": 30}, "sample is 30"),
        ({"n_references": 1}, "n_references is 1"),
        ({"n_repeats": 1}, "n_repeats is 1"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_values_that_make_no_sense_are_refused_with_a_hint(wrong, message):
    with pytest.raises(ParameterError, match=message) as caught:
        SuggestOptions(**wrong)
    assert caught.value.hint
