import hashlib
import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits

import inkmeans
from inkmeans.datasets import DATASETS
from inkmeans.datasets.builtin import MNIST_FILE, read_mnist
from inkmeans.datasets.digits import fingerprint
from inkmeans.errors import DataError


def test_mnist_is_the_known_data_set(mnist):
    assert mnist.images.shape == (70000, 28, 28)
    assert mnist.images.dtype == np.uint8
    assert mnist.n_train == 60000
    assert mnist.names == tuple("0123456789")
    assert mnist.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    train, test = mnist.split()
    # the counts that Y. LeCun's page and every textbook give
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(train.labels).tolist() == counts
    assert np.bincount(test.labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
    assert round(train.images.mean() / 255, 4) == 0.1307
    assert mnist.source.licence == "CC BY-SA 3.0"


def test_the_fingerprint_in_the_catalogue_is_that_of_the_content(mnist):
    assert fingerprint(mnist.images, mnist.labels, mnist.n_train) == mnist.source.sha256
    assert DATASETS["mnist"].sha256 == mnist.source.sha256


def test_images_are_the_bytes_of_the_idx_files_whose_hashes_are_published(mnist):
    """MD5 of the unpacked images files, as other libraries have long published them."""
    train, test = mnist.split()
    for part, expected in (
        (train, "6bbc9ace898e44ae57da46a324031adb"),
        (test, "2646ac647ad5339dbf082846283269ea"),
    ):
        header = bytes([0, 0, 8, 3]) + np.array(part.images.shape, ">i4").tobytes()
        assert hashlib.md5(header + part.images.tobytes()).hexdigest() == expected


@pytest.mark.parametrize("where", [0, 100, 5_000_000, -1])
def test_a_tampered_file_is_refused(tmp_path, where):
    content = bytearray(MNIST_FILE.read_bytes())
    content[where] ^= 1
    path = tmp_path / "mnist.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match="not the file that inkmeans came with") as caught:
        read_mnist(path)
    assert str(path) in caught.value.message


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_mnist(tmp_path / "mnist.npz")


def test_scikit_learns_digits_are_scaled_to_255():
    digits = inkmeans.load("digits")
    original = load_digits()
    assert digits.images.shape == (1797, 8, 8)
    assert digits.n_train == 1797
    assert digits.images.max() == 255
    assert np.abs(digits.images / 255 * 16 - original.images).max() <= 16 / 255 / 2 + 1e-12
    assert np.array_equal(digits.labels, original.target)


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, inkmeans.datasets as d; d.DATASETS;"
        "print([m for m in ('sklearn', 'pooch', 'PIL', 'numpy', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
