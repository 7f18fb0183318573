from pathlib import Path

import numpy as np
import pytest

import inkmeans
from inkmeans.datasets import DATASETS
from inkmeans.errors import DataError

DEBIAN = Path("/usr/share/datasets/fashion-mnist")


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("test", ["t10k", "test"])
def test_a_quartet_is_read_with_its_parts(write_quartet, mnist, suffix, test):
    digits = inkmeans.load(write_quartet("mine", suffix, test))
    rows = np.r_[0:30, 60000:60010]
    assert digits.n_train == 30
    assert np.array_equal(digits.images, mnist.images[rows])
    assert np.array_equal(digits.labels, mnist.labels[rows])
    assert digits.source.name == "mine"


def test_plain_and_compressed_files_beside_each_other_count_once(write_quartet):
    write_quartet("mine", "")
    assert len(inkmeans.load(write_quartet("mine", ".gz"))) == 40


@pytest.mark.parametrize(("gone", "n"), [("t10k", 30), ("train", 10)])
def test_one_part_alone_is_the_training_part(write_quartet, gone, n):
    folder = write_quartet("mine")
    for path in folder.glob(f"{gone}*"):
        path.unlink()
    digits = inkmeans.load(folder)
    assert digits.n_train == len(digits) == n


def test_a_quartet_without_labels_has_none(write_quartet):
    folder = write_quartet("mine")
    for path in folder.glob("*labels*"):
        path.unlink()
    assert inkmeans.load(folder).labels is None


def test_labels_for_one_part_only_are_refused(write_quartet):
    folder = write_quartet("mine")
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match="only one of the training and the test part"):
        inkmeans.load(folder)


def test_several_data_sets_in_a_folder_are_told(write_quartet, write_idx, mnist):
    folder = write_quartet("mine")
    write_idx("mine/emnist-digits-train-images-idx3-ubyte", mnist.images[:3])
    with pytest.raises(DataError, match="several data sets"):
        inkmeans.load(folder)


def test_a_damaged_file_of_a_quartet_is_named(write_quartet):
    folder = write_quartet("mine")
    path = folder / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match="ends too early") as caught:
        inkmeans.load(folder)
    assert str(path) in caught.value.message


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="needs Debian's package dataset-fashion-mnist")
def test_debians_fashion_mnist_is_recognised_by_its_content(monkeypatch, tmp_path):
    monkeypatch.setenv("INKMEANS_DATA", str(tmp_path))
    digits = inkmeans.load(DEBIAN)
    assert (len(digits), digits.n_train) == (70000, 60000)
    assert digits.names[:2] == ("T-shirt/top", "Trouser")
    assert digits.source.licence == "MIT"
    assert np.bincount(digits.labels).tolist() == [7000] * 10
    by_name = inkmeans.load("fashion-mnist")
    assert by_name.source.sha256 == digits.source.sha256 == DATASETS["fashion-mnist"].sha256
    assert list(tmp_path.iterdir()) == []
