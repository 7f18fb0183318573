"""Take the pictures of the explorer for the README: its pages in Chromium, with MNIST.

Run: python tasks.py pictures
A new project is clustered and labelled as a person would, so this takes a minute.
"""

from __future__ import annotations

import io
import math
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
sys.path.insert(0, str(ROOT / "benchmarks"))

from explorer import BROWSERS, READY, explorer, rest, until, visit, window  # noqa: E402

COMPUTED = """() => fetch("/api/state").then((answer) => answer.json())
  .then(({ runs, maps }) => runs.length > 1 && maps.length > 1)"""


def main() -> None:
    """Start the explorer, go through its pages and take the pictures."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit(f"no Chromium here: none of {', '.join(BROWSERS)}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        project = Path(folder) / "digits.inkmeans"
        with explorer(project, "mnist") as (_, address), window(browser) as page:
            visit(page, address)
            until(page, COMPUTED)
            rest(page)
            state = page.evaluate("() => fetch('/api/state').then((answer) => answer.json())")
            page.get_by_test_id("run-picker").select_option(str(state["runs"][-1]["id"]))
            turn_to(page, "label")
            name_clusters(page, 6)
            take(page, "explorer-label")
            name_clusters(page, 10)
            turn_to(page, "explore")
            page.get_by_test_id("map-picker").select_option(str(state["maps"][-1]["id"]))
            page.wait_for_timeout(2000)  # its points come, and are drawn
            hover(page)
            take(page, "explorer-explore")
            turn_to(page, "recognize")
            draw(page, three())
            page.locator("[data-testid=prediction][data-label]").wait_for()
            take(page, "explorer-recognize")
        browser.close()


def turn_to(page: Any, name: str) -> None:
    """Go to a page and wait until it can be used."""
    page.get_by_role("navigation").get_by_role("link", name=name.title()).click()
    page.wait_for_url(f"**/{name}")
    page.wait_for_selector(READY)


def name_clusters(page: Any, count: int) -> None:
    """Name clusters on the Label page, each after most of its images."""
    run = page.get_by_test_id("run-picker").input_value()
    infos = page.evaluate(
        "(run) => fetch(`/api/runs/${run}/clusters`).then((answer) => answer.json())", run
    )["clusters"]
    truth = {info["cluster"]: info["truth"] for info in infos}
    open_ = [info for info in infos if info["label"] is None]
    for _ in range(count - (len(infos) - len(open_))):
        now = page.locator(".queue-item[aria-current]").get_attribute("data-cluster")
        page.keyboard.press(str(truth[int(now)]))
        page.wait_for_selector(f".queue-item[data-cluster='{now}'] strong:not(:text-is('?'))")


def hover(page: Any) -> None:
    """Move over the map until a card shows an image."""
    box = page.get_by_test_id("map").bounding_box()
    for step in range(60):
        page.mouse.move(
            box["x"] + box["width"] * (0.02 + step / 200), box["y"] + box["height"] * 0.5
        )
        if page.get_by_test_id("hover-card").is_visible():
            return


def three() -> list[tuple[float, float]]:
    """Write a 3 as two bows."""
    bows = [(0.345, 0.135, -150, 90), (0.645, 0.165, -90, 150)]  # middle, radius, from, to
    return [
        (0.47 + 1.15 * radius * math.cos(angle), middle + radius * math.sin(angle))
        for middle, radius, start, end in bows
        for angle in (math.radians(degrees) for degrees in range(start, end + 1, 10))
    ]


def draw(page: Any, stroke: list[tuple[float, float]]) -> None:
    """Draw a line on the canvas; places are shares of its sides."""
    box = page.get_by_test_id("draw-canvas").bounding_box()
    for at, (x, y) in enumerate(stroke):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if at == 0:
            page.mouse.down()
    page.mouse.up()


def take(page: Any, name: str) -> None:
    """Write what is seen, once notices are gone, in 256 colours."""
    from PIL import Image

    page.wait_for_function("() => !document.querySelector('.notice')")
    page.wait_for_timeout(500)
    seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    IMAGES.mkdir(exist_ok=True)
    seen.quantize(256).save(IMAGES / f"{name}.png", optimize=True)
    print(f"docs/images/{name}.png")


if __name__ == "__main__":
    main()
