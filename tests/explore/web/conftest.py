"""The page's modules in Chromium, served alone: no server of ours, no data."""

import functools
import http.server
import threading
from pathlib import Path
from typing import ClassVar

import pytest

import inkmeans.explore

WEB = Path(inkmeans.explore.__file__).parent / "web"


class Files(http.server.SimpleHTTPRequestHandler):
    """Serves an empty page and, under /web/, the modules."""

    extensions_map: ClassVar = {".js": "text/javascript", ".css": "text/css"}

    def do_GET(self):
        if self.path.startswith("/web/"):
            self.path = self.path.removeprefix("/web")
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>modules</title><link rel=icon href=data:,>")

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def site():
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Files, directory=str(WEB))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def page(browser, site):
    context = browser.new_context(viewport={"width": 800, "height": 600})
    opened = context.new_page()
    opened.goto(site)
    yield opened
    context.close()


@pytest.fixture
def call(page):
    """Calls a function of JavaScript with a module of the page, and an argument."""

    def call(module, function, argument=None):
        code = f"async (given) => ({function})(await import('/web/{module}'), given)"
        return page.evaluate(code, argument)

    return call
