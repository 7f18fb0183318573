import io
import zipfile

import numpy as np
import pytest

import inkmeans
from inkmeans.datasets import unpack
from inkmeans.datasets.npz import save_npz
from inkmeans.errors import DataError, OutputError


@pytest.fixture
def small(mnist):
    return inkmeans.load(
        (
            (mnist.images[:30], mnist.labels[:30]),
            (mnist.images[60000:60010], mnist.labels[60000:60010]),
        )
    )


def same(one, other):
    return one.source.sha256 == other.source.sha256


def test_the_layout_of_keras_is_read(tmp_path, small):
    train, test = small.split()
    np.savez_compressed(
        tmp_path / "k.npz",
        x_test=test.images,
        x_train=train.images,
        y_train=train.labels.astype(np.uint8),
        y_test=test.labels.astype(np.uint8),
    )
    assert same(inkmeans.load(tmp_path / "k.npz"), small)


@pytest.mark.parametrize("images", ["images", "X", "x", "data", "arr_0"])
@pytest.mark.parametrize("labels", ["labels", "y", "target", None])
def test_images_are_found_by_name(tmp_path, small, images, labels):
    arrays = {images: small.images.reshape(len(small), -1)}
    if labels:
        arrays[labels] = small.labels
    np.savez(tmp_path / "a.npz", **arrays)
    digits = inkmeans.load(tmp_path / "a.npz")
    assert np.array_equal(digits.images, small.images)
    assert digits.n_train == len(small)
    if labels:
        assert np.array_equal(digits.labels, small.labels)
    else:
        assert digits.labels is None


def test_labels_may_be_strings(tmp_path, small):
    np.savez(tmp_path / "a.npz", X=small.images[:3], y=["coat", "bag", "coat"])
    digits = inkmeans.load(tmp_path / "a.npz")
    assert digits.names == ("bag", "coat")
    assert digits.labels.tolist() == [1, 0, 1]


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_holds_images_or_rows_in_either_order(tmp_path, small, rows, order):
    images = small.images.reshape(len(small), -1) if rows else small.images
    np.save(tmp_path / "a.npy", np.asarray(images, order=order))
    digits = inkmeans.load(tmp_path / "a.npy")
    assert np.array_equal(digits.images, small.images)
    assert digits.labels is None


def test_what_was_saved_is_loaded_again(tmp_path, small):
    save_npz(small, tmp_path / "a.npz")
    assert same(inkmeans.load(tmp_path / "a.npz"), small)
    fashion = inkmeans.load((small.images[:2], ["coat", "bag"]))
    save_npz(fashion, tmp_path / "b.npz")
    assert inkmeans.load(tmp_path / "b.npz").names == ("bag", "coat")
    assert same(inkmeans.load(tmp_path / "b.npz"), fashion)


def test_saving_twice_gives_the_same_bytes_and_leaves_nothing_beside(tmp_path, small):
    save_npz(small, tmp_path / "a.npz")
    save_npz(small, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npz", "b.npz"]


def test_saving_into_no_folder_is_an_output_error(tmp_path, small):
    with pytest.raises(OutputError, match="cannot be written"):
        save_npz(small, tmp_path / "none" / "a.npz")


def npy_bytes(array):
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


GOOD = npy_bytes(np.zeros((2, 4, 4), np.uint8))
HUGE = GOOD.replace(b"(2, 4, 4), }", b"(9999, 4), }")
NEGATIVE = GOOD.replace(b"(2, 4, 4), }", b"(-2, -16), }")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (GOOD[:-1], "truncated"),
        (HUGE, "truncated"),
        (GOOD.replace(b"|u1", b"|V0"), "declares the shape"),
        (NEGATIVE, "declares the shape"),
        (GOOD[:20], "no .npy file"),
        (GOOD.replace(b"|u1", b"|x9"), "no .npy file"),
        (GOOD.replace(b"\x93NUMPY\1", b"\x93NUMPY\7"), "no .npy file"),
        (npy_bytes(np.array([{"a": 1}])), "Python objects"),
        (npy_bytes(np.zeros((2, 4, 4), "c8")), "complex64"),
        (npy_bytes(np.zeros((2, 10), np.uint8)), "no square"),
        (b"", "not an .npy file"),
        (b"hello, world", "not an .npy file"),
    ],
)
def test_bad_npy_files_are_named_and_explained(tmp_path, content, word):
    path = tmp_path / "a.npy"
    path.write_bytes(content)
    with pytest.raises(DataError, match=word) as caught:
        inkmeans.load(path)
    assert str(path) in caught.value.message
    assert caught.value.hint


def npz_bytes(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (npz_bytes(X=GOOD)[:-10], "damaged"),
        (npz_bytes(X=GOOD).replace(b"PK\1\2", b"PK\7\7"), "damaged"),
        (npz_bytes(X=GOOD[:-1]), "truncated"),
        (npz_bytes(X=npy_bytes(np.array([None]))), "Python objects"),
        (npz_bytes(pictures=GOOD), "it holds pictures"),
        (npz_bytes(), "it holds nothing"),
        (npz_bytes(X=GOOD, y=npy_bytes(np.zeros(3, int))), "2 images but 3 labels"),
        (npz_bytes(x_train=GOOD, y_train=npy_bytes(np.zeros(1, int))), "2 images but 1 labels"),
        (npz_bytes(x_train=GOOD, x_test=GOOD, y_test=npy_bytes(np.zeros(2, int))), "only one"),
        (b"hello, world", "not an .npz file"),
    ],
)
def test_bad_npz_files_are_named_and_explained(tmp_path, content, word):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=word) as caught:
        inkmeans.load(path)
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_an_array_of_objects_is_never_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (tmp_path / "sprung").touch, ()

    for name, content in (("a.npy", npy_bytes(np.array([Trap()]))),):
        (tmp_path / name).write_bytes(content)
        (tmp_path / "a.npz").write_bytes(npz_bytes(X=content))
    for name in ("a.npy", "a.npz"):
        with pytest.raises(DataError, match="never unpickled"):
            inkmeans.load(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(unpack, "MAX_UNPACKED", 10**6)
    content = npz_bytes(X=npy_bytes(np.zeros((2000, 28, 28), np.uint8)))
    assert len(content) < 10**4
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DataError, match="the limit is 1000000"):
        inkmeans.load(tmp_path / "a.npz")
