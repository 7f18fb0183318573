"""The explorer in Firefox: every page, a label there and back, the map with and without WebGL2."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from .conftest import PAGES

pytestmark = pytest.mark.browser

CONTROL = "\ue009"
READY = (
    "document.documentElement.dataset.state !== 'loading' && document.documentElement.dataset.state"
)
CARD = "[data-testid=cluster-card]"
CANCEL_JOBS = """
fetch("/api/jobs").then((answer) => answer.json()).then((jobs) => Promise.all(jobs
  .filter(({ status }) => status === "running" || status === "queued")
  .map(({ id }) => fetch(`/api/jobs/${id}/cancel`, { method: "POST" }))))
"""


@pytest.fixture(scope="module")
def firefox(missing):
    try:
        import websockets  # noqa: F401
    except ImportError:
        missing("websockets")
    from . import firefox

    return firefox


@pytest.fixture(scope="module")
def program(firefox, missing):
    return firefox.find_firefox() or missing("Firefox")


@pytest.fixture(scope="module")
def headless(firefox, program, address, tmp_path_factory):
    with firefox.firefox(program, tmp_path_factory.mktemp("headless")) as window:
        enter(window, address)
        window.evaluate(CANCEL_JOBS)  # the better pipeline, which these tests can do without
        yield window


@pytest.fixture
def on_screen(firefox, program, address, tmp_path, missing):
    if shutil.which("Xvfb") is None:
        missing("Xvfb, which Firefox needs for WebGL2")
    with firefox.screen() as display, firefox.firefox(program, tmp_path, display) as window:
        yield enter(window, address)


def enter(window, address):
    window.goto(address)
    assert window.wait_for(READY, 60) == "ready"
    return window


def visit(window, page):
    window.goto(window.evaluate("location.origin") + f"/{page}")
    assert window.wait_for(READY) == "ready"


def drawn_share(window):
    """Say how much of the map is not its ground."""
    pixels = np.asarray(window.picture("[data-testid=map]"), int)
    return (np.abs(pixels - pixels[4, 4]).max(axis=2) > 30).mean()


def test_every_page_opens_and_none_complains(headless):
    for page in PAGES:
        visit(headless, page)
        assert headless.evaluate("location.pathname") == f"/{page}"
        current = headless.evaluate("document.querySelector('nav [aria-current=page]').textContent")
        assert current.strip().lower() == page
    assert headless.complaints == []


def test_a_key_names_the_clicked_cluster_and_ctrl_z_takes_it_back(headless):
    visit(headless, "explore")
    cluster = headless.evaluate(f"document.querySelector('{CARD}').dataset.cluster")
    card = f'{CARD}[data-cluster="{cluster}"]'
    named = f"document.querySelector({json.dumps(card + '[data-label]')})?.dataset.label"
    headless.click(card)
    headless.press("7")
    assert headless.wait_for(named) == "7"
    headless.press("z", CONTROL)
    headless.wait_for(f"{named} === undefined")
    assert headless.complaints == []


def test_a_drawn_digit_is_recognised(headless):
    visit(headless, "recognize")
    headless.drag("[data-testid=draw-canvas]", (0.3, 0.25), (0.7, 0.25), (0.45, 0.8))
    answer = "document.querySelector('[data-testid=prediction]').dataset.cluster"
    assert int(headless.wait_for(answer)) in range(10)
    assert headless.complaints == []


def test_without_webgl2_the_map_is_drawn_on_a_plain_canvas(headless):
    visit(headless, "explore")
    assert headless.evaluate("document.querySelector('[data-testid=map]').dataset.renderer") == "2d"
    assert drawn_share(headless) > 0.02
    assert headless.complaints == []


def test_with_webgl2_the_map_can_be_drawn_by_it(on_screen):
    visit(on_screen, "explore?draw=webgl2")  # Mesa emulates it, so it is not taken by itself
    renderer = on_screen.evaluate("document.querySelector('[data-testid=map]').dataset.renderer")
    assert renderer == "webgl2"
    assert drawn_share(on_screen) > 0.02
    assert on_screen.complaints == []
