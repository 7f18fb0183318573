import json

import numpy as np
import pytest

from inkmeans import Recognizer, load
from inkmeans.errors import MissingExtraError, OutputError, ParameterError
from inkmeans.features import HOG
from inkmeans.prepare import Deskew
from inkmeans.recognise import PRESETS, export_onnx
from inkmeans.recognise.image_rows import ImageRows

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")


def run(path, images):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(["scores", "probabilities"], {"images": images})


def compare(recognizer, path, images):
    """Export, run, and compare with the original."""
    export_onnx(recognizer, path)
    scores, probabilities = run(path, images)
    expected = recognizer.decision_function(images)
    np.testing.assert_allclose(scores, expected, atol=3e-3)
    np.testing.assert_array_equal(scores.argmax(axis=1), recognizer.assign(images))
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
    found = {entry.key: entry.value for entry in onnx.load(tmp_path / "r.onnx").metadata_props}
    assert json.loads(found["names"]) == recognizer.names_
    assert json.loads(found["families"]) == recognizer.families_.tolist()


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
    import sys

    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"inkmeans\[onnx\]"):
        export_onnx(plain, tmp_path / "r.onnx")
    assert not list(tmp_path.iterdir())
