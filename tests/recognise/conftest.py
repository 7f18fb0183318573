import numpy as np
import pytest
from sklearn.cluster import KMeans

from inkmeans import load
from inkmeans.features import get_feature
from inkmeans.recognise import ClusterModel
from inkmeans.reduce import get_reducer, linear_map


@pytest.fixture(scope="session")
def digits():
    """Return the 8 x 8 digits of scikit-learn."""
    return load("digits")


def fit(digits, features="pixels", reducer=None, n_clusters=20):
    """Return a model and the rows that it was fitted on, prepared by hand."""
    feature = get_feature(features)
    rows = feature.scaled(feature.make().fit_transform(digits.images))
    linear = None
    if reducer:
        linear = linear_map(get_reducer(reducer).make(9, 0).fit(rows))
        rows = linear.transform(rows)
    clusterer = KMeans(n_clusters, n_init=1, random_state=0).fit(rows)
    votes = [
        np.bincount(digits.labels[clusterer.labels_ == k], minlength=10).argmax()
        for k in range(n_clusters)
    ]
    model = ClusterModel(
        image_shape=digits.images.shape[1:],
        features=features,
        centroids=clusterer.cluster_centers_,
        reducer=linear,
        classes=digits.names,
        mapping=votes,
        info={"dataset": "digits", "algorithm": "kmeans", "seed": 0, "share": 0.1, "note": None},
    )
    return model, rows


@pytest.fixture(
    scope="session",
    params=[
        ("pixels", None),
        ("deskewed", None),
        ("pixels", "pca"),
        ("deskewed", "random-projection"),
    ],
    ids=lambda pair: "-".join(part or "all" for part in pair),
)
def fitted(request, digits):
    return fit(digits, *request.param)


@pytest.fixture(scope="session")
def model(digits):
    return fit(digits, "pixels", "pca")[0]
