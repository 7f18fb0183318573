"""``inkmeans explore``: cluster, label and recognise digits in a browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["default_project", "explore"]

DEFAULT_PORT = 8317


def explore(
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="Name of a data set, or a path: IDX, NPZ, NPY, a folder of pictures. "
            "By default what the project had open last; MNIST in a new one.",
        ),
    ] = None,
    project: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The project: an SQLite file with runs and labels, made where there is none. "
            "By default one in your data folder.",
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than loopback let others in.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = DEFAULT_PORT,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
) -> None:
    """Cluster, label and recognise digits in a browser."""
    from inkmeans.explore.server import ServeOptions, serve

    source = None
    if data is not None:
        from inkmeans.explore.sources import from_argument

        source = from_argument(data)
    serve(ServeOptions(project or default_project(), source, host, port, not no_open))


def default_project() -> Path:
    """Tell the project that is opened without ``--project``.

    Returns
    -------
    Path
        In the user's data folder; it need not exist.

    Examples
    --------
    >>> from inkmeans.cli.explore import default_project
    >>> default_project().name
    'explorer.inkmeans'
    """
    home = Path.home()
    if sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return folder / "inkmeans" / "explorer.inkmeans"
