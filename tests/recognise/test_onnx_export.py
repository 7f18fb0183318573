import json
import sys

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from inkmeans import MiniBatchKMeans, Recognizer, load
from inkmeans.errors import MissingExtraError, OutputError, ParameterError
from inkmeans.features import FEATURES, HOG, Feature, PatchFeatures
from inkmeans.prepare import Deskew, StandardizeImages
from inkmeans.recognise import PRESETS, ClusterModel, export_onnx
from inkmeans.recognise.image_rows import ImageRows
from inkmeans.reduce import get_reducer, linear_map

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")


def run(path, images, outputs=("scores", "probabilities", "clusters")):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(list(outputs), {"images": images})


def metadata(path):
    found = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    return {key: json.loads(value) for key, value in found.items()}


def compare(recognizer, path, images):
    """Export, run, and compare with the original."""
    export_onnx(recognizer, path)
    scores, probabilities, clusters = run(path, images)
    expected = recognizer.decision_function(images)
    np.testing.assert_allclose(scores, expected, atol=3e-3)
    np.testing.assert_array_equal(clusters, recognizer.assign(images))
    raised = np.exp(expected / recognizer.temperature_)
    np.testing.assert_allclose(probabilities, raised / raised.sum(axis=1, keepdims=True), atol=2e-2)


@pytest.mark.parametrize("preset", PRESETS)
def test_scores_of_mnist_are_those_of_the_recogniser(preset, tmp_path):
    train, test = load("mnist").split()
    recognizer = Recognizer(10, preset, random_state=0).fit(train.images[:300])
    images = np.r_[test.images[:200], np.zeros((1, 28, 28), np.uint8), 255 - test.images[:20]]
    compare(recognizer, tmp_path / "r.onnx", images)


@pytest.mark.parametrize("preset", PRESETS)
def test_dark_ink_and_odd_sizes_are_brought_to_the_usual_form_too(preset, digits, tmp_path):
    images = 255 - np.pad(digits.images[:150], ((0, 0), (0, 0), (0, 3)))
    compare(Recognizer(4, preset, random_state=0).fit(images), tmp_path / "r.onnx", images)


def test_any_number_of_images_is_taken_and_the_names_are_there(digits, tmp_path):
    recognizer = Recognizer(10, "fast", random_state=0).fit(digits.images[:100])
    recognizer.name_clusters({0: "二", 1: "one"})
    export_onnx(recognizer, tmp_path / "r.onnx")
    for n in (1, 2, 7):
        assert run(tmp_path / "r.onnx", digits.images[:n])[0].shape == (n, 10)
    found = metadata(tmp_path / "r.onnx")
    assert found == {"names": recognizer.names_, "families": recognizer.families_.tolist()}
    assert found["names"][:3] == ["二", "one", None]


def test_of_many_clusters_the_best_of_the_best_family_is_told(tmp_path):
    train, test = load("mnist").split()
    recognizer = Recognizer(48, "fast", random_state=0).fit(train.images[:1500])
    recognizer.families_ = np.arange(48) // 4  # so that it matters: of a few images all is one
    compare(recognizer, tmp_path / "r.onnx", test.images[:1000])
    [clusters] = run(tmp_path / "r.onnx", test.images[:1000], ["clusters"])
    assert (clusters != recognizer.decision_function(test.images[:1000]).argmax(axis=1)).any()


def fit_centroids(images, labels, features, reduce=None):
    """Cluster images, and name the clusters after the most frequent of their labels."""
    feature = FEATURES[features]
    transformer = feature.make().fit(images)
    rows, reducer = feature.scaled(transformer.transform(images)), None
    if reduce is not None:
        reducer = linear_map(get_reducer(reduce).make(12, 0).fit(rows))
        rows = reducer.transform(rows)
    fitted = MiniBatchKMeans(16, random_state=0, n_init=1).fit(rows)
    names = [np.bincount(labels[fitted.labels_ == c], minlength=10).argmax() for c in range(16)]
    return ClusterModel(
        image_shape=images.shape[1:],
        features=features,
        centroids=fitted.cluster_centers_,
        reducer=reducer,
        learnt=feature.learnt(transformer),
        classes=tuple("0123456789"),
        mapping=np.where(np.arange(16) == 3, -1, names),
    )


@pytest.mark.parametrize("reduce", [None, "pca", "random-projection"])
@pytest.mark.parametrize("features", FEATURES)
def test_clusters_of_mnist_are_those_of_the_centroids(features, reduce, tmp_path):
    train, test = load("mnist").split()
    model = fit_centroids(train.images[:600], train.labels[:600], features, reduce)
    export_onnx(model, tmp_path / "m.onnx")
    n = 5000 if features in ("pixels", "centered", "deskewed") else 300
    odd = [np.zeros((1, 28, 28), np.uint8), np.full((1, 28, 28), 255, np.uint8)]
    images = np.concatenate([test.images[:n], *odd, 255 - test.images[:20]])
    clusters, distances = run(tmp_path / "m.onnx", images, ["clusters", "distances"])
    np.testing.assert_array_equal(clusters, model.assign(images))
    np.testing.assert_allclose(distances, model.distances(images), rtol=1e-3, atol=1e-4)
    named = np.array(metadata(tmp_path / "m.onnx")["names"], dtype=object)[clusters]
    assert named.tolist() == [
        None if label < 0 else model.classes[label] for label in model.predict(images)
    ]


def test_centroids_without_names_and_images_of_any_shape_are_exported(digits, tmp_path):
    images = np.pad(digits.images[:200], ((0, 0), (0, 0), (1, 2)))
    for features in ("centered", "deskewed", "hog"):
        rows = FEATURES[features].scaled(FEATURES[features].make().fit_transform(images))
        model = ClusterModel(image_shape=(8, 11), features=features, centroids=rows[:7])
        export_onnx(model, tmp_path / "m.onnx")
        for n in (1, 200):
            [clusters] = run(tmp_path / "m.onnx", images[:n], ["clusters"])
            np.testing.assert_array_equal(clusters, model.assign(images[:n]))
        assert metadata(tmp_path / "m.onnx") == {"names": [None] * 7}


def test_patches_in_two_layers_and_of_two_sizes_are_exported(tmp_path, monkeypatch):
    def make():
        options = {"n_layers": 2, "n_hidden": 9, "random_state": 0}
        return make_pipeline(Deskew(), PatchFeatures((7, 4), 24, 3, **options))

    monkeypatch.setitem(FEATURES, "patches", Feature("patches", "", make, learns=True))
    train, test = load("mnist").split()
    model = fit_centroids(train.images[:400], train.labels[:400], "patches")
    export_onnx(model, tmp_path / "m.onnx")
    clusters, distances = run(tmp_path / "m.onnx", test.images[:300], ["clusters", "distances"])
    np.testing.assert_array_equal(clusters, model.assign(test.images[:300]))
    np.testing.assert_allclose(distances, model.distances(test.images[:300]), rtol=1e-3)


def test_the_same_recogniser_gives_the_same_bytes(digits, tmp_path):
    recognizer = Recognizer(10, "fast", random_state=0).fit(digits.images[:100])
    for name in ("a", "b"):
        export_onnx(recognizer, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_cannot_be_exported_says_so(digits, tmp_path, monkeypatch):
    own = Recognizer(10, "fast", views=[ImageRows(Deskew(), HOG(), 20)], random_state=0)
    with pytest.raises(ParameterError, match="views of its own"):
        export_onnx(own.fit(digits.images[:80]), tmp_path / "r.onnx")
    plain = Recognizer(10, "fast", random_state=0).fit(digits.images[:80])
    with pytest.raises(OutputError):
        export_onnx(plain, tmp_path / "none" / "r.onnx")
    monkeypatch.setitem(FEATURES, "new", Feature("new", "", StandardizeImages))
    new = ClusterModel(image_shape=(8, 8), features="new", centroids=np.zeros((2, 64)))
    with pytest.raises(ParameterError, match=r"'new' cannot .* these can: pixels, centered, "):
        export_onnx(new, tmp_path / "r.onnx")

    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"inkmeans\[onnx\]"):
        export_onnx(plain, tmp_path / "r.onnx")
    assert not list(tmp_path.iterdir())
