import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from inkmeans.errors import DataError
from inkmeans.prepare import intake as module
from inkmeans.prepare import measure_moments, read_image, take_in


def on_page(digit, *, zoom=1, top=30, left=50, height=300, width=280):
    """Lay a digit, zoomed, on a black page."""
    large = np.kron(digit, np.ones((zoom, zoom), np.uint8))
    page = np.zeros((height, width), np.uint8)
    page[top : top + large.shape[0], left : left + large.shape[1]] = large
    return page


def test_digits_come_back_from_a_page_as_mnist_has_them(mnist):
    digits = mnist[0][:300]
    found = np.stack([take_in(on_page(digit), (28, 28))[0] for digit in digits])
    difference = np.abs(found.astype(int) - digits).mean(axis=(1, 2))
    assert (difference < 3).mean() > 0.95


def test_zoomed_and_inverted_digits_come_back_nearly_so(mnist):
    for digit in mnist[0][:50]:
        found, intake = take_in(255 - on_page(digit, zoom=8), (28, 28))
        assert intake.polarity == "dark on light"
        assert np.corrcoef(found.ravel(), digit.ravel())[0, 1] > 0.9


def test_both_polarities_give_the_same_image(mnist):
    page = on_page(mnist[0][0], zoom=5)
    light, kept = take_in(page, (28, 28))
    dark, inverted = take_in(255 - page, (28, 28))
    np.testing.assert_array_equal(light, dark)
    assert (kept.polarity, inverted.polarity) == ("light on dark", "dark on light")


def test_noise_and_dust_on_the_paper_are_left_out(mnist):
    rng = np.random.default_rng(0)
    page = 220.0 - 0.7 * on_page(mnist[0][0], zoom=8)
    page[5, 270] = 0  # dust
    page = np.clip(page + rng.normal(0, 5, page.shape), 0, 255).astype(np.uint8)
    clean = take_in(on_page(mnist[0][0], zoom=8), (28, 28))
    noisy = take_in(page, (28, 28))
    assert np.abs(np.subtract(clean[1].crop, noisy[1].crop)).max() <= 4
    assert np.corrcoef(clean[0].ravel(), noisy[0].ravel())[0, 1] > 0.97


def test_the_record_says_what_was_done():
    page = np.zeros((100, 200), np.uint8)
    page[10:50, 100:120] = 255
    found, intake = take_in(page, (28, 28))
    assert (intake.height, intake.width) == (100, 200)
    assert intake.crop == (10, 100, 50, 120)
    assert intake.scaled_to == (20, 10)
    words = str(intake)
    assert "light ink on dark, kept" in words
    assert "rows 10-50, columns 100-120" in words
    assert "centred by mass" in words
    rows, columns = np.nonzero(found)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (20, 10)


def test_an_image_of_the_models_size_is_taken_as_it_is(mnist):
    found, intake = take_in(mnist[0][0], (28, 28))
    np.testing.assert_array_equal(found, mnist[0][0])
    assert str(intake) == "28 x 28: has the model's size, taken as it is"


def test_a_light_border_of_an_image_of_the_models_size_is_noted(mnist):
    found, intake = take_in(255 - mnist[0][0], (28, 28))
    np.testing.assert_array_equal(found, 255 - mnist[0][0])
    assert "border is light" in str(intake)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_page_without_ink_is_blank(level):
    found, intake = take_in(np.full((40, 50), level, np.uint8), (28, 28))
    assert not found.any()
    assert "no ink" in str(intake)


def test_crop_of_a_large_photo_is_told_in_its_own_pixels():
    photo = np.full((3000, 2500), 230, np.uint8)
    photo[600:2400, 900:1200] = 20
    found, intake = take_in(photo, (28, 28))
    assert np.abs(np.subtract(intake.crop, (600, 900, 2400, 1200))).max() <= 6
    assert found.max() == 255


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))),
    st.tuples(st.integers(1, 20), st.integers(1, 20)),
)
def test_any_image_becomes_one_of_the_models_size(image, shape):
    found, intake = take_in(image, shape)
    assert (found.shape, found.dtype) == (shape, np.uint8)
    assert str(intake)
    if intake.crop:
        top, left, bottom, right = intake.crop
        assert 0 <= top < bottom <= image.shape[0]
        assert 0 <= left < right <= image.shape[1]


@given(hnp.arrays(np.uint8, (12, 9)))
def test_ink_is_centred_unless_the_edge_is_in_the_way(image):
    found, intake = take_in(np.pad(image, 4), (28, 28))
    if intake.crop:
        moments = measure_moments(found[None])
        rows, columns = np.nonzero(found)
        for center, places in ((moments.y[0], rows), (moments.x[0], columns)):
            at_edge = places.min() == 0 or places.max() == 27
            assert at_edge or abs(center - 14) <= 0.5 + 1e-9


@pytest.mark.parametrize("image", [np.zeros((3, 3)), np.zeros((0, 3), np.uint8), np.uint8(3)])
def test_what_is_no_grey_image_is_refused(image):
    with pytest.raises(DataError, match="an image is"):
        take_in(image, (28, 28))


def save(path, array, mode=None, **options):
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.png", "L"), ("a.png", "RGB"), ("a.png", "P"), ("a.bmp", "RGB"), ("a.tif", "L"),
     ("a.gif", "P"), ("a.png", "LA"), ("a.png", "RGBA"), ("a.tif", "CMYK")],
)  # fmt: skip
def test_formats_and_modes_give_the_same_grey_levels(tmp_path, mnist, name, mode):
    found = read_image(save(tmp_path / name, mnist[0][0], mode))
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - mnist[0][0]).max() <= 1


def test_jpeg_is_close(tmp_path, mnist):
    found = read_image(save(tmp_path / "a.jpg", mnist[0][0], quality=95))
    assert np.abs(found.astype(int) - mnist[0][0]).mean() < 4


def test_16_bits_a_pixel_become_8(tmp_path):
    deep = np.array([[0, 257, 65535]], np.uint16)
    assert read_image(save(tmp_path / "deep.png", deep)).tolist() == [[0, 1, 255]]


@pytest.mark.parametrize("ink", [0, 255])
def test_transparent_paper_contrasts_with_its_ink(tmp_path, ink):
    drawn = np.zeros((20, 20, 4), np.uint8)
    drawn[5:15, 8:12] = (ink, ink, ink, 255)
    grey = read_image(save(tmp_path / "canvas.png", drawn))
    assert (grey[10, 10], grey[0, 0]) == (ink, 255 - ink)
    assert take_in(grey, (28, 28))[0].max() == 255


def test_rotation_noted_by_the_camera_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise
    array = np.zeros((4, 6), np.uint8)
    array[0, :] = 255
    path = save(tmp_path / "turned.png", array, exif=exif)
    found = read_image(path)
    assert found.shape == (6, 4)
    assert (found[:, -1] == 255).all()


def test_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.png does not exist"):
        read_image(tmp_path / "none.png")


def test_folder_is_refused(tmp_path):
    with pytest.raises(DataError):
        read_image(tmp_path)


def test_too_many_pixels_are_refused_before_decoding(tmp_path, monkeypatch):
    path = save(tmp_path / "a.png", np.zeros((30, 40), np.uint8))
    monkeypatch.setattr(module, "MAX_PIXELS", 1000)
    with pytest.raises(DataError, match="40 x 30 pixels"):
        read_image(path)


def test_too_large_a_file_is_refused(tmp_path, monkeypatch):
    path = save(tmp_path / "a.png", np.zeros((30, 40), np.uint8))
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 10)
    with pytest.raises(DataError, match="MiB"):
        read_image(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_damaged_files_are_refused_or_read_but_nothing_else(tmp_path, data):
    buffer = io.BytesIO()
    Image.fromarray(np.eye(9, dtype=np.uint8)).save(buffer, data.draw(st.sampled_from(
        ["PNG", "BMP", "GIF", "TIFF", "PPM", "JPEG"])))  # fmt: skip
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    message = refusal(path)
    assert message is None or ("damaged" in message and "\n" not in message)


def refusal(path):
    """Return why an image is refused, None where it is read."""
    try:
        read_image(path)
    except DataError as error:
        return str(error)
    return None
