import bz2
import gzip
import zipfile

import numpy as np
import pytest

from inkmeans.datasets import distributed
from inkmeans.datasets.distributed import read_emnist_digits, read_usps
from inkmeans.errors import DataError

from .conftest import idx_bytes


def emnist_zip(path, mnist, **change):
    parts = {"train": slice(0, 6), "test": slice(60000, 60003)}
    members = {}
    for part, rows in parts.items():
        columns_first = np.ascontiguousarray(mnist.images[rows].transpose(0, 2, 1))
        labels = mnist.labels[rows].astype(np.uint8)
        members[f"gzip/emnist-digits-{part}-images-idx3-ubyte.gz"] = idx_bytes(columns_first)
        members[f"gzip/emnist-digits-{part}-labels-idx1-ubyte.gz"] = idx_bytes(labels)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("gzip/emnist-letters-train-images-idx3-ubyte.gz", b"something else")
        for name, content in members.items():
            archive.writestr(name, change.get(name.split("-", 2)[2], gzip.compress(content)))
    return path


def test_emnist_is_read_from_its_zip_and_turned_upright(tmp_path, mnist):
    arrays = read_emnist_digits((emnist_zip(tmp_path / "gzip.zip", mnist),))
    rows = np.r_[0:6, 60000:60003]
    assert arrays.n_train == 6
    assert np.array_equal(arrays.images, mnist.images[rows])
    assert np.array_equal(arrays.labels, mnist.labels[rows])


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (gzip.compress(b"hello"), "not an IDX file"),
        (gzip.compress(idx_bytes(np.zeros(3, np.uint8)))[:-10], "ends too early"),
        (gzip.compress(idx_bytes(np.zeros(3, np.uint8))), "6 images but .* 3 labels"),
        (b"hello", "damaged"),
    ],
)
def test_a_damaged_member_of_emnist_is_named(tmp_path, mnist, content, word):
    member = "train-labels-idx1-ubyte.gz"
    path = emnist_zip(tmp_path / "gzip.zip", mnist, **{member: content})
    with pytest.raises(DataError, match=word) as caught:
        read_emnist_digits((path,))
    assert f"{path}: gzip/emnist-digits-{member}" in caught.value.message


def test_an_archive_without_emnist_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "gzip.zip", "w") as archive:
        archive.writestr("other.txt", b"hello")
    with pytest.raises(DataError, match="holds no gzip/emnist-digits-train-images"):
        read_emnist_digits((tmp_path / "gzip.zip",))
    (tmp_path / "gzip.zip").write_bytes(b"hello")
    with pytest.raises(DataError, match="damaged"):
        read_emnist_digits((tmp_path / "gzip.zip",))


def libsvm_line(label, values):
    pairs = " ".join(f"{index}:{value:.7g}" for index, value in enumerate(values, 1) if value)
    return f"{label} {pairs} \n"


def usps_files(tmp_path, train, test):
    paths = (tmp_path / "usps.bz2", tmp_path / "usps.t.bz2")
    for path, text in zip(paths, (train, test), strict=True):
        path.write_bytes(bz2.compress(text.encode()))
    return paths


def test_usps_labels_count_from_one_and_values_from_minus_one(tmp_path):
    grey = np.random.default_rng(0).integers(0, 256, (3, 256))
    values = grey / 127.5 - 1
    train = libsvm_line(1, values[0]) + libsvm_line(10, values[1])
    arrays = read_usps(usps_files(tmp_path, train, libsvm_line(8, values[2])))
    assert arrays.n_train == 2
    assert arrays.labels.tolist() == [0, 9, 7]
    assert np.array_equal(arrays.images, grey.reshape(3, 16, 16))


GOOD = libsvm_line(3, np.full(256, 0.5))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no images|not a LIBSVM"),
        ("hello world\n", "not a LIBSVM"),
        ("3 257:1\n", "not a LIBSVM"),
        ("3 0:1\n", "not a LIBSVM"),
        ("3 1:x\n", "not a LIBSVM"),
        (f"3 {2**70}:1\n", "not a LIBSVM"),
        ("0 1:1\n", "outside 1..10"),
        ("11 1:1\n", "outside 1..10"),
        ("2.5 1:1\n", "outside 1..10"),
        ("3 1:1.5\n", "outside -1..1"),
        ("3 1:nan\n", "outside -1..1"),
    ],
)
def test_bad_usps_files_are_named_and_explained(tmp_path, text, word):
    paths = usps_files(tmp_path, GOOD, text)
    with pytest.raises(DataError, match=word) as caught:
        read_usps(paths)
    assert str(paths[1]) in caught.value.message


def test_an_overlong_usps_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(distributed, "_MAX_TEXT", 100)
    with pytest.raises(DataError, match="more than 100 bytes"):
        read_usps(usps_files(tmp_path, GOOD, GOOD))


def test_a_truncated_usps_file_is_refused(tmp_path):
    paths = usps_files(tmp_path, GOOD, GOOD)
    paths[0].write_bytes(paths[0].read_bytes()[:-5])
    with pytest.raises(DataError, match="ends too early"):
        read_usps(paths)
