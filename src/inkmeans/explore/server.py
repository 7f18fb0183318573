"""The server: bind, say where, serve, end in order."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from inkmeans.errors import ParameterError
from inkmeans.explore.spawn import spawn_worker

__all__ = ["ServeOptions", "serve"]

_BACKLOG = 128


@dataclass(frozen=True)
class ServeOptions:
    """Where to listen, and what to open.

    Attributes
    ----------
    project : Path
    source : str or None
        See `inkmeans.explore.workspace.Workspace`.
    host : str
    port : int
        0 takes a free one.
    open_browser : bool
    """

    project: Path
    source: str | None = None
    host: str = "127.0.0.1"
    port: int = 0
    open_browser: bool = True


def serve(options: ServeOptions) -> None:
    """Run the explorer until it is told to end.

    The first line on standard output is the address with its token, written when connections are
    accepted; nothing else is written there.

    Parameters
    ----------
    options : ServeOptions

    Raises
    ------
    ParameterError
        If the port is in use, or the host is none of this machine.
    InkmeansError
        If the project cannot be opened.
    """
    # Threads of BLAS wait busily, on the processors that the engine's own threads, and the page,
    # work on. To be set before NumPy is loaded; workers inherit it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with _listen(options.host, options.port) as listener:
        # In a new project there will be work: its process loads its libraries while this one does.
        spare = None if options.project.exists() else spawn_worker()
        try:
            _serve(options, listener, spare)
        finally:
            if spare is not None:
                spare.kill()


def _serve(
    options: ServeOptions, listener: socket.socket, spare: subprocess.Popen[bytes] | None
) -> None:
    from inkmeans.explore.uvicorn_server import run
    from inkmeans.explore.workspace import Workspace

    workspace = Workspace(options.project, options.source, spare)
    try:
        run(workspace, listener, options.host, options.open_browser)
    finally:
        workspace.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError):
        raise ParameterError(f"unknown host {host!r}", hint="the usual is 127.0.0.1") from None
    listener = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":  # there it would let two servers have the same port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise ParameterError(
            f"cannot listen on {host}, port {port} ({reason})",
            hint="give another --port, or --port 0 for a free one",
        ) from None
    listener.setblocking(False)
    return listener
