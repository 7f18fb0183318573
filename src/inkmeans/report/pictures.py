"""The pictures of a run folder, drawn."""

from __future__ import annotations

from pathlib import Path

from inkmeans.figures import save_figure
from inkmeans.progress import Callback, Event
from inkmeans.report.contents import Contents
from inkmeans.report.highlights import Highlights
from inkmeans.report.plan import Drawing, Picture, plan_pictures

__all__ = ["draw_pictures"]


def draw_pictures(
    contents: Contents, highlights: Highlights, folder: Path, progress: Callback
) -> tuple[Picture, ...]:
    """Draw every picture as PNG and SVG.

    Parameters
    ----------
    contents : Contents
    highlights : Highlights
    folder : Path
        Gets the files; made if missing.
    progress : callable
        Told about each picture before it is drawn.

    Returns
    -------
    tuple of Picture
        In the order of the page.
    """
    planned = list(plan_pictures(contents, highlights))
    for step, drawing in enumerate(planned, start=1):
        progress(Event("figures", drawing.picture.stem, step=step, of=len(planned)))
        _draw(drawing, folder)
    return tuple(drawing.picture for drawing in planned)


def _draw(drawing: Drawing, folder: Path) -> None:
    figure = drawing.display.plot().figure_
    save_figure(figure, folder / drawing.picture.stem, description=drawing.picture.alt)
