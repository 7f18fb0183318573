"""Every instruction set in turn, and problems of every kind to solve on it."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from inkmeans import engine
from inkmeans.datasets import load
from inkmeans.engine import reference

NATIVE_LEVELS = engine.available_levels()[:-1]
DTYPES = (np.uint8, np.float32, np.float64)
THREADS = (1, 2, 7)

needs_native = pytest.mark.skipif(not NATIVE_LEVELS, reason="the native engine is not compiled")


@pytest.fixture(params=NATIVE_LEVELS or [pytest.param("none", marks=needs_native)])
def simd_level(request):
    """Run the test once on each instruction set that this processor has."""
    with engine.using(request.param):
        yield request.param


def examples(count):
    """Hypothesis at this many examples, with the level set for all of them together."""
    return settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.fixture(scope="session")
def digits():
    """4,000 MNIST images, uint8."""
    return load("mnist").images[:4000]


@pytest.fixture(scope="session")
def digit_rows(digits):
    """The same as rows."""
    return np.ascontiguousarray(digits.reshape(len(digits), -1))


@dataclass(frozen=True)
class Problem:
    """Rows to compare with centroids. All values are exact where nothing can round."""

    kind: str
    rows: np.ndarray
    centroids: np.ndarray
    weights: np.ndarray | None
    exact: bool
    rng: np.random.Generator

    def __repr__(self):
        k, weighted = len(self.centroids), self.weights is not None
        return f"{self.kind} {self.rows.dtype} {self.rows.shape} k={k} weighted={weighted}"


# Whole numbers from 0 to 255, or kinds of their own for floats that round.
EXACT_KINDS = {
    "noise": lambda rng, n, d: rng.integers(0, 256, (n, d)),
    "black and white": lambda rng, n, d: rng.integers(0, 2, (n, d)) * 255,
    "sparse": lambda rng, n, d: (rng.random((n, d)) < 0.04) * rng.integers(1, 256, (n, d)),
    "low rank": lambda rng, n, d: np.outer(rng.integers(0, 16, n), rng.integers(0, 16, d)),
    "few columns": lambda rng, n, d: rng.integers(0, 256, (n, d)) * (np.arange(d) % 9 == 0),
    "bright": lambda rng, n, d: rng.integers(250, 256, (n, d)),
    "duplicates": lambda rng, n, d: rng.integers(0, 256, (2, d))[rng.integers(0, 2, n)],
    "equal": lambda rng, n, d: np.full((n, d), rng.integers(0, 256)),
    "zeros": lambda rng, n, d: np.zeros((n, d)),
    "grid": lambda rng, n, d: rng.integers(0, 3, (n, d)) * 64,
}
FLOAT_KINDS = {
    "far": lambda rng, n, d: 1e6 + rng.normal(size=(n, d)),
    "tiny": lambda rng, n, d: 1e-30 * rng.normal(size=(n, d)),
    "huge": lambda rng, n, d: 1e15 * rng.normal(size=(n, d)),
    "every scale": lambda rng, n, d: rng.normal(size=(n, d)) * 10.0 ** rng.integers(-6, 7, (n, 1)),
    "outlier": lambda rng, n, d: (
        rng.normal(size=(n, d)) * np.where(np.arange(n) == 0, 1e15, 1)[:, None]
    ),
}
SIDES = (1, 2, 3, 5, 15, 16, 17, 33, 64, 65, 100)
HEIGHTS = (1, 2, 16, 17, 255, 257, 300)


@st.composite
def problems(draw, dtype):
    """Draw rows of some kind and shape, and centroids at, between or far from them."""
    kinds = [*EXACT_KINDS, *(FLOAT_KINDS if dtype != np.uint8 else ())]
    kind = draw(st.sampled_from(kinds))
    n, d = draw(st.sampled_from(HEIGHTS)), draw(st.sampled_from(SIDES))
    k = min(n, draw(st.sampled_from((1, 2, 15, 16, 17, 40, n))))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = (EXACT_KINDS | FLOAT_KINDS)[kind](rng, n, d).astype(dtype)
    centroids = rows[rng.integers(0, n, k)].astype(np.float64)
    where = draw(st.sampled_from(("rows", "quarters", "outside")))
    if where == "quarters":
        centroids += rng.integers(-2, 3, centroids.shape) / 4
    if where == "outside":
        centroids = -3 * centroids + rng.integers(-9, 10, centroids.shape)
    weighted = draw(st.booleans())
    weights = rng.integers(0, 4, n).astype(np.float64) if weighted else None
    return Problem(f"{kind}, {where}", rows, centroids, weights, kind in EXACT_KINDS, rng)


def some_directions(problem, kind, n_directions):
    """Return directions for sketches: good ones, or ones that are of no use."""
    from inkmeans.engine import _native

    rows, rng, d = problem.rows, problem.rng, problem.rows.shape[1]
    if kind == "none":
        return None
    if kind == "chosen":
        return _native.choose_directions(rows, n_directions)
    basis = np.zeros((n_directions, d))
    if kind == "random":
        basis = rng.normal(size=(n_directions, d))
    elif kind == "rank one":
        basis = np.outer(rng.normal(size=n_directions), rng.normal(size=d))
    elif kind == "ill-conditioned":
        basis = np.eye(n_directions, d) - np.tri(n_directions, d, -1)
    return basis, rows[:20].mean(axis=0, dtype=np.float64)


BASES = ("none", "chosen", "random", "rank one", "ill-conditioned", "zeros")


def assert_nearest(rows, centroids, labels, *, exact):
    """Check that labels are those of the reference, or as near where float64 rounds."""
    expected = reference.assign(rows, centroids)
    if exact:
        np.testing.assert_array_equal(labels, expected)
        return
    (differ,) = np.nonzero(labels != expected)
    found, best = (
        np.square(rows[differ].astype(np.longdouble) - centroids[which[differ]]).sum(axis=1)
        for which in (labels, expected)
    )
    rounding = 4 * (rows.shape[1] + 16) * np.finfo(np.float64).eps
    assert (np.abs(found - best) <= rounding * np.maximum(found, best)).all()
