"""Writers of small data files, and a web server that misbehaves on request."""

from __future__ import annotations

import gzip
import hashlib
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

import inkmeans


@pytest.fixture(scope="session")
def mnist():
    return inkmeans.load("mnist")


def idx_bytes(array: np.ndarray) -> bytes:
    code = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}[array.dtype.str[1:]]
    header = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture
def write_idx(tmp_path):
    def write(name, array):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = idx_bytes(np.asarray(array))
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


@pytest.fixture
def write_quartet(write_idx, mnist):
    """Write a small MNIST: 30 training and 10 test images."""

    def write(folder, suffix=".gz", test="t10k"):
        for part, rows in (("train", slice(0, 30)), (test, slice(60000, 60010))):
            write_idx(f"{folder}/{part}-images-idx3-ubyte{suffix}", mnist.images[rows])
            labels = mnist.labels[rows].astype(np.uint8)
            path = write_idx(f"{folder}/{part}-labels-idx1-ubyte{suffix}", labels)
        return path.parent

    return write


class Mirrors:
    """A local server; the first part of an address says how it behaves."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                _, behaviour, name = self.path.split("/", 2)
                getattr(outer, f"answer_{behaviour}")(self, outer.files.get(name, b""))

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.stopping = threading.Event()
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def address(self, behaviour: str, name: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{behaviour}/{name}"

    def close(self) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def _head(handler, length, **headers):
        handler.send_response(200)
        if length is not None:
            handler.send_header("Content-Length", str(length))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()

    def answer_good(self, handler, body):
        self._head(handler, len(body))
        handler.wfile.write(body)

    def answer_labelled_gzip(self, handler, body):
        self._head(handler, len(body), Content_Encoding="gzip")
        handler.wfile.write(body)

    def answer_wrong(self, handler, body):
        self.answer_good(handler, bytes(len(body)))

    def answer_truncated(self, handler, body):
        self._head(handler, len(body))
        handler.wfile.write(body[: len(body) // 2])
        handler.close_connection = True

    def answer_truncated_silently(self, handler, body):
        self._head(handler, None)
        handler.wfile.write(body[: len(body) // 2])
        handler.close_connection = True

    def answer_missing(self, handler, body):
        handler.send_error(404)

    def answer_silent(self, handler, body):
        self.stopping.wait(20)

    def answer_slow(self, handler, body):
        self._head(handler, len(body))
        for byte in body:
            if self.stopping.wait(0.02):
                return
            try:
                handler.wfile.write(bytes([byte]))
            except OSError:  # the client has given up, as it should
                return

    def answer_endless(self, handler, body):
        self._head(handler, None)
        deadline = time.monotonic() + 20
        while not self.stopping.is_set() and time.monotonic() < deadline:
            try:
                handler.wfile.write(bytes(1 << 20))
            except OSError:
                return


@pytest.fixture
def mirrors():
    server = Mirrors()
    yield server
    server.close()


def md5(content: bytes) -> str:
    return "md5:" + hashlib.md5(content).hexdigest()
