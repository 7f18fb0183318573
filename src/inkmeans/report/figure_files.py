"""A figure by its name, from scores and arrays to files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inkmeans.figures import FIGURES, save_figure
from inkmeans.registry import lookup

__all__ = ["draw_figure"]


def draw_figure(name: str, stem: Path, **content: Any) -> tuple[Path, ...]:
    """Draw a figure and write it as PNG and SVG.

    Parameters
    ----------
    name : str
        One of `inkmeans.figures.FIGURES`.
    stem : Path
        Of the files, without an ending.
    **content : Any
        What the figure's Display is made of.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    ParameterError
        If there is no figure of that name.
    OutputError
        If a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from inkmeans.report.figure_files import draw_figure
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     paths = draw_figure("contingency", Path(folder) / "pair", table=[[3, 0], [1, 4]])
    >>> [path.name for path in paths]
    ['pair.png', 'pair.svg']
    """
    kind = lookup(FIGURES, name, "figure")
    display: Any = kind.display
    return save_figure(display(**content).plot().figure_, stem, description=kind.summary)
