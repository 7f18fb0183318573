"""A second Python that draws along: matplotlib keeps no more than one core busy."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from typing import IO

from inkmeans.report.plan import Drawing

__all__ = ["Helper", "Waiting", "serve"]

_DONE = b"+"
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from inkmeans.report.helper import serve; "
    "serve(sys.argv[2], sys.stdin.buffer, sys.stdout.buffer)"
)


class Waiting:
    """Drawings that wait: this Python takes them from the left, a second from the right."""

    def __init__(self) -> None:
        self._drawings: deque[Drawing] = deque()
        self._changed = Condition()
        self._closed = False

    def __len__(self) -> int:
        return len(self._drawings)

    def add(self, drawings: Iterable[Drawing]) -> None:
        """Put more at the right end.

        Parameters
        ----------
        drawings : iterable of Drawing
        """
        with self._changed:
            self._drawings.extend(drawings)
            self._changed.notify_all()

    def close(self) -> None:
        """Say that no more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def first(self) -> Drawing | None:
        """Take the leftmost; None where there is none now."""
        with self._changed:
            return self._drawings.popleft() if self._drawings else None

    def last(self) -> Drawing | None:
        """Take the rightmost, once there is one; None where none will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._drawings or self._closed)
            return self._drawings.pop() if self._drawings else None


class Helper:
    """A second Python, which draws from the right end of what waits, until it is ended.

    Parameters
    ----------
    waiting : Waiting
        What the helper fails on waits again in it.
    folder : Path
        Gets the files.

    Notes
    -----
    This is not `multiprocessing`, which would run the user's script once more in the second
    process, up to the clustering, if it has no ``if __name__ == "__main__"``.
    """

    def __init__(self, waiting: Waiting, folder: Path) -> None:
        self._waiting = waiting
        # -P and the list of paths: the same modules as here, none from the current folder.
        command = [sys.executable, "-P", "-c", _START, json.dumps(sys.path), str(folder.resolve())]
        try:
            self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except (OSError, ValueError):  # a frozen application, a full system: draw alone
            self._process = None
        self._feeder = Thread(target=self._feed, daemon=True)
        self._feeder.start()

    def join(self) -> None:
        """Wait until it has no more to do; `Waiting.close` has said that no more will come."""
        self._feeder.join()

    def end(self) -> None:
        """End it, whatever it is at."""
        self._waiting.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._feeder.join()

    def _feed(self) -> None:
        if self._process is None:
            return
        orders, answers = self._process.stdin, self._process.stdout
        assert orders is not None
        assert answers is not None
        with suppress(OSError), orders, answers:
            while (drawing := self._waiting.last()) is not None:
                try:
                    done = _ask(drawing, orders, answers)
                except OSError:  # it has ended
                    done = False
                if not done:
                    self._waiting.add([drawing])
                    return


def _ask(drawing: Drawing, orders: IO[bytes], answers: IO[bytes]) -> bool:
    pickle.dump(drawing, orders, protocol=pickle.HIGHEST_PROTOCOL)
    orders.flush()
    return answers.read(1) == _DONE


def serve(folder: str, orders: IO[bytes], answers: IO[bytes]) -> None:
    """Draw what comes in, and say so, until nothing comes any more.

    Parameters
    ----------
    folder : str
        Gets the files.
    orders : binary file
        Drawings, one pickle after the other: from the process that started this one.
    answers : binary file
        Gets one byte for each picture that was drawn.
    """
    while True:
        try:
            drawing = pickle.load(orders)
        except EOFError:
            return
        drawing.draw(Path(folder))
        answers.write(_DONE)
        answers.flush()
