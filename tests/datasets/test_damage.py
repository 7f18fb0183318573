"""Whatever happens to a file, loading it gives images or an error that names it."""

import bz2
import gzip
import io
import lzma
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import inkmeans
from inkmeans.datasets.distributed import read_libsvm_digits
from inkmeans.errors import DataError

from .conftest import idx_bytes

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 5, 5), np.uint8)


def written(write):
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


def zipped(compression):
    def write(buffer):
        with zipfile.ZipFile(buffer, "w", compression) as archive:
            archive.writestr("X.npy", FILES["a.npy"])

    return written(write)


FILES = {
    "a.npy": written(lambda buffer: np.save(buffer, IMAGES)),
    "a-images-idx3-ubyte": idx_bytes(IMAGES),
    "a-images-idx3-ubyte.gz": gzip.compress(idx_bytes(IMAGES)),
    "a-images-idx3-ubyte.xz": lzma.compress(idx_bytes(IMAGES)),
    "a-images-idx3-ubyte.bz2": bz2.compress(idx_bytes(IMAGES)),
    "a.png": written(lambda buffer: Image.fromarray(IMAGES[0]).save(buffer, "png")),
    "a.jpg": written(lambda buffer: Image.fromarray(IMAGES[0]).save(buffer, "jpeg")),
    "a.bmp": written(lambda buffer: Image.fromarray(IMAGES[0]).save(buffer, "bmp")),
}
FILES["stored.npz"] = zipped(zipfile.ZIP_STORED)
FILES["deflated.npz"] = zipped(zipfile.ZIP_DEFLATED)
FILES["usps.txt"] = b"3 1:0.5 2:-0.25 25:1\n10 3:1\n"

changes = st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 255)), min_size=1, max_size=4)


@pytest.mark.parametrize("name", list(FILES))
@given(changes=changes, cut=st.none() | st.integers(0, 10**4))
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_gives_images_or_an_error_that_names_it(
    tmp_path_factory, name, changes, cut
):
    content = bytearray(FILES[name])
    for place, value in changes:
        content[place % len(content)] = value
    if cut is not None:
        del content[cut % len(content) :]
    path = tmp_path_factory.mktemp("damage") / name
    path.write_bytes(content)
    try:
        if name == "usps.txt":
            assert read_libsvm_digits(path, 5).images.dtype == np.uint8
        else:
            assert inkmeans.load(path).images.dtype == np.uint8
    except DataError as error:
        assert str(path) in error.message  # noqa: PT017 - only some changes do harm
        assert error.hint  # noqa: PT017
