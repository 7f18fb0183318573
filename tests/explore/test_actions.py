"""Label actions through the interface: what they change, and that undo takes it back."""

import numpy as np
import pytest

from inkmeans.explore.labelling import BY_CLUSTER, BY_HAND
from inkmeans.explore.protocol import EXCLUDED, NO_LABEL


def members_of(session, cluster, run=1):
    return np.flatnonzero(session.array(f"/api/runs/{run}/fields/cluster", "<u2") == cluster)


def test_naming_a_cluster_labels_its_images_but_those_labelled_by_hand(session):
    members = members_of(session, 4)
    session.post("/api/actions/label?label=2", content=session.bitset(members[:3]))
    answer = session.post("/api/actions/label?label=9&run=1&cluster=4").json()
    assert answer["action"]["changed"] == len(members) - 3
    assert answer["clusters"] == [4]
    labels, sources = session.labels(), session.array("/api/fields/source", np.uint8)
    assert (labels[members[:3]] == 2).all()
    assert (labels[members[3:]] == 9).all()
    assert (sources[members[:3]] == BY_HAND).all()
    assert (sources[members[3:]] == BY_CLUSTER).all()
    assert next(c for c in session.clusters() if c["cluster"] == 4)["label"] == 9
    assert answer["labels"]["labelled"] == len(members)
    assert answer["labels"]["actions"] == 2


def test_a_name_can_be_taken_away(session):
    session.post("/api/actions/label?label=9&run=1&cluster=4")
    session.post("/api/actions/label?label=255&run=1&cluster=4")
    assert (session.labels() == NO_LABEL).all()
    assert all(c["label"] is None for c in session.clusters())


def test_excluded_images_show_as_such_and_come_back(session):
    session.post("/api/actions/label?label=1&image=10")
    session.post("/api/actions/exclude", content=session.bitset([10, 11]))
    assert session.labels()[[10, 11]].tolist() == [EXCLUDED, EXCLUDED]
    assert session.state["labels"]["excluded"] == 2
    session.post("/api/actions/exclude?value=0&image=10")
    assert session.labels()[[10, 11]].tolist() == [1, EXCLUDED]
    session.post("/api/actions/exclude?run=1&cluster=0")
    assert (session.labels()[members_of(session, 0)] == EXCLUDED).all()


def test_merging_keeps_the_name_that_there_is(session):
    moved, kept = members_of(session, 2), members_of(session, 5)
    session.post("/api/actions/label?label=7&run=1&cluster=2")
    answer = session.post("/api/actions/merge?run=1&source=2&target=5").json()
    assert answer["action"]["changed"] == len(moved)
    assert len(members_of(session, 5)) == len(moved) + len(kept)
    assert 2 not in {c["cluster"] for c in session.clusters()}
    assert (session.labels()[kept] == 7).all()
    merged = next(c for c in session.clusters() if c["cluster"] == 5)
    assert (merged["label"], merged["size"]) == (7, len(moved) + len(kept))
    pictures = session.array("/api/runs/1/centroids", np.uint8).reshape(9, 8, 8)
    place = [c["cluster"] for c in session.clusters()].index(5)
    images = session.workspace.opened().images[np.concatenate([moved, kept])]
    assert np.abs(images.mean(axis=0) - pictures[place]).max() <= 0.5
    session.post("/api/actions/merge?run=1&source=5&target=5", status=400)
    session.post("/api/actions/merge?run=1&source=2&target=5", status=404)


def test_splitting_makes_parts_without_names(session):
    members = members_of(session, 3)
    session.post("/api/actions/label?label=7&run=1&cluster=3")
    answer = session.post("/api/actions/split?run=1&cluster=3&parts=3").json()
    assert answer["parts"] == [3, 10, 11]
    sizes = [len(members_of(session, part)) for part in answer["parts"]]
    assert sum(sizes) == len(members)
    assert sizes == sorted(sizes, reverse=True)
    assert (session.labels()[members] == NO_LABEL).all()
    distance = session.array("/api/runs/1/fields/distance", "<f4")
    rows = session.workspace.opened().straightened().astype(float)
    for part in answer["parts"]:
        images = members_of(session, part)
        expected = np.linalg.norm(rows[images] - rows[images].mean(axis=0), axis=1) / 255
        assert distance[images] == pytest.approx(expected, abs=1e-4)


def test_undo_and_redo_walk_through_all_kinds(session):
    addresses = [
        "/api/actions/label?label=4&run=1&cluster=1",
        "/api/actions/label?label=5&image=3",
        "/api/actions/exclude?image=4",
        "/api/actions/merge?run=1&source=6&target=1",
        "/api/actions/split?run=1&cluster=1&parts=2",
        "/api/actions/audit?image=9&label=3",
    ]

    def snapshot():
        fields = [session.labels(), session.array("/api/fields/source", np.uint8)]
        fields.append(session.array("/api/runs/1/fields/cluster", "<u2"))
        return [values.tolist() for values in fields], session.clusters()

    snapshots = [snapshot()]
    for address in addresses:
        session.post(address)
        snapshots.append(snapshot())
    for expected in snapshots[-2::-1]:
        session.post("/api/undo")
        assert snapshot() == expected
    session.post("/api/undo", status=409)
    for expected in snapshots[1:]:
        session.post("/api/redo")
        assert snapshot() == expected
    session.post("/api/redo", status=409)


def test_a_new_action_ends_what_could_be_redone(session):
    session.post("/api/actions/label?label=4&image=1")
    session.post("/api/undo")
    assert session.state["redo"] == {"depth": 1, "what": "label 1 image as 4"}
    session.post("/api/actions/label?label=5&image=1")
    assert session.state["redo"]["depth"] == 0


def test_the_revision_grows_with_each_change(session):
    before = session.state["revision"]
    for _ in range(3):
        answer = session.post("/api/actions/label?label=4&image=1").json()
        assert answer["revision"] == before + 1
        before += 1
    header = session.get("/api/fields/label").headers["x-inkmeans-revision"]
    assert int(header) == before


def test_an_audit_tells_accuracy_with_its_interval(session):
    session.post("/api/actions/label?label=4&run=1&cluster=1")
    sample = session.json("/api/audit?size=400")["sample"]
    larger = session.json("/api/audit?size=500")["sample"]
    assert larger[:400] == sample
    labelled = [entry["image"] for entry in sample if entry["label"] == 4][:20]
    for place, image in enumerate(labelled):
        session.post(f"/api/actions/audit?image={image}&label={4 if place else 5}")
    report = session.json("/api/audit?size=400")
    assert (report["checked"], report["right"]) == (20, 19)
    # Wilson's interval by the textbook.
    assert (report["low"], report["high"]) == pytest.approx((0.7639, 0.9911), abs=2e-4)
    assert session.json("/api/audit?size=1")["sample"][0]["image"] == sample[0]["image"]


def test_a_wrong_selection_changes_nothing(session):
    before = session.state["revision"]
    session.post("/api/actions/label?label=4", content=b"123", status=400)
    session.post("/api/actions/label?label=4", content=session.bitset([]), status=400)
    session.post("/api/actions/label?label=4&image=1797", status=400)
    session.post("/api/actions/exclude?value=2&image=1", status=400)
    session.post("/api/actions/split?run=1&cluster=1&parts=99", status=400)
    assert session.state["revision"] == before
