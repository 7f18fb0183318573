"""What pages work out by themselves: orders, targets, k-means; and rules that all modules keep."""

import re
from graphlib import TopologicalSorter
from pathlib import Path

import numpy as np
import pytest

import inkmeans
import inkmeans.explore
from inkmeans.engine import reference

pytestmark = pytest.mark.browser

WEB = Path(inkmeans.explore.__file__).parent / "web"
MODULES = sorted(WEB.rglob("*.js"))
TEXTS = {file: file.read_text(encoding="utf-8") for file in MODULES}
IMPORT = re.compile(r"""(?:from\s+|import\(|^import\s+)["'](\.[^"']+)["']""", re.MULTILINE)


def code_of(text):
    """Give a module without its comments, where types are imported as one pleases."""
    return re.sub(r"/\*.*?\*/|^\s*//.*$", "", text, flags=re.DOTALL | re.MULTILINE)


def imports(file):
    return {(file.parent / name).resolve() for name in IMPORT.findall(code_of(TEXTS[file]))}


def test_modules_import_only_what_is_there_and_without_cycles():
    graph = {file: imports(file) for file in MODULES}
    assert all(target in TEXTS for targets in graph.values() for target in targets)
    TopologicalSorter(graph).prepare()  # raises where there is a cycle


def test_parts_of_the_page_know_only_what_lies_below_them():
    below = {"lib": {"lib"}, "map": {"lib", "map"}, "shell": {"lib", "shell"}}
    for file in MODULES:
        part = file.relative_to(WEB).parts
        if part[0] == "pages":
            allowed = {("lib",), ("map",), part[:2]}
        elif part[0] in below:
            allowed = {(name,) for name in below[part[0]]}
        else:
            continue  # app.js knows all
        for target in imports(file):
            other = target.relative_to(WEB).parts
            assert any(other[: len(way)] == way for way in allowed), (file.name, other)


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(WEB).as_posix())
def test_a_module_is_checked_short_and_plain(file):
    text = TEXTS[file]
    assert text.startswith("// @ts-check\n")
    assert len(text.splitlines()) <= 400
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    if file.relative_to(WEB).as_posix() != "lib/api.js":
        assert not re.search(r"\bfetch\(|EventSource|XMLHttpRequest|sendBeacon|WebSocket", text)


def test_the_document_has_no_script_or_style_of_its_own():
    document = (WEB / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|style=|\son\w+=|https?:", document)
    for name in re.findall(r"""(?:src|href)="/web/([^"]+)\"""", document):
        assert (WEB / name).is_file()


@pytest.mark.parametrize("by", ["typical", "outlier", "borderline", "index"])
@pytest.mark.parametrize("chosen", [False, True])
def test_images_are_put_in_order(call, by, chosen):
    generator = np.random.default_rng(3)
    n = 700
    distance = generator.random(n).astype(np.float32).round(2)  # with ties
    confidence = generator.random(n).astype(np.float32)
    members = np.flatnonzero(generator.random(n) < 0.4) if chosen else np.arange(n)
    code = """async (m, [n, members, by, distance, confidence]) => {
        const { bitsOf } = await import("/web/lib/bitset.js");
        const floats = (all) => Float32Array.from(all);
        const fields = { distance: floats(distance), confidence: floats(confidence) };
        return [...m.orderOf(members && bitsOf(n, members), n, by, fields)];
    }"""
    order = call(
        "pages/explore/selection.js",
        code,
        [n, members.tolist() if chosen else None, by, distance.tolist(), confidence.tolist()],
    )
    keys = {"typical": distance, "outlier": -distance, "borderline": confidence, "index": members}
    key = keys[by] if by == "index" else keys[by][members]
    assert order == members[np.argsort(key, kind="stable")].tolist()


@pytest.mark.parametrize(
    ("look", "kind"),
    [
        ("{ filter: { kind: 'all' }, picked: new Set() }", None),
        ("{ filter: { kind: 'cluster', cluster: 3 }, picked: new Set() }", "cluster"),
        ("{ filter: { kind: 'cluster', cluster: 3 }, picked: new Set([1]) }", "images"),
        ("{ filter: { kind: 'bits', bits: new Uint8Array(2) }, picked: new Set() }", "images"),
    ],
)
def test_a_key_labels_what_was_chosen_last(call, look, kind):
    code = f"(m) => m.targetOf({look}, 9)?.kind ?? null"
    assert call("pages/explore/selection.js", code) == kind


def test_the_steps_of_the_lesson_are_those_of_the_engine(call):
    digits = inkmeans.load("digits")
    rows = digits.images[:120].reshape(120, -1).astype(np.float64)
    centroids = rows[[0, 5, 9, 60]]
    code = """(m, [rows, n, d, start]) => {
        const sample = { rows: Float32Array.from(rows), n, d };
        let centroids = Float32Array.from(start);
        const steps = [];
        for (let i = 0; i < 6; i++) {
          const { labels, inertia } = m.assign(sample, centroids);
          centroids = m.update(sample, centroids, labels);
          const after = m.inertiaOf(sample, centroids, labels);
          steps.push([[...labels], inertia, [...centroids], after]);
        }
        return steps;
    }"""
    steps = call(
        "pages/learn/kmeans.js", code, [rows.ravel().tolist(), 120, 64, centroids.ravel().tolist()]
    )
    last = np.inf
    for labels, inertia, moved, after in steps:
        squared = ((rows[:, None] - centroids[None]) ** 2).sum(axis=2)
        assert labels == squared.argmin(axis=1).tolist()
        assert inertia == pytest.approx(squared.min(axis=1).sum(), rel=1e-5)
        sums, counts = reference.cluster_sums(rows, np.array(labels), 4)[:2]
        centroids = np.array(moved).reshape(4, 64)
        np.testing.assert_allclose(centroids, sums / counts[:, None], atol=1e-4)
        assert after <= inertia <= last
        last = after


def test_a_centroid_that_no_image_chose_stays(call):
    code = """(m) => {
        const sample = { rows: new Float32Array([0, 0, 2, 2]), n: 2, d: 2 };
        const centroids = new Float32Array([1, 1, 90, 90]);
        return [...m.update(sample, centroids, m.assign(sample, centroids).labels)];
    }"""
    assert call("pages/learn/kmeans.js", code) == [1, 1, 90, 90]


def test_a_centroid_goes_where_it_is_moved_on_the_plane(call):
    code = """(m) => {
        const plane = m.planeOf(new Float32Array([100, 100, 100, 1, 0, 0, 0, 0.6, 0.8]));
        return m.project(plane, m.imageAt(plane, 12, -30));
    }"""
    assert call("pages/learn/kmeans.js", code) == pytest.approx([12, -30], abs=1e-3)
