from dataclasses import replace

import numpy as np
import pytest

from inkmeans.errors import DataError, InkmeansError, NotNamedError, ParameterError
from inkmeans.features import FEATURES, Feature
from inkmeans.recognise import ClusterModel
from inkmeans.reduce import LinearMap


def test_each_image_goes_to_its_nearest_centroid(fitted, digits):
    model, rows = fitted
    exact = ((rows[:, None, :].astype(float) - model.centroids) ** 2).sum(axis=2)
    found = model.assign(digits.images)
    assert found.dtype == np.int32
    nearest = exact.min(axis=1)
    np.testing.assert_allclose(exact[np.arange(len(rows)), found], nearest, rtol=1e-5)
    assert (found == exact.argmin(axis=1)).mean() > 0.999


def test_distances_are_euclidean_on_the_scale_of_the_centroids(fitted, digits):
    model, rows = fitted
    exact = np.sqrt(((rows[:50, None, :].astype(float) - model.centroids) ** 2).sum(axis=2))
    found = model.distances(digits.images[:50])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, exact, rtol=1e-4)


def test_predictions_are_the_classes_of_the_clusters(fitted, digits):
    model, _ = fitted
    predicted = model.predict(digits.images)
    np.testing.assert_array_equal(predicted, model.mapping[model.assign(digits.images)])
    assert (predicted == digits.labels).mean() > 0.6


def test_an_image_does_not_depend_on_the_others_or_on_threads(fitted, digits):
    model, _ = fitted
    together = model.assign(digits.images, n_threads=2)
    alone = np.concatenate([model.assign(image[None]) for image in digits.images[:40]])
    np.testing.assert_array_equal(together[:40], alone)
    many = np.tile(digits.images, (3, 1, 1))  # more than one block
    np.testing.assert_array_equal(model.assign(many), np.tile(together, 3))


def test_a_centroid_that_is_an_image_is_nearest_to_it(digits):
    model = ClusterModel(
        image_shape=(8, 8), features="pixels", centroids=digits.images[:30].reshape(30, 64) / 255
    )
    np.testing.assert_array_equal(model.assign(digits.images[:30]), np.arange(30))
    assert np.diag(model.distances(digits.images[:30])).max() < 1e-6
    np.testing.assert_array_equal(model.centroid_images(), digits.images[:30])


def test_centroids_of_a_reduced_space_look_like_their_members(model, digits):
    members = model.assign(digits.images)
    for cluster, image in enumerate(model.centroid_images()):
        mean = digits.images[members == cluster].mean(axis=0)
        assert np.corrcoef(mean.ravel(), image.ravel())[0, 1] > 0.9


def test_no_images_give_no_answers(fitted):
    model, _ = fitted
    none = np.zeros((0, 8, 8), np.uint8)
    assert model.assign(none).shape == (0,)
    assert model.predict(none).shape == (0,)
    assert model.distances(none).shape == (0, 20)


def test_clusters_without_names_predict_nothing(model, digits):
    nameless = replace(model, mapping=None)
    assert nameless.class_name(3) is None
    assert len(nameless.assign(digits.images)) == len(digits.images)
    with pytest.raises(NotNamedError, match="no names"):
        nameless.predict(digits.images)


def test_a_cluster_without_a_name_is_minus_one(digits):
    model = ClusterModel(
        image_shape=(8, 8),
        features="pixels",
        centroids=np.stack([np.zeros(64), np.ones(64)]),
        classes=("light",),
        mapping=[-1, 0],
    )
    images = np.stack([np.zeros((8, 8), np.uint8), np.full((8, 8), 255, np.uint8)])
    assert model.predict(images).tolist() == [-1, 0]
    assert [model.class_name(cluster) for cluster in (0, 1)] == [None, "light"]


def test_images_of_another_size_are_refused_with_the_right_one(model):
    with pytest.raises(DataError, match="28 x 28 pixels; this model takes 8 x 8"):
        model.assign(np.zeros((1, 28, 28), np.uint8))


def test_arrays_are_copied_and_read_only(model):
    centroids = np.zeros((2, 4))
    made = ClusterModel(image_shape=(2, 2), features="pixels", centroids=centroids)
    centroids[:] = 7
    assert made.centroids.max() == 0
    for array in (made.centroids, model.mapping, model.reducer.mean, model.reducer.components):
        assert not array.flags.writeable


def test_features_that_are_no_pixels_draw_no_centroids(monkeypatch):
    pixels = FEATURES["pixels"]
    monkeypatch.setitem(FEATURES, "sums", Feature("sums", "Sums.", pixels.make))
    model = ClusterModel(image_shape=(2, 2), features="sums", centroids=np.zeros((2, 4)))
    with pytest.raises(ParameterError, match="'sums' are no images"):
        model.centroid_images()
    model = ClusterModel(image_shape=(2, 2), features="sums", centroids=np.zeros((2, 5)))
    with pytest.raises(DataError, match="4 features; this model was fitted on 5"):
        model.assign(np.zeros((1, 2, 2), np.uint8))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"centroids": np.zeros(4)}, "shape"),
        ({"centroids": np.zeros((0, 4))}, "shape"),
        ({"centroids": [[0, 0, 0, np.nan]]}, "finite"),
        ({"centroids": np.zeros((1, 5))}, "5 features"),
        ({"image_shape": (0, 4)}, "0 x 4"),
        ({"features": "pixel"}, "did you mean 'pixels'"),
        ({"mapping": [0, 0]}, "for 1 clusters"),
        ({"mapping": [2]}, "none of the 2 classes"),
        ({"mapping": [-2]}, "none of the 2 classes"),
        ({"reducer": LinearMap(np.zeros(4), np.zeros((3, 4)))}, "3 components"),
        ({"reducer": LinearMap(np.zeros(5), np.zeros((4, 5)))}, "5 features"),
        ({"reducer": LinearMap(np.zeros(5), np.zeros((4, 4)))}, "mean of shape"),
        ({"reducer": LinearMap(np.zeros(4), np.full((4, 4), np.inf))}, "not finite"),
        ({"info": {"scores": [1, 2]}}, "'scores' is no plain value but a list"),
        ({"info": {"inertia": float("nan")}}, "'inertia' is nan"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(change, says):
    whole = {
        "image_shape": (2, 2),
        "features": "pixels",
        "centroids": np.zeros((1, 4)),
        "classes": ("a", "b"),
    }
    with pytest.raises(InkmeansError, match=says):
        ClusterModel(**whole | change)
