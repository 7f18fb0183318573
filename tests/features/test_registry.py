import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.base import clone

from inkmeans import load
from inkmeans.errors import DataError, InkmeansError, ParameterError
from inkmeans.features import FEATURES, get_feature
from inkmeans.prepare import CenterByMass, Deskew

every = pytest.mark.parametrize("name", FEATURES)


@pytest.fixture(scope="module")
def images():
    return load("mnist").images[:200]


@every
def test_a_feature_makes_one_finite_row_an_image(name, images):
    rows = get_feature(name).make().fit_transform(images)
    assert rows.ndim == 2
    assert len(rows) == len(images)
    assert np.isfinite(rows).all()


@every
def test_rows_of_an_image_do_not_depend_on_the_others(name, images):
    transformer = get_feature(name).make().fit(images)
    rows = transformer.transform(images)
    np.testing.assert_array_equal(transformer.transform(images[50:60]), rows[50:60])
    again = clone(transformer).fit(images).transform(images)
    np.testing.assert_array_equal(again, rows)


@every
def test_only_features_that_learn_depend_on_what_they_were_fitted_on(name, images):
    feature = get_feature(name)
    rows = [
        feature.make().fit(part).transform(images[:9]) for part in (images, images[100:] // 2 + 9)
    ]
    assert (rows[0] != rows[1]).any() == feature.learns


@every
def test_a_transformer_comes_back_from_what_it_learnt(name, images):
    feature = get_feature(name)
    fitted = feature.make().fit(images)
    learnt = feature.learnt(fitted)
    assert bool(learnt) == feature.learns
    restored = feature.restore((28, 28), learnt)
    np.testing.assert_array_equal(restored.transform(images), fitted.transform(images))


@every
def test_what_a_feature_does_not_learn_is_refused(name):
    with pytest.raises(DataError, match=r"do not learn 'other'|was not kept; fit again"):
        get_feature(name).restore((28, 28), {"other": np.zeros(3)})


@every
def test_pixels_scaled_lie_in_0_to_1(name, images):
    feature = get_feature(name)
    scaled = feature.scaled(feature.make().fit_transform(images))
    assert scaled.dtype == np.float32
    if feature.shows_pixels:
        assert scaled.min() >= 0
        assert scaled.max() <= 1


@every
def test_name_is_the_key_and_summary_a_sentence(name):
    assert FEATURES[name].name == name
    assert FEATURES[name].summary.endswith(".")


def test_pixels_are_the_images_themselves(images):
    rows = get_feature("pixels").make().fit_transform(images)
    assert np.shares_memory(rows, images)


@pytest.mark.parametrize(
    ("name", "transformer"), [("deskewed", Deskew()), ("centered", CenterByMass())]
)
def test_straightened_features_are_uint8_rows_of_straightened_images(name, transformer, images):
    rows = get_feature(name).make().fit_transform(images)
    assert rows.dtype == np.uint8
    np.testing.assert_array_equal(rows.reshape(images.shape), transformer.transform(images))


def test_unknown_features_are_refused_with_the_nearest_name():
    with pytest.raises(ParameterError, match="did you mean 'deskewed'"):
        get_feature("deskewd")


@st.composite
def odd_images(draw):
    """A few images of any size: blank, all equal, of few grey levels, or of any."""
    shape = draw(st.tuples(st.integers(1, 3), st.integers(1, 11), st.integers(1, 11)))
    kind = draw(st.sampled_from(["blank", "equal", "any", "black and white"]))
    if kind == "blank":
        return np.zeros(shape, np.uint8)
    levels = st.sampled_from([0, 255]) if kind == "black and white" else st.integers(0, 255)
    images = draw(hnp.arrays(np.uint8, shape, elements=levels))
    return np.repeat(images[:1], len(images), axis=0) if kind == "equal" else images


@every
@settings(max_examples=12, deadline=None)
@given(images=odd_images())
def test_odd_images_become_finite_rows_or_a_clear_error(name, images):
    try:
        rows = get_feature(name).make().fit_transform(images)
    except InkmeansError as error:
        assert error.hint  # noqa: PT017 - either is right
        return
    assert rows.ndim == 2
    assert len(rows) == len(images)
    assert np.isfinite(rows).all()
    assert (rows[(images == images[0]).all(axis=(1, 2))] == rows[0]).all()


@every
@pytest.mark.parametrize("grey", [0, 255])
def test_images_without_ink_have_finite_rows_too(name, images, grey):
    transformer = get_feature(name).make().fit(images)
    rows = transformer.transform(np.full((2, 28, 28), grey, np.uint8))
    assert np.isfinite(rows).all()
    np.testing.assert_array_equal(rows[0], rows[1])


NOT_IMAGES = {
    "float": np.zeros((3, 28, 28)),
    "nan": np.full((3, 28, 28), np.nan),
    "whole numbers": np.zeros((3, 28, 28), int),
    "colour": np.zeros((3, 28, 28, 3), np.uint8),
    "rows": np.zeros((3, 784), np.uint8),
    "one image": np.zeros((28, 28), np.uint8),
    "no pixels": np.zeros((3, 28, 0), np.uint8),
    "text": "images",
}


@every
def test_what_are_no_images_is_refused(name, images):
    fitted = get_feature(name).make().fit(images[:40])
    for what in NOT_IMAGES.values():
        with pytest.raises(DataError, match="images"):
            get_feature(name).make().fit(what)
        with pytest.raises(DataError, match="images"):
            fitted.transform(what)
