"""Firefox by WebDriver BiDi: a small client of its websocket, as Playwright cannot drive it."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from PIL import Image
from websockets.sync.client import ClientConnection, connect

NAMES = ("firefox-esr", "firefox")


def find_firefox() -> str | None:
    """Look for Firefox among the programs of this machine."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def screen() -> Iterator[str]:
    """Run a screen that nobody sees, on which Mesa draws WebGL; give its name."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield f":{server.stdout.readline().strip()}"
        finally:
            server.terminate()


@contextmanager
def firefox(program: str, folder: Path, display: str | None = None) -> Iterator[Window]:
    """Start Firefox with a profile in an empty folder, without a display headless."""
    command = [program, "--profile", str(folder), "--remote-debugging-port", "0"]
    env = {**os.environ, "HOME": str(folder)}
    env |= {"DISPLAY": display} if display else {"MOZ_HEADLESS": "1"}
    silent = subprocess.DEVNULL
    with subprocess.Popen(command, env=env, stdout=silent, stderr=silent) as process:
        try:
            with connect(f"ws://{listening(folder)}/session", max_size=None) as socket:
                yield Window(socket)
        finally:
            process.terminate()


def listening(profile: Path, seconds: float = 60) -> str:
    """Wait for the address that Firefox writes into its profile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError, ValueError):
            said = json.loads((profile / "WebDriverBiDiServer.json").read_text())
            return f"{said['ws_host']}:{said['ws_port']}"
        time.sleep(0.02)
    raise AssertionError("Firefox did not open a port for WebDriver BiDi")


class Window:
    """One tab, and what its pages complained of."""

    def __init__(self, socket: ClientConnection, width: int = 1280, height: int = 800) -> None:
        self.socket, self.asked = socket, 0
        self.complaints: list[str] = []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])
        self.context = self.call("browsingContext.getTree")["contexts"][0]["context"]
        size = {"width": width, "height": height}
        self.call("browsingContext.setViewport", context=self.context, viewport=size)

    def call(self, method: str, **parameters: Any) -> Any:
        """Ask Firefox; keep what its console says in between."""
        self.asked += 1
        asked = {"id": self.asked, "method": method, "params": parameters}
        self.socket.send(json.dumps(asked))
        while (told := json.loads(self.socket.recv(timeout=60))).get("id") != self.asked:
            if told.get("params", {}).get("level") == "error":
                self.complaints.append(told["params"]["text"])
        assert told["type"] == "success", f"{method}: {told.get('message')}"
        return told["result"]

    def goto(self, address: str) -> None:
        """Open an address; come back once the document is there."""
        there = {"context": self.context, "url": address, "wait": "interactive"}
        self.call("browsingContext.navigate", **there)

    def evaluate(self, expression: str) -> Any:
        """Work out an expression in the page, or what its promise gives, as JSON."""
        code = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        target = {"context": self.context}
        told = self.call("script.evaluate", expression=code, target=target, awaitPromise=True)
        assert told["type"] == "success", f"{expression}: {told.get('exceptionDetails')}"
        return json.loads(told["result"]["value"])

    def wait_for(self, expression: str, seconds: float = 30) -> Any:
        """Wait until an expression is true of the page; give its value."""
        end = time.monotonic() + seconds
        while not (value := self.evaluate(expression)):
            assert time.monotonic() < end, f"it did not come true: {expression}"
            time.sleep(0.02)
        return value

    def box(self, selector: str) -> dict[str, float]:
        """Bring an element into view; give its place."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(f"{element} !== null")
        self.evaluate(f"{element}.scrollIntoView({{ block: 'nearest' }})")
        return dict(self.evaluate(f"{element}.getBoundingClientRect().toJSON()"))

    def press(self, key: str, *held: str) -> None:
        """Press a key while others are held."""
        keys = [*held, key]
        down = [{"type": "keyDown", "value": one} for one in keys]
        up = [{"type": "keyUp", "value": one} for one in reversed(keys)]
        self._act("key", down + up)

    def drag(self, selector: str, *places: tuple[float, float]) -> None:
        """Press the pointer, move it and let go; places are shares of an element's sides."""
        box = self.box(selector)
        actions: list[dict[str, Any]] = []
        for across, down in places:
            x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
            actions.append({"type": "pointerMove", "x": round(x), "y": round(y), "duration": 20})
        actions.insert(1, {"type": "pointerDown", "button": 0})
        self._act("pointer", [*actions, {"type": "pointerUp", "button": 0}])

    def click(self, selector: str) -> None:
        """Click on the middle of an element."""
        self.drag(selector, (0.5, 0.5))

    def picture(self, selector: str) -> Image.Image:
        """Take a picture of an element as it is seen."""
        box = self.box(selector)
        clip = {"type": "box", **{side: box[side] for side in ("x", "y", "width", "height")}}
        told = self.call("browsingContext.captureScreenshot", context=self.context, clip=clip)
        return Image.open(io.BytesIO(base64.b64decode(told["data"]))).convert("RGB")

    def _act(self, device: str, actions: list[dict[str, Any]]) -> None:
        source = {"type": device, "id": device, "actions": actions}
        self.call("input.performActions", context=self.context, actions=[source])
