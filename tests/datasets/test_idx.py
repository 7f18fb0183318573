import bz2
import gzip
import lzma
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import inkmeans
from inkmeans.datasets import unpack
from inkmeans.datasets.idx import labels_beside, read_idx, read_idx_files
from inkmeans.errors import DataError

from .conftest import idx_bytes

PACKERS = {"": lambda data: data, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@given(
    hnp.arrays(
        st.sampled_from(["u1", "i1", "i2", "i4", "f4", "f8"]),
        hnp.array_shapes(min_dims=1, max_dims=4, max_side=4),
        elements={"allow_nan": False},
    ),
    st.sampled_from(list(PACKERS)),
)
def test_every_type_and_compression_comes_back(tmp_path_factory, array, suffix):
    path = tmp_path_factory.mktemp("idx") / "a"  # the content tells the compression
    path.write_bytes(PACKERS[suffix](idx_bytes(array)))
    found = read_idx(path)
    assert found.dtype == array.dtype
    assert np.array_equal(found, array)


def images_file(tmp_path, content, name="train-images-idx3-ubyte"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


GOOD = idx_bytes(np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "is empty"),
        (b"\0\0", "not an IDX file"),
        (b"\1\2\3\4" + GOOD[4:], "01 02 03 04"),
        (b"\0\0\x07\3" + GOOD[4:], "not an IDX file"),
        (b"\0\0\x08\0", "not an IDX file"),
        (b"\0\0\x08\xff" + bytes(2000), "255 dimensions"),
        (GOOD[:9], "truncated"),
        (GOOD[:-1], "truncated"),
        (GOOD + b"x", "more data"),
        (gzip.compress(GOOD)[:-9], "ends too early"),
        (gzip.compress(GOOD)[:12], "ends too early"),
        (gzip.compress(GOOD[:-1]), "truncated"),
        (gzip.compress(GOOD + b"x"), "more data"),
        (gzip.compress(GOOD)[:-8] + bytes(8), "damaged"),
        (gzip.compress(GOOD)[:10] + b"\xff" * 30, "damaged"),
        (lzma.compress(GOOD)[:-9], "ends too early"),
        (bz2.compress(GOOD)[:-9], "ends too early"),
        (b"\0\0\x08\3" + struct.pack(">3I", 2**31, 2**15, 2**15), "truncated"),
        (gzip.compress(b"\0\0\x08\3" + struct.pack(">3I", 2**31, 2**15, 2**15)), "the limit"),
        (gzip.compress(b"\0\0\x08\1" + struct.pack(">I", 2**31)), "truncated"),
    ],
)
def test_bad_files_are_named_and_explained(tmp_path, content, word):
    path = images_file(tmp_path, content)
    with pytest.raises(DataError, match=word) as caught:
        inkmeans.load(path)
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_a_bomb_is_not_unpacked_beyond_what_it_declares(tmp_path):
    path = images_file(tmp_path, gzip.compress(GOOD + bytes(200 * 2**20), 1))
    with pytest.raises(DataError, match="more data"):
        read_idx(path)


def test_a_bomb_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(unpack, "MAX_UNPACKED", 1000)
    path = images_file(tmp_path, gzip.compress(idx_bytes(np.zeros((10, 28, 28), np.uint8))))
    with pytest.raises(DataError, match="the limit is 1000"):
        read_idx(path)


def test_a_missing_file_and_a_folder_in_its_place_are_told(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_idx(tmp_path / "none")
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path)


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"),
        ("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
        ("qmnist-test-images-idx3-ubyte.gz", "qmnist-test-labels-idx2-int.gz"),
        ("my-images.idx", "my-labels.idx.gz"),
    ],
)
def test_the_labels_file_is_found_by_the_usual_names(tmp_path, images, labels):
    (tmp_path / labels).touch()
    (tmp_path / images).touch()
    assert labels_beside(tmp_path / images) == tmp_path / labels


def test_without_a_labels_file_there_are_no_labels(tmp_path, write_idx, mnist):
    path = write_idx("seven-images-idx3-ubyte", mnist.images[:5])
    digits = inkmeans.load(path)
    assert digits.labels is None
    assert np.array_equal(digits.images, mnist.images[:5])
    assert labels_beside(tmp_path / "pictures.idx") is None


def test_images_and_labels_of_different_lengths_are_told(write_idx, mnist):
    images = write_idx("train-images-idx3-ubyte", mnist.images[:5])
    labels = write_idx("train-labels-idx1-ubyte.gz", np.arange(4, dtype=np.uint8))
    with pytest.raises(DataError, match=r"5 images but .* 4 labels") as caught:
        inkmeans.load(images)
    assert str(images) in caught.value.message
    assert str(labels) in caught.value.message


def test_qmnist_labels_are_the_first_of_eight_columns(write_idx, mnist):
    images = write_idx("qmnist-train-images-idx3-ubyte.gz", mnist.images[:3])
    columns = np.arange(24, dtype=np.int32).reshape(3, 8) % 10
    labels = write_idx("qmnist-train-labels-idx2-int.gz", columns)
    assert read_idx_files(images, labels).labels.tolist() == [0, 8, 6]


def test_a_labels_file_where_images_are_wanted_is_told(write_idx):
    with pytest.raises(DataError, match="1 dimensions, images have 3"):
        inkmeans.load(write_idx("train-labels-idx1-ubyte", np.zeros(3, np.uint8)))


def test_images_where_labels_are_wanted_are_told(write_idx, mnist):
    path = write_idx("train-images-idx3-ubyte", mnist.images[:5])
    with pytest.raises(DataError, match="3 dimensions, labels have 1"):
        read_idx_files(path, path)
