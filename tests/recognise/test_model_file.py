import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save

from inkmeans.errors import DataError, ModelFileError, OutputError
from inkmeans.features import get_feature
from inkmeans.recognise import ClusterModel, load_model, safe_file, save_model

fuzzed = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)


@pytest.fixture(scope="module")
def content(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "m.safetensors"
    save_model(model, path)
    return path.read_bytes()


def refusal(content, folder):
    """Return why this is refused as a model file; None where it is read."""
    path = folder / "x.safetensors"
    path.write_bytes(content)
    try:
        load_model(path)
    except ModelFileError as error:
        assert str(path) in str(error)  # noqa: PT017 - what is raised is what is tested
        assert "\n" not in str(error)  # noqa: PT017
        return str(error)
    return None


def parts(content):
    """Take a model file apart: the JSON that inkmeans put in, and the arrays."""
    from safetensors.numpy import load

    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    return json.loads(header["__metadata__"]["inkmeans"]), load(content)


def forge(described, arrays):
    """Put a model file together whose check sum is right, whatever it says."""
    if isinstance(described.get("model"), dict):
        described = described | {"sha256": safe_file.check_sum(described["model"], arrays)}
    return save(arrays, metadata={"inkmeans": json.dumps(described)})


def test_a_model_comes_back_as_it_was(fitted, digits, tmp_path):
    model, _ = fitted
    save_model(model, tmp_path / "m.safetensors")
    loaded = load_model(tmp_path / "m.safetensors")
    for name in ("image_shape", "features", "classes", "info"):
        assert getattr(loaded, name) == getattr(model, name)
    np.testing.assert_array_equal(loaded.centroids, model.centroids)
    np.testing.assert_array_equal(loaded.mapping, model.mapping)
    np.testing.assert_array_equal(loaded.predict(digits.images), model.predict(digits.images))
    np.testing.assert_array_equal(loaded.distances(digits.images), model.distances(digits.images))


def test_a_model_without_names_and_reducer_comes_back_so(tmp_path):
    save_model(
        ClusterModel(image_shape=(1, 1), features="pixels", centroids=[[0.5]]), tmp_path / "m"
    )
    loaded = load_model(tmp_path / "m")
    assert loaded.mapping is None
    assert loaded.reducer is None
    assert loaded.classes == ()


def test_class_names_of_any_script_come_back(tmp_path):
    names = ("null", "eins\n", "二", "\U0001f600", "")
    model = ClusterModel(
        image_shape=(1, 1), features="pixels", centroids=[[0.5]], classes=names, info={"ö": "é"}
    )
    save_model(model, tmp_path / "m")
    loaded = load_model(tmp_path / "m")
    assert loaded.classes == names
    assert loaded.info == {"ö": "é"}


@pytest.fixture(scope="module")
def learning(digits):
    """A model of features that learn from images."""
    feature = get_feature("patches")
    fitted = feature.make().fit(digits.images)
    rows = fitted.transform(digits.images[:7])
    return ClusterModel(
        image_shape=(8, 8), features="patches", centroids=rows, learnt=feature.learnt(fitted)
    )


def test_what_features_learnt_comes_back(learning, digits, tmp_path):
    save_model(learning, tmp_path / "m")
    loaded = load_model(tmp_path / "m")
    np.testing.assert_array_equal(loaded.assign(digits.images[:7]), np.arange(7))
    np.testing.assert_array_equal(
        loaded.distances(digits.images), learning.distances(digits.images)
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"learnt.patchfeatures.0.0.layout": None}, "no layers of patch features"),
        ({"learnt.patchfeatures.0.0.atoms": None}, "without"),
        ({"learnt.patchfeatures.0.0.atoms": np.zeros((4, 9), np.float32)}, "does not suit"),
        ({"learnt.patchfeatures.0.0.atoms": np.zeros((4, 9), np.int8)}, "strange array"),
        ({"learnt.other": np.zeros(1)}, "do not learn 'other'"),
    ],
)
def test_wrong_arrays_of_what_features_learnt_are_refused(learning, tmp_path, change, says):
    save_model(learning, tmp_path / "m")
    described, arrays = parts((tmp_path / "m").read_bytes())
    changed = {name: array for name, array in (arrays | change).items() if array is not None}
    assert says in refusal(forge(described, changed), tmp_path)


def test_a_file_without_what_its_features_learnt_is_refused(learning, digits, tmp_path):
    bare = replace(learning, learnt={})
    with pytest.raises(DataError, match="was not kept"):
        bare.assign(digits.images)
    save_model(bare, tmp_path / "m")
    assert "was not kept" in refusal((tmp_path / "m").read_bytes(), tmp_path)


def test_the_same_model_gives_the_same_bytes(model, content, tmp_path):
    save_model(model, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == content


def test_the_file_is_plain_safetensors_with_a_named_format(content, tmp_path):
    (tmp_path / "m").write_bytes(content)
    with safe_open(tmp_path / "m", framework="np") as file:
        described = json.loads(file.metadata()["inkmeans"])
        assert "centroids" in file.keys()  # noqa: SIM118 - it is no mapping
    assert described["format"] == "inkmeans-model"
    assert described["schema"] == 1


def test_saving_replaces_the_file_and_leaves_nothing_else(model, tmp_path):
    (tmp_path / "m").write_text("old")
    save_model(model, tmp_path / "m")
    assert load_model(tmp_path / "m").n_clusters == model.n_clusters
    assert os.listdir(tmp_path) == ["m"]  # noqa: PTH208


def test_a_folder_that_is_missing_cannot_be_written_to(model, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        save_model(model, tmp_path / "none" / "m")
    assert not (tmp_path / "none").exists()


def test_a_full_disk_leaves_the_old_file_and_no_new_one(model, tmp_path, monkeypatch):
    (tmp_path / "m").write_text("old")

    def no_space(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_space)
    with pytest.raises(OutputError, match="No space left"):
        save_model(model, tmp_path / "m")
    assert (tmp_path / "m").read_text() == "old"
    assert os.listdir(tmp_path) == ["m"]  # noqa: PTH208


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_device_cannot_be_replaced_by_a_model():
    model = ClusterModel(image_shape=(1, 1), features="pixels", centroids=[[0.5]])
    with pytest.raises(OutputError):
        save_model(model, Path("/dev/full") / "m")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        load_model(tmp_path / "none.safetensors")


def test_a_folder_is_no_model(tmp_path):
    with pytest.raises(DataError):
        load_model(tmp_path)


def test_a_file_that_is_too_large_is_not_read(content, tmp_path, monkeypatch):
    monkeypatch.setattr(safe_file, "MAX_FILE_BYTES", 100)
    assert "too much" in refusal(content, tmp_path)


@fuzzed
@given(st.binary(max_size=300))
@example(b"")
@example(b"\x80\x04\x95 a pickle")
@example(b"\xff" * 7 + b"\x7f{}")
@example((2**20).to_bytes(8, "little") + b"{" * 2**20)
@example((2**17).to_bytes(8, "little") + b'{"a":' * 2**15)
def test_random_bytes_are_no_model(tmp_path, junk):
    assert refusal(junk, tmp_path)


@fuzzed
@given(st.data())
def test_a_truncated_file_is_refused(tmp_path, content, data):
    length = data.draw(st.integers(0, len(content) - 1))
    assert refusal(content[:length], tmp_path)


@fuzzed
@given(st.data())
def test_a_flipped_bit_anywhere_is_noticed(tmp_path, content, data):
    place = data.draw(
        st.one_of(st.integers(0, 1200), st.integers(0, len(content) - 1)), label="byte"
    )
    damaged = bytearray(content)
    damaged[place] ^= 1 << data.draw(st.integers(0, 7), label="bit")
    message = refusal(bytes(damaged), tmp_path)
    if message is None:  # only where the damage says the same in other words
        assert parts(bytes(damaged))[0] == parts(content)[0]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@fuzzed
@given(st.data())
def test_a_forged_description_is_refused_or_read_but_nothing_else(tmp_path, content, data):
    described, arrays = parts(content)
    place = data.draw(st.sampled_from(["format", "schema", "sha256", "model"]))
    inner = data.draw(st.sampled_from([*described["model"], "new"]))
    if place == "model" and data.draw(st.booleans()):
        described["model"] = described["model"] | {inner: data.draw(json_values)}
    else:
        described[place] = data.draw(json_values)
    refusal(forge(described, arrays), tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"schema": 2}, "newer version of inkmeans (schema 2; this one reads 1); upgrade"),
        ({"schema": "1"}, "no model file"),
        ({"schema": True}, "no model file"),
        ({"format": "other"}, "no model file"),
        ({"model": None}, "check sum"),
        ({"model": {}}, "does not say its 'image_shape'"),
    ],
)
def test_a_wrong_header_is_refused(content, tmp_path, change, says):
    described, arrays = parts(content)
    assert says in refusal(forge(described | change, arrays), tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"image_shape": [8, 9]}, "64 features for images of 8 x 9"),
        ({"image_shape": [10**6, 10**6]}, "describes no model"),
        ({"image_shape": [8.0, 8]}, "describes no model"),
        ({"image_shape": [8]}, "describes no model"),
        ({"features": "pixls"}, "unknown features 'pixls'"),
        ({"features": ["pixels"]}, "describes no model"),
        ({"classes": "0123456789"}, "describes no model"),
        ({"classes": []}, "none of the 0 classes"),
        ({"info": {"a": []}}, "no plain value"),
    ],
)
def test_a_wrong_description_is_refused(content, tmp_path, change, says):
    described, arrays = parts(content)
    described["model"] = described["model"] | change
    assert says in refusal(forge(described, arrays), tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"centroids": np.zeros((20, 9), np.float32)}, "strange array 'centroids' of float32"),
        ({"centroids": np.zeros((20, 8))}, "9 components for centroids of 8"),
        ({"centroids": np.zeros((0, 9))}, "shape (0, 9)"),
        ({"centroids": np.zeros(180)}, "shape (180,)"),
        ({"centroids": np.full((20, 9), np.nan)}, "not finite"),
        ({"centroids": None}, "arrays missing"),
        ({"reducer.mean": None}, "arrays missing"),
        ({"mapping": np.zeros(19, np.int64)}, "for 20 clusters"),
        ({"mapping": np.full(20, 10)}, "none of the 10 classes"),
        ({"more": np.zeros(3)}, "strange array 'more'"),
    ],
)
def test_wrong_arrays_are_refused(content, tmp_path, change, says):
    described, arrays = parts(content)
    changed = {name: array for name, array in (arrays | change).items() if array is not None}
    assert says in refusal(forge(described, changed), tmp_path)


def test_anothers_safetensors_file_is_refused(tmp_path):
    assert "no model file" in refusal(save({"weight": np.zeros(3)}), tmp_path)
    assert "no model file" in refusal(save({}, metadata={"inkmeans": "yes"}), tmp_path)


def test_loading_needs_no_pickle(model, tmp_path, monkeypatch):
    save_model(replace(model, info={}), tmp_path / "m")
    monkeypatch.setitem(sys.modules, "pickle", None)
    assert load_model(tmp_path / "m").info == {}
