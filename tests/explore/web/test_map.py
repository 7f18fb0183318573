"""The map: camera, picking, lasso and atlas against slow references; both painters on a canvas."""

import numpy as np
import pytest

pytestmark = pytest.mark.browser

CAMERA = {"x": 3.0, "y": -2.0, "scale": 40.0, "width": 640, "height": 480}


def points(n, seed=0):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, 2)).astype(np.float32)


def inside(polygon, place):
    """Say whether a point lies in a polygon, by the angle that it is seen under."""
    around = polygon - place
    angles = np.arctan2(around[:, 1], around[:, 0])
    turns = np.diff(angles, append=angles[:1])
    return abs(np.sum((turns + np.pi) % (2 * np.pi) - np.pi)) > np.pi


def test_there_and_back_is_the_same_place(call):
    code = "(m, c) => m.toData(c, ...m.toScreen(c, 1.25, 0.5))"
    assert call("map/camera.js", code, CAMERA) == pytest.approx([1.25, 0.5])


def test_zooming_keeps_what_is_under_the_pointer(call):
    code = """(m, c) => {
        const before = m.toData(c, 100, 50);
        const after = m.toData(m.zoomAt(c, 3, 100, 50, 20), 100, 50);
        return [before, after];
    }"""
    before, after = call("map/camera.js", code, CAMERA)
    assert after == pytest.approx(before)


@pytest.mark.parametrize("right", [0, 44])
def test_fitting_shows_every_point_beside_the_tools(call, right):
    data = points(200)
    code = """(m, [all, right]) => {
        const positions = new Float32Array(all);
        const camera = m.fit(m.boundsOf(positions), 300, 200, 24, right);
        return Array.from({ length: all.length / 2 }, (_, i) =>
          m.toScreen(camera, positions[2 * i], positions[2 * i + 1]));
    }"""
    screen = np.array(call("map/camera.js", code, [data.ravel().tolist(), right]))
    assert (screen >= 24 - 1e-3).all()
    assert (screen <= [276 - right + 1e-3, 176 + 1e-3]).all()


def test_panning_never_loses_the_points(call):
    code = "(m, c) => m.pan(c, 1e6, -1e6, { left: 0, right: 1, bottom: 0, top: 1 })"
    camera = call("map/camera.js", code, CAMERA)
    assert (camera["x"], camera["y"]) == (0, 0)


@pytest.mark.parametrize("n", [1, 7, 3000])
def test_the_nearest_point_is_that_of_a_plain_search(call, n):
    data = points(n)
    asked = points(40, seed=1)
    code = """(m, [all, asked, radius]) => {
        const grid = m.buildGrid(new Float32Array(all));
        return asked.map(([x, y]) => m.nearest(grid, x, y, radius));
    }"""
    found = call("map/picking.js", code, [data.ravel().tolist(), asked.tolist(), 0.2])
    for place, index in zip(asked, found, strict=True):
        distances = np.linalg.norm(data.astype(float) - place, axis=1)
        assert (index == -1) == (distances.min() > 0.2)
        if index >= 0:
            assert distances[index] == pytest.approx(distances.min())


@pytest.mark.parametrize("seed", range(5))
def test_a_polygon_holds_the_points_of_a_plain_test(call, seed):
    data = points(4000, seed)
    generator = np.random.default_rng(seed)
    angles = np.sort(generator.uniform(0, 2 * np.pi, 30))
    polygon = np.c_[np.cos(angles), np.sin(angles)] * generator.uniform(0.2, 1.6, (30, 1))
    polygon = polygon.astype(np.float32)
    code = """(m, [all, polygon]) =>
        [...m.inPolygon(m.buildGrid(new Float32Array(all)), new Float32Array(polygon))]"""
    bits = call("map/picking.js", code, [data.ravel().tolist(), polygon.ravel().tolist()])
    found = np.unpackbits(np.array(bits, np.uint8), bitorder="little")[: len(data)].astype(bool)
    expected = np.array([inside(polygon.astype(float), place) for place in data.astype(float)])
    assert (found == expected).all()
    assert 0 < found.sum() < len(data)


def test_a_box_holds_its_points_unless_they_are_too_many(call):
    data = points(500)
    code = """(m, all) => {
        const grid = m.buildGrid(new Float32Array(all));
        const box = { left: -0.5, right: 0.5, bottom: -1, top: 0.25 };
        return [m.inBox(grid, box), m.inBox(grid, box, 3)];
    }"""
    found, too_many = call("map/picking.js", code, data.ravel().tolist())
    x, y = data.T
    expected = np.flatnonzero((abs(x) <= 0.5) & (y >= -1) & (y <= 0.25))
    assert sorted(found) == expected.tolist()
    assert too_many is None


def test_a_lasso_keeps_its_shape_with_128_corners(call):
    angles = np.linspace(0, 2 * np.pi, 1500, endpoint=False)
    path = np.c_[300 + 200 * np.cos(angles), 200 + 100 * np.sin(angles)]
    code = "(m, path) => [...m.simplify(path)]"
    corners = np.array(call("map/lasso.js", code, path.ravel().tolist())).reshape(-1, 2)
    assert len(corners) == 128

    def area(p):
        return abs(np.dot(p[:, 0], np.roll(p[:, 1], 1)) - np.dot(p[:, 1], np.roll(p[:, 0], 1))) / 2

    assert area(corners) == pytest.approx(area(path), rel=0.002)
    assert {tuple(c) for c in corners.round(3)} <= {tuple(c) for c in path.round(3)}


@pytest.mark.parametrize(
    ("keys", "mode"), [({}, "replace"), ({"shiftKey": True}, "add"), ({"altKey": True}, "remove")]
)
def test_shift_adds_and_alt_removes(call, keys, mode):
    event = {"shiftKey": False, "altKey": False, **keys}
    assert call("map/lasso.js", "(m, event) => m.modeOf(event)", event) == mode


def test_pictures_keep_their_slots_while_they_are_seen(call):
    code = """(m) => {
        const slots = new m.Slots(3);
        const loads = [];
        const load = (point, slot) => point !== 9 && loads.push([point, slot]) > 0;
        const seen = [[1, 2], [2, 3], [2, 4], [9]].map((all) => [...slots.place(all, load)]);
        return [...seen, loads];
    }"""
    first, second, third, missing, loads = call("map/atlas.js", code)
    assert (first, second, missing) == ([0, 1], [1, 2], [-1])
    assert third == [1, 0]  # the picture that was not seen for longest made room
    assert loads == [[1, 0], [2, 1], [3, 2], [4, 0]]


def test_points_in_focus_are_drawn_last_and_none_is_lost(call):
    code = "(m, step) => [...m.drawingOrder(new Uint8Array([1, 0, 0, 1, 0, 1, 0]), step)]"
    assert call("map/points.js", code, 1) == [1, 2, 4, 6, 5, 3, 0]
    assert call("map/points.js", code, 3) == [6, 3, 0]


def test_signs_do_not_cover_each_other(call):
    code = "(m) => m.spread([[10, 10], [12, 10], [11, 30], [300, 40]], 34)"
    places = call("map/overlay.js", code)
    assert places[3] == [300, 40]
    for i, (x, y) in enumerate(places):
        for u, v in places[:i]:
            assert max(abs(x - u), abs(y - v)) > 32


DRAWN = """async (m, kind) => {
    const element = document.createElement("div");
    element.style.cssText = "position: relative; width: 300px; height: 200px";
    document.body.replaceChildren(element);
    const map = new m.DigitMap(element, {}, { draw: kind === "2d" ? "2d" : "webgl2" });
    const positions = new Float32Array(2 * 400);
    for (let i = 0; i < 400; i++) positions.set([i % 20, Math.floor(i / 20)], 2 * i);
    map.setPositions(positions);
    const palette = new Uint8Array(1024);
    palette.set([200, 0, 0, 255, 0, 0, 200, 255]);
    map.setColors(new Uint8Array(400).map((_, i) => i % 2), palette);
    map.setPictures([2, 2], () => new Uint8Array([255, 255, 255, 255]));
    const colors = () => {
      map.draw(); // what WebGL has drawn is there until the task ends
      const copy = document.createElement("canvas");
      copy.width = 300; copy.height = 200;
      const context = copy.getContext("2d");
      context.drawImage(map.canvas, 0, 0, 300, 200);
      const { data } = context.getImageData(0, 0, 300, 200);
      let [red, blue] = [0, 0];
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] > 60 && data[i] > 100 && data[i + 2] < 90) red++;
        if (data[i + 3] > 60 && data[i + 2] > 100 && data[i] < 90) blue++;
      }
      return [red, blue];
    };
    const all = colors();
    map.setFocus(new Uint8Array(50).fill(0b01010101));
    const focused = colors();
    map.setFocus(null);
    map.zoom(4);
    const digits = [map.showsDigits, ...colors()];
    const answer = { kind: map.kind, all, focused, digits };
    if (kind === "lost") {
      const context = map.canvas.getContext("webgl2");
      const lose = context.getExtension("WEBGL_lose_context");
      map.fit();
      const restored = new Promise((done) => map.canvas.addEventListener("painter-restored", done));
      lose.loseContext();
      map.draw();
      await new Promise((done) => setTimeout(done, 50));
      lose.restoreContext();
      await restored;
      answer.again = colors();
    }
    map.destroy();
    return answer;
}"""


@pytest.mark.parametrize("kind", ["webgl2", "2d"])
def test_points_are_drawn_put_in_focus_and_become_digits(call, kind):
    seen = call("map/map.js", DRAWN, kind)
    assert seen["kind"] == kind
    assert min(seen["all"]) > 400
    assert seen["focused"][0] > 400  # points of even number: red
    assert seen["focused"][1] < 0.1 * seen["all"][1]
    shows_digits, red, blue = seen["digits"]
    assert shows_digits
    assert min(red, blue) > 2000


def test_the_map_is_drawn_again_after_the_context_was_lost(call):
    seen = call("map/map.js", DRAWN, "lost")
    assert seen["again"] == pytest.approx(seen["all"], rel=0.1)


def test_a_map_at_rest_draws_nothing(call):
    code = """async (m) => {
        const element = document.createElement("div");
        element.style.cssText = "position: relative; width: 300px; height: 200px";
        document.body.replaceChildren(element);
        const map = new m.DigitMap(element);
        map.setPositions(new Float32Array([0, 0, 1, 1]));
        for (let i = 0; i < 5; i++) map.invalidate();
        const frame = () => new Promise((done) => requestAnimationFrame(done));
        for (let i = 0; i < 4; i++) await frame();
        const before = map.frames;
        for (let i = 0; i < 6; i++) await frame();
        const after = map.frames;
        map.destroy();
        return [before, after];
    }"""
    before, after = call("map/map.js", code)
    assert 0 < before == after
