import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import inkmeans
from inkmeans.datasets import is_here, where
from inkmeans.datasets.builtin import MNIST_FILE
from inkmeans.errors import DataError, DownloadError, MissingExtraError


@pytest.fixture(autouse=True)
def keras_home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    folder = tmp_path / "keras" / "datasets"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def no_keras(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)


@pytest.fixture
def keras_loading(monkeypatch):
    """Put a keras module into place whose loaders are the given function."""

    def install(load_data):
        module = ModuleType("keras")
        loader = SimpleNamespace(load_data=load_data)
        module.datasets = SimpleNamespace(mnist=loader, fashion_mnist=loader)
        monkeypatch.setitem(sys.modules, "keras", module)

    return install


def test_without_keras_its_cached_mnist_is_read(no_keras, keras_home, mnist):
    shutil.copy(MNIST_FILE, keras_home)
    assert where("keras:mnist") == keras_home / "mnist.npz"
    assert is_here("keras:mnist")
    digits = inkmeans.load("keras:mnist")
    assert np.array_equal(digits.images, mnist.images)
    assert np.array_equal(digits.labels, mnist.labels)
    assert digits.source.sha256 == mnist.source.sha256
    assert (digits.source.name, digits.n_train) == ("keras:mnist", 60000)


def test_without_keras_its_cached_fashion_mnist_is_read(no_keras, keras_home, write_quartet):
    shutil.copytree(write_quartet("served"), keras_home / "fashion-mnist")
    digits = inkmeans.load("keras:fashion_mnist")
    assert (len(digits), digits.n_train) == (40, 30)
    assert digits.names[0] == "T-shirt/top"


def test_the_folder_is_in_the_home_folder_by_default(monkeypatch):
    monkeypatch.delenv("KERAS_HOME")
    assert where("keras:mnist") == Path.home() / ".keras" / "datasets" / "mnist.npz"


@pytest.mark.parametrize("name", ["keras:mnist", "keras:fashion_mnist"])
def test_without_keras_and_cache_the_error_says_what_to_install(no_keras, keras_home, name):
    assert not is_here(name)
    with pytest.raises(MissingExtraError, match="cannot be imported") as caught:
        inkmeans.load(name)
    assert str(keras_home) in caught.value.message
    assert "inkmeans[keras]" in caught.value.hint


def test_a_damaged_cached_copy_is_told(no_keras, keras_home):
    (keras_home / "mnist.npz").write_bytes(MNIST_FILE.read_bytes()[:10000])
    with pytest.raises(DataError, match="damaged") as caught:
        inkmeans.load("keras:mnist")
    assert str(keras_home / "mnist.npz") in caught.value.message


def test_what_keras_returns_is_taken_and_what_it_prints_kept_off_the_output(
    keras_loading, mnist, capsys
):
    def load_data():
        print("Downloading data")
        train, test = mnist.split()
        return (train.images, train.labels), (test.images, test.labels)

    keras_loading(load_data)
    assert inkmeans.load("keras:mnist").source.sha256 == mnist.source.sha256
    assert capsys.readouterr() == ("", "Downloading data\n")


def test_when_keras_fails_its_cache_is_read_or_the_error_told(keras_loading, keras_home, mnist):
    def load_data():
        raise RuntimeError("URL fetch failure on https://example.org")

    keras_loading(load_data)
    with pytest.raises(DownloadError, match="URL fetch failure") as caught:
        inkmeans.load("keras:mnist")
    assert str(keras_home / "mnist.npz") in caught.value.hint
    shutil.copy(MNIST_FILE, keras_home)
    assert inkmeans.load("keras:mnist").source.sha256 == mnist.source.sha256


needs_keras = pytest.mark.skipif(
    importlib.util.find_spec("keras") is None, reason="needs the extra keras"
)


@needs_keras
def test_the_real_keras_loads_fashion_mnist_from_its_cache(keras_home, write_quartet):
    pytest.importorskip("keras", exc_type=ImportError)
    shutil.copytree(write_quartet("served"), keras_home / "fashion-mnist")
    digits = inkmeans.load("keras:fashion_mnist")
    assert (len(digits), digits.n_train) == (40, 30)


@needs_keras
def test_the_real_keras_loads_mnist(monkeypatch, mnist):
    """Keras checks the hash of its own file; the package's copy has the same arrays."""
    keras = pytest.importorskip("keras", exc_type=ImportError)
    inner = sys.modules[keras.datasets.mnist.load_data.__module__]
    monkeypatch.setattr(inner, "get_file", lambda *args, **kwargs: str(MNIST_FILE))
    assert inkmeans.load("keras:mnist").source.sha256 == mnist.source.sha256
