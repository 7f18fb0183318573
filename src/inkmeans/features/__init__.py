"""Features: images to vectors, each by its name in `FEATURES`."""

from inkmeans.features.registry import FEATURES, Feature, get_feature

__all__ = ["FEATURES", "Feature", "get_feature"]
