"""How quick the explorer is: its goals, measured in headless Chromium without a GPU.

Run: python benchmarks/explorer.py [--large N] [--repeats 5] [--name explorer]

A fresh project of MNIST is opened, looked at, closed and opened again. Times in the page are taken
by the page's own clock, from the event that a person causes to the frame that shows the answer.
`--large 500000` clusters that many images as well (MNIST, shifted), which takes minutes, opens them
from the cache and does the same on the Explore page.
Prints a table of goals and results and writes benchmarks/results/NAME.json.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
READY = "html[data-state=ready]"
_BETWEEN_LABELS = 300  # milliseconds: a person is no quicker, and the page still draws the last one

# Waits for something to change below an element, then for the frame that shows it.
WATCH = """
window.watch = (selector, attribute) => new Promise((done) => {
  const element = document.querySelector(selector);
  const observer = new MutationObserver(() => {
    observer.disconnect();
    const changed = performance.now();
    requestAnimationFrame(() => setTimeout(() => done({ changed, shown: performance.now() })));
  });
  observer.observe(element, attribute
    ? { attributes: true, attributeFilter: [attribute], subtree: true }
    : { childList: true, subtree: true });
});
window.stamps = {};
for (const name of ["pointerup", "pointermove", "keydown", "change"]) {
  addEventListener(name, () => { window.stamps[name] = performance.now(); }, true);
}
"""

# The page loads thumbnails in the background, band by band.
THUMBNAILS_ARE_HERE = """
async () => {
  const { dataset } = await (await fetch("/api/state")).json();
  const { bands } = await (await fetch(`/api/data/${dataset.id}/atlas`)).json();
  const loaded = performance.getEntriesByType("resource")
    .filter(({ name, responseEnd }) => /atlas\\/[0-9]+$/.test(name) && responseEnd > 0);
  return loaded.length >= bands;
}
"""


@dataclass(frozen=True)
class Figure:
    """One goal and what was measured: the median, or the worst where that is what counts."""

    name: str
    goal: float
    unit: str
    value: float | None
    values: tuple[float, ...] = ()
    note: str = ""

    @property
    def verdict(self) -> str:
        """Tell whether the goal was met."""
        if self.value is None:
            return "not measured"
        return "met" if self.value < self.goal else "MISSED"


def main() -> None:
    """Measure all, print a table and write it down."""
    options = parse()
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit(f"no Chromium here: none of {', '.join(BROWSERS)}")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        project = Path(folder) / "benchmark.inkmeans"
        figures.append(first_start(browser, project))
        figures.append(later_start(browser, project, options.repeats))
        with window(browser) as page, explorer(project) as (process, address):
            visit(page, address)
            page.evaluate(WATCH)
            until(page, THUMBNAILS_ARE_HERE)
            figures += looking(page, options.repeats)
            figures.append(labelling(page, options.repeats))
            figures.append(drawing(page, options.repeats))
            figures.append(memory(process.pid))
        if options.large:
            figures += large(browser, Path(folder), options.large, options.repeats)
        version = browser.version
        browser.close()
    print_table(figures)
    write(figures, version, options.name)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", type=int, default=0, metavar="N")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--name", default="explorer")
    return parser.parse_args()


@contextmanager
def explorer(project: Path, *data: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the explorer; yield its process and address, and end it."""
    command = [sys.executable, "-m", "inkmeans", "explore", *data, "--port", "0", "--no-open"]
    process = subprocess.Popen(
        [*command, "--project", str(project)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        process.stdout.close()


@contextmanager
def window(browser: Any) -> Iterator[Any]:
    """Open an empty tab, as a person has one before starting anything."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        yield context.new_page()
    finally:
        context.close()


def visit(page: Any, address: str, seconds: float = 120) -> None:
    """Open the Explore page and wait until it can be used."""
    page.goto(address, wait_until="commit")
    page.wait_for_selector(READY, timeout=1000 * seconds)


def first_start(browser: Any, project: Path) -> Figure:
    """Time from the start of the process in a new project to map and clusters."""
    with window(browser) as page:
        start = time.perf_counter()
        with explorer(project, "mnist") as (_, address):
            visit(page, address)
            seconds = time.perf_counter() - start
            rest(page)
    return Figure("first start of all: to map and clusters", 5, "s", seconds, (seconds,))


def rest(page: Any) -> None:
    """Wait until no job runs: a later start shall not have to share the processor with it."""
    until(
        page,
        """() => fetch("/api/jobs").then((answer) => answer.json()).then((jobs) =>
          jobs.every(({ status }) => status !== "running" && status !== "queued"))""",
    )


def until(page: Any, promised: str, seconds: float = 600) -> None:
    """Wait until a promise gives true; Playwright's own waiting takes any promise for that."""
    end = time.monotonic() + seconds
    while not page.evaluate(promised):
        if time.monotonic() > end:
            sys.exit(f"this did not come true: {promised}")
        page.wait_for_timeout(100)


def later_start(browser: Any, project: Path, repeats: int) -> Figure:
    """Time from the start of the process to an interactive map, from the project's cache."""
    times = []
    for _ in range(repeats):
        with window(browser) as page:
            start = time.perf_counter()
            with explorer(project) as (_, address):
                visit(page, address)
                times.append(time.perf_counter() - start)
    return middle("later start, from the cache, to interactive map", 1.5, "s", times)


def looking(page: Any, repeats: int) -> list[Figure]:
    """Lasso, zoom, hover, recolour and scroll on the Explore page."""
    box = page.get_by_test_id("map").bounding_box()
    center = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    return [
        middle("lasso released to gallery shown", 150, "ms",
               [lasso(page, center, 60 + 12 * at) for at in range(repeats)]),
        zooming(page, center),
        middle("hover to thumbnail", 16, "ms", hovers(page, box)),
        middle("recolour the map by another field", 150, "ms", recolors(page, repeats)),
        scrolling(page),
    ]  # fmt: skip


def lasso(page: Any, center: tuple[float, float], radius: float) -> float:
    """Draw a circle of 60 corners; milliseconds from its release."""
    x, y = center
    for at in range(61):
        angle = at / 60 * 2 * math.pi
        page.mouse.move(x + radius * math.cos(angle), y + radius * math.sin(angle))
        if at == 0:
            page.mouse.down()
    return since(page, "pointerup", ".gallery-pane", "data-count", page.mouse.up)


def since(page: Any, event: str, selector: str, attribute: str, act: Callable[[], Any]) -> float:
    """Milliseconds from an event to the frame that shows what it changed."""
    page.evaluate("([s, a]) => { window.seen = window.watch(s, a); }", [selector, attribute])
    act()
    seen = page.evaluate("async () => (await window.seen).shown")
    return float(seen - page.evaluate("(name) => window.stamps[name]", event))


def zooming(page: Any, center: tuple[float, float]) -> Figure:
    """Zoom in until points are digits and out again; take the longest time without a frame."""
    page.evaluate(
        """() => {
          let last = performance.now();
          window.frames_ = { longest: 0, on: true };
          const frame = (now) => {
            window.frames_.longest = Math.max(window.frames_.longest, now - last);
            last = now;
            if (window.frames_.on) requestAnimationFrame(frame);
          };
          requestAnimationFrame(frame);
        }"""
    )
    page.mouse.move(*center)
    for direction in (-1, 1):
        for _ in range(15):
            page.mouse.wheel(0, 240 * direction)
            page.wait_for_timeout(16)
    page.keyboard.press("f")
    page.wait_for_timeout(300)
    longest = page.evaluate("() => (window.frames_.on = false, window.frames_.longest)")
    return Figure("zoom: longest time without a frame", 150, "ms", longest, (longest,))


def hovers(page: Any, box: dict[str, float]) -> list[float]:
    """Milliseconds from a movement to the card with the image, painted and put in place."""
    times = []
    page.keyboard.press("Escape")
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    for at in range(60):
        page.evaluate("() => { window.seen = window.watch('.map-frame', 'data-index'); }")
        page.mouse.move(box["x"] + box["width"] * (0.3 + at * 0.006), box["y"] + box["height"] / 2)
        changed = page.evaluate(
            """() => Promise.race([window.seen.then(({ changed }) => changed),
              new Promise((done) => setTimeout(() => done(null), 120))])"""
        )
        if changed is not None:
            times.append(changed - page.evaluate("() => window.stamps.pointermove"))
    return times


def recolors(page: Any, repeats: int) -> list[float]:
    """Milliseconds from a choice to the map in its colours; each field was loaded before."""
    fields = ["label", "truth", "confidence", "cluster"]
    color = page.get_by_test_id("color-by")
    for name in fields:
        color.select_option(name)
        page.wait_for_selector(f"[data-testid=map][data-color-by={name}]")
    times = []
    for name in fields * repeats:
        choose = functools.partial(color.select_option, name)
        times.append(since(page, "change", ".map-frame", "data-color-by", choose))
    return times


def scrolling(page: Any) -> Figure:
    """Scroll through all; take the longest time that a place in view had no painted tile."""
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    longest = page.evaluate(
        """async () => {
          const gallery = document.querySelector("[data-testid=gallery]");
          const box = gallery.getBoundingClientRect();
          const places = [0.02, 0.25, 0.5, 0.75, 0.97].map((share) => box.top + share * box.height);
          let [blankSince, longest] = [null, 0];
          const steps = 240;
          for (let step = 0; step < steps; step++) {
            gallery.scrollTop = (step / steps) * (gallery.scrollHeight - box.height);
            const now = await new Promise((done) => requestAnimationFrame(done));
            // Between two rows there is a gap of 6 pixels.
            const painted = (y) => document.elementsFromPoint(box.left + 30, y)
              .some((element) => element.matches(".tile:not(.blank)"));
            const blank = places.some((y) => !painted(y) && !painted(y + 9));
            if (!blank) blankSince = null;
            else longest = Math.max(longest, now - (blankSince ??= now));
          }
          return longest;
        }"""
    )
    return Figure("gallery scroll: longest blank tile", 100, "ms", longest, (longest,))


def labelling(page: Any, repeats: int) -> Figure:
    """Milliseconds from the key to the name on the card, which is shown once it is on disk."""
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('[data-testid=cluster-card]')].map((e) => e.dataset)"
    )
    target = min(sizes, key=lambda data: abs(int(data["size"]) - 7000))
    page.locator(f'[data-testid=cluster-card][data-cluster="{target["cluster"]}"]').click()
    times = []
    for at in range(repeats):
        page.wait_for_timeout(_BETWEEN_LABELS)
        card = f'[data-testid=cluster-card][data-cluster="{target["cluster"]}"]'
        named = f'{card}[data-label="{at % 10}"]'
        page.evaluate(
            """(selector) => { window.seen = new Promise((done) => {
              const look = () => document.querySelector(selector)
                ? done(performance.now()) : requestAnimationFrame(look);
              look();
            }); }""",
            named,
        )
        page.keyboard.press(str(at % 10))
        shown = page.evaluate("() => window.seen")
        times.append(shown - page.evaluate("() => window.stamps.keydown"))
    return middle(
        "label a cluster of 7,000 images, on disk", 100, "ms", times, f"{target['size']} images"
    )


def drawing(page: Any, repeats: int) -> Figure:
    """Milliseconds from a movement of the pen to the answer."""
    page.keyboard.press("Alt+5")
    page.wait_for_selector(f"{READY} [data-testid=draw-canvas]")
    box = page.get_by_test_id("draw-canvas").bounding_box()
    left, top = box["x"] + 90, box["y"] + 90
    page.mouse.move(left, top)
    page.mouse.down()
    page.wait_for_timeout(1000)  # the first answer loads the model
    times = []
    for at in range(1, 10 * repeats):
        page.evaluate("() => { window.seen = window.watch('[data-testid=prediction]'); }")
        page.mouse.move(left + 4 * (at % 60), top + 3 * (at % 60))
        shown = page.evaluate("async () => (await window.seen).changed")
        times.append(shown - page.evaluate("() => window.stamps.pointermove"))
    page.mouse.up()
    return middle("stroke to prediction", 50, "ms", times)


def memory(process: int) -> Figure:
    """Ask the system what the server holds in memory; not every system tells."""
    status = Path(f"/proc/{process}/status")
    value = None
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        value = int(line.split()[1]) / 1024
    return Figure("server memory with MNIST", 600, "MB", value)


def large(browser: Any, folder: Path, n: int, repeats: int) -> list[Figure]:
    """Open many images: cluster them once, then time a start from the cache and look at them."""
    import numpy as np

    import inkmeans

    images = inkmeans.load("mnist").images
    shifts = -(-n // len(images))
    many = np.concatenate([np.roll(images, at, axis=1 + at % 2) for at in range(shifts)])[:n]
    np.save(folder / "many.npy", many)
    project = folder / "large.inkmeans"
    with window(browser) as page, explorer(project, str(folder / "many.npy")) as (_, address):
        visit(page, address, 1800)
    later = later_start(browser, project, repeats)
    with window(browser) as page, explorer(project) as (process, address):
        visit(page, address)
        page.evaluate(WATCH)
        until(page, THUMBNAILS_ARE_HERE)
        seen = looking(page, repeats)
        held = memory(process.pid)
    figures = [replace(later, goal=5), *seen, replace(held, name="server memory", goal=2000)]
    return [replace(figure, name=f"{n:,}: {figure.name}") for figure in figures]


def middle(name: str, goal: float, unit: str, values: list[float], note: str = "") -> Figure:
    """Take the median, and keep all."""
    return Figure(
        name, goal, unit, statistics.median(values) if values else None, tuple(values), note
    )


def print_table(figures: list[Figure]) -> None:
    """Print goals and results."""
    print(f"\n{'':50}{'goal':>9}  {'measured':>12}  {'worst':>10}")
    for figure in figures:
        digits = 2 if figure.unit == "s" else 0
        worst = max(figure.values) if len(figure.values) > 1 else None
        shown = [
            "-" if value is None else f"{value:.{digits}f} {figure.unit}"
            for value in (figure.value, worst)
        ]
        goal = f"< {figure.goal} {figure.unit}"
        print(
            f"{figure.name:50}{goal:>10}  {shown[0]:>12}  {shown[1]:>10}"
            f"  {figure.verdict}  {figure.note}"
        )


def write(figures: list[Figure], browser: str, name: str) -> None:
    """Write goals, results and where they were measured."""
    import inkmeans

    rows = [
        {
            "name": figure.name, "goal": figure.goal, "unit": figure.unit, "value": figure.value,
            "values": [round(value, 3) for value in figure.values], "verdict": figure.verdict,
            "note": figure.note,
        }
        for figure in figures
    ]  # fmt: skip
    where = {
        "inkmeans": inkmeans.__version__, "chromium": browser, "python": platform.python_version(),
        "system": platform.platform(), "processors": os.cpu_count(),
        "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
    }  # fmt: skip
    path = RESULTS / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"where": where, "figures": rows}, indent=1) + "\n", "utf-8")
    print(f"\nwritten: {path.name}")


if __name__ == "__main__":
    main()
