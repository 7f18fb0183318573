"""The explorer in Chromium, page by page, as a person uses it; and the whole way on MNIST's kin."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest
from PIL import Image

import inkmeans

from .conftest import PAGES, launch

pytestmark = pytest.mark.browser

STARTED = 60_000

# Texts whose contrast with what lies behind them is below AA; a canvas works the colours out.
FAINT = """
() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color) => {
    const [r, g, b] = rgba(color).slice(0, 3).map((v) => {
      v /= 255;
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (rgba(color)[3] > 128) return color;
    }
    return getComputedStyle(document.body).backgroundColor;
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !element.getClientRects().length || element.closest(":disabled")) continue;
    const [a, b] = [getComputedStyle(element).color, behind(element)].map(luminance);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const text = element.textContent.trim().slice(0, 40);
    if (ratio < 4.5) found.push([ratio, element.className, text]);
  }
  return found;
}
"""

OVERFLOWING = "() => document.documentElement.scrollWidth - innerWidth"


@pytest.fixture
def visit(browser, address):
    """Opens a page of the explorer; fails on complaints and on requests that leave the machine."""
    contexts, complaints, outside = [], [], []

    def keep_inside(route):
        if route.request.url.startswith(address.split("/explore")[0]):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    def visit(name="explore", width=1280, height=800, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.route(re.compile("^(?!blob:|data:)"), keep_inside)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        page.goto(address)
        go(page, name)
        return page

    visit.expected = ""
    yield visit
    for context in contexts:
        context.close()
    assert [text for text in complaints if not re.search(visit.expected or "^$", text)] == []
    assert outside == []


def go(page, name):
    if not page.url.endswith(f"/{name}"):
        page.goto(re.sub(r"^(https?://[^/]+).*", rf"\1/{name}", page.url))
    wait_ready(page)


def wait_ready(page):
    page.wait_for_selector("html[data-state=ready]", timeout=STARTED)


def state(page):
    return page.evaluate("() => fetch('/api/state').then((answer) => answer.json())")


def until(happened):
    """Wait for what a page alone cannot wait for: to Playwright a promise in it is true at once."""
    end = time.monotonic() + STARTED / 1000
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


def draw(page, strokes):
    """Draw lines on the canvas; places are shares of its sides."""
    box = page.get_by_test_id("draw-canvas").bounding_box()
    for stroke in strokes:
        for at, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
            if at == 0:
                page.mouse.down()
        page.mouse.up()


def card(page, cluster, label=None):
    named = "" if label is None else f'[data-label="{label}"]'
    return page.locator(f'[data-testid=cluster-card][data-cluster="{cluster}"]{named}')


def forget_labels(page):
    for _ in range(state(page)["undo"]["depth"]):
        page.evaluate("() => fetch('/api/undo', { method: 'POST' })")


SEVEN = [[(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_have_addresses_fit_a_phone_and_ask_nobody_outside(visit, theme):
    page = visit("explore", width=390, height=844, color_scheme=theme)
    for name in PAGES:
        go(page, name)
        assert page.url.endswith(f"/{name}")
        current = page.get_by_role("navigation").locator("[aria-current=page]")
        assert current.inner_text().lower() == name
        assert page.evaluate(OVERFLOWING) <= 0
        assert page.evaluate(FAINT) == []
        ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 200) == (theme == "dark")


def test_the_back_button_and_the_keys_lead_from_page_to_page(visit):
    page = visit("explore")
    page.get_by_role("link", name="Learn").click()
    wait_ready(page)
    page.keyboard.press("Alt+4")
    page.wait_for_url("**/label")
    wait_ready(page)
    page.go_back()
    page.wait_for_url("**/learn")
    page.get_by_test_id("plane").wait_for()
    page.go_back()
    page.wait_for_url("**/explore")
    wait_ready(page)
    assert "token" not in page.url


def test_explore_names_a_cluster_by_keys_and_takes_it_back(visit):
    page = visit("explore")
    forget_labels(page)
    cards = page.get_by_test_id("cluster-card")
    sizes = [int(one.get_attribute("data-size")) for one in cards.all()]
    assert sum(sizes) == 1797
    first = cards.first.get_attribute("data-cluster")
    cards.first.click()
    page.wait_for_selector(f".gallery-pane[data-count='{sizes[0]}']")
    page.keyboard.press("7")
    card(page, first, "7").wait_for()
    assert state(page)["labels"]["labelled"] == sizes[0]
    page.keyboard.press("Control+z")
    page.wait_for_selector(f'[data-testid=cluster-card][data-cluster="{first}"]:not([data-label])')
    assert state(page)["labels"]["labelled"] == 0
    page.keyboard.press("y")
    card(page, first, "7").wait_for()
    page.keyboard.press("z")
    page.wait_for_selector(f'[data-testid=cluster-card][data-cluster="{first}"]:not([data-label])')


def test_explore_two_open_tabs_stay_in_step(visit):
    here, there = visit("explore"), visit("explore")
    forget_labels(here)
    cluster = here.get_by_test_id("cluster-card").nth(1).get_attribute("data-cluster")
    card(here, cluster).click()
    here.keyboard.press("4")
    card(there, cluster, "4").wait_for()
    there.keyboard.press("z")
    here.wait_for_selector(
        f'[data-testid=cluster-card][data-cluster="{cluster}"]:not([data-label])'
    )


@pytest.mark.parametrize("renderer", ["webgl2", "2d"])
def test_explore_a_lasso_chooses_images_and_a_key_labels_them(visit, renderer):
    page = visit("explore")
    forget_labels(page)
    page.goto(f"{page.url}?draw={renderer}")
    wait_ready(page)
    area = page.get_by_test_id("map")
    assert area.get_attribute("data-renderer") == renderer
    box = area.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def lasso(size, key=None):
        if key:
            page.keyboard.down(key)
        page.mouse.move(x - size, y - size)
        page.mouse.down()
        for dx, dy in [(1, -1), (1, 1), (-1, 1)]:
            page.mouse.move(x + dx * size, y + dy * size, steps=5)
        page.mouse.up()
        if key:
            page.keyboard.up(key)
        page.wait_for_timeout(150)
        return int(page.locator(".gallery-pane").get_attribute("data-count"))

    many = lasso(140)
    few = lasso(60)
    assert 0 < few < many < 1797
    assert lasso(140, "Shift") == many
    assert lasso(60, "Alt") == many - few
    page.keyboard.press("5")
    until(lambda: state(page)["labels"]["by_hand"] == many - few)
    page.keyboard.press("z")
    page.keyboard.press("Escape")
    page.wait_for_selector(".gallery-pane[data-count='1797']")


def test_explore_hovering_and_zooming_shows_the_digits(visit):
    page = visit("explore")
    area = page.get_by_test_id("map")
    box = area.bounding_box()
    hover, said = page.get_by_test_id("hover-card"), ""
    for step in range(40):
        page.mouse.move(box["x"] + 150 + 8 * step, box["y"] + box["height"] / 2)
        said = said or (hover.is_visible() and hover.inner_text())
    assert re.search(
        r"^(surely #\d|#\d rather than #\d|torn between #\d and #\d)$", said, re.MULTILINE
    )
    for _ in range(8):
        page.mouse.wheel(0, -240)
    area.focus()
    for key in ("ArrowLeft", "-", "+", "f", "v"):
        page.keyboard.press(key)
    page.get_by_test_id("color-by").select_option("confidence")
    page.wait_for_selector("[data-testid=map][data-color-by=confidence]")
    page.get_by_test_id("color-by").select_option("disagreement")
    page.wait_for_selector("[data-testid=map][data-color-by=disagreement]")


def test_explore_splits_and_merges_by_keyboard_alone(visit):
    page = visit("explore")
    forget_labels(page)
    cards = page.get_by_test_id("cluster-card")
    count = cards.count()
    main = cards.first.locator(".card-main")
    main.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("s")
    page.wait_for_function(
        "(n) => document.querySelectorAll('[data-testid=cluster-card]').length === n", arg=count + 1
    )
    page.keyboard.press("m")
    page.get_by_test_id("merge-dialog").wait_for()
    page.get_by_test_id("merge-dialog").locator(".choice").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "(n) => document.querySelectorAll('[data-testid=cluster-card]').length === n", arg=count
    )
    forget_labels(page)


def test_explore_fits_the_window_however_many_clusters_there_are(visit):
    page = visit("explore")
    forget_labels(page)
    split = """({ run, at }) =>
        fetch(`/api/actions/split?run=${run}&cluster=${at}&parts=20`, { method: "POST" })"""
    for cluster in (0, 1):
        page.evaluate(split, {"run": state(page)["run"], "at": cluster})
    page.locator("[data-testid=cluster-card]").nth(40).wait_for()
    for width, height in ((1280, 800), (1024, 700)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("() => document.documentElement.scrollHeight") == height
        bar = page.locator(".label-bar").bounding_box()
        assert bar["y"] + bar["height"] <= height
        assert page.get_by_test_id("cluster-card").last.bounding_box()["height"] > 80
        assert page.get_by_test_id("map").bounding_box()["height"] > 150
    forget_labels(page)


def test_explore_tiles_are_picked_in_ranges_and_scroll_to_the_end(visit):
    page = visit("explore")
    page.get_by_test_id("sort").select_option("index")
    tiles = page.get_by_test_id("tile")
    page.locator("[data-testid=tile][data-index='0']").click()
    page.locator("[data-testid=tile][data-index='9']").click(modifiers=["Shift"])
    assert page.locator("[data-testid=tile][aria-selected=true]").count() == 10
    page.get_by_test_id("gallery").focus()
    page.keyboard.press("End")
    page.locator("[data-testid=tile][data-index='1796']").wait_for()
    assert tiles.count() < 400
    assert page.locator(".tile.blank").count() == 0
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")


@pytest.mark.slow
def test_label_goes_from_cluster_to_cluster_then_to_an_audit(visit):
    page = visit("label")
    forget_labels(page)
    page.reload()
    wait_ready(page)
    open_ = page.locator(".queue-item strong", has_text="?").count()
    assert open_ == 10
    for at in range(10):
        now = page.locator(".queue-item[aria-current]").get_attribute("data-cluster")
        page.keyboard.press(str(at))
        page.wait_for_selector(f".queue-item[data-cluster='{now}'] strong:not(:text-is('?'))")
    labels = state(page)["labels"]
    assert labels["coverage"] == 1
    assert labels["actions"] == 10
    page.locator("[data-mode=borderline]").click()
    page.locator(".task canvas.huge").wait_for()
    page.keyboard.press("3")
    until(lambda: state(page)["labels"]["by_hand"] == 1)
    page.locator("[data-mode=audit]").click()
    page.get_by_text("Which digit do you see?").wait_for()
    page.keyboard.press("1")
    page.get_by_text("95 % interval").wait_for()
    forget_labels(page)


def test_recognize_follows_the_pen_and_learns_from_a_correction(visit):
    page = visit("recognize")
    forget_labels(page)
    draw(page, SEVEN)
    prediction = page.locator("[data-testid=prediction][data-cluster]")
    prediction.wait_for()
    assert prediction.get_attribute("data-label") is None
    page.keyboard.press("7")
    page.locator("[data-testid=prediction][data-label='7']").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_selector("[data-testid=prediction]:not([data-cluster])")
    picture = io.BytesIO()
    image = inkmeans.load("digits").images[0]
    Image.fromarray(np.minimum(image.astype(int) * 15, 255).astype(np.uint8)).resize((64, 64)).save(
        picture, "PNG"
    )
    page.get_by_test_id("upload-image").set_input_files(
        {"name": "digit.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    prediction.wait_for()
    forget_labels(page)


@pytest.mark.slow
def test_cluster_runs_live_and_can_be_switched_to(visit):
    page = visit("cluster")
    before = len(state(page)["runs"])
    page.locator("[name=n_clusters]").fill("12")
    page.get_by_role("button", name="Cluster", exact=True).click()
    page.locator("[data-testid=job][data-status=done]").first.wait_for(timeout=STARTED)
    page.get_by_role("button", name="Explore it").click()
    page.wait_for_url("**/explore")
    page.wait_for_function(
        "() => document.querySelectorAll('[data-testid=cluster-card]').length === 12"
    )
    runs = state(page)["runs"]
    assert len(runs) == before + 1
    page.get_by_test_id("run-picker").select_option(str(runs[0]["id"]))
    page.wait_for_function(
        "() => document.querySelectorAll('[data-testid=cluster-card]').length === 10"
    )


@pytest.mark.slow
def test_cluster_suggests_a_number_of_clusters_and_can_be_stopped(visit):
    page = visit("cluster")
    page.get_by_role("button", name="Suggest a number").click()
    page.get_by_test_id("suggest-k").wait_for()
    page.get_by_test_id("suggest-k").locator(".dot").first.wait_for(timeout=STARTED)
    stop = page.get_by_role("button", name="Stop").first
    if stop.is_visible():
        stop.click()
    until(lambda: not {job["status"] for job in state(page)["jobs"]} & {"running", "queued"})


def test_compare_shows_the_images_of_a_cell_here_and_on_the_map(visit):
    page = visit("compare")
    page.get_by_test_id("compare-table").get_by_text("no labels used").first.wait_for()
    cell = page.get_by_test_id("contingency").locator("button:not(:disabled)").first
    cell.wait_for()
    count = int(cell.inner_text().replace(",", ""))
    cell.click()
    page.get_by_text(re.compile(rf"^{count:,} images? in cluster")).wait_for()
    page.get_by_role("button", name="Show them on the map").click()
    page.wait_for_url("**/explore")
    page.wait_for_selector(f".gallery-pane[data-count='{count}']")


def test_learn_steps_end_with_what_a_number_means(visit):
    page = visit("learn")
    page.get_by_test_id("learn-start").select_option("k-means++")
    for _ in range(60):
        page.keyboard.press("a")
        page.keyboard.press("u")
    page.get_by_test_id("meaning").wait_for()
    assert page.get_by_text("A cluster's number is not a digit").is_visible()
    box = page.get_by_test_id("plane").bounding_box()
    page.keyboard.press("3")
    page.get_by_test_id("plane").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector(".page-learn[data-next=assign]")
    assert box["width"] > 300


def test_a_problem_is_shown_with_what_to_do(visit):
    page = visit("data")
    visit.expected = "status of 400"  # Chromium says so by itself
    with page.expect_response("**/api/uploads*") as answer:
        page.get_by_test_id("upload-files").set_input_files(
            {"name": "notes.zip", "mimeType": "application/zip", "buffer": b"no archive"}
        )
    assert answer.value.status == 400
    page.get_by_role("alert").filter(has_text="zip").wait_for()


def archive_of(digits, n):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for at in range(n):
            picture = io.BytesIO()
            Image.fromarray(255 - digits.images[at]).save(picture, "PNG")
            archive.writestr(f"{digits.labels[at]}/image{at}.png", picture.getvalue())
    return packed.getvalue()


@pytest.mark.slow
def test_the_whole_way_from_a_zip_to_a_model_on_the_command_line(browser, tmp_path):
    process, address = launch(tmp_path, "digits")
    digits = inkmeans.load("mnist")
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    try:
        page.goto(address)
        go(page, "data")
        page.get_by_test_id("upload-files").set_input_files(
            {"name": "mine.zip", "mimeType": "application/zip", "buffer": archive_of(digits, 600)}
        )
        page.get_by_test_id("after").locator("canvas").nth(23).wait_for()
        page.get_by_test_id("use-upload").click()
        page.wait_for_url("**/explore", timeout=STARTED)
        wait_ready(page)
        page.wait_for_function(
            "() => document.querySelector('.gallery-pane')?.dataset.count === '600'"
        )
        clusters = page.evaluate(
            "(run) => fetch(`/api/runs/${run}/clusters`).then((a) => a.json())", state(page)["run"]
        )["clusters"]
        for info in clusters:  # named by what most of its images are, as a person would
            card(page, info["cluster"]).locator(".card-main").click()
            page.keyboard.press(str(info["truth"]))
            card(page, info["cluster"], info["truth"]).wait_for()
        page.keyboard.press("Alt+5")
        page.wait_for_url("**/recognize")
        wait_ready(page)
        draw(page, [[(0.5, 0.15), (0.5, 0.85)]])
        page.locator("[data-testid=prediction][data-label='1']").wait_for()
        with page.expect_download() as download:
            page.locator("[data-export='model.safetensors']").click()
        model = tmp_path / "model.safetensors"
        download.value.save_as(model)
    finally:
        context.close()
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert process.wait(10) == 0
        process.stdout.close()
        assert time.monotonic() - started < 5
    picture = tmp_path / "one.png"
    # Larger than what the model sees: ink on paper is then found and inverted.
    Image.fromarray(255 - digits.images[digits.labels == 1][0]).resize((84, 84)).save(picture)
    said = subprocess.run(
        [sys.executable, "-m", "inkmeans", "predict", str(model), str(picture), "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(said.stdout)[0]["digit"] == "1", said.stdout
