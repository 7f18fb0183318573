"""Recognition: a fitted clustering that assigns and names new images, and its file."""

from inkmeans.recognise.cluster_model import ClusterModel
from inkmeans.recognise.model_file import load_model, save_model

__all__ = ["ClusterModel", "load_model", "save_model"]
