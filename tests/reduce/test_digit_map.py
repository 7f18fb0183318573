"""The map: neighbours stay neighbours, digits form islands, new rows find their place."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.estimator_checks import check_estimator
from threadpoolctl import threadpool_limits

from inkmeans import load
from inkmeans.errors import DataError, ParameterError
from inkmeans.progress import Stop
from inkmeans.reduce import DigitMap

SIZE = 5000


@pytest.fixture(scope="module")
def mnist():
    digits = load("mnist")
    images = digits.images[: SIZE + 500].reshape(SIZE + 500, -1)
    return images, digits.labels[: SIZE + 500]


@pytest.fixture(scope="module")
def fitted(mnist):
    return DigitMap(random_state=0).fit(mnist[0][:SIZE])


def test_neighbours_on_the_map_are_alike_far_more_than_by_two_components(mnist, fitted):
    part = slice(0, 1000)
    rows = mnist[0][part].astype(np.float32)
    plane = PCA(2, random_state=0).fit_transform(rows)
    # Among 5,000 rows, seen at 1,000 of them.
    ours = trustworthiness(rows, fitted.embedding_[part], n_neighbors=12)
    assert ours > 0.9 > trustworthiness(rows, plane, n_neighbors=12) + 0.1


def test_digits_form_islands_though_no_label_was_seen(mnist, fitted):
    half = SIZE // 2
    places, labels = fitted.embedding_, mnist[1][:SIZE]
    voter = KNeighborsClassifier(10).fit(places[:half], labels[:half])
    assert voter.score(places[half:], labels[half:]) > 0.85
    plane = PCA(2, random_state=0).fit_transform(mnist[0][:SIZE])
    flat = KNeighborsClassifier(10).fit(plane[:half], labels[:half])
    assert flat.score(plane[half:], labels[half:]) < 0.6


def test_new_images_come_to_the_islands_of_their_digits(mnist, fitted):
    placed = fitted.transform(mnist[0][SIZE:])
    voter = KNeighborsClassifier(10).fit(fitted.embedding_, mnist[1][:SIZE])
    assert voter.score(placed, mnist[1][SIZE:]) > 0.85


def test_images_that_were_fitted_on_come_to_where_they_are(mnist, fitted):
    again = fitted.transform(mnist[0][:SIZE])
    np.testing.assert_allclose(again, fitted.embedding_, atol=0.01)


def test_where_an_image_is_placed_does_not_depend_on_others(mnist, fitted):
    together = fitted.transform(mnist[0][SIZE:])
    np.testing.assert_allclose(
        fitted.transform(mnist[0][SIZE + 7 : SIZE + 8])[0], together[7], atol=1e-3
    )


def test_a_seed_gives_the_same_map_whatever_the_number_of_threads(mnist, fitted):
    with threadpool_limits(1):
        again = DigitMap(random_state=0).fit(mnist[0][:SIZE])
    np.testing.assert_array_equal(again.embedding_, fitted.embedding_)
    other = DigitMap(random_state=1, n_iter=0).fit(mnist[0][:2100])
    assert (other.embedding_ != fitted.embedding_[:2100]).any()


def test_floats_give_the_islands_that_bytes_give(mnist):
    rows = mnist[0][:2500]
    maps = [DigitMap(random_state=0).fit_transform(r) for r in (rows, rows / 255)]
    scores = [
        KNeighborsClassifier(10).fit(m[:1500], mnist[1][:1500]).score(m[1500:], mnist[1][1500:2500])
        for m in maps
    ]
    assert min(scores) > 0.8


def test_more_rows_than_settle_are_placed_among_those_that_do(mnist, monkeypatch):
    monkeypatch.setattr("inkmeans.reduce.neighbor_map._MOST_SETTLED", 3000)
    places = DigitMap(random_state=0).fit_transform(mnist[0][:SIZE])
    assert places.shape == (SIZE, 2)
    labels = mnist[1][:SIZE]
    voter = KNeighborsClassifier(10).fit(places[:2500], labels[:2500])
    assert voter.score(places[2500:], labels[2500:]) > 0.8


SPECIAL = {
    "one row": np.ones((1, 9)),
    "two rows": np.eye(2, 9),
    "three wide rows": np.eye(3, 100),
    "ten digits": load("mnist").images[:10].reshape(10, -1),
    "equal rows": np.full((2500, 60), 7, dtype=np.uint8),
    "half of them equal": np.vstack([np.zeros((1500, 9)), np.eye(9).repeat(150, axis=0)]),
    "one column": np.linspace(0, 1, 500)[:, None],
    "tiny numbers": np.random.default_rng(0).random((300, 60)) * 1e-30,
    "huge numbers": np.random.default_rng(0).random((300, 60)) * 1e30,
    "no structure": np.random.default_rng(0).random((2500, 60)),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_rows_of_any_kind_get_finite_places(name):
    rows = SPECIAL[name]
    fitted = DigitMap(random_state=0).fit(rows)
    assert fitted.embedding_.shape == (len(rows), 2)
    assert np.isfinite(fitted.embedding_).all()
    assert np.isfinite(fitted.transform(rows[:5])).all()
    if "equal" not in name and len(rows) > 1:  # and are told apart
        assert fitted.embedding_.std() > 0.5


def test_equal_rows_lie_in_one_place():
    assert np.ptp(DigitMap(random_state=0).fit_transform(SPECIAL["equal rows"])) == 0


def test_progress_is_told_and_stop_keeps_the_map_so_far(mnist):
    rows, events = mnist[0][:2500], []
    DigitMap(n_iter=4, random_state=0).fit(rows, callback=events.append)
    assert {event.stage for event in events} == {"map"}
    assert [event.step for event in events][-4:] == [1, 2, 3, 4]
    assert [event.of for event in events] == [4] * len(events)

    def stop(event):
        if event.step == 2:
            raise Stop

    stopped = DigitMap(n_iter=400, random_state=0).fit(rows, callback=stop)
    two = DigitMap(n_iter=2, random_state=0).fit(rows)
    np.testing.assert_array_equal(stopped.embedding_, two.embedding_)


@pytest.mark.parametrize("method", ["pca", "isomap", "random-projection"])
def test_any_reducer_makes_a_map(method, mnist):
    fitted = DigitMap(method, random_state=0).fit(mnist[0][:300])
    assert fitted.method_ == method
    assert fitted.embedding_.shape == (300, 2)
    # Isomap's own places, in float64, and those of single rows differ by rounding.
    scale = np.abs(fitted.embedding_).max()
    np.testing.assert_allclose(
        fitted.transform(mnist[0][:20]), fitted.embedding_[:20], atol=1e-3 * scale
    )


def test_a_reducer_of_one_column_leaves_the_second_axis_empty():
    places = DigitMap("pca").fit_transform(np.arange(5.0)[:, None])
    assert np.ptp(places[:, 0]) == 4
    assert not places[:, 1].any()


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"method": "umpa"}, "did you mean 'umap'"),
        ({"n_iter": -1}, "n_iter is -1; give a whole number"),
        ({"n_iter": 1.5}, "n_iter is 1.5"),
    ],
)
def test_wrong_parameters_are_refused_with_what_to_do(parameters, says):
    with pytest.raises(ParameterError, match=says):
        DigitMap(**parameters).fit(np.eye(5))


@pytest.mark.parametrize(
    "rows", [np.zeros((3, 4, 4)), [["a"]], np.zeros((0, 4)), [[np.nan, 1], [1, 2]]]
)
def test_what_are_no_rows_of_numbers_is_refused(rows):
    with pytest.raises(ValueError):
        DigitMap().fit(rows)


def test_a_row_too_far_from_all_others_is_refused():
    fitted = DigitMap(random_state=0).fit(np.eye(9))
    with pytest.raises(DataError, match="too large"):
        fitted.transform(np.full((1, 9), 1e200))


@pytest.mark.parametrize("method", ["auto", "pca"])
def test_it_is_a_transformer_of_scikit_learn(method):
    check_estimator(DigitMap(method, n_iter=2, random_state=0))
