"""The knee of a falling curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans.errors import DataError
from inkmeans.evaluate import find_knee


@given(bend=st.integers(3, 28), steep=st.floats(2, 50), flat=st.floats(0, 1))
def test_two_straight_lines_bend_where_they_meet(bend, steep, flat):
    places = np.arange(2, 31)
    values = 1000 - np.where(
        places <= bend, steep * (places - 2), steep * (bend - 2) + flat * (places - bend)
    )
    assert find_knee(places, values) == bend


@given(scale=st.floats(1e-3, 1e6), shift=st.floats(0, 1e6))
def test_units_do_not_matter(scale, shift):
    places = np.array([2, 4, 8, 16, 32])
    values = 1 / places
    assert find_knee(places, scale * values + shift) == find_knee(places, values)


@pytest.mark.parametrize(
    "values", [[3, 2, 1], [1, 2, 3], [2, 2, 2], [10, 9, 1]], ids=["line", "up", "level", "bulge"]
)
def test_a_curve_without_a_knee_has_none(values):
    assert find_knee([1, 2, 3], values) is None


def test_two_points_have_no_knee():
    assert find_knee([1, 2], [5, 1]) is None


@pytest.mark.parametrize(("places", "values"), [([1, 2, 3], [1, 2]), ([3, 2, 1], [3, 2, 1])])
def test_what_is_no_curve_is_refused(places, values):
    with pytest.raises(DataError, match="a curve"):
        find_knee(places, values)
