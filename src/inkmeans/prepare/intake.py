"""Anybody's image of one digit to an image such as MNIST's, and a record of what was done.

MNIST's digits are light on black, scaled with their proportions kept until they fit a box of
20 x 20 pixels, and laid into 28 x 28 pixels so that the centre of mass is in the middle. The same
is done here: find out which is ink, cut it out, scale it, centre it.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError
from inkmeans.prepare.images import Images, find_middle, measure_moments

__all__ = ["MAX_FILE_BYTES", "MAX_PIXELS", "Intake", "read_image", "take_in"]

MAX_FILE_BYTES = 64 * 2**20
MAX_PIXELS = 50_000_000
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")

BOX = 20 / 28  # MNIST: the side of the box that the ink fits, in sides of the image
WORKING_SIDE = 1024  # larger images are first reduced to about this, which is still plenty
LEAST_CONTRAST = 16  # grey levels; below that there is nothing but noise
LEAST_PART = 0.02  # a spot with a smaller share of the ink than this is dirt

Polarity = Literal["as given", "light on dark", "dark on light", "blank"]
Grey = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Intake:
    """What was done to an image to bring it to the model's size; `str` says it in words.

    Attributes
    ----------
    height, width : int
        Of the image as it came, in pixels.
    polarity : {"as given", "light on dark", "dark on light", "blank"}
        Which was found to be ink: ``"dark on light"`` was inverted. ``"as given"``: the image had
        the model's size, so nothing was done to it. ``"blank"``: no ink was found.
    crop : tuple of int or None
        Top, left, bottom and right of the ink, in pixels of the image as it came.
    scaled_to : tuple of int or None
        Height and width of the ink in the model's image.
    shift : tuple of int or None
        Pixels down and to the right that the ink was moved from the middle, to centre its mass.
    note : str
        What is odd about the image; empty if nothing is.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.prepare import take_in
    >>> page = np.full((100, 80), 255, dtype=np.uint8)
    >>> page[20:70, 40:45] = 0
    >>> image, intake = take_in(page, (28, 28))
    >>> print(intake)
    100 x 80: dark ink on light, inverted; cropped to rows 20-70, columns 40-45; scaled to 20 x 2; \
centred by mass (moved 0 down, 1 right)
    """

    height: int
    width: int
    polarity: Polarity
    crop: tuple[int, int, int, int] | None = None
    scaled_to: tuple[int, int] | None = None
    shift: tuple[int, int] | None = None
    note: str = ""

    def __str__(self) -> str:
        words = {
            "as given": "has the model's size, taken as it is",
            "light on dark": "light ink on dark, kept",
            "dark on light": "dark ink on light, inverted",
            "blank": "no ink found, taken as blank",
        }
        parts = [words[self.polarity]]
        if self.crop:
            top, left, bottom, right = self.crop
            parts.append(f"cropped to rows {top}-{bottom}, columns {left}-{right}")
        if self.scaled_to:
            parts.append(f"scaled to {self.scaled_to[0]} x {self.scaled_to[1]}")
        if self.shift:
            down, right = self.shift
            parts.append(f"centred by mass (moved {down} down, {right} right)")
        if self.note:
            parts.append(self.note)
        return f"{self.height} x {self.width}: {'; '.join(parts)}"


def read_image(path: str | os.PathLike[str]) -> Images:
    """Read an image file as grey levels.

    Rotation noted by the camera is applied; colours become brightness; what is transparent
    becomes white behind dark ink and black behind light ink. Of an animation the first frame
    is taken.

    Parameters
    ----------
    path : path
        PNG, JPEG, BMP, GIF, TIFF, WebP or PPM, of at most `MAX_FILE_BYTES` and `MAX_PIXELS`.

    Returns
    -------
    uint8 ndarray of shape (height, width)

    Raises
    ------
    DataError
        If the file is missing, no image, damaged or too large.
    """
    path = Path(path)
    try:
        return _decode(path)
    except DataError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist", hint="check the path") from error
    except (IsADirectoryError, PermissionError) as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error
    except Exception as error:  # decoders of damaged files raise nearly anything
        raise DataError(
            f"{path} is no readable image ({type(error).__name__})",
            hint=f"give a file of one of these kinds: {', '.join(FORMATS)}",
        ) from error


def _decode(path: Path) -> Images:
    from PIL import Image, ImageOps

    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise DataError(
            f"{path} has {size / 2**20:.0f} MiB",
            hint=f"the limit for one image is {MAX_FILE_BYTES // 2**20} MiB",
        )
    with warnings.catch_warnings(), path.open("rb") as file:
        warnings.simplefilter("ignore")  # Pillow's own limit warns; ours, below, refuses
        with Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise DataError(
                    f"{path} has {image.width} x {image.height} pixels",
                    hint=f"the limit is {MAX_PIXELS // 1_000_000} million; scale it down first",
                )
            return _to_grey(ImageOps.exif_transpose(image))


def _to_grey(image: Any) -> Images:
    grey: NDArray[Any]
    if image.mode in ("I", "I;16", "I;16B", "I;16L"):  # 16 bits a pixel
        grey = np.clip(np.asarray(image), 0, 65535) // 257
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        opacity = np.asarray(image.getchannel("A"), dtype=np.float32) / 255
        grey = np.asarray(image.convert("L"))
        drawn = float((grey * opacity).sum() / max(float(opacity.sum()), 1e-9))
        behind = 0.0 if drawn > 127 else 255.0
        grey = np.rint(grey * opacity + behind * (1 - opacity))
    else:
        grey = np.asarray(image.convert("L"))
    return grey.astype(np.uint8)


def take_in(image: ArrayLike, image_shape: tuple[int, int]) -> tuple[Images, Intake]:
    """Turn one image of a digit into one of the model's size, as MNIST's were made.

    Polarity is told from the border: ink is what lies farther from the border's brightness. The
    brightness of the border is taken off, and so is as much noise as it shows; spots that are
    small beside the rest are left out; the rest is cut out, scaled with its proportions kept into
    a box of 20 / 28 of the size, and moved by whole pixels until its centre of mass is in the
    middle (but never over the edge). An image that has the model's size already is not changed.

    Parameters
    ----------
    image : uint8 array of shape (height, width)
        Grey levels, for example from `read_image`.
    image_shape : tuple of int
        Height and width that the model takes.

    Returns
    -------
    image : uint8 ndarray of shape `image_shape`
        Light ink on black.
    intake : Intake
        What was done.

    Raises
    ------
    DataError
        If it is no image of grey levels.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.prepare import take_in
    >>> print(take_in(np.zeros((28, 28), dtype=np.uint8), (28, 28))[1])
    28 x 28: has the model's size, taken as it is
    """
    given = np.asarray(image)
    if given.ndim != 2 or given.dtype != np.uint8 or given.size == 0:
        raise DataError(
            f"an image is {given.dtype} of the shape {given.shape}",
            hint="uint8 grey levels of the shape (height, width) are needed",
        )
    height, width = given.shape
    if given.shape == tuple(image_shape):
        light = float(np.median(_border(given))) > 127
        note = "but its border is light: invert it if it is dark ink on light" if light else ""
        return given.copy(), Intake(height, width, "as given", note=note)

    step = max(1, round(max(height, width) / WORKING_SIDE))
    ink, polarity = _find_ink(_reduce(given, step))
    box = _find_box(ink)
    if box is None:
        return np.zeros(image_shape, dtype=np.uint8), Intake(height, width, "blank")
    digit = _scale(ink, box, round(min(image_shape) * BOX))
    canvas, shift = _center(digit, image_shape)
    top, left, bottom, right = (edge * step for edge in box)
    crop = (top, left, min(bottom, height), min(right, width))
    return canvas, Intake(height, width, polarity, crop, digit.shape, shift)


def _border(image: NDArray[Any]) -> NDArray[Any]:
    sides = (image[0], image[-1], image[1:-1, 0], image[1:-1, -1])
    return np.concatenate(sides)


def _reduce(image: Images, step: int) -> Grey:
    if step == 1:
        return image.astype(np.float32)
    from PIL import Image

    return np.asarray(Image.fromarray(image).reduce(step), dtype=np.float32)


def _find_ink(grey: Grey) -> tuple[Grey, Polarity]:
    """Grey levels to ink from 0 to 255, whichever of light and dark it was."""
    border = _border(grey)
    level = float(np.median(border))
    darkest, lightest = float(grey.min()), float(grey.max())
    polarity: Polarity = "dark on light" if level - darkest > lightest - level else "light on dark"
    ink = level - grey if polarity == "dark on light" else grey - level
    deepest = float(ink.max())
    # Three standard deviations of the border, told from its median deviation: the border's own
    # ink, where a digit touches it, does not count so. Half the contrast is the most taken off.
    noise = 3 * 1.4826 * float(np.median(np.abs(border - level)))
    floor = min(noise, deepest / 2)
    if deepest - floor < LEAST_CONTRAST:
        return np.zeros_like(grey), polarity
    ink = np.clip((ink - floor) * (255 / (deepest - floor)), 0, 255)
    return ink.astype(np.float32), polarity


def _find_box(ink: Grey) -> tuple[int, int, int, int] | None:
    """Top, left, bottom and right of the ink; blackens spots of dirt in place."""
    from scipy import ndimage

    parts, n_parts = ndimage.label(ink > 0, structure=np.ones((3, 3)))
    if n_parts == 0:
        return None
    mass = np.bincount(parts.ravel(), weights=ink.ravel(), minlength=n_parts + 1)
    mass[0] = 0
    is_dirt = mass < LEAST_PART * mass.sum()
    if is_dirt[1:].all():
        return None  # nothing but scattered dots
    ink[is_dirt[parts]] = 0
    # Faint edges belong to the ink, but do not move its box.
    strong = ink > 64
    ys, xs = np.flatnonzero(strong.any(axis=1)), np.flatnonzero(strong.any(axis=0))
    return int(ys[0]), int(xs[0]), int(ys[-1]) + 1, int(xs[-1]) + 1


def _scale(ink: Grey, box: tuple[int, int, int, int], side: int) -> Images:
    """Cut the box out and scale its longer side to `side` pixels, grey levels up to 255."""
    from PIL import Image

    top, left, bottom, right = box
    height, width = bottom - top, right - left
    factor = side / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    cut = Image.fromarray(ink[top:bottom, left:right])
    scaled = np.asarray(cut.resize(size, Image.Resampling.BILINEAR))
    levels = scaled * (255 / max(float(scaled.max()), 1.0))
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def _center(digit: Images, image_shape: tuple[int, int]) -> tuple[Images, tuple[int, int]]:
    """Lay the digit into a black image so that its centre of mass is in the middle."""
    moments = measure_moments(digit[None])
    places, shifts = [], []
    for size, length, center in zip(
        image_shape, digit.shape, (moments.y[0], moments.x[0]), strict=True
    ):
        ideal = round(find_middle(size) - float(center))
        place = min(max(ideal, 0), size - length)
        places.append(place)
        shifts.append(place - (size - length) // 2)
    canvas = np.zeros(image_shape, dtype=np.uint8)
    down, right = places
    canvas[down : down + digit.shape[0], right : right + digit.shape[1]] = digit
    return canvas, (shifts[0], shifts[1])
