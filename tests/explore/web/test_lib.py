"""Modules that pages share, called in a page: bits, protocol, store, keys, formats, colours."""

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from inkmeans.explore import protocol

pytestmark = pytest.mark.browser

VECTORS = json.loads(
    (Path(__file__).parents[1] / "protocol_vectors.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", VECTORS["bitsets"], ids=lambda v: f"n={v['n']}")
def test_a_bitset_is_that_of_the_vectors(call, vector):
    bits = call("lib/bitset.js", "(m, [n, all]) => [...m.bitsOf(n, all)]",
                [vector["n"], vector["indices"]])  # fmt: skip
    assert len(bits) == vector["bytes"]
    assert bytes(bits) == protocol.to_bitset(np.isin(np.arange(vector["n"]), vector["indices"]))
    members = call("lib/bitset.js", "(m, bits) => [...m.membersOf(new Uint8Array(bits))]", bits)
    assert members == vector["indices"]
    count = call("lib/bitset.js", "(m, bits) => m.countBits(new Uint8Array(bits))", bits)
    assert count == len(vector["indices"])


@pytest.mark.parametrize(
    ("how", "expected"), [("replace", [2, 3]), ("add", [0, 2, 3]), ("remove", [0])]
)
def test_a_lasso_replaces_adds_or_removes(call, how, expected):
    code = """(m, how) =>
        [...m.membersOf(m.combine(m.bitsOf(9, [0, 2]), m.bitsOf(9, [2, 3]), how))]"""
    assert call("lib/bitset.js", code, how) == expected


def test_removing_from_nothing_leaves_nothing(call):
    assert (
        call("lib/bitset.js", "(m) => m.countBits(m.combine(null, m.bitsOf(9, [1]), 'remove'))")
        == 0
    )


def test_the_codes_are_those_of_the_vectors(call):
    codes = call("lib/protocol.js", "(m) => [m.VERSION, m.NO_LABEL, m.EXCLUDED, m.NO_CLUSTER]")
    assert codes == [VECTORS["version"], *(VECTORS["codes"][key] for key in
                     ("no_label", "excluded", "no_cluster"))]  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS["atlases"], ids=lambda v: f"n={v['n']}")
def test_a_thumbnail_is_where_the_server_puts_it(call, vector):
    names = ("n", "width", "height", "columns", "rows", "band_rows", "bands")
    atlas = {name: vector[name] for name in names}
    for index in {0, vector["n"] // 2, vector["n"] - 1}:
        place = call("lib/protocol.js", "(m, [atlas, i]) => m.placeOf(atlas, i)", [atlas, index])
        row, column = divmod(index, atlas["columns"])
        assert place["x"] == column * atlas["width"]
        assert place["y"] + place["band"] * atlas["band_rows"] * atlas["height"] == (
            row * atlas["height"]
        )
        assert 0 <= place["band"] < atlas["bands"]


def test_a_thumbnail_is_cut_out_of_its_band(call):
    atlas = {"n": 6, "width": 2, "height": 3, "columns": 3, "rows": 2, "band_rows": 2, "bands": 1}
    texture = np.arange(6 * 6).reshape(6, 6)
    code = "(m, [atlas, band]) => [...m.cut(atlas, new Uint8Array(band), 4)]"
    cut = call("lib/protocol.js", code, [atlas, texture.ravel().tolist()])
    assert cut == texture[3:6, 2:4].ravel().tolist()


def test_a_store_calls_each_reader_once_for_many_changes(call):
    code = """async (m) => {
        const store = m.createStore({ a: 1, b: 2, c: 3 });
        const seen = [];
        store.on(["a", "b"], (now) => seen.push([now.a, now.b]));
        const end = store.on(["c"], () => seen.push("c"));
        store.set({ a: 5 }); store.set({ b: 6 }); store.set({ a: 7 });
        await null; await null;
        store.set({ a: 7 });
        await null; await null;
        end(); store.set({ c: 4 });
        await null; await null;
        return seen;
    }"""
    assert call("lib/store.js", code) == [[7, 6]]


def test_of_many_questions_the_newest_is_asked(call):
    code = """async (m) => {
        const asked = [];
        let running = 0, most = 0;
        const send = m.newestOnly(async (q) => {
          most = Math.max(most, ++running);
          asked.push(q);
          await new Promise((done) => setTimeout(done, 5));
          running--;
        });
        for (let i = 0; i < 9; i++) send(i);
        await new Promise((done) => setTimeout(done, 40));
        return [asked, most];
    }"""
    assert call("lib/newest.js", code) == [[0, 8], 1]


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ({"key": "7"}, "7"),
        ({"key": "Z", "ctrlKey": True}, "mod+z"),
        ({"key": "Z", "metaKey": True, "shiftKey": True}, "mod+shift+z"),
        ({"key": "?", "shiftKey": True}, "?"),
        ({"key": "3", "altKey": True}, "alt+3"),
        ({"key": "Escape"}, "escape"),
    ],
)
def test_keys_are_named_alike_on_all_systems(call, event, name):
    assert (
        call("lib/keyboard.js", "(m, e) => m.keyOf(new KeyboardEvent('keydown', e))", event) == name
    )


def test_keys_typed_into_a_field_are_left_alone(call):
    code = """(m) => ["text", "number", "checkbox", "range"].map((type) => {
        const input = document.createElement("input");
        input.type = type;
        return m.takesText(input);
    })"""
    assert call("lib/keyboard.js", code) == [True, True, False, False]


@pytest.mark.parametrize(
    ("call_of", "text"),
    [
        ("whole(70000)", "70,000"),
        ("percent(0.9344)", "93.4 %"),
        ("percent(0.99999)", "99.9 %"),
        ("percent(0.00001)", "< 0.1 %"),
        ("percent(0.00001, 0)", "< 1 %"),
        ("percent(1)", "100.0 %"),
        ("percent(null)", "–"),
        ("plural(1, 'image')", "1 image"),
        ("plural(2, 'copy', 'copies')", "2 copies"),
        ("duration(2.34)", "2.3 s"),
        ("duration(75)", "1 min 15 s"),
        ("duration(4000)", "1 h 6 min"),
        ("bytes(4100000)", "4.1 MB"),
        ("decimal(0.56371)", "0.564"),
        ("decimal(NaN)", "–"),
    ],
)
def test_numbers_are_written_as_people_read_them(call, call_of, text):
    assert call("lib/format.js", f"(m) => m.{call_of}") == text


def luminance(color):
    parts = [v / 255 for v in color]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return np.dot(linear, [0.2126, 0.7152, 0.0722])


# Machado et al. (2009), severity 1: what people without red or green cones see, in linear light.
BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def lab(linear):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.clip(xyz @ linear / [0.9505, 1.0, 1.089], 0, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_classes_can_be_told_apart_by_colour_blind_people(call, theme):
    code = "(m, theme) => Array.from({ length: 10 }, (_, i) => m.classColor(i, theme))"
    colors = np.array(call("lib/palette.js", code, theme)) / 255
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    for matrix in [np.eye(3), *map(np.array, BLINDNESS.values())]:
        seen = [lab(np.clip(matrix @ color, 0, 1)) for color in linear]
        least = min(math.dist(a, b) for i, a in enumerate(seen) for b in seen[:i])
        assert least > 20


@pytest.mark.parametrize(("theme", "paper"), [("light", (255, 255, 255)), ("dark", (23, 26, 33))])
def test_classes_stand_out_from_the_map(call, theme, paper):
    code = "(m, theme) => Array.from({ length: 10 }, (_, i) => m.classColor(i, theme))"
    for color in call("lib/palette.js", code, theme):
        a, b = luminance(color), luminance(paper)
        assert (max(a, b) + 0.05) / (min(a, b) + 0.05) > 2.6


def test_the_scale_grows_lighter_step_by_step(call):
    code = "(m) => Array.from({ length: 20 }, (_, i) => m.scaleColor(i / 19, 'dark'))"
    lights = [luminance(color) for color in call("lib/palette.js", code)]
    assert all(a < b for a, b in pairwise(lights))


def test_what_has_no_value_has_a_colour_of_its_own(call):
    code = (
        "(m) => [[...m.classIndices([0, 9, 254, 255], 254)], [...m.scaleIndices([0, 1, NaN, 2])]]"
    )
    assert call("lib/palette.js", code) == [[0, 9, 255, 255], [0, 254, 255, 254]]


@pytest.mark.parametrize(
    ("confidence", "said"),
    [
        (1, "surely 9"),
        (0.6, "surely 9"),
        (0.5, "9 rather than 4"),
        (0.2, "9 rather than 4"),
        (0, "torn between 9 and 4"),
        (None, ""),
    ],
)
def test_confidence_is_said_in_words(call, confidence, said):
    assert call("lib/format.js", "(m, c) => m.verdict(c, '9', '4')", confidence) == said


def test_addresses_lead_to_their_pages(call):
    code = "(m, paths) => paths.map((path) => m.routeOf(path).name)"
    paths = ["/label", "/recognize/", "/", "/nonsense"]
    assert call("lib/routes.js", code, paths) == ["label", "recognize", "explore", "explore"]


def test_a_page_that_is_not_left_after_all_hears_the_server_again(page, call):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    code = "(m) => { window.hangUp = m.listen('/the-events', {}, () => {}) }"
    call("lib/api.js", code)
    page.evaluate("() => dispatchEvent(new Event('beforeunload'))")
    with page.expect_request("**/the-events"):  # 2 s later
        pass
    assert sum(url.endswith("/the-events") for url in asked) == 2
    page.evaluate("() => { hangUp(); dispatchEvent(new Event('beforeunload')) }")
