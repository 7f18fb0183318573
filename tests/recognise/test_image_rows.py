import numpy as np
import pytest

from inkmeans.errors import DataError
from inkmeans.features import HOG, Scattering
from inkmeans.prepare import Deskew
from inkmeans.recognise.image_rows import ImageRows


@pytest.fixture(scope="module")
def images(digits):
    return digits.images[:300]


def test_rows_are_the_projected_features(images):
    view = ImageRows(Deskew(), HOG(), 20, group=0).fit(images)
    features = HOG().fit_transform(Deskew().transform(images))
    np.testing.assert_allclose(view.mean_, features.mean(axis=0), atol=1e-5)
    expected = (features - features.mean(axis=0)) @ view.components_.T
    np.testing.assert_allclose(view.transform(images), expected, atol=1e-4)
    np.testing.assert_allclose(view.variance_, expected.var(axis=0, ddof=1), rtol=1e-3)
    assert (np.diff(view.variance_) <= 0).all()


def test_rows_of_any_features_have_a_total_variance_of_one(images):
    for features in (HOG(), Scattering(2, 4)):
        rows = ImageRows(Deskew(), features, 20, group=0).fit_transform(images)
        assert rows.var(axis=0, ddof=1).sum() == pytest.approx(1, rel=1e-3)


def test_groups_are_divided_by_the_root_of_their_deviation(images):
    scattering = Scattering(2, 4)
    view = ImageRows(Deskew(), scattering, 20, group=9).fit(images)
    features = scattering.fit_transform(Deskew().transform(images))
    for start in range(0, features.shape[1], 9):
        part = slice(start, start + 9)
        deviation = np.sqrt(features[:, part].var(axis=0, dtype=np.float64).mean())
        np.testing.assert_allclose(view.scale_[part], deviation**-0.5, rtol=1e-3)


def test_blocks_of_images_give_what_all_at_once_give(images):
    view = ImageRows(Deskew(), HOG(), 20).fit(images)
    many = np.tile(images, (8, 1, 1))  # more than one block
    np.testing.assert_allclose(
        view.transform(many), np.tile(view.transform(images), (8, 1)), atol=1e-5
    )


def test_a_sample_is_drawn_by_the_seed(images):
    first, same, other = (
        ImageRows(Deskew(), HOG(), 20, n_sample=100, random_state=seed).fit(images)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.components_, same.components_)
    assert not np.array_equal(first.mean_, other.mean_)


@pytest.mark.parametrize(("n", "expected"), [(1, 1), (2, 1), (5, 4), (300, 20)])
def test_there_are_no_more_components_than_images_tell(images, n, expected):
    view = ImageRows(Deskew(), HOG(), 20).fit(images[:n])
    assert view.n_components_ == expected
    assert np.isfinite(view.transform(images)).all()


def test_equal_images_become_equal_rows(images):
    rows = ImageRows(Deskew(), Scattering(2), 20, group=9).fit_transform(
        np.repeat(images[:1], 9, axis=0)
    )
    assert np.isfinite(rows).all()
    np.testing.assert_array_equal(rows, np.repeat(rows[:1], 9, axis=0))
    np.testing.assert_allclose(rows, 0, atol=1e-2)


def test_features_that_are_no_numbers_are_refused(images):
    class Broken(HOG):
        def transform(self, X):
            return super().transform(X) * np.nan

    with pytest.raises(DataError, match="no numbers"):
        ImageRows(Deskew(), Broken(), 20).fit(images)
