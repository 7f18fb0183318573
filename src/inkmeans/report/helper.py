"""A second Python that draws along: matplotlib keeps no more than one core busy."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import IO

from inkmeans.report.plan import Drawing

__all__ = ["helped", "serve"]

_DONE = b"+"
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from inkmeans.report.helper import serve; "
    "serve(sys.argv[2], sys.stdin.buffer, sys.stdout.buffer)"
)


@contextmanager
def helped(waiting: deque[Drawing], folder: Path) -> Iterator[Callable[[], None]]:
    """Let a second Python draw from the right end while the block draws from the left.

    It is ended with the block, whatever it is at.

    Parameters
    ----------
    waiting : deque of Drawing
    folder : Path
        Gets the files.

    Yields
    ------
    callable
        Waits until the second Python has no more to do; what it failed on is waiting again then.

    Notes
    -----
    This is not `multiprocessing`, which would run the user's script once more in the second
    process, up to the clustering, if it has no ``if __name__ == "__main__"``.
    """
    try:
        # -P and the list of paths: the same modules as here, none from the current folder.
        helper = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, json.dumps(sys.path), str(folder.resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, ValueError):  # a frozen application, a full system: draw alone
        yield lambda: None
        return
    feeder = Thread(target=_feed, args=(helper, waiting), daemon=True)
    feeder.start()
    try:
        yield feeder.join
    finally:
        helper.kill()
        helper.wait()
        feeder.join()


def _feed(helper: subprocess.Popen[bytes], waiting: deque[Drawing]) -> None:
    assert helper.stdin is not None
    assert helper.stdout is not None
    with suppress(OSError), helper.stdin as orders, helper.stdout as answers:
        while (drawing := _last(waiting)) is not None:
            try:
                done = _ask(drawing, orders, answers)
            except OSError:  # it has ended
                done = False
            if not done:
                waiting.append(drawing)
                return


def _last(waiting: deque[Drawing]) -> Drawing | None:
    try:
        return waiting.pop()
    except IndexError:
        return None


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
