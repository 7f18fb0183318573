"""Intervals of repeated measurements, against scipy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from inkmeans.errors import ParameterError
from inkmeans.evaluate import Spread, spread

numbers = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20).filter(lambda v: np.ptp(v) > 1e-6)


@given(values=numbers, confidence=st.floats(0.5, 0.999))
def test_the_interval_is_students(values, confidence):
    found = spread(values, confidence)
    expected = stats.t.interval(confidence, len(values) - 1, np.mean(values), stats.sem(values))
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-7, abs=1e-9)
    assert found.deviation == pytest.approx(np.std(values, ddof=1))
    assert found.half_width == pytest.approx((expected[1] - expected[0]) / 2, rel=1e-6)


def test_one_value_has_no_interval_and_none_has_no_mean():
    assert spread([0.5]) == Spread(1, 0.5)
    assert spread([0.5]).half_width is None
    assert spread([]) == Spread(0)


def test_scores_that_do_not_apply_are_left_out_and_not_counted():
    assert spread([1.0, None, 3.0, float("nan")]) == spread([1.0, 3.0])
    assert spread([None, 2.0]).n == 1


def test_equal_values_have_an_interval_without_width():
    found = spread([0.25] * 4)
    assert (found.low, found.mean, found.high) == (0.25, 0.25, 0.25)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_a_confidence_that_is_no_share_is_refused(confidence):
    with pytest.raises(ParameterError, match="confidence"):
        spread([1, 2], confidence)
