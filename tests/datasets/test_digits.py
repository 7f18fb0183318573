import hashlib
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from inkmeans.datasets import Digits, Source
from inkmeans.datasets.digits import fingerprint
from inkmeans.errors import DataError

SOURCE = Source("mine", "")


def make(n=6, n_train=4, labels=(0, 1, 2, 0, 1, 2), names=("a", "b", "c"), images=None):
    if images is None:
        images = np.arange(n * 12, dtype=np.uint8).reshape(n, 3, 4)
    return Digits(images, None if labels is None else np.array(labels), names, SOURCE, n_train)


def test_images_and_labels_are_read_only_and_contiguous():
    digits = make(images=np.zeros((6, 4, 3), np.uint8).transpose(0, 2, 1))
    assert digits.images.shape == (6, 3, 4)
    assert digits.images.flags.c_contiguous
    assert digits.labels.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        digits.images[0, 0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        digits.labels[0] = 1
    with pytest.raises(FrozenInstanceError):
        digits.n_train = 1


def test_the_callers_array_stays_writeable_and_is_not_copied():
    images = np.zeros((6, 3, 4), np.uint8)
    digits = make(images=images)
    assert np.shares_memory(images, digits.images)
    images[0, 0, 0] = 7


def test_split_gives_both_parts_without_a_copy():
    digits = make()
    train, test = digits.split()
    assert (len(train), len(test), len(digits)) == (4, 2, 6)
    assert np.shares_memory(digits.images, test.images)
    assert test.labels.tolist() == [1, 2]
    assert test.names == train.names == digits.names
    assert test.split()[1] is None


def test_without_a_test_part_split_gives_none():
    train, test = make(n_train=6).split()
    assert test is None
    assert len(train) == 6


def test_without_labels_there_are_no_classes():
    digits = make(labels=None, names=())
    assert digits.labels is None
    assert digits.n_classes == 0
    assert "no labels" in repr(digits)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"images": np.zeros((6, 12), np.uint8)}, "shape"),
        ({"images": np.zeros((6, 3, 4), np.float32)}, "float32"),
        ({"images": np.zeros((0, 3, 4), np.uint8), "labels": ()}, "no images"),
        ({"n_train": 0}, "n_train"),
        ({"n_train": 7}, "n_train"),
        ({"labels": (0, 1)}, "labels"),
        ({"labels": (0.0, 1.0, 2.0, 0.0, 1.0, 2.0)}, "float64"),
        ({"labels": (0, 1, 2, 3, 0, 1)}, "0 to 3"),
        ({"labels": (0, 1, 2, -1, 0, 1)}, "-1"),
        ({"labels": None}, "without labels"),
    ],
)
def test_parts_that_do_not_fit_are_refused(change, word):
    with pytest.raises(DataError, match=word) as caught:
        make(**change)
    assert "mine" in caught.value.message
    assert caught.value.hint


def test_fingerprint_is_the_hash_that_its_docstring_describes():
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    labels = np.array([1, 0])
    expected = hashlib.sha256(
        b"2 3 4 1 1\n" + images.tobytes() + b"\1" + bytes(7) + bytes(8)
    ).hexdigest()
    assert fingerprint(images, labels, 1) == expected


def test_fingerprint_differs_with_images_labels_and_split():
    images, labels = np.zeros((2, 3, 4), np.uint8), np.array([0, 1])
    hashes = {
        fingerprint(images, labels, 2),
        fingerprint(images, labels, 1),
        fingerprint(images, labels[::-1].copy(), 2),
        fingerprint(images, None, 2),
        fingerprint(images + np.uint8(1), labels, 2),
        fingerprint(images.reshape(2, 4, 3), labels, 2),
    }
    assert len(hashes) == 6
