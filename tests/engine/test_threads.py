"""Work in blocks: the same result for any number of threads, and no limit that outlives it."""

import threading

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_limits

from inkmeans import engine


def blas_threads():
    return [
        library["num_threads"] for library in ThreadpoolController().select(user_api="blas").info()
    ]


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_results_come_in_the_order_of_the_rows(size):
    parts = engine.in_blocks(lambda part: np.arange(100)[part], 100, size)
    np.testing.assert_array_equal(np.concatenate(parts), np.arange(100))


def test_no_rows_are_no_work():
    assert engine.in_blocks(lambda part: part, 0, 10) == []


def test_the_number_of_threads_changes_no_bit():
    rng = np.random.default_rng(0)
    rows, weights = rng.normal(size=(900, 300)), rng.normal(size=(300, 40))
    several = engine.in_blocks(lambda part: rows[part] @ weights, 900, 128)
    with threadpool_limits(1, user_api="openmp"):
        single = engine.in_blocks(lambda part: rows[part] @ weights, 900, 128)
    for one, other in zip(several, single, strict=True):
        np.testing.assert_array_equal(one, other)


def test_work_has_one_thread_to_itself():
    if engine.effective_threads() == 1:
        pytest.skip("one processor: blocks are done in turn, with whatever BLAS may use")
    seen = engine.in_blocks(lambda part: (engine.effective_threads(), blas_threads()), 8, 1)
    assert {threads for threads, _ in seen} == {1}
    assert {threads for _, limits in seen for threads in limits} <= {1}  # Accelerate has no limit


def test_limits_are_as_before_even_after_errors_and_with_others_at_it():
    before = blas_threads()
    both = threading.Barrier(2, timeout=30)

    def fail():
        with pytest.raises(ZeroDivisionError):
            engine.in_blocks(lambda part: (both.wait(), 1 / 0) if part.start == 0 else None, 4, 2)

    others = [threading.Thread(target=fail) for _ in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert blas_threads() == before
