"""uvicorn, told when to speak and how to end."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from inkmeans.explore.app import make_app
from inkmeans.explore.security import Door, new_token
from inkmeans.explore.workspace import Workspace

__all__ = ["run"]

_ENDING = (signal.SIGINT, signal.SIGTERM)
_PATIENCE = 1  # seconds that requests under way get when the server ends


def run(workspace: Workspace, listener: socket.socket, host: str, open_browser: bool) -> None:
    """Serve until a signal says to end.

    Parameters
    ----------
    workspace : Workspace
    listener : socket
        Bound, and listening.
    host : str
        What it was bound to.
    open_browser : bool
    """
    door = Door(host, listener.getsockname()[1], new_token())
    config = uvicorn.Config(
        make_app(workspace, door),
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_PATIENCE,
    )
    _Server(config, workspace, door, open_browser).run(sockets=[listener])


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
