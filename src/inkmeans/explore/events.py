"""News for all open tabs: whatever is committed is told to each of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from inkmeans.explore.protocol import to_json

__all__ = ["Hub"]

_KEEP_ALIVE = 15.0  # seconds; also finds out that a tab is gone
_BACKLOG = 1000  # events that a tab may lie behind before it has to start again


class Hub:
    r"""Hands events on to every listener; callable from any thread.

    Examples
    --------
    >>> import asyncio
    >>> from inkmeans.explore.events import Hub
    >>> async def listen():
    ...     hub = Hub()
    ...     hub.bind(asyncio.get_running_loop())
    ...     tab = hub.listen(lambda: {"revision": 3})
    ...     return await anext(tab)
    >>> asyncio.run(listen())
    'event: hello\ndata: {"revision": 3}\n\n'
    """

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str | None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say in which event loop the listeners live."""
        self._loop = loop

    def publish(self, event: str, data: Any) -> None:
        """Tell all listeners; without any, nothing happens."""
        text = _format(event, data)
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._put, text)

    def close(self) -> None:
        """End all listeners."""
        self._closed = True
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._put, None)

    async def listen(self, hello: Callable[[], Any]) -> AsyncIterator[str]:
        """Yield what a tab is sent, ``hello`` first, until it goes or the hub closes.

        Parameters
        ----------
        hello : callable
            Makes the first event, when no other can be missed any more.

        Yields
        ------
        str
            One event, or a comment that keeps the connection alive.
        """
        queue: asyncio.Queue[str | None] = asyncio.Queue(_BACKLOG)
        self._queues.add(queue)
        try:
            yield _format("hello", hello())
            while not self._closed:
                try:
                    text = await asyncio.wait_for(queue.get(), _KEEP_ALIVE)
                except TimeoutError:
                    text = ": still here\n\n"
                if text is None:
                    return
                yield text
        finally:
            self._queues.discard(queue)

    def _put(self, text: str | None) -> None:
        for queue in list(self._queues):
            if queue.full():  # it will connect again, and read the state then
                self._queues.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(text)


def _format(event: str, data: Any) -> str:
    return f"event: {event}\ndata: {json.dumps(to_json(data), allow_nan=False)}\n\n"
