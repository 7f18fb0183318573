"""One place for how figures look: colours, type, sizes, and the sheet that they start on."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inkmeans.errors import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "ACCENT",
    "BLUE",
    "CLASS_COLORS",
    "CONTENT_WIDTH",
    "DPI",
    "FAINT",
    "INK",
    "MUTED",
    "PAPER",
    "PAPER_MARKED",
    "SERIES_COLORS",
    "Frame",
    "class_color",
    "start",
    "styled",
]

INK = "#1d2030"
MUTED = "#5a6070"
FAINT = "#d8dbe3"
PAPER = "#f3f4f7"
PAPER_MARKED = "#fbd9c0"

# Okabe and Ito's palette, in the order in which its colours are easiest to tell apart.
BLUE = "#0072b2"
ACCENT = "#b84a00"  # their vermillion, darker: as small text it keeps a contrast of 5:1
SERIES_COLORS = (BLUE, "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")

# Paul Tol's "muted" scheme and a grey: ten classes that colour-blind readers can tell apart;
# classes that look alike (4, 7 and 9; 3, 5 and 8) are far apart in it.
CLASS_COLORS = (
    "#332288", "#cc6677", "#117733", "#88ccee", "#882255",
    "#999933", "#44aa99", "#ddcc77", "#aa4499", "#777777",
)  # fmt: skip

DPI = 150
CONTENT_WIDTH = 6.9

_MARGIN = 0.3
_LEAST_WIDTH = 5.0
_STYLE = {
    "axes.edgecolor": MUTED,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "font.family": ["sans-serif"],
    # DejaVu comes with matplotlib and draws the PNG; an SVG's reader may have its twin Verdana.
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica", "sans-serif"],
    "font.size": 8.5,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "text.color": INK,
    "svg.fonttype": "none",
    "text.hinting": "none",
    "text.parse_math": False,
    "xtick.color": MUTED,
    "xtick.labelsize": 8,
    "ytick.color": MUTED,
    "ytick.labelsize": 8,
}
_KEEP = ("backend", "interactive", "toolbar", "timezone", "figure.max_open_warning")

# matplotlib's settings belong to the process: one thread may change them at a time.
_settings = threading.RLock()


@contextmanager
def styled(**settings: Any) -> Iterator[None]:
    """Draw in the look of inkmeans, whatever a user's matplotlibrc says; then put all back.

    Parameters
    ----------
    **settings : Any
        More settings of matplotlib, dots written as ``__``: ``svg__hashsalt="inkmeans"``.

    Examples
    --------
    >>> import matplotlib
    >>> from inkmeans.figures.theme import styled
    >>> with styled():
    ...     matplotlib.rcParams["axes.titleweight"]
    'bold'
    """
    import matplotlib

    defaults = {
        key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith(_KEEP)
    }
    more = {key.replace("__", "."): value for key, value in settings.items()}
    chosen: Any = defaults | _STYLE | more
    with _settings, matplotlib.rc_context(chosen):
        yield


@dataclass(frozen=True)
class Frame:
    """The place that a drawing needs, in inches.

    Attributes
    ----------
    width, height : float
        Of the axes.
    left, right, top, bottom : float
        Margins around the axes for tick labels, axis labels and titles of panels.
    free : bool
        Whether the axes are a blank sheet with coordinates in inches from the top left.
    """

    width: float
    height: float
    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    free: bool = False


def start(ax: Axes | None, frame: Frame, headings: tuple[str, str, str]) -> tuple[Figure, Axes]:
    """Open the axes to draw on, with title, subtitle and a note on the use of labels.

    Parameters
    ----------
    ax : Axes or None
        Axes of the caller's; None opens a figure of its own, outside pyplot.
    frame : Frame
        The place that is needed.
    headings : tuple of str
        Title, subtitle, note; the last two may be empty or have several lines.

    Returns
    -------
    Figure, Axes
    """
    if ax is None:
        figure, ax = _own_axes(frame, headings)
    else:
        owner = ax.get_figure(root=True)
        if owner is None:
            raise DataError("the axes belong to no figure", hint="give axes of a figure")
        figure = owner
        ax.set_title(headings[0], loc="left")
    if frame.free:
        ax.set(xlim=(0, frame.width), ylim=(frame.height, 0), aspect="equal")
        ax.axis("off")
    return figure, ax


def class_color(index: int | None) -> str:
    """Return the colour of a class; grey for none; classes beyond ten share colours.

    Parameters
    ----------
    index : int or None

    Returns
    -------
    str

    Examples
    --------
    >>> from inkmeans.figures.theme import class_color
    >>> class_color(1), class_color(None)
    ('#cc6677', '#5a6070')
    """
    return MUTED if index is None else CLASS_COLORS[index % len(CLASS_COLORS)]


def _lines(text: str) -> int:
    return text.count("\n") + 1 if text else 0


def _wrap(text: str, characters: float) -> str:
    """Break lines that are too long for the figure; keep the breaks that are there."""
    lines = (textwrap.fill(line, max(20, int(characters))) for line in text.split("\n"))
    return "\n".join(lines)


def _own_axes(frame: Frame, headings: tuple[str, str, str]) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    title, subtitle, note = headings

    width = max(2 * _MARGIN + frame.left + frame.width + frame.right, _LEAST_WIDTH)
    subtitle = _wrap(subtitle, (width - 2 * _MARGIN) / 0.059)
    note = _wrap(note, (width - 2 * _MARGIN) / 0.0525)
    top = frame.top + _MARGIN + 0.3 + 0.17 * _lines(subtitle) + 0.12
    bottom = _MARGIN + frame.bottom + (0.1 + 0.15 * _lines(note) if note else 0)
    height = top + frame.height + bottom
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    ax = figure.add_axes(
        (
            (_MARGIN + frame.left) / width,
            bottom / height,
            frame.width / width,
            frame.height / height,
        )
    )
    _head(figure, title, subtitle, note)
    return figure, ax


def _head(figure: Figure, title: str, subtitle: str, note: str) -> None:
    width, height = figure.get_size_inches()
    left = _MARGIN / width
    figure.text(
        left, 1 - (_MARGIN - 0.04) / height, title, size=13, weight="bold", va="top", color=INK
    )
    figure.text(
        left, 1 - (_MARGIN + 0.24) / height, subtitle, size=8.5, va="top", color=MUTED,
        linespacing=1.35,
    )  # fmt: skip
    figure.text(
        left, (_MARGIN - 0.1) / height, note, size=7.5, va="bottom", color=MUTED, linespacing=1.35
    )
