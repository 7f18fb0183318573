"""What is taken away can be read elsewhere, and brought back."""

import io
import json
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from inkmeans.cli.main import app
from inkmeans.explore.models import find_model
from inkmeans.recognise import Recognizer, load_any, load_model


def label_some(session):
    session.post("/api/actions/label?label=4&run=1&cluster=1")
    session.post("/api/actions/label?label=7", content=session.bitset([5, 6]))
    session.post("/api/actions/exclude?image=6")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_labels_go_out_and_come_back(session, kind):
    label_some(session)
    content = session.get(f"/api/export/labels.{kind}").content
    read = pd.read_csv if kind == "csv" else pd.read_parquet
    table = read(io.BytesIO(content))
    assert list(table["index"]) == list(range(1797))
    labels = session.labels()
    assert table["excluded"].sum() == 1
    assert table["label"].notna().sum() == (labels < 10).sum() + 1  # the excluded one has one too
    assert str(int(table["label"][5])) == "7"
    assert table["source"][5] == "hand"
    while session.state["undo"]["depth"]:
        session.post("/api/undo")
    answer = session.post(f"/api/import/labels?name=labels.{kind}", content=content).json()
    assert answer["action"]["kind"] == "import"
    assert (session.labels() == labels).all()
    session.post("/api/undo")
    assert (session.labels() == 255).all()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"index\n1\n", "label"),
        (b"index,label\n1,zebra\n", "unknown label"),
        (b"index,label\n99999,3\n", "no image"),
        (b"index,label\n-1,3\n", "no image"),
        (b"index,label\n1\n", "lengths"),
        (b"\xff\xfe\x00", "CSV"),
    ],
    ids=["empty", "no label", "zebra", "too far", "negative", "ragged", "bytes"],
)
def test_labels_that_do_not_fit_are_refused_as_a_whole(shared, content, what):
    answer = shared.post("/api/import/labels?name=a.csv", content=content, status=400)
    assert what in answer.json()["message"]
    shared.post("/api/import/labels?name=a.parquet", content=content, status=400)


def test_a_folder_per_class_holds_the_labelled_images(session):
    session.get("/api/export/classes.zip", status=400)
    label_some(session)
    image = np.kron(session.workspace.opened().images[0], np.ones((10, 10), np.uint8))
    session.post("/api/examples?label=0&width=80&height=80", content=image.tobytes())
    content = session.get("/api/export/classes.zip").content
    labels = session.labels()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert len(names) == (labels < 10).sum() + 1
        assert {name.split("/")[0] for name in names} == {"0", "4", "7"}
        picture = np.asarray(Image.open(io.BytesIO(archive.read("7/train-000005.png"))))
    assert (picture == session.workspace.opened().images[5]).all()


def test_the_model_recognises_by_the_names_that_were_given(session, tmp_path):
    path = tmp_path / "model.safetensors"
    run = session.fit(features="deskewed", algorithm="kmeans")

    def load():
        path.write_bytes(session.get(f"/api/export/model.safetensors?run={run}").content)
        return load_model(path)

    assert load().mapping is None
    assigned = session.array(f"/api/runs/{run}/fields/cluster", "<u2")
    images = session.workspace.opened().images
    session.post(f"/api/actions/label?label=4&run={run}&cluster=1")
    assert (load().predict(images) == np.where(assigned == 1, 4, -1)).all()
    session.post(f"/api/actions/merge?run={run}&source=2&target=1")
    assert (load().predict(images) == np.where(np.isin(assigned, (1, 2)), 4, -1)).all()
    session.post(f"/api/actions/split?run={run}&cluster=3&parts=2")
    session.post(f"/api/actions/label?label=8&run={run}&cluster=10")
    model = load()
    now = session.array(f"/api/runs/{run}/fields/cluster", "<u2")
    assert (model.predict(images)[now == 10] == 8).mean() > 0.9


def test_the_report_stands_alone(session):
    label_some(session)
    answer = session.get("/api/export/report.html")
    assert "attachment" in answer.headers["content-disposition"]
    text = answer.text
    assert text.count("<section>") == 10
    assert "data:image/png;base64," in text
    assert "http://" not in text
    assert "https://" not in text
    assert "<script" not in text
    session.get("/api/export/secrets.txt", status=404)


def name_by_majority(session, run, truth):
    """Name every cluster of a run after the class of most of its images."""
    assigned = session.array(f"/api/runs/{run}/fields/cluster", "<u2")
    for cluster in np.unique(assigned).tolist():
        label = np.bincount(truth[assigned == cluster]).argmax()
        session.post(f"/api/actions/label?label={label}&run={run}&cluster={cluster}")
    return assigned


def test_a_recogniser_is_taken_away_with_the_names_that_were_given(session, tmp_path):
    data = session.workspace.opened()
    assigned = name_by_majority(session, 2, data.digits.labels)
    path = tmp_path / "model.safetensors"
    path.write_bytes(session.get("/api/export/model.safetensors?run=2").content)
    recognizer = load_any(path)
    assert isinstance(recognizer, Recognizer)
    names = {cluster["cluster"]: str(cluster["label"]) for cluster in session.clusters(2)}
    assert recognizer.names_ == [names.get(cluster) for cluster in range(10)]
    agreeing = recognizer.predict(data.images) == np.array([names[c] for c in assigned.tolist()])
    assert agreeing.mean() > 0.97  # the graph's last word on its own images may differ

    picture = tmp_path / "zero.png"
    Image.fromarray(data.images[0]).save(picture)
    said = CliRunner().invoke(app, ["predict", str(path), str(picture), "--quiet"])
    assert said.exit_code == 0, said.output
    assert said.output.split("\t")[2].strip() == str(recognizer.predict(data.images[:1])[0])


def test_a_split_leaves_a_recogniser_the_name_of_most(session, tmp_path):
    session.post("/api/actions/split?run=2&cluster=3&parts=3")
    session.post("/api/actions/merge?run=2&source=5&target=6")
    parts = [c for c in session.clusters(2) if c["cluster"] == 3 or c["cluster"] >= 10]
    largest = max(parts, key=lambda part: part["size"])["cluster"]
    for part in parts:
        label = 4 if part["cluster"] == largest else 9
        session.post(f"/api/actions/label?label={label}&run=2&cluster={part['cluster']}")
    session.post("/api/actions/label?label=7&run=2&cluster=6")
    path = tmp_path / "model.safetensors"
    path.write_bytes(session.get("/api/export/model.safetensors?run=2").content)
    sizes = {part["cluster"]: part["size"] for part in parts}
    most = "4" if 2 * sizes[largest] > sum(sizes.values()) else "9"
    expected = [None] * 10
    expected[3], expected[5], expected[6] = most, "7", "7"
    assert load_any(path).names_ == expected


def test_a_recogniser_is_taken_away_as_onnx(session):
    runtime = pytest.importorskip("onnxruntime")
    session.post("/api/actions/label?label=4&run=2&cluster=1")
    content = session.get("/api/export/model.onnx?run=2").content
    model = runtime.InferenceSession(content)
    assert json.loads(model.get_modelmeta().custom_metadata_map["names"])[1] == "4"
    images = session.workspace.opened().images[:200]
    [scores] = model.run(["scores"], {"images": images})
    recognizer = find_model(session.workspace.opened(), 2)
    assert np.abs(scores - recognizer.decision_function(images)).max() < 1e-3
    assert recognizer.names_ == [None] * 10  # the one that all share stays as it was


def test_a_run_of_centroids_is_taken_away_as_onnx(session):
    runtime = pytest.importorskip("onnxruntime")
    images = session.workspace.opened().images
    settings = {"features": "deskewed", "reduce": "pca:16", "n_clusters": 10}
    job = session.post("/api/jobs", status=202, json={"kind": "cluster", "settings": settings})
    run = session.job(job.json()["id"])["result"]["run"]

    def predict():
        model = runtime.InferenceSession(session.get(f"/api/export/model.onnx?run={run}").content)
        names = json.loads(model.get_modelmeta().custom_metadata_map["names"])
        [clusters] = model.run(["clusters"], {"images": images})
        return np.array([names[cluster] or "" for cluster in clusters])

    assert (predict() == "").all()
    session.post(f"/api/actions/label?label=4&run={run}&cluster=1")
    assigned = session.array(f"/api/runs/{run}/fields/cluster", "<u2")
    assert (predict() == np.where(assigned == 1, "4", "")).all()
    # A cluster that was split has no centroid any more: the means of all clusters stand in.
    session.post(f"/api/actions/split?run={run}&cluster=3&parts=2")
    session.post(f"/api/actions/label?label=8&run={run}&cluster=10")
    now = session.array(f"/api/runs/{run}/fields/cluster", "<u2")
    assert (predict()[now == 10] == "8").mean() > 0.9


def test_a_run_without_a_model_is_taken_away_as_its_means(session):
    runtime = pytest.importorskip("onnxruntime")
    data = session.workspace.opened()
    data.files.model(data.run(2).key).unlink()
    session.post("/api/actions/label?label=4&run=2&cluster=1")
    model = runtime.InferenceSession(session.get("/api/export/model.onnx?run=2").content)
    [clusters] = model.run(["clusters"], {"images": data.images})
    assigned = session.array("/api/runs/2/fields/cluster", "<u2")
    assert (clusters == assigned).mean() > 0.8
    assert json.loads(model.get_modelmeta().custom_metadata_map["names"])[1] == "4"


def test_without_onnx_the_page_is_told_how_to_install_it(shared, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    answer = shared.get("/api/export/model.onnx?run=1", status=400).json()
    assert "needs onnx" in answer["message"]
    assert "inkmeans[onnx]" in answer["hint"]
