"""Isomap, UMAP, t-SNE, PaCMAP: their libraries are the twins."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.manifold import Isomap, trustworthiness
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.estimator_checks import check_estimator

from inkmeans import load
from inkmeans.errors import MissingExtraError, ParameterError
from inkmeans.reduce import get_reducer
from inkmeans.reduce.manifold import LandmarkIsomap, PacmapEmbedding, TsneEmbedding

SIZE = 400


@pytest.fixture(scope="module")
def digits():
    found = load("digits")
    return found.images[: SIZE + 100].reshape(SIZE + 100, 64), found.labels[: SIZE + 100]


@pytest.fixture(scope="module")
def fitted(digits):
    """Return each reducer, fitted once: UMAP is compiled on its first use, which takes 20 s."""
    made = {}

    def get(name):
        if name not in made:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # nothing that a library says reaches the user
                made[name] = get_reducer(name).make(2, 0).fit(digits[0][:SIZE])
        return made[name]

    return get


neighbor_keepers = pytest.mark.parametrize(
    "name",
    ["isomap", pytest.param("umap", marks=pytest.mark.slow), "tsne",
     pytest.param("pacmap", marks=pytest.mark.slow)],
)  # fmt: skip


@neighbor_keepers
def test_neighbours_stay_neighbours(name, digits, fitted):
    places = fitted(name).embedding_
    assert places.shape == (SIZE, 2)
    assert places.dtype == np.float32
    assert trustworthiness(digits[0][:SIZE], places, n_neighbors=10) > 0.88


@neighbor_keepers
def test_new_rows_come_to_their_digits(name, digits, fitted):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        placed = fitted(name).transform(digits[0][SIZE:])
    voter = KNeighborsClassifier(5).fit(fitted(name).embedding_, digits[1][:SIZE])
    assert placed.shape == (100, 2)
    assert voter.score(placed, digits[1][SIZE:]) > (0.6 if name == "isomap" else 0.75)


@neighbor_keepers
def test_rows_fitted_on_come_to_exactly_where_they_are(name, digits, fitted):
    again = fitted(name).transform(digits[0][:SIZE])
    np.testing.assert_array_equal(again, fitted(name).embedding_)
    again[:] = 0
    assert fitted(name).embedding_.any(), "what transform returns is a copy"


@neighbor_keepers
def test_a_seed_gives_the_same_places_and_the_same_new_ones(name, digits, fitted):
    twin = get_reducer(name).make(2, 0)
    np.testing.assert_array_equal(twin.fit_transform(digits[0][:SIZE]), fitted(name).embedding_)
    np.testing.assert_array_equal(
        twin.transform(digits[0][SIZE:]), fitted(name).transform(digits[0][SIZE:])
    )


@neighbor_keepers
def test_few_and_equal_rows_get_finite_places(name, fitted):
    assert fitted(name)  # compiled by now
    for rows in (load("digits").images[:6].reshape(6, 64), np.full((12, 3), 7, np.uint8)):
        twin = get_reducer(name).make(2, 0)
        assert np.isfinite(twin.fit_transform(rows)).all()
        assert np.isfinite(twin.transform(rows[:3])).all()


def test_isomap_is_scikit_learns_where_all_rows_are_landmarks(digits):
    rows = digits[0][:SIZE, 2:52].astype(np.float32)  # 50 columns: nothing to reduce before
    ours = LandmarkIsomap(3, n_neighbors=8).fit_transform(rows)
    theirs = Isomap(n_neighbors=8, n_components=3).fit_transform(rows)
    for column in range(3):
        assert abs(np.corrcoef(ours[:, column], theirs[:, column])[0, 1]) > 0.999


def test_landmarks_lay_rows_out_as_all_rows_would(digits):
    rows = digits[0][:SIZE]
    few = LandmarkIsomap(2, n_landmarks=200, random_state=0).fit_transform(rows)
    assert trustworthiness(rows, few, n_neighbors=10) > 0.85


@pytest.mark.slow
def test_umap_is_its_librarys_from_the_same_start(digits, fitted):
    import umap

    ours = fitted("umap")
    projected = ours._projection.apply(digits[0][:SIZE])
    start = projected[:, :2] * (1 / projected[:, 0].std())
    seed = np.random.RandomState(0).randint(2**31)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = umap.UMAP(init=start, random_state=int(seed)).fit_transform(projected)
    np.testing.assert_allclose(theirs, ours.embedding_, atol=1e-3)


def test_tsne_is_its_librarys_from_the_same_start(digits, fitted):
    import openTSNE

    ours = fitted("tsne")
    projected = ours._projection.apply(digits[0][:SIZE])
    start = (projected[:, :2] * (1e-4 / projected[:, 0].std())).astype(np.float64)
    seed = np.random.RandomState(0).randint(2**31)
    theirs = openTSNE.TSNE(initialization=start, n_jobs=1, random_state=int(seed)).fit(projected)
    np.testing.assert_allclose(theirs, ours.embedding_, atol=1e-3)


@pytest.mark.parametrize("name", ["umap", "tsne", "pacmap"])
def test_a_missing_extra_is_named(name, monkeypatch):
    module = {"umap": "umap", "tsne": "openTSNE", "pacmap": "pacmap"}[name]
    # What Python itself does with a module that is None here: it is not found.
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"inkmeans\[maps\]"):
        get_reducer(name).make(2, 0).fit(np.eye(20))


def test_asking_for_a_name_loads_none_of_the_libraries():
    code = (
        "import sys\n"
        "from inkmeans.reduce import REDUCERS, DigitMap\n"
        "made = [record.make(2, 0) for record in REDUCERS.values()]\n"
        "print(*sorted({'umap', 'openTSNE', 'pacmap', 'numba'} & {*sys.modules}), len(made))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["8"]


@pytest.mark.parametrize(
    ("reducer", "says"),
    [
        (TsneEmbedding(3), "1 or 2 dimensions"),
        (PacmapEmbedding(0), "at least 1"),
        (LandmarkIsomap(9), "for 8 landmarks"),
    ],
)
def test_impossible_numbers_of_components_are_refused(reducer, says):
    with pytest.raises(ParameterError, match=says):
        reducer.fit(np.eye(8))


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match=r"4 sample\(s\)"):
        LandmarkIsomap().fit(np.eye(4))


def test_isomap_is_a_transformer_of_scikit_learn():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_estimator(LandmarkIsomap(1, n_landmarks=12, random_state=0))
