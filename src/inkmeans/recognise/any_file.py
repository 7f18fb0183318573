"""Model files of either kind: each says what it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from inkmeans.recognise.cluster_model import ClusterModel
from inkmeans.recognise.model_file import load_model
from inkmeans.recognise.safe_file import read_file, read_format

if TYPE_CHECKING:
    from inkmeans.recognise.recognizer import Recognizer

__all__ = ["load_any"]


def load_any(path: str | os.PathLike[str]) -> ClusterModel | Recognizer:
    """Read a model or a recogniser, whichever the file holds.

    Parameters
    ----------
    path : path
        What `save_model` or `save_recognizer` wrote.

    Returns
    -------
    ClusterModel or Recognizer

    Raises
    ------
    ModelFileError
        If it is something else, damaged, or from a newer version of inkmeans.
    DataError
        If there is no such file, or it cannot be read.

    Examples
    --------
    >>> from inkmeans.recognise import ClusterModel, load_any, save_model
    >>> file = getfixture("tmp_path") / "model.safetensors"
    >>> save_model(ClusterModel(image_shape=(1, 2), features="pixels", centroids=[[0, 1]]), file)
    >>> load_any(file).n_clusters
    1
    """
    path = Path(path)
    if read_format(read_file(path), path) == "inkmeans-model":
        return load_model(path)
    # Only now, because it loads scikit-learn.
    from inkmeans.recognise.recognizer_file import load_recognizer

    return load_recognizer(path)
