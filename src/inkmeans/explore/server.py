"""The server: bind, say where, serve, end in order."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from inkmeans.errors import ParameterError
from inkmeans.explore.app import make_app
from inkmeans.explore.security import Door, new_token
from inkmeans.explore.workspace import Workspace

__all__ = ["ServeOptions", "serve"]

_BACKLOG = 128
_ENDING = (signal.SIGINT, signal.SIGTERM)
_PATIENCE = 1  # seconds that requests under way get when the server ends


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
    listener = _listen(options.host, options.port)
    with listener:
        door = Door(options.host, listener.getsockname()[1], new_token())
        workspace = Workspace(options.project, options.source)
        config = uvicorn.Config(
            make_app(workspace, door),
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=_PATIENCE,
        )
        _Server(config, workspace, door, options.open_browser).run(sockets=[listener])


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, workspace: Workspace, door: Door, open_browser: bool
    ) -> None:
        super().__init__(config)
        self.workspace, self.door, self.open_browser = workspace, door, open_browser

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.should_exit:
            return
        print(self.door.address, flush=True)
        if self.open_browser:
            threading.Thread(target=_open_browser, args=(self.door.address,), daemon=True).start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.workspace.hub.close()  # event streams would never end by themselves
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End in order; unlike uvicorn's own, do not raise the signal again after that."""
        before = {sig: signal.signal(sig, self.handle_exit) for sig in _ENDING}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)


def _open_browser(address: str) -> None:
    import webbrowser

    if not webbrowser.open(address):
        print("no browser was found: open the address above", file=sys.stderr)


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
