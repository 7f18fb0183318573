import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import inkmeans
from inkmeans.datasets.pictures import list_pictures, read_picture
from inkmeans.errors import DataError
from inkmeans.progress import Stop


@pytest.fixture
def draw(tmp_path, mnist):
    """Write an image of MNIST as a picture, below the temporary folder."""

    def write(name, number=0, image=None):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mnist.images[number] if image is None else image).save(path)
        return path

    return write


def test_pictures_without_sub_folders_have_no_labels_and_natural_order(tmp_path, draw, mnist):
    for number in (10, 2, 1):
        draw(f"img{number}.png", number)
    (tmp_path / "README.txt").write_text("not a picture")
    (tmp_path / ".hidden.png").write_bytes(b"")
    digits = inkmeans.load(tmp_path)
    assert digits.labels is None
    assert np.array_equal(digits.images, mnist.images[[1, 2, 10]])
    names = [path.name for path in list_pictures(tmp_path)]
    assert names == ["img1.png", "img2.png", "img10.png"]


def test_sub_folders_are_labels(tmp_path, draw, mnist):
    for number in range(12):
        draw(f"{mnist.labels[number]}/{number}.png", number)
    digits = inkmeans.load(tmp_path)
    order = sorted(range(12), key=lambda number: (mnist.labels[number], number))
    assert digits.labels.tolist() == mnist.labels[order].tolist()
    assert np.array_equal(digits.images, mnist.images[order])
    assert digits.names == tuple("0123456789")


def test_sub_folders_of_other_names_are_classes(tmp_path, draw):
    for number, name in enumerate(["c10/a.png", "c2/a.png", "c2/b.png"]):
        draw(name, number)
    digits = inkmeans.load(tmp_path)
    assert digits.names == ("c2", "c10")
    assert digits.labels.tolist() == [0, 0, 1]


@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("training", "testing")])
def test_train_and_test_folders_are_the_parts(tmp_path, draw, mnist, train, test):
    draw(f"{train}/5/a.png", 0)
    draw(f"{train}/0/a.png", 1)
    draw(f"{test}/4/a.png", 2)
    digits = inkmeans.load(tmp_path)
    assert digits.n_train == 2
    assert digits.labels.tolist() == [0, 5, 4]
    assert np.array_equal(digits.images, mnist.images[[1, 0, 2]])


def test_a_single_picture_is_one_image(draw, mnist):
    digits = inkmeans.load(draw("five.png"))
    assert np.array_equal(digits.images, mnist.images[:1])
    assert digits.source.name == "five.png"


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".PNG"])
def test_lossless_formats_give_the_same_values(draw, mnist, suffix):
    assert np.array_equal(read_picture(draw(f"a{suffix}", 3)), mnist.images[3])


def test_jpeg_gives_nearly_the_same_values(draw, mnist):
    difference = read_picture(draw("a.jpg", 3)).astype(int) - mnist.images[3]
    assert 0 < np.abs(difference).mean() < 5


def test_colours_depths_and_transparency_become_grey(draw):
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(read_picture(draw("rgb.png", image=np.dstack([ramp] * 3))), ramp)
    deep = ramp.astype(np.uint16) * 257
    assert np.array_equal(read_picture(draw("deep.png", image=deep)), ramp)
    black_on_nothing = np.dstack([np.zeros_like(ramp)] * 3 + [ramp])
    assert np.array_equal(read_picture(draw("clear.png", image=black_on_nothing)), 255 - ramp)
    assert np.array_equal(read_picture(draw("bits.png", image=ramp > 99)), (ramp > 99) * 255)


def test_pictures_of_different_sizes_are_told_by_name(tmp_path, draw):
    draw("a.png")
    draw("b.png", image=np.zeros((8, 9), np.uint8))
    with pytest.raises(DataError, match=r"b\.png: 9 x 8 pixels, but a\.png has 28 x 28") as caught:
        inkmeans.load(tmp_path)
    assert "same size" in caught.value.hint


def test_pictures_beside_sub_folders_of_pictures_are_refused(tmp_path, draw):
    draw("a.png")
    draw("0/b.png")
    with pytest.raises(DataError, match="beside sub-folders"):
        inkmeans.load(tmp_path)


@pytest.mark.parametrize("content", [None, "notes.txt", "0/notes.txt"])
def test_a_folder_without_data_is_told(tmp_path, content):
    if content:
        (tmp_path / content).parent.mkdir(exist_ok=True)
        (tmp_path / content).write_text("hello")
    with pytest.raises(DataError, match="no data in this folder") as caught:
        inkmeans.load(tmp_path)
    assert str(tmp_path) in caught.value.message
    assert "PNG" in caught.value.hint


def png_bytes(width, height):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def good_png():
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    Image.fromarray(noise).save(buffer, "png")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "not a PNG"),
        (b"hello, world", "not a PNG"),
        (b"GIF89a" + bytes(100), "not a PNG"),
        (good_png()[:200], "damaged"),
        (good_png()[:30], "damaged|not a PNG"),
        (good_png().replace(b"IDAT", b"XXXX"), "damaged|not a PNG"),
        (good_png()[:100] + bytes(9) + good_png()[109:], "damaged"),
        (png_bytes(5000, 5000), "5000 x 5000 pixels"),
        (png_bytes(10**5, 10**5), "far too many pixels"),
    ],
)
def test_bad_pictures_are_named_and_explained(tmp_path, content, word):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    for source in (path, tmp_path):
        with pytest.raises(DataError, match=word) as caught:
            inkmeans.load(source)
        assert str(path) in caught.value.message
        assert caught.value.hint


def test_progress_is_told_for_many_pictures(tmp_path, draw, monkeypatch):
    content = draw("0.png", image=np.zeros((2, 2), np.uint8)).read_bytes()
    for number in range(1, 1001):
        (tmp_path / f"{number}.png").write_bytes(content)
    events = []
    inkmeans.load(tmp_path, progress=events.append)

    def stop(event):
        if event.step:
            raise Stop

    with pytest.raises(Stop):
        inkmeans.load(tmp_path, progress=stop)
    assert (events[-1].stage, events[-1].step, events[-1].of) == ("load", 1000, 1001)
