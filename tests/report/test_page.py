"""report.html: one page, whole, escaped, without an address that it would ask."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from inkmeans.report.highlights import highlight
from inkmeans.report.page import render_page
from inkmeans.report.provenance import describe_run

VOID = {"meta", "link", "img", "br", "hr"}


class Outline(HTMLParser):
    """Collects what the tests ask about, and checks that elements are closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.elements, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)

    def named(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def outline(html):
    parser = Outline()
    parser.feed(html)
    assert parser.open == []
    return parser


def page_of(contents):
    described = describe_run(contents, datetime(2026, 11, 24, 10, 15, tzinfo=UTC))
    return render_page(contents, highlight(contents), {}, described)


@pytest.fixture(scope="module")
def page(folder):
    return outline((folder / "report.html").read_text(encoding="utf-8"))


def test_every_picture_is_in_the_page_and_described(page, folder):
    images = page.named("img")
    assert len(images) == len(list((folder / "figures").glob("*.png")))
    for image in images:
        assert image["src"].startswith(("data:image/svg+xml;base64,", "data:image/png;base64,"))
        assert len(image["alt"]) > 20
        assert int(image["width"]) > 200


def test_the_page_points_nowhere_but_to_itself(page):
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    for tag, attributes in page.elements:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            target = attributes.get(name)
            if target is not None:
                assert target.startswith("data:") or target.removeprefix("#") in ids, (tag, target)


def test_there_is_no_script_and_a_policy_that_forbids_requests(page):
    assert page.named("script") == []
    (policy,) = [m["content"] for m in page.named("meta") if "http-equiv" in m]
    assert policy.startswith("default-src 'none'")


def test_headings_come_in_order(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_headers_of_tables_say_what_they_head(page):
    assert page.named("html")[0]["lang"] == "en"
    assert all("scope" in header for header in page.named("th"))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert all(table["aria-labelledby"] in ids for table in page.named("table"))


def test_the_uses_of_labels_are_marked(page):
    text = " ".join(page.text)
    for use in ("no labels used", "labels compared with clusters", "labels used to name clusters"):
        assert use in text


def test_the_page_says_what_is_missing(unlabelled):
    text = " ".join(outline(page_of(unlabelled)).text)
    assert "The data set has no labels." in text
    assert "no test part" in text
    assert "Each class" not in text


def test_names_from_outside_are_escaped(contents):
    evil = "<script>alert(1)</script>\"'&"
    source = replace(contents.digits.source, name=evil, licence=evil, address=evil)
    names = (evil, *contents.digits.names[1:])
    digits = replace(contents.digits, source=source, names=names)
    runs = tuple(replace(run, name=evil + run.name, dataset=evil) for run in contents.runs)
    html = page_of(replace(contents, digits=digits, runs=runs, config={evil: evil}))
    page = outline(html)
    assert page.named("script") == []
    assert evil in "".join(page.text)


def test_the_same_contents_give_the_same_page(contents):
    assert page_of(contents) == page_of(contents)
