"""The process of one job: ``python -m inkmeans.explore.worker``, started by the server.

It reads its order as a line of JSON from standard input, and writes a line of JSON for each thing
that happens to standard output. When standard input ends, the server is gone and so is it.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkmeans.datasets import Digits

__all__ = ["main"]

_PATIENT = 10  # the niceness of a job that nobody waits for


def main() -> None:
    """Do the job that standard input tells of."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    # What a library prints must not get among the messages.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        lock = threading.Lock()

        def emit(kind: str, data: Any) -> None:
            if kind == "frame":
                step, inertia, images = data
                text = base64.b64encode(images.tobytes()).decode()
                data = {"step": step, "inertia": inertia, "images": text}
            with lock:
                out.write(json.dumps([kind, data]) + "\n")
                out.flush()

        order: Future[dict[str, Any]] = Future()
        threading.Thread(target=_listen, args=(order,), daemon=True).start()
        # The thread imports nothing: two that import the same at once may each see half of it.
        from inkmeans.datasets import builtin, load  # noqa: F401 - what loading imports

        loaded = ThreadPoolExecutor(1).submit(_load_mnist, order, load)
        from inkmeans.explore import tasks  # takes a second, in which order and images come

        # Here, and not where the order is read: Linux counts niceness by thread.
        if order.result().get("background") and hasattr(os, "nice"):
            os.nice(_PATIENT)
        emit(*_result(lambda: tasks.run_task(order.result(), emit, loaded)))


def _listen(order: Future[dict[str, Any]]) -> None:
    """Read the order, then wait for the end of the server, and end with it."""
    line = b""
    # Not through sys.stdin: a thread that waits in it keeps the interpreter from ending.
    while part := os.read(0, 2**16):
        line += part
        if not order.done() and b"\n" in line:
            order.set_result(json.loads(line))
    os._exit(1)


def _load_mnist(order: Future[dict[str, Any]], load: Callable[[str], Digits]) -> Digits | None:
    """Load the images of a first start ahead of time; others are loaded when it is their turn."""
    return load("mnist") if order.result()["source"] == "name:mnist" else None


def _result(work: Callable[[], None]) -> tuple[str, Any]:
    from inkmeans.errors import InkmeansError

    try:
        work()
    except InkmeansError as error:
        return "failed", {"message": error.message, "hint": error.hint}
    except MemoryError:
        return "failed", {"message": "out of memory", "hint": "try fewer images or clusters"}
    except Exception as error:
        traceback.print_exc()
        what = " ".join(str(error).split())[:300] or "no message"
        return "failed", {
            "message": f"{type(error).__name__}: {what} (not foreseen: this may be a bug)",
            "hint": "the terminal shows where; please report it",
        }
    return "done", None


if __name__ == "__main__":
    main()
