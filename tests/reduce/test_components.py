import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.decomposition import PCA
from sklearn.utils.estimator_checks import check_estimator

from inkmeans import load
from inkmeans.errors import ParameterError
from inkmeans.reduce import PrincipalComponents

solvers = pytest.mark.parametrize("solver", ["exact", "randomized"])


def test_directions_and_variances_are_those_of_scikit_learn(rows):
    ours = PrincipalComponents(10).fit(rows)
    theirs = PCA(10, svd_solver="full").fit(rows.astype(np.float64))
    np.testing.assert_allclose(np.abs(ours.components_), np.abs(theirs.components_), atol=1e-3)
    np.testing.assert_allclose(
        ours.explained_variance_ratio_, theirs.explained_variance_ratio_, rtol=1e-5
    )


def test_blocks_of_rows_do_not_show(rows, monkeypatch):
    whole = PrincipalComponents(5).fit(rows)
    monkeypatch.setattr("inkmeans.reduce.components._BLOCK", 97)
    np.testing.assert_allclose(
        PrincipalComponents(5).fit_transform(rows), whole.transform(rows), rtol=1e-3, atol=0.1
    )


def test_uint8_rows_give_what_float_rows_give(rows):
    whole, floats = (PrincipalComponents(5).fit(r) for r in (rows, rows.astype(np.float32)))
    np.testing.assert_array_equal(whole.components_, floats.components_)


def test_rows_that_are_all_equal_have_no_variance_to_share():
    fitted = PrincipalComponents(2).fit(np.full((5, 4), 7, dtype=np.uint8))
    assert fitted.explained_variance_ratio_.tolist() == [0, 0]
    assert not fitted.transform(np.full((2, 4), 7)).any()


@pytest.mark.parametrize("n_components", [0, 5, 9])
def test_more_components_than_rows_or_columns_are_refused(n_components):
    with pytest.raises(ParameterError, match="n_components"):
        PrincipalComponents(n_components).fit(np.eye(6, 4))


@pytest.fixture(scope="module")
def long_rows():
    """1,500 rows of 1,620 columns: pixels, and products of neighbours, which share directions."""
    images = load("mnist").images[:1500, 5:23, 5:23].reshape(1500, 324).astype(np.float32) / 255
    products = [images * np.roll(images, shift, axis=1) for shift in (1, 2, 18, 36)]
    return np.hstack([images, *products])


@pytest.fixture(scope="module")
def exact(long_rows):
    return PrincipalComponents(100, solver="exact").fit(long_rows)


def held(exact, components):
    """Share of the variance along the exact directions that these hold too."""
    possible = exact.explained_variance_[: len(components)]
    along = np.square(components @ exact.components_.T) @ exact.explained_variance_
    return along.sum() / possible.sum()


def test_the_randomised_solver_finds_the_directions_of_the_exact_one(long_rows, exact):
    fast = PrincipalComponents(100, solver="randomized").fit(long_rows)
    same = np.abs((exact.components_ * fast.components_).sum(axis=1))
    assert same[:20].min() > 0.999
    assert held(exact, fast.components_) > 0.999
    np.testing.assert_allclose(fast.explained_variance_, exact.explained_variance_, rtol=0.05)
    assert fast.explained_variance_ratio_.sum() == pytest.approx(
        exact.explained_variance_ratio_.sum(), rel=1e-3
    )
    np.testing.assert_allclose(fast.components_ @ fast.components_.T, np.eye(100), atol=1e-5)


def test_a_sample_of_many_rows_is_a_start_that_all_rows_correct(long_rows, exact, monkeypatch):
    monkeypatch.setattr("inkmeans.reduce.subspace._SAMPLE", 400)
    monkeypatch.setattr("inkmeans.reduce.subspace._BLOCK", 333)
    fast = PrincipalComponents(60, solver="randomized").fit(long_rows)
    assert held(exact, fast.components_) > 0.99


def test_the_solver_follows_the_shape(long_rows):
    auto, fast = (
        PrincipalComponents(30, solver=solver).fit(long_rows) for solver in ("auto", "randomized")
    )
    np.testing.assert_array_equal(auto.components_, fast.components_)
    short = long_rows[:, :400]
    auto, plain = (
        PrincipalComponents(30, solver=solver).fit(short) for solver in ("auto", "exact")
    )
    np.testing.assert_array_equal(auto.components_, plain.components_)


def test_a_seed_gives_the_same_directions_and_none_stands_for_one(long_rows):
    found = [
        PrincipalComponents(20, random_state=seed).fit(long_rows).components_
        for seed in (0, 0, None, 1)
    ]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
    assert (found[0] != found[3]).any()
    np.testing.assert_allclose(found[0][:5], found[3][:5], atol=1e-3)


@solvers
@pytest.mark.parametrize("whiten", [0, 0.5, 1, True])
def test_whitening_divides_by_a_power_of_the_variance(rows, solver, whiten):
    fitted = PrincipalComponents(30, whiten=whiten, solver=solver).fit(rows)
    whitened = fitted.transform(rows).astype(np.float64)
    expected = fitted.explained_variance_ ** (1 - float(whiten))
    np.testing.assert_allclose(whitened.var(axis=0, ddof=1), expected, rtol=0.02)
    correlations = np.corrcoef(whitened.T)
    np.testing.assert_allclose(correlations, np.eye(30), atol=0.02)


@solvers
@pytest.mark.parametrize("whiten", [0.5, 1])
def test_directions_in_which_nothing_varies_do_not_explode(solver, whiten):
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(300, 3)) @ rng.normal(size=(3, 40))).astype(np.float32)
    fitted = PrincipalComponents(20, whiten=whiten, solver=solver).fit(rows)
    whitened = fitted.transform(rows)
    assert np.abs(whitened[:, 3:]).max() < 0.1 * np.abs(whitened[:, :3]).max()
    other = rng.normal(size=(50, 40)).astype(np.float32)
    least = fitted.explained_variance_[0] ** 0.5 * 1e-3
    assert np.abs(fitted.transform(other)).max() <= 50 * max(1, least**-whiten)


@solvers
@pytest.mark.parametrize("whiten", [0, 0.5, 1])
def test_rows_that_are_all_equal_become_zeros(solver, whiten):
    equal = np.full((9, 6), 3, dtype=np.float32)
    fitted = PrincipalComponents(2, whiten=whiten, solver=solver).fit(equal)
    assert not fitted.transform(equal).any()
    assert np.isfinite(fitted.components_).all()


@settings(max_examples=30, deadline=None)
@given(
    hnp.arrays(np.float32, (12, 7), elements=st.floats(-100, 100, width=32)),
    st.sampled_from(("exact", "randomized")),
    st.floats(0, 1),
)
def test_any_rows_give_finite_results(rows, solver, whiten):
    fitted = PrincipalComponents(3, whiten=whiten, solver=solver).fit(rows)
    assert np.isfinite(fitted.transform(rows)).all()
    assert (fitted.explained_variance_ >= 0).all()
    assert (fitted.scale_ > 0).all()


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"whiten": 1.5}, "whiten is 1.5; give a number from 0"),
        ({"whiten": "half"}, "whiten is 'half'"),
        ({"whiten": float("nan")}, "whiten is nan"),
        ({"solver": "magic"}, "solver is 'magic'; give one of auto, exact, randomized"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters, says):
    with pytest.raises(ParameterError, match=says):
        PrincipalComponents(2, **parameters).fit(np.eye(6, 4))


@pytest.mark.parametrize("parameters", [{}, {"whiten": 0.5, "solver": "randomized"}])
def test_it_is_a_transformer_of_scikit_learn(parameters):
    check_estimator(PrincipalComponents(1, **parameters))
