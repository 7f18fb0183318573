from pathlib import Path

import numpy as np
import pytest

import inkmeans
from inkmeans.datasets import DATASETS, Dataset, get_dataset
from inkmeans.datasets.digits import Arrays
from inkmeans.errors import DataError, ParameterError


def test_digits_come_back_as_they_are(mnist):
    assert inkmeans.load(mnist) is mnist


def test_the_pair_of_pairs_of_keras_equals_the_embedded_copy(mnist):
    train, test = mnist.split()
    pairs = ((train.images, train.labels.astype(np.uint8)), (test.images, test.labels))
    digits = inkmeans.load(pairs)
    assert np.array_equal(digits.images, mnist.images)
    assert np.array_equal(digits.labels, mnist.labels)
    assert digits.names == mnist.names
    assert digits.source.sha256 == mnist.source.sha256


def test_a_pair_of_pairs_may_be_scaled_and_without_labels(mnist):
    scaled = mnist.images[:5].astype(np.float32) / 255
    digits = inkmeans.load(((scaled, None), (scaled[:2], None)))
    assert digits.labels is None
    assert digits.n_train == 5
    assert np.array_equal(digits.images, mnist.images[[0, 1, 2, 3, 4, 0, 1]])


@pytest.mark.parametrize("form", [tuple, list])
def test_images_and_labels_in_memory(mnist, form):
    digits = inkmeans.load(form((mnist.images[:2], mnist.labels[:2])))
    assert digits.labels.tolist() == [5, 0]
    assert digits.n_train == 2
    assert digits.n_classes == 10


def test_images_alone_or_with_none_have_no_labels(mnist):
    rows = mnist.images[:5].reshape(5, 784)
    for source in (mnist.images[:5], rows, (rows, None)):
        digits = inkmeans.load(source)
        assert digits.labels is None
        assert np.array_equal(digits.images, mnist.images[:5])


def test_data_frames_are_arrays_too(mnist):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(mnist.images[:5].reshape(5, 784))
    digits = inkmeans.load((frame, pandas.Series(["b", "a", "b", "a", "b"])))
    assert np.array_equal(digits.images, mnist.images[:5])
    assert digits.labels.tolist() == [1, 0, 1, 0, 1]


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (None, "object"),
        (7, "shape"),
        ((), "0 things"),
        ((1, 2, 3), "3 things"),
        (object(), "object"),
        ([[[1, 2], [3]], [1]], "not an array"),
        ((np.zeros((3, 4, 4)), np.zeros(2)), "3 images but 2 labels"),
        ((np.zeros((3, 4, 4)), 7), "labels of shape"),
        (((np.zeros((3, 4, 4)), [1, 2]), (np.zeros((3, 4, 4)), [1, 2, 3])), "3 images but 2"),
        (((np.zeros((3, 4, 4)), [1, 2, 3]), (np.zeros((3, 4, 4)), None)), "only one"),
        (((np.zeros((3, 4, 4)), None), (np.zeros((3, 5, 5)), None)), "5 x 5"),
        (np.full((3, 4, 4), np.nan), "NaN"),
    ],
)
def test_what_is_no_data_in_memory_is_refused(source, word):
    with pytest.raises(DataError, match=word) as caught:
        inkmeans.load(source)
    assert caught.value.hint


@pytest.mark.parametrize("form", [str, Path])
def test_a_path_is_text_or_path(tmp_path, mnist, form):
    np.save(tmp_path / "seven.npy", mnist.images[:3])
    digits = inkmeans.load(form(tmp_path / "seven.npy"))
    assert len(digits) == 3
    assert digits.source.name == "seven.npy"
    assert digits.source.address == str(tmp_path / "seven.npy")


def test_a_name_goes_before_a_folder_of_that_name(tmp_path, monkeypatch, mnist, write_quartet):
    write_quartet("mnist")
    monkeypatch.chdir(tmp_path)
    assert len(inkmeans.load("mnist")) == 70000
    assert len(inkmeans.load("./mnist")) == 40
    assert len(inkmeans.load(Path("mnist"))) == 40


def test_a_file_with_known_content_gets_its_class_names(tmp_path, mnist):
    train, test = mnist.split()
    np.savez(tmp_path / "a.npz", x_train=train.images, y_train=train.labels, x_test=test.images,
             y_test=test.labels)  # fmt: skip
    digits = inkmeans.load(tmp_path / "a.npz")
    assert digits.source.licence == "CC BY-SA 3.0"
    assert digits.source.sha256 == mnist.source.sha256


@pytest.mark.parametrize("source", ["mnst", "MNIST", "keras:mnits"])
def test_an_unknown_name_has_the_nearest_one_as_hint(source):
    with pytest.raises(ParameterError, match="unknown data set") as caught:
        inkmeans.load(source)
    assert "mnist" in caught.value.hint


@pytest.mark.parametrize("source", ["no/such/folder", "nothing.npz", Path("nothing"), ""])
def test_a_path_that_does_not_exist_is_told(source):
    with pytest.raises((DataError, ParameterError)) as caught:
        inkmeans.load(source)
    assert caught.value.hint
    assert repr(str(source))[1:-1] in caught.value.message


def test_progress_tells_what_is_loaded():
    events = []
    inkmeans.load("digits", progress=events.append)
    assert [(event.stage, event.message) for event in events] == [("load", "digits")]


def test_a_plugin_can_add_a_data_set(monkeypatch):
    def read(paths):
        return Arrays(np.zeros((4, 5, 5), np.uint8), np.array([0, 1, 0, 1]), 3)

    record = Dataset("blank", "Four blank images.", "CC0", "https://example.org", "scikit-learn",
                     read, names=("x", "y"))  # fmt: skip
    monkeypatch.setattr(
        "inkmeans.datasets.catalogue.discover", lambda group, kind: {"blank": record}
    )
    digits = inkmeans.load("blank")
    assert (digits.n_train, digits.names, digits.source.licence) == (3, ("x", "y"), "CC0")
    assert get_dataset("blank") is record
    assert "blank" not in DATASETS
