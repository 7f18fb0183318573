"""The protocol: every address answers as the design note says, to real requests."""

import base64
import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import inkmeans
from inkmeans.explore import protocol
from inkmeans.explore.models import find_model
from inkmeans.recognise.calibration import to_probabilities

NOTE = Path(__file__).parents[2] / "docs" / "design" / "explorer-protocol.md"
DIGITS = inkmeans.load("digits")


def names(record):
    return {field.name for field in fields(record)}


def test_every_address_is_documented(shared):
    text = NOTE.read_text(encoding="utf-8")
    addresses = {re.sub(r":int|:path", "", route.path) for route in shared.client.app.routes} - {
        "/",
        "/favicon.ico",
        "/web/{path}",
    }
    short = {
        "/api/export/{name}": "/api/export/labels.csv",
        "/api/compare.{kind}": "/api/compare.csv",
    }

    def stands(address):
        address = short.get(address, address).replace("{upload}", "{id}").replace("{job}", "{id}")
        if address in text:
            return True
        *_, last = address.split("/")  # "/a/b", `.../c` in a table
        return f".../{last}`" in text or f"`{last}`" in text

    lost = [a for a in addresses if not stands(re.sub(r"fields/\{field\}", "fields/label", a))]
    assert lost == []


def test_the_state_is_that_of_its_record(shared):
    state = shared.state
    assert set(state) == names(protocol.State)
    assert state["status"] == "ready"
    assert state["version"] == protocol.VERSION
    assert set(state["dataset"]) == names(protocol.DatasetInfo)
    assert state["dataset"]["n"] == 1797
    assert state["classes"] == list("0123456789")
    assert [set(run) for run in state["runs"]] == [names(protocol.RunInfo)] * 2
    assert [run["preset"] for run in state["runs"]] == ["fast", "balanced"]
    assert [run["name"] for run in state["runs"]] == [
        "fast (recogniser), k=10",
        "balanced (recogniser), k=10",
    ]
    assert state["run"] == 1
    assert [set(each) for each in state["maps"]] == [names(protocol.MapInfo)] * 2
    assert state["map"] == 2  # the better one, at a later start
    assert set(state["labels"]) == names(protocol.LabelCounts)
    assert set(state["undo"]) == names(protocol.History)


def test_scores_say_what_they_are_measured_on(shared):
    run = shared.state["runs"][1]
    assert run["scored_on"] == "all"  # these digits have no test part
    assert 0.5 < run["scores"]["majority_accuracy"] <= 1
    assert run["scores"]["silhouette"] is not None


def test_the_atlas_shows_every_image(shared):
    data = shared.state["dataset"]["id"]
    atlas = shared.json(f"/api/data/{data}/atlas")
    assert set(atlas) == names(protocol.Atlas)
    parts = [shared.get(f"/api/data/{data}/atlas/{band}").content for band in range(atlas["bands"])]
    texture = np.frombuffer(b"".join(parts), np.uint8)
    texture = texture.reshape(atlas["rows"] * 8, atlas["columns"] * 8)
    for index in (0, 5, 1000, 1796):
        y, x = index // atlas["columns"] * 8, index % atlas["columns"] * 8
        assert (texture[y : y + 8, x : x + 8] == DIGITS.images[index]).all()
    shared.get(f"/api/data/{data}/atlas/{atlas['bands']}", status=404)


def test_images_come_one_by_one_and_picked(shared):
    data = shared.state["dataset"]["id"]
    one = shared.array(f"/api/data/{data}/images/7", np.uint8)
    assert (one.reshape(8, 8) == DIGITS.images[7]).all()
    picked = shared.post(
        f"/api/data/{data}/images", content=np.array([3, 1796, 3], "<u4").tobytes()
    ).content
    found = np.frombuffer(picked, np.uint8).reshape(3, 8, 8)
    assert (found == DIGITS.images[[3, 1796, 3]]).all()
    shared.get(f"/api/data/{data}/images/1797", status=404)
    wrong = np.array([1797], "<u4").tobytes()
    shared.post(f"/api/data/{data}/images", content=wrong, status=404)
    shared.post(f"/api/data/{data}/images", content=b"123", status=400)
    shared.post(f"/api/data/{data}/images", content=bytes(4 * 4097), status=413)


def test_what_never_changes_may_be_cached_and_the_rest_not(shared):
    data = shared.state["dataset"]["id"]
    for address in (f"/api/data/{data}/atlas/0", f"/api/data/{data}/truth", "/api/maps/1/points"):
        assert "immutable" in shared.get(address).headers["cache-control"]
    for address in ("/api/state", "/api/fields/label", "/api/runs/1/clusters"):
        assert shared.get(address).headers["cache-control"] == "no-store"


def test_another_data_set_in_the_address_is_a_conflict(shared):
    assert "other images" in shared.get("/api/data/0123456789abcdef/atlas", 409).json()["message"]


def test_truth_map_and_fields_have_one_entry_an_image(shared):
    data = shared.state["dataset"]["id"]
    assert (shared.array(f"/api/data/{data}/truth", np.uint8) == DIGITS.labels).all()
    points = shared.array("/api/maps/1/points", "<f4").reshape(-1, 2)
    assert len(points) == 1797
    assert np.isfinite(points).all()
    assert points.std(axis=0).min() > 0
    types = {"cluster": "<u2", "second": "<u2", "distance": "<f4", "confidence": "<f4"}
    found = {name: shared.array(f"/api/runs/1/fields/{name}", kind) for name, kind in types.items()}
    assert {len(values) for values in found.values()} == {1797}
    assert (found["cluster"] != found["second"]).all()
    assert found["confidence"].min() >= 0
    assert found["confidence"].max() <= 1
    assert len(shared.labels()) == len(shared.array("/api/fields/source", np.uint8)) == 1797
    shared.get("/api/runs/1/fields/colour", status=404)
    shared.get("/api/fields/colour", status=404)
    shared.get("/api/runs/9/fields/cluster", status=404)


def test_a_recognisers_doubt_finds_its_mistakes(shared):
    for run in (1, 2):
        meaning = {cluster["cluster"]: cluster["truth"] for cluster in shared.clusters(run)}
        own = shared.array(f"/api/runs/{run}/fields/cluster", "<u2")
        wrong = np.array([meaning[cluster] for cluster in own.tolist()]) != DIGITS.labels
        order = np.argsort(shared.array(f"/api/runs/{run}/fields/confidence", "<f4"), kind="stable")
        assert wrong[order[:200]].sum() >= 3 * max(wrong[order[-200:]].sum(), 3)


def test_what_a_recogniser_told_stays_where_clusters_are_whole(session):
    def fields():
        kinds = {"cluster": "<u2", "second": "<u2", "confidence": "<f4"}
        return [session.array(f"/api/runs/1/fields/{name}", kind) for name, kind in kinds.items()]

    own, second, confidence = fields()
    source, target = own[confidence.argmin()], second[confidence.argmin()]
    session.post(f"/api/actions/merge?run=1&source={source}&target={target}")
    parted = next(c for c in np.unique(second) if c not in (source, target))
    session.post(f"/api/actions/split?run=1&cluster={parted}&parts=2")
    now, next_one, sure = fields()
    assert (now != next_one).all()
    one, split = np.isin(own, (source, target)), own == parted
    joined = one & np.isin(second, (source, target))
    assert joined.sum() > 5
    np.testing.assert_allclose(sure[joined], (1 + confidence[joined]) / 2, rtol=1e-6)
    np.testing.assert_array_equal(sure[~joined & ~split], confidence[~joined & ~split])
    renamed = np.where(second == source, target, second)
    same = ~joined & ~split & (second != parted)
    np.testing.assert_array_equal(next_one[same], renamed[same])
    # Of an image whose next cluster was split, the next one is now the nearer part.
    beside = ~split & (second == parted)
    assert beside.any()
    parts = np.unique(now[split])
    found, rows = session.workspace.opened().geometry(1), session.workspace.opened().straightened()
    means = found.means[np.searchsorted(found.numbers, parts)]
    far = np.square(rows[beside][:, None] - means[None], dtype=float).sum(axis=2)
    np.testing.assert_array_equal(next_one[beside], parts[far.argmin(axis=1)])


def test_the_next_cluster_is_another_one_after_merging_and_splitting_too(session):
    run = session.fit(algorithm="kmeans", n_clusters=10)

    def field(name, kind):
        return session.array(f"/api/runs/{run}/fields/{name}", kind)

    session.post(f"/api/actions/merge?run={run}&source=5&target=6")
    session.post(f"/api/actions/split?run={run}&cluster=3&parts=3")
    own, second = field("cluster", "<u2"), field("second", "<u2")
    known = [cluster["cluster"] for cluster in session.clusters(run)]
    assert (own != second).all()
    assert np.isin(second, known).all()
    # Confidence is told of these two clusters, and not of those before.
    means = session.workspace.opened().geometry(run)
    rows = session.workspace.opened().straightened()
    place = {number: at for at, number in enumerate(means.numbers.tolist())}
    far = [
        np.square(rows - means.means[[place[c] for c in which.tolist()]], dtype=float).sum(axis=1)
        for which in (own, second)
    ]
    expected = np.clip(1 - far[0] / far[1], 0, 1)
    assert np.abs(field("confidence", "<f4") - expected).max() < 1e-4


def test_disagreement_is_the_share_of_other_runs_that_place_an_image_elsewhere(session):
    session.post("/api/actions/split?run=2&cluster=3&parts=4")
    session.post("/api/actions/merge?run=2&source=5&target=6")
    first, second = (session.array(f"/api/runs/{r}/fields/cluster", "<u2") for r in (1, 2))
    meaning = {c: np.bincount(first[second == c]).argmax() for c in np.unique(second)}
    expected = np.array([meaning[c] for c in second]) != first
    assert expected.any()
    found = session.array("/api/runs/1/fields/disagreement", "<f4")
    assert (found == expected).all()


def test_clusters_agree_with_the_fields(shared):
    assigned = shared.array("/api/runs/1/fields/cluster", "<u2")
    distance = shared.array("/api/runs/1/fields/distance", "<f4")
    clusters = shared.clusters()
    assert [set(cluster) for cluster in clusters] == [names(protocol.ClusterInfo)] * 10
    assert [c["cluster"] for c in clusters] == sorted(c["cluster"] for c in clusters)
    pictures = shared.array("/api/runs/1/centroids", np.uint8).reshape(10, 8, 8)
    for cluster, picture in zip(clusters, pictures, strict=True):
        members = np.flatnonzero(assigned == cluster["cluster"])
        assert cluster["size"] == len(members)
        assert distance[cluster["medoid"]] == distance[members].min()
        truth = np.bincount(DIGITS.labels[members], minlength=10)
        assert cluster["purity"] == pytest.approx(truth.max() / len(members))
        assert cluster["truth"] == truth.argmax()
        assert np.abs(DIGITS.images[members].mean(axis=0) - picture).max() <= 0.5
    weighted = sum(c["tightness"] * c["size"] for c in clusters) / 1797
    assert weighted == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize(
    ("by", "field", "sign"),
    [("typical", "distance", 1), ("outlier", "distance", -1), ("borderline", "confidence", 1)],
)
def test_orders_sort_by_their_field(shared, by, field, sign):
    values = sign * shared.array(f"/api/runs/1/fields/{field}", "<f4")
    order = shared.array(f"/api/runs/1/order?by={by}", "<u4")
    assert sorted(order) == list(range(1797))
    assert (np.diff(values[order]) >= 0).all()
    assigned = shared.array("/api/runs/1/fields/cluster", "<u2")
    part = shared.array(f"/api/runs/1/order?by={by}&cluster=3&count=5", "<u4")
    assert (assigned[part] == 3).all()
    assert len(part) == 5
    chosen = {4, 7, 1000}
    answer = shared.post(f"/api/runs/1/order?by={by}", content=shared.bitset(chosen))
    assert set(np.frombuffer(answer.content, "<u4").tolist()) == chosen


def test_near_begins_with_the_image_itself(shared):
    order = shared.array("/api/runs/1/order?by=near&image=42&count=20", "<u4")
    assert order[0] == 42
    assert (DIGITS.labels[order] == DIGITS.labels[42]).mean() > 0.8
    shared.get("/api/runs/1/order?by=near", status=400)
    shared.get("/api/runs/1/order?by=beauty", status=400)


def test_the_queue_has_open_clusters_first(session):
    sizes = [item["size"] for item in session.json("/api/queue")["items"]]
    assert sizes == sorted(sizes, reverse=True)
    first = session.json("/api/queue")["items"][0]
    session.post(f"/api/actions/label?label=3&run=1&cluster={first['cluster']}")
    queue = session.json("/api/queue")
    assert queue["items"][-1]["cluster"] == first["cluster"]
    assert queue["items"][-1]["label"] == 3
    assert len(first["members"]) == 24
    assert first["members"][0] == first["medoid"]
    assert 0 < len(queue["borderline"]) <= 200


def test_the_menu_is_that_of_the_registries(shared):
    menu = shared.json("/api/menu")
    assert {"mnist", "digits"} <= {entry["name"] for entry in menu["datasets"]}
    assert {"kmeans", "bisecting-kmeans"} <= {entry["name"] for entry in menu["algorithms"]}
    for entries in menu.values():
        for entry in entries:
            assert entry["available"] or entry["hint"]
            assert entry["summary"].endswith(".")


def test_the_current_run_is_the_same_for_all(session):
    assert session.post("/api/current", json={"run": 2}).json()["run"] == 2
    assert session.state["run"] == 2
    session.post("/api/current", json={"run": 9}, status=404)
    session.post("/api/current", json={"map": "x"}, status=400)
    session.post("/api/current", json={}, status=400)


def test_a_digit_of_the_data_set_is_recognised(session):
    cluster = session.array("/api/runs/1/fields/cluster", "<u2")[0]
    session.post(f"/api/actions/label?label=0&run=1&cluster={cluster}")
    content = DIGITS.images[0].tobytes()
    answer = session.post("/api/recognize?width=8&height=8", content=content).json()
    assert answer["label"] == 0
    assert answer["cluster"] == cluster
    seen = np.frombuffer(base64.b64decode(answer["seen"]), np.uint8)
    assert seen.tobytes() == content
    assert (answer["height"], answer["width"]) == (8, 8)
    assert answer["neighbors"][0] == {"image": 0, "distance": 0.0, "label": 0}
    assert answer["classes"][0]["label"] == 0
    assert 0 < answer["confidence"] <= 1
    assert len(answer["clusters"]) == 5
    assert sum(c["share"] for c in answer["clusters"]) <= 1 + 1e-6
    assert len(answer["point"]) == 2
    quick = session.post("/api/recognize?width=8&height=8&neighbors=0", content=content).json()
    assert quick == {**answer, "neighbors": [], "point": None}
    some = session.post("/api/recognize?width=8&height=8&neighbors=3", content=content).json()
    assert some == {**answer, "neighbors": answer["neighbors"][:3]}


def test_a_recogniser_answers_for_its_run(session):
    images = session.workspace.opened().images
    recognizer = find_model(session.workspace.opened(), 2)
    chances = to_probabilities(recognizer.decision_function(images[:1]), recognizer.temperature_)[0]
    cluster = int(chances.argmax())
    session.post(f"/api/actions/label?label=0&run=2&cluster={cluster}")
    address = "/api/recognize?width=8&height=8&run=2"
    answer = session.post(address, content=images[0].tobytes()).json()
    assert (answer["cluster"], answer["label"]) == (cluster, 0)
    assert answer["confidence"] == pytest.approx(chances.max())
    shares = {one["cluster"]: one["share"] for one in answer["clusters"]}
    assert shares == pytest.approx({c: chances[c] for c in shares})
    reasons = recognizer.explain(images[:1], 8)[0]
    assert [one["image"] for one in answer["neighbors"]] == reasons.images.tolist()
    assert len(answer["point"]) == 2
    quick = session.post(f"{address}&neighbors=0", content=images[0].tobytes()).json()
    assert quick == {**answer, "neighbors": [], "point": None}

    # What was merged counts together, and what was split is told apart by the means.
    other = int(np.argsort(-chances)[1])
    session.post(f"/api/actions/merge?run=2&source={other}&target={cluster}")
    answer = session.post(address, content=images[0].tobytes()).json()
    assert answer["clusters"][0]["share"] == pytest.approx(chances[cluster] + chances[other])
    session.post(f"/api/actions/split?run=2&cluster={cluster}&parts=2")
    answer = session.post(address, content=images[0].tobytes()).json()
    assert answer["cluster"] in (cluster, 10)


def test_recognising_refuses_what_is_no_image(shared):
    shared.post("/api/recognize?width=8&height=8", content=bytes(63), status=400)
    shared.post("/api/recognize?width=8&height=8", content=bytes(65), status=413)
    shared.post("/api/recognize?width=0&height=8", content=b"", status=400)
    shared.post("/api/recognize?width=8", content=bytes(64), status=400)
    shared.post("/api/recognize?width=8&height=8&neighbors=9", content=bytes(64), status=400)
    shared.post("/api/recognize/file", content=b"no picture", status=400)
    blank = shared.post("/api/recognize?width=20&height=20", content=bytes(400)).json()
    assert blank["blank"]
    assert blank["cluster"] is None


def test_an_example_decides_for_its_like(session):
    image = np.kron(DIGITS.images[0], np.ones((10, 10), np.uint8)).tobytes()
    session.post("/api/examples?label=7&width=80&height=80", content=image)
    answer = session.post("/api/recognize?width=80&height=80", content=image).json()
    assert answer["label"] == 7
    assert answer["classes"][0]["label"] == 7
    assert sum(c["share"] for c in answer["classes"]) == pytest.approx(1, abs=0.01)
    session.post("/api/examples?label=7&width=20&height=20", content=bytes(400), status=400)


def test_comparisons_count_every_image_once(shared):
    table = shared.json("/api/compare")
    assert [row["runs"] for row in table["rows"]] == [[1], [2]]
    assert {score["use"] for score in table["scores"]} == {
        "no labels used",
        "labels compared with clusters",
        "labels used to name clusters",
    }
    assert table["rows"][0]["scores"]["nmi"]["mean"] > 0.5
    found = shared.json("/api/compare/table?first=1&second=2")
    counts = np.array(found["counts"])
    assert counts.sum() == 1797
    assert 0.5 < found["agreement"] <= 1
    row, column = np.unravel_index(counts.argmax(), counts.shape)
    a, b = found["first"][row], found["second"][column]
    images = shared.array(f"/api/compare/cell?first=1&second=2&row={a}&column={b}", "<u4")
    assert len(images) == counts[row, column]
    for kind in ("csv", "tex", "json"):
        answer = shared.get(f"/api/compare.{kind}")
        assert "attachment" in answer.headers["content-disposition"]
        assert "fast (recogniser), k=10" in answer.text
    shared.get("/api/compare.exe", status=404)
    shared.get("/api/compare/table?first=1&second=9", status=404)


def test_learning_steps_lower_the_inertia(shared):
    sample = shared.array("/api/learn/sample?n=100&seed=3", "<u4")
    assert len(sample) == 100
    assert (np.diff(sample.astype(int)) > 0).all()
    plane = shared.array("/api/learn/plane?n=100&seed=3", "<f4").reshape(3, 64)
    assert plane[1:] @ plane[1:].T == pytest.approx(np.eye(2), abs=1e-4)
    starts = shared.json("/api/learn/starts?n=100&seed=3&k=6")["starts"]
    assert {start["name"] for start in starts} >= {"random", "k-means++", "one-corner", "outliers"}
    rows = DIGITS.images[sample].reshape(100, -1).astype(np.float32)
    for start in starts:
        assert len(set(start["places"])) == 6
        centroids, before = rows[start["places"]], np.inf
        for _ in range(4):
            body = centroids.astype("<f4").tobytes()
            answer = shared.post("/api/learn/step?n=100&seed=3&step=assign", content=body)
            assigned = np.frombuffer(answer.content, np.uint8)
            inertia = np.square(rows - centroids[assigned]).sum()
            assert inertia <= before * (1 + 1e-6)
            before = inertia
            body += answer.content
            answer = shared.post("/api/learn/step?n=100&seed=3&step=update", content=body)
            centroids = np.frombuffer(answer.content, "<f4").reshape(6, 64)
    shared.post("/api/learn/step?n=100&step=dance", content=bytes(256), status=400)
    shared.post("/api/learn/step?n=100&step=assign", content=bytes(255), status=400)


def test_errors_have_message_and_hint(shared):
    for answer in (
        shared.get("/api/nothing", status=404),
        shared.client.put("/api/state"),
        shared.post("/api/undo", status=409),
        shared.post("/api/jobs", json={"kind": "dance"}, status=400),
        shared.post("/api/jobs", content=b"[", status=400),
        shared.post("/api/actions/label?label=77&image=3", status=400),
        shared.post("/api/actions/label?label=-1&image=3", status=400),
        shared.post("/api/actions/label?label=3&run=1&cluster=99", status=404),
    ):
        assert answer.status_code >= 400
        assert set(answer.json()) == {"message", "hint"}
        assert answer.json()["message"]
        assert "Traceback" not in answer.text
