"""What patch features learnt leaves as arrays and comes back; what does not fit is refused."""

import numpy as np
import pytest

from inkmeans import load
from inkmeans.errors import DataError
from inkmeans.features import PatchFeatures
from inkmeans.features.layers import arrays_to_layers, check_layers, layers_to_arrays


@pytest.fixture(scope="module")
def digits():
    return load("mnist").images[:120]


@pytest.fixture(scope="module", params=[1, 2])
def fitted(request, digits):
    return PatchFeatures(
        (5, 7), n_atoms=12, n_patches=2000, n_hidden=8, n_layers=request.param, random_state=0
    ).fit(digits)


def test_features_of_layers_that_came_back_are_the_same(fitted, digits):
    arrays = layers_to_arrays(fitted.layers_)
    restored = PatchFeatures(layers=arrays_to_layers(arrays)).fit(np.zeros_like(digits[:1]))
    np.testing.assert_array_equal(restored.transform(digits), fitted.transform(digits))
    names = fitted.get_feature_names_out()
    np.testing.assert_array_equal(restored.get_feature_names_out(), names)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("0.0.layout", lambda layout: layout + 0.5),
        ("0.0.layout", lambda layout: layout[:2]),
        ("0.0.layout", lambda layout: layout * np.nan),
        ("0.0.atoms", lambda atoms: atoms.astype(np.float64)),
        ("0.0.thresholds", lambda thresholds: thresholds.astype(int)),
        ("0.0.atoms", None),
        ("0.0.layout", None),
        ("1.0.thresholds", None),
    ],
)
def test_arrays_that_are_no_layers_are_refused(fitted, name, change):
    arrays = layers_to_arrays(fitted.layers_)
    if change is None:
        del arrays[name]
    else:
        arrays[name] = change(arrays[name])
    with pytest.raises(DataError, match="layers of patch features"):
        arrays_to_layers(arrays)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("atoms", lambda atoms: atoms[:-1]),
        ("atoms", lambda atoms: atoms[:, :-1]),
        ("atoms", lambda atoms: atoms * np.inf),
        ("atoms", np.ravel),
        ("thresholds", lambda thresholds: thresholds[:, None]),
        ("thresholds", lambda thresholds: thresholds * np.nan),
        ("layout", lambda layout: layout * [1, 1, -1]),
        ("layout", lambda layout: layout * [1, 0, 1]),
        ("layout", lambda layout: layout * [1, 1e9, 1]),
        ("layout", lambda layout: layout * [-1, 1, 1]),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_layers_that_do_not_fit_are_refused(fitted, name, change):
    arrays = layers_to_arrays(fitted.layers_)
    last = max(arrays).rpartition(".")[0]
    arrays[f"{last}.{name}"] = change(arrays[f"{last}.{name}"]).astype(
        arrays[f"{last}.{name}"].dtype
    )
    with pytest.raises(DataError, match="does not suit images of 28 x 28"):
        check_layers(arrays_to_layers(arrays), 28, 28)


def test_layers_for_larger_images_are_refused(fitted):
    with pytest.raises(DataError, match="does not suit images of 8 x 28"):
        PatchFeatures(layers=fitted.layers_).fit(np.zeros((1, 8, 28), np.uint8))
