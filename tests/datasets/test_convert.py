import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans.datasets.convert import join_parts, natural_key, to_images, to_labels
from inkmeans.datasets.digits import Arrays
from inkmeans.errors import DataError


@given(st.lists(st.integers(0, 255), min_size=4, max_size=4), st.sampled_from("BHiqfd?"))
def test_the_same_picture_in_any_type_gives_the_same_bytes(pixels, code):
    exact = np.array(pixels, np.uint8).reshape(1, 2, 2)
    if code == "?":
        expected = (exact > 0) * np.uint8(255)
        assert np.array_equal(to_images(exact > 0, "mine"), expected)
        return
    given_values = exact.astype(code)
    if code in "fd" and exact.max() <= 1:  # taken for the range 0..1, as documented
        exact = exact * np.uint8(255)
    assert np.array_equal(to_images(given_values, "mine"), exact)


@given(st.lists(st.integers(0, 255), min_size=4, max_size=4), st.sampled_from("efd"))
def test_division_by_255_is_undone_exactly(pixels, code):
    exact = np.array(pixels, np.uint8).reshape(1, 2, 2)
    scaled = exact.astype(code) / np.dtype(code).type(255)
    assert np.array_equal(to_images(scaled, "mine"), exact)


@pytest.mark.parametrize(
    "shape", [(2, 9), (2, 3, 3), (2, 3, 3, 1), (2, 1, 3, 3)], ids=lambda s: "x".join(map(str, s))
)
def test_rows_and_channel_axes_become_images(shape):
    values = np.arange(18, dtype=np.uint8)
    images = to_images(values.reshape(shape), "mine")
    assert np.array_equal(images, values.reshape(2, 3, 3))


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (np.zeros((2, 3, 3, 3), np.uint8), "shape"),
        (np.zeros((2, 10), np.uint8), "no square"),
        (np.zeros(10, np.uint8), "shape"),
        (np.zeros((0, 3, 3), np.uint8), "no images"),
        (np.full((1, 2, 2), np.nan), "NaN"),
        (np.array([[[0.0, np.nan], [1.0, 0.5]]]), "NaN"),
        (np.full((1, 2, 2), np.inf), "infinite"),
        (np.full((1, 2, 2), -1), "from -1"),
        (np.full((1, 2, 2), 256), "to 256"),
        (np.full((1, 2, 2), 1.5), "whole"),
        (np.full((1, 2, 2), "a"), "type"),
        (np.full((1, 2, 2), None), "object"),
        ([[1, 2], [3]], "array"),
        (None, "object"),
    ],
)
def test_what_is_no_image_is_refused_with_a_hint(values, word):
    with pytest.raises(DataError, match=word) as caught:
        to_images(values, "mine")
    assert caught.value.message.startswith("mine")
    assert caught.value.hint


@given(st.lists(st.one_of(st.integers(-5, 40), st.integers(0, 9)), min_size=1, max_size=30))
def test_every_number_keeps_its_name(labels):
    numbers, names = to_labels(labels, "mine")
    assert [names[number] for number in numbers] == [str(label) for label in labels]
    if set(labels) <= set(range(10)):
        assert numbers.tolist() == labels
        assert len(names) == 10


@given(st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=30))
def test_every_string_keeps_its_name(labels):
    labels = [label.rstrip("\0") or "x" for label in labels]
    numbers, names = to_labels(np.array(labels, object), "mine")
    assert [names[number] for number in numbers] == labels


def test_class_names_are_in_natural_order():
    assert to_labels(["c10", "c2", "c1"], "mine")[1] == ("c1", "c2", "c10")
    assert to_labels([12, 3, 100], "mine")[1] == ("3", "12", "100")


def test_whole_floating_point_labels_and_a_column_are_taken():
    assert to_labels(np.array([[3.0], [7.0]]), "mine")[0].tolist() == [3, 7]


@pytest.mark.parametrize("labels", [[0.5], [np.nan], [[1, 2]], [None], [[0, 1], [1, 0]]])
def test_labels_of_other_kinds_are_refused(labels):
    with pytest.raises(DataError, match="labels") as caught:
        to_labels(labels, "mine")
    assert caught.value.hint


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_natural_order_of_numbered_names_is_that_of_the_numbers(numbers):
    names = [f"img{number}.png" for number in numbers]
    assert sorted(names, key=natural_key) == [f"img{number}.png" for number in sorted(numbers)]


def part(n=2, size=3, labels=True):
    return Arrays(np.zeros((n, size, size), np.uint8), np.zeros(n, int) if labels else None)


def test_parts_are_joined_in_order():
    joined = join_parts(part(3), part(2), "mine")
    assert (len(joined.images), joined.n_train) == (5, 3)
    assert join_parts(part(3), part(0), "mine").n_train is None


@pytest.mark.parametrize(
    ("test", "word"),
    [
        (part(size=4), "4 x 4"),
        (part(labels=False), "only one"),
        (Arrays(np.zeros((2, 3, 3), np.uint8), np.zeros(1, int)), "2 images but 1 labels"),
    ],
)
def test_parts_that_do_not_fit_are_refused(test, word):
    with pytest.raises(DataError, match=word):
        join_parts(part(), test, "mine")
