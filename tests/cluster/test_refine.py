"""Refinement lowers the inertia, and never raises it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkmeans import KMeans
from inkmeans.cluster.lloyd import Options, lloyd
from inkmeans.cluster.problem import Problem
from inkmeans.cluster.refine import Budget, refine
from inkmeans.progress import Stop

from .conftest import clusterings
from .test_lloyd import check


@settings(max_examples=100, deadline=None)
@given(clusterings(), st.booleans())
def test_inertia_never_rises_and_labels_stay_nearest(clustering, swaps):
    rows, centroids, weights = clustering
    problem = Problem(rows, weights)
    run = lloyd(problem, centroids, Options())
    random_state = np.random.RandomState(0)
    refined = refine(problem, run, Options(), random_state, swaps=swaps, budget=Budget(None))
    assert refined.inertia <= run.inertia
    check(problem, refined)


def test_single_moves_leave_no_move_that_pays():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(80, 2))
    fitted = KMeans(10, random_state=0, refine="moves", tol=0).fit(rows)

    def inertia(labels):
        used = np.unique(labels)
        return sum(((rows[labels == j] - rows[labels == j].mean(axis=0)) ** 2).sum() for j in used)

    best = inertia(fitted.labels_)
    assert best == pytest.approx(fitted.inertia_)
    for i in range(80):
        for j in range(10):
            moved = fitted.labels_.copy()
            moved[i] = j
            assert inertia(moved) >= best * (1 - 1e-8)


def test_mnist_gets_better_step_by_step(digits):
    plain, moves, swaps = (
        KMeans(20, random_state=0, refine=refine).fit(digits) for refine in (None, "moves", "swaps")
    )
    assert moves.inertia_ < 0.999 * plain.inertia_
    assert swaps.inertia_ < 0.999 * moves.inertia_
    np.testing.assert_array_equal(swaps.predict(digits), swaps.labels_)


def test_no_time_is_no_refinement(digits):
    plain = KMeans(10, random_state=0).fit(digits[:500])
    hurried = KMeans(10, random_state=0, refine="swaps", refine_seconds=0).fit(digits[:500])
    assert hurried.inertia_ == plain.inertia_


def test_a_stop_keeps_the_best(digits):
    rows = digits[:1000]
    events = []

    def stop(event):
        events.append(event)
        if event.stage == "refine":
            raise Stop

    plain = KMeans(20, random_state=0).fit(rows)
    stopped = KMeans(20, random_state=0, refine="swaps").fit(rows, callback=stop)
    assert events[-1].stage == "refine"
    assert stopped.inertia_ <= plain.inertia_
