import numpy as np
import pytest

from inkmeans.errors import ParameterError
from inkmeans.recognise.presets import PRESETS, get_preset, make_view


def test_presets_are_named_as_they_are_listed_and_say_what_they_do():
    for name, preset in PRESETS.items():
        assert get_preset(name) is preset
        assert preset.name == name
        assert preset.summary.endswith(".")
    assert list(PRESETS) == ["fast", "balanced", "best"]


def test_an_unknown_preset_is_refused():
    with pytest.raises(ParameterError, match="did you mean 'balanced'"):
        get_preset("balance")


@pytest.mark.parametrize("side", [4, 8, 20, 28, 40])
@pytest.mark.parametrize("name", sorted({view for p in PRESETS.values() for view in p.views}))
def test_views_suit_images_of_any_size(name, side):
    images = np.random.default_rng(0).integers(0, 256, (9, side, side + 3), dtype=np.uint8)
    rows = make_view(name, 0, side).fit_transform(images)
    n_features = name.count("+")
    assert rows.shape == (9, 8 * n_features)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()


def test_a_group_of_a_view_is_one_path_of_the_scattering_transform():
    images = np.random.default_rng(0).integers(0, 256, (9, 28, 28), dtype=np.uint8)
    view = make_view("deskewed+scattering", 0, 28).fit(images)
    scales = view.scale_.reshape(-1, view.group)
    assert len(scales) == 217
    assert (scales == scales[:, :1]).all()


def test_few_images_are_all_landmarks_and_many_are_not():
    fast = get_preset("fast")
    assert fast.training_of(1800).n_landmarks == 1800
    assert fast.training_of(10_000) == fast.training
    assert fast.training_of(200) == fast.training
