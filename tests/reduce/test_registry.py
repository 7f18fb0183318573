import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans.errors import ParameterError
from inkmeans.reduce import REDUCERS, get_reducer, parse_reducer

every = pytest.mark.parametrize("name", REDUCERS)
# Those of extras, which are compiled on their first use, are in test_manifold.py.
plain = pytest.mark.parametrize("name", [n for n, r in REDUCERS.items() if r.extra is None])
linear = pytest.mark.parametrize("name", [n for n, r in REDUCERS.items() if r.linear])


@plain
def test_reduced_rows_are_float32_of_the_length_asked_for(name, rows):
    reduced = get_reducer(name).make(7, 0).fit_transform(rows)
    assert reduced.shape == (len(rows), 7)
    assert reduced.dtype == np.float32


@plain
def test_a_seed_gives_the_same_rows_twice(name, rows):
    first, second = (get_reducer(name).make(5, 3).fit(rows) for _ in range(2))
    np.testing.assert_array_equal(first.transform(rows), second.transform(rows))


@plain
def test_new_rows_are_reduced_as_those_fitted_on(name, rows):
    reducer = get_reducer(name)
    assert reducer.transforms_new
    fitted = reducer.make(5, 0).fit(rows[:1000])
    whole = fitted.transform(rows[:1000])
    np.testing.assert_allclose(
        fitted.transform(rows[900:1000]), whole[900:], rtol=1e-4, atol=1e-4 * np.abs(whole).max()
    )


@linear
def test_scaled_rows_are_reduced_to_scaled_results(name, rows):
    scaled = rows / np.float32(255)
    whole = get_reducer(name).make(5, 0).fit_transform(rows)
    unit = get_reducer(name).make(5, 0).fit_transform(scaled)
    np.testing.assert_allclose(np.abs(unit) * 255, np.abs(whole), rtol=1e-2, atol=0.5)


@every
def test_name_is_the_key_and_summary_a_sentence(name):
    assert REDUCERS[name].name == name
    assert REDUCERS[name].summary.endswith(".")


def test_truncated_svd_is_scikit_learns(rows):
    fitted = get_reducer("truncated-svd").make(6, 0).fit(rows)
    exact = np.linalg.svd(rows.astype(np.float64), full_matrices=False)
    scores = exact[0][:, :4] * exact[1][:4]
    np.testing.assert_allclose(
        np.abs(fitted.transform(rows)[:, :4]), np.abs(scores), atol=1e-2 * exact[1][3]
    )


def test_pca_keeps_as_much_variance_as_the_covariance_allows(rows):
    fitted = get_reducer("pca").make(20, 0).fit(rows)
    eigenvalues = np.linalg.eigvalsh(np.cov(rows.T.astype(np.float64)))[::-1]
    kept = fitted.transform(rows).astype(np.float64).var(axis=0, ddof=1)
    np.testing.assert_allclose(kept, eigenvalues[:20], rtol=1e-3)


def test_random_projection_keeps_distances_roughly(rows):
    reduced = get_reducer("random-projection").make(150, 0).fit_transform(rows)
    pairs = np.arange(0, 1400)
    before = np.linalg.norm(rows[pairs].astype(float) - rows[pairs + 100], axis=1)
    after = np.linalg.norm(reduced[pairs] - reduced[pairs + 100], axis=1)
    assert np.abs(after / before - 1).mean() < 0.1


@given(
    st.sampled_from(sorted(n for n, r in REDUCERS.items() if r.most_components is None)),
    st.integers(1, 10_000),
)
def test_a_well_formed_text_is_read(name, number):
    reducer, n_components = parse_reducer(f" {name} : {number}")
    assert (reducer.name, n_components) == (name, number)


@given(st.text())
def test_any_other_text_is_refused_in_one_line(text):
    try:
        reducer, n_components = parse_reducer(text, n_features=784)
    except ParameterError as error:
        assert error.hint  # noqa: PT017 - most texts end here, and some do not
    else:
        assert reducer.name in REDUCERS
        assert 1 <= n_components <= 784


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pac:64", "did you mean 'pca'"),
        ("pca", "no number of components; write 'pca:64'"),
        ("pca:", "no number of components"),
        ("pca:many", "'many' is no number"),
        ("pca:6.5", "'6.5' is no number"),
        ("pca:²", "is no number"),
        ("pca:0", "asks for 0 components; give at least 1"),
        ("pca:-3", "asks for -3 components"),
        ("pca:785", "785 components of 784 features; give at most 784"),
        ("pca:" + "9" * 5000, "give at most 784"),
        ("pca:200", "200 components of 100 images; give at most 100"),
        ("tsne:3", "asks for 3 components; tsne gives at most 2"),
        ("isomap:101", "101 components of 100 images"),
        ("nfm:3", "did you mean 'nmf'"),
        ("", "unknown reducer ''"),
    ],
)
def test_a_wrong_text_is_refused_with_what_to_do(text, says):
    with pytest.raises(ParameterError, match=says):
        parse_reducer(text, n_features=784, n_rows=100)


def test_random_projection_needs_no_more_rows_than_components():
    assert parse_reducer("random-projection:200", n_features=784, n_rows=100)[1] == 200


@pytest.mark.parametrize("name", ["pca", "isomap", "umap"])
def test_too_few_rows_are_refused(name):
    fewest = REDUCERS[name].fewest_rows
    assert parse_reducer(f"{name}:1", n_rows=fewest)
    with pytest.raises(ParameterError, match=f"{name} needs at least {fewest}"):
        parse_reducer(f"{name}:1", n_rows=fewest - 1)
