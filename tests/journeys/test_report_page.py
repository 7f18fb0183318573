"""report.html in Chromium: it asks nobody, fits a phone, can be read by everybody, and prints."""

from __future__ import annotations

import pytest
from threadpoolctl import threadpool_limits

import inkmeans
from inkmeans.experiment import RunOptions, run_experiment
from inkmeans.report.run_folder import write_run_folder

pytestmark = pytest.mark.browser

# Colour of each text and of what lies behind it, as the browser has worked them out.
CONTRASTS = """
() => {
  const channels = color => (color.match(/[\\d.]+/g) || []).map(Number);
  const luminance = color => {
    const [r, g, b] = channels(color).slice(0, 3).map(v => {
      v /= 255;
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      const [, , , alpha = 1] = channels(color);
      if (alpha > 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !element.getClientRects().length) continue;
    const [a, b] = [getComputedStyle(element).color, behind(element)].map(luminance);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([ratio, element.textContent.trim().slice(0, 40)]);
  }
  return found;
}
"""

# What sticks out of the window, unless a box around it scrolls.
OVERFLOWING = """
() => [...document.querySelectorAll("main *, header *, footer *")]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, .card"))
  .map(e => e.tagName + " " + e.textContent.trim().slice(0, 40))
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    digits = inkmeans.load("mnist")
    test = slice(digits.n_train, digits.n_train + 300)
    dataset = (
        (digits.images[:1200], digits.labels[:1200]),
        (digits.images[test], digits.labels[test]),
    )
    options = RunOptions(
        dataset,
        clusters=(10, 48),
        features=("pixels",),
        reduce="pca:16",
        algorithm="sklearn-minibatch-kmeans",
    )
    with threadpool_limits(1):
        contents = run_experiment(options)
    return write_run_folder(contents, tmp_path_factory.mktemp("results")) / "report.html"


@pytest.fixture
def opened(browser, report):
    """Opens the report in a window, and keeps all that the page asked for and complained of."""
    contexts = []

    def opened(width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 844}, **options)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.complaints = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(report.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


def unfold(page):
    page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true })")


def test_nothing_is_asked_of_anybody(opened, report):
    page = opened()
    unfold(page)
    page.wait_for_timeout(300)
    outside = [url for url in page.asked if not url.startswith("data:")]
    assert outside == [report.as_uri()]
    assert page.complaints == []


def test_every_picture_is_shown(opened):
    page = opened()
    unfold(page)
    page.wait_for_function("() => [...document.images].every(image => image.complete)")
    sizes = page.evaluate("() => [...document.images].map(i => [i.naturalWidth, i.width])")
    assert len(sizes) > 10
    assert all(natural > 0 and shown > 200 for natural, shown in sizes)


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_the_page_is_never_wider_than_the_window(opened, width):
    page = opened(width)
    unfold(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert page.evaluate(OVERFLOWING) == []


def test_wide_tables_scroll_in_their_box_and_keep_their_first_column(opened):
    page = opened(360)
    box = page.locator("#scores .scroll").first
    before = box.locator("th[scope=row]").first.bounding_box()["x"]
    box.evaluate("box => { box.scrollLeft = 200 }")
    assert box.evaluate("box => box.scrollLeft") == 200
    assert abs(box.locator("th[scope=row]").first.bounding_box()["x"] - before) < 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(opened, scheme):
    page = opened(color_scheme=scheme)
    unfold(page)
    faint = [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5]
    assert faint == []


def test_light_and_dark_differ_and_pictures_stay_on_white(opened):
    grounds = {}
    for scheme in ("light", "dark"):
        page = opened(color_scheme=scheme)
        grounds[scheme] = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        card = page.locator(".card").first
        assert card.evaluate("c => getComputedStyle(c).backgroundColor") == "rgb(255, 255, 255)"
    assert grounds["light"] != grounds["dark"]


def test_print_holds_what_the_screen_folds(opened):
    page = opened()
    page.emulate_media(media="print")
    folded = page.locator("details img").last
    assert folded.evaluate("i => i.checkVisibility({contentVisibilityAuto: true})")
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    unfold(page)
    page.emulate_media(media="print")
    assert abs(len(page.pdf(prefer_css_page_size=True)) - len(pdf)) < 0.05 * len(pdf)


def test_it_can_be_used_by_keyboard(opened):
    page = opened(390)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Skip to the result"
    summary = page.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert summary.evaluate("s => s.parentElement.open")


def test_the_page_is_small_enough_to_send(report):
    assert report.stat().st_size < 8 * 2**20
