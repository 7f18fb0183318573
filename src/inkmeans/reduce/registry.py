"""The reducers that can be asked for by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import ParameterError
from inkmeans.registry import lookup

__all__ = ["REDUCERS", "Reducer", "get_reducer", "parse_reducer"]


class Factory(Protocol):
    """Makes an unfitted scikit-learn transformer of rows."""

    def __call__(self, n_components: int, random_state: int | None) -> Any:
        """Return a transformer to so many components."""
        ...


@dataclass(frozen=True)
class Reducer:
    """What is known of a reducer before it is fitted.

    Attributes
    ----------
    name, summary : str
        The name to ask for it by, and one plain sentence.
    make : Factory
        Makes the unfitted transformer: rows of shape (n, d), uint8 or float, to float32 rows of
        shape (n, n_components).
    transforms_new : bool
        Whether it reduces rows that it was not fitted on.
    linear : bool
        Whether `linear_map` can take it for what it is: only then a model file can hold it.
    bounded_by_rows : bool
        Whether it cannot have more components than the rows that it is fitted on.
    fewest_rows : int
        The fewest rows that it can be fitted on.
    most_components : int or None
        The most components that it can have, whatever the rows.
    takes_negative : bool
        Whether rows may hold negative numbers.
    extra : str or None
        The extra of inkmeans that it needs.
    """

    name: str
    summary: str
    make: Factory
    transforms_new: bool = True
    linear: bool = False
    bounded_by_rows: bool = False
    fewest_rows: int = 2
    most_components: int | None = None
    takes_negative: bool = True
    extra: str | None = None


def _as_float32(rows: ArrayLike) -> NDArray[np.float32]:
    # Left alone, scikit-learn would make a float64 copy of uint8 rows.
    return np.asarray(rows, dtype=np.float32)


def _float32_then(reducer: Any) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    return make_pipeline(FunctionTransformer(_as_float32), reducer)


def _pca(n_components: int, random_state: int | None) -> Any:
    from inkmeans.reduce.components import PrincipalComponents

    return PrincipalComponents(n_components)  # nothing in it is random


def _random_projection(n_components: int, random_state: int | None) -> Any:
    from sklearn.random_projection import GaussianRandomProjection

    return _float32_then(GaussianRandomProjection(n_components, random_state=random_state))


def _truncated_svd(n_components: int, random_state: int | None) -> Any:
    from sklearn.decomposition import TruncatedSVD

    return _float32_then(TruncatedSVD(n_components, random_state=random_state))


def _nmf(n_components: int, random_state: int | None) -> Any:
    from inkmeans.reduce.factorization import NonNegativeFactors

    return NonNegativeFactors(n_components, random_state=random_state)


def _isomap(n_components: int, random_state: int | None) -> Any:
    from inkmeans.reduce.manifold import LandmarkIsomap

    return LandmarkIsomap(n_components, random_state=random_state)


def _umap(n_components: int, random_state: int | None) -> Any:
    from inkmeans.reduce.manifold import UmapEmbedding

    return UmapEmbedding(n_components, random_state=random_state)


def _tsne(n_components: int, random_state: int | None) -> Any:
    from inkmeans.reduce.manifold import TsneEmbedding

    return TsneEmbedding(n_components, random_state=random_state)


def _pacmap(n_components: int, random_state: int | None) -> Any:
    from inkmeans.reduce.manifold import PacmapEmbedding

    return PacmapEmbedding(n_components, random_state=random_state)


REDUCERS: dict[str, Reducer] = {
    record.name: record
    for record in (
        Reducer(
            "pca",
            "Principal components: the directions in which the images differ the most.",
            _pca,
            linear=True,
            bounded_by_rows=True,
        ),
        Reducer(
            "truncated-svd",
            "Singular vectors: as principal components, but of rows that are not centred.",
            _truncated_svd,
            linear=True,
        ),
        Reducer(
            "random-projection",
            "Gaussian random projection: random directions, which keep distances roughly.",
            _random_projection,
            linear=True,
            fewest_rows=1,
        ),
        Reducer(
            "nmf",
            "Non-negative matrix factorisation: each image as a sum of parts.",
            _nmf,
            bounded_by_rows=True,
            takes_negative=False,
        ),
        Reducer(
            "isomap",
            "Isomap: distances from neighbour to neighbour are kept; by way of 1,000 landmarks.",
            _isomap,
            bounded_by_rows=True,
            fewest_rows=5,
        ),
        Reducer(
            "umap",
            "UMAP: neighbours stay neighbours; minutes for tens of thousands of images.",
            _umap,
            fewest_rows=5,
            extra="maps",
        ),
        Reducer(
            "tsne",
            "t-SNE (openTSNE): neighbours stay neighbours, in 1 or 2 dimensions; takes minutes.",
            _tsne,
            fewest_rows=5,
            most_components=2,
            extra="maps",
        ),
        Reducer(
            "pacmap",
            "PaCMAP: near, middling and far pairs keep their distances; takes minutes.",
            _pacmap,
            fewest_rows=5,
            extra="maps",
        ),
    )
}


def get_reducer(name: str) -> Reducer:
    """Find a reducer by its name.

    Parameters
    ----------
    name : str
        One of `REDUCERS`.

    Returns
    -------
    Reducer

    Raises
    ------
    ParameterError
        If there is none of that name; the hint has the nearest one.

    Examples
    --------
    >>> from inkmeans.reduce import get_reducer
    >>> get_reducer("pca").transforms_new
    True
    """
    return lookup(REDUCERS, name, "reducer")


def parse_reducer(
    text: str, n_features: int | None = None, n_rows: int | None = None
) -> tuple[Reducer, int]:
    """Read ``NAME:D``, the form in which a reducer is asked for.

    Parameters
    ----------
    text : str
        For example ``"pca:64"``.
    n_features : int or None, default=None
        How many numbers a row has, where that is known: D may not be larger.
    n_rows : int or None, default=None
        How many rows it will be fitted on, where that is known: some find no more components.

    Returns
    -------
    reducer : Reducer
    n_components : int

    Raises
    ------
    ParameterError
        If the name is unknown; if D is missing, not a whole number, below 1 or too large; or if
        there are too few rows.

    Examples
    --------
    >>> from inkmeans.reduce import parse_reducer
    >>> reducer, n_components = parse_reducer("pca:64")
    >>> reducer.name, n_components
    ('pca', 64)
    >>> parse_reducer("pca")
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: reducer 'pca' has no number of components; write 'pca:64'
    """
    name, _, number = (part.strip() for part in text.partition(":"))
    reducer = get_reducer(name)
    if not number:
        raise ParameterError(
            f"reducer {text!r} has no number of components", hint=f"write '{name}:64'"
        )
    if not (number.isascii() and number.removeprefix("-").isdigit()):
        raise ParameterError(
            f"reducer {text!r}: {number!r} is no number of components", hint=f"write '{name}:64'"
        )
    # The cut keeps absurd input away from int(), which refuses more than 4,300 digits.
    n_components = int(number[:20])
    if n_components < 1:
        raise ParameterError(
            f"reducer {text!r} asks for {n_components} components", hint="give at least 1"
        )
    if n_features is not None and n_components > n_features:
        raise ParameterError(
            f"reducer {text!r} asks for {n_components} components of {n_features} features",
            hint=f"give at most {n_features}",
        )
    if reducer.most_components is not None and n_components > reducer.most_components:
        raise ParameterError(
            f"reducer {text!r} asks for {n_components} components",
            hint=f"{name} gives at most {reducer.most_components}",
        )
    if n_rows is not None and n_rows < reducer.fewest_rows:
        raise ParameterError(
            f"reducer {text!r}: {n_rows} images are too few",
            hint=f"{name} needs at least {reducer.fewest_rows}",
        )
    if n_rows is not None and reducer.bounded_by_rows and n_components > n_rows:
        raise ParameterError(
            f"reducer {text!r} asks for {n_components} components of {n_rows} images",
            hint=f"give at most {n_rows}",
        )
    return reducer, n_components
