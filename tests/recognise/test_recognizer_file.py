import json
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from inkmeans import Recognizer
from inkmeans.errors import DataError, ModelFileError, OutputError, ParameterError
from inkmeans.experiment import evaluate_model, predict_files
from inkmeans.features import HOG
from inkmeans.prepare import Deskew
from inkmeans.recognise import ClusterModel, load_any, safe_file
from inkmeans.recognise.image_rows import ImageRows

fuzzed = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)


@pytest.fixture(scope="module", params=["fast", "best"])
def fitted(request, digits):
    return Recognizer(10, request.param, random_state=0).fit(digits.images[:120])


@pytest.fixture(scope="module")
def content(digits, tmp_path_factory):
    fitted = Recognizer(10, "fast", random_state=0).fit(digits.images[:100])
    fitted.name_clusters(np.arange(100), digits.labels[:100])
    path = tmp_path_factory.mktemp("recognizer") / "r.safetensors"
    fitted.save(path)
    return path.read_bytes()


def refusal(content, folder):
    """Return why this is refused; None where it is read."""
    path = folder / "x.safetensors"
    path.write_bytes(content)
    try:
        Recognizer.load(path)
    except ModelFileError as error:
        assert str(path) in str(error)  # noqa: PT017 - what is raised is what is tested
        assert "\n" not in str(error)  # noqa: PT017
        return str(error)
    return None


def parts(content):
    """Take a file apart: the JSON that inkmeans put in, and the arrays."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    return json.loads(header["__metadata__"]["inkmeans"]), load_tensors(content)


def forge(described, arrays):
    """Put a file together whose check sum is right, whatever it says."""
    described = described | {"sha256": safe_file.check_sum(described["model"], arrays)}
    return save_tensors(arrays, metadata={"inkmeans": json.dumps(described)})


def test_a_recogniser_comes_back_as_it_was(fitted, digits, tmp_path):
    images = digits.images[300:400]
    fitted.name_clusters(np.arange(120), digits.labels[:120])
    fitted.save(tmp_path / "r")
    loaded = Recognizer.load(tmp_path / "r")
    for name in ("labels_", "landmarks_", "landmark_images_", "temperature_", "names_"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(fitted, name))
    for name in ("assign", "decision_function", "predict", "predict_proba"):
        np.testing.assert_array_equal(getattr(loaded, name)(images), getattr(fitted, name)(images))
    before, after = fitted.explain(images[:3]), loaded.explain(images[:3])
    for one, other in zip(before, after, strict=True):
        assert (one.cluster, one.name, one.confidence) == (
            other.cluster, other.name, other.confidence,
        )  # fmt: skip
        np.testing.assert_array_equal(one.images, other.images)
    assert loaded.get_params() == fitted.get_params()
    assert repr(loaded) == repr(fitted)


def test_a_loaded_recogniser_can_be_named_anew_and_fitted_anew(fitted, digits, tmp_path):
    fitted.save(tmp_path / "r")
    loaded = Recognizer.load(tmp_path / "r").name_clusters(dict.fromkeys(range(10), "digit"))
    assert set(loaded.predict(digits.images[:9])) == {"digit"}
    again = Recognizer.load(tmp_path / "r").fit(digits.images[:120])
    np.testing.assert_array_equal(again.labels_, fitted.labels_)
    assert len(again.suggest(3)) == 3


def test_what_needs_the_training_images_says_so(fitted, digits, tmp_path):
    fitted.save(tmp_path / "r")
    loaded = Recognizer.load(tmp_path / "r")
    for ask in (lambda: loaded.suggest(3), lambda: loaded.suspects(digits.labels[:120])):
        with pytest.raises(ParameterError, match="fit again"):
            ask()


def test_dark_ink_odd_sizes_and_names_of_any_script_come_back(digits, tmp_path):
    images = 255 - np.pad(digits.images[:60], ((0, 0), (0, 0), (3, 0)))
    fitted = Recognizer(5, "balanced", random_state=0).fit(images)
    fitted.name_clusters({0: "二", 3: "null\n"})
    fitted.save(tmp_path / "r")
    loaded = Recognizer.load(tmp_path / "r")
    assert loaded.names_ == ["二", None, None, "null\n", None]
    np.testing.assert_array_equal(loaded.predict_proba(images), fitted.predict_proba(images))


def test_the_same_recogniser_gives_the_same_bytes_and_leaves_nothing_else(fitted, tmp_path):
    fitted.save(tmp_path / "r")
    first = (tmp_path / "r").read_bytes()
    fitted.save(tmp_path / "r")
    assert (tmp_path / "r").read_bytes() == first
    assert os.listdir(tmp_path) == ["r"]  # noqa: PTH208


def test_a_folder_that_is_missing_cannot_be_written_to(fitted, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        fitted.save(tmp_path / "none" / "r")


def test_own_views_cannot_be_saved(digits, tmp_path):
    own = Recognizer(10, "fast", views=[ImageRows(Deskew(), HOG(), 20)], random_state=0)
    own.fit(digits.images[:80])
    with pytest.raises(ParameterError, match="views of its own"):
        own.save(tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        Recognizer.load(tmp_path / "none")


@fuzzed
@given(st.data())
def test_a_truncated_file_is_refused(tmp_path, content, data):
    length = data.draw(st.integers(0, len(content) - 1))
    assert refusal(content[:length], tmp_path)


@fuzzed
@given(st.data())
def test_a_flipped_bit_anywhere_is_noticed(tmp_path, content, data):
    place = data.draw(st.one_of(st.integers(0, 2000), st.integers(0, len(content) - 1)))
    damaged = bytearray(content)
    damaged[place] ^= 1 << data.draw(st.integers(0, 7))
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
    inner = data.draw(st.sampled_from([*described["model"], "new"]))
    described["model"] = described["model"] | {inner: data.draw(json_values)}
    refusal(forge(described, arrays), tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"schema": 2}, "newer version of inkmeans (schema 2; this one reads 1); upgrade"),
        ({"schema": True}, "no model file"),
        ({"format": "inkmeans-model"}, "no model file"),
    ],
)
def test_a_wrong_header_is_refused(content, tmp_path, change, says):
    described, arrays = parts(content)
    assert says in refusal(forge(described | change, arrays), tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"n_clusters": 9}, "does not name as many clusters"),
        ({"names": [[]] * 10}, "is of no use"),
        ({"views": ["pickled+views"]}, "views that this version does not know"),
        ({"views": ["deskewed+scattering+hog"]}, "other views than its preset"),
        ({"preset": "slow"}, "unknown preset"),
        ({"temperature": 0.0}, "describes no kernel"),
        ({"gammas": []}, "describes no kernel"),
        ({"image_shape": [8, -8]}, "describes no images"),
        ({"standard_shape": [10**6, 10**6]}, "describes no images"),
        ({"standard_shape": [28, 30]}, "do not fit together"),
        ({"training": {}}, "describes no self-training"),
    ],
)
def test_a_wrong_description_is_refused(content, tmp_path, change, says):
    described, arrays = parts(content)
    described["model"] = described["model"] | change
    assert says in refusal(forge(described, arrays), tmp_path)


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("labels", lambda a: a + 10, "do not fit together"),
        ("labels", lambda a: a.astype(np.int64), "numbers in labels"),
        ("landmarks", lambda a: a[:-1], "do not fit together"),
        ("landmark_images", lambda a: a[:, :-1], "do not fit together"),
        ("0.weights", lambda a: a * np.nan, "numbers in 0.weights"),
        ("0.0.mean", lambda a: a[:-1], "do not fit together"),
        ("0.landmarks", lambda a: a[:, :-1], "do not fit together"),
        ("0.0.scale", None, "wrong arrays: 0.0.scale"),
    ],
)
def test_wrong_arrays_are_refused(content, tmp_path, name, change, says):
    described, arrays = parts(content)
    if change is None:
        del arrays[name]
    else:
        arrays[name] = np.ascontiguousarray(change(arrays[name]))
    assert says in refusal(forge(described, arrays), tmp_path)


def test_each_kind_of_file_says_what_it_is(content, model, tmp_path):
    from inkmeans.recognise import save_model

    (tmp_path / "r").write_bytes(content)
    save_model(model, tmp_path / "m")
    assert isinstance(load_any(tmp_path / "r"), Recognizer)
    assert isinstance(load_any(tmp_path / "m"), ClusterModel)
    with pytest.raises(ModelFileError, match="no model file"):
        Recognizer.load(tmp_path / "m")
    (tmp_path / "x").write_bytes(b"something else")
    with pytest.raises(ModelFileError, match="no model file"):
        load_any(tmp_path / "x")


def test_files_are_predicted_and_data_sets_scored_by_a_saved_recogniser(digits, content, tmp_path):
    (tmp_path / "r").write_bytes(content)
    np.save(tmp_path / "two.npy", digits.images[:2])
    loaded = load_any(tmp_path / "r")
    found = predict_files(loaded, [tmp_path / "two.npy"])
    clusters = loaded.assign(digits.images[:2])
    assert [p.cluster for p in found] == clusters.tolist()
    assert [p.digit for p in found] == [str(loaded.names_[c]) for c in clusters]
    scores = evaluate_model(loaded, digits)["train"]
    right = loaded.names_ == np.array(loaded.names_)
    assert right.all()
    named = np.array(loaded.names_)[loaded.assign(digits.images)]
    assert scores.majority_accuracy == pytest.approx((named == digits.labels).mean())
    assert scores.inertia is None
