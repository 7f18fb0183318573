"""Reducers that keep neighbours rather than directions: Isomap, UMAP, t-SNE, PaCMAP."""

from __future__ import annotations

import hashlib
import logging
import warnings
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from inkmeans.errors import ParameterError
from inkmeans.reduce.layout import Floats32
from inkmeans.reduce.neighbor_map import Projection
from inkmeans.registry import require

__all__ = ["Embedding", "LandmarkIsomap", "PacmapEmbedding", "TsneEmbedding", "UmapEmbedding"]

_DTYPES = (np.float32, np.float64, np.uint8)
_FEWEST = 5  # rows that have neighbours worth the name
_BLOCK = 2048  # rows placed among landmarks at once


class Embedding(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """What the embeddings of this module share; not for use by itself.

    Rows of more than 50 columns are first reduced to their 50 principal components, as is
    usual. The rows that were fitted on come to exactly where they were put, if they are
    given to `transform` once more in the same order; new rows are placed among them. Where
    all rows fitted on are equal, everything lies at the origin.

    Attributes
    ----------
    embedding_ : ndarray of float32, shape (n, n_components)
        The places of the rows.
    n_features_in_ : int
    """

    n_components: int
    random_state: Any

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Find a place for each row.

        Parameters
        ----------
        X : array-like of shape (n, d)
        y : None
            Not used.

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If `n_components` is not possible.
        MissingExtraError
            If the library that does it is not installed.
        """
        rows = validate_data(self, X, dtype=_DTYPES, ensure_min_samples=_FEWEST)
        self._check_components(len(rows))
        seed = int(check_random_state(self.random_state).randint(2**31))
        with _quiet():
            self._projection = Projection.of(rows, np.random.default_rng(seed))
            projected = self._projection.apply(rows)
            # The libraries divide by the spread of the rows.
            self._all_equal = not np.ptp(projected, axis=0).any()
            self.embedding_ = (
                self._origins(len(rows))
                if self._all_equal
                else np.asarray(self._embed(projected, seed), dtype=np.float32)
            )
        self._fitted_on = _digest(rows)
        return self

    def fit_transform(self, X: ArrayLike, y: Any = None) -> Floats32:
        """Find a place for each row, and return the places.

        Parameters
        ----------
        X : array-like of shape (n, d)
        y : None
            Not used.

        Returns
        -------
        float32 ndarray of shape (n, n_components)
        """
        return self.fit(X).embedding_

    def transform(self, X: ArrayLike) -> Floats32:
        """Place rows among those fitted on.

        Parameters
        ----------
        X : array-like of shape (n, d)

        Returns
        -------
        float32 ndarray of shape (n, n_components)
        """
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=_DTYPES, reset=False)
        if _digest(rows) == self._fitted_on:
            return self.embedding_.copy()
        if self._all_equal:
            return self._origins(len(rows))
        with _quiet():
            placed = self._place(self._projection.apply(rows))
        return np.asarray(placed, dtype=np.float32)

    @abstractmethod
    def _embed(self, projected: Floats32, seed: int) -> NDArray[Any]:
        """Return the places of the rows fitted on."""

    @abstractmethod
    def _place(self, projected: Floats32) -> NDArray[Any]:
        """Return the places of new rows."""

    def _check_components(self, n_rows: int) -> None:
        if self.n_components < 1:
            raise ParameterError(f"n_components is {self.n_components}", hint="give at least 1")

    def _origins(self, n: int) -> Floats32:
        return np.zeros((n, self.n_components), dtype=np.float32)

    def _start(self, projected: Floats32, scale: float) -> Floats32:
        """Return a start along the principal components, which are the same every time."""
        start = np.zeros((len(projected), self.n_components), dtype=np.float32)
        main = projected[:, : self.n_components]
        start[:, : main.shape[1]] = main * (scale / (main[:, 0].std() or 1.0))
        return start

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    @property
    def _n_features_out(self) -> int:
        return int(self.embedding_.shape[1])


class LandmarkIsomap(Embedding):
    """Isomap: distances along the surface on which the rows lie, kept as well as possible.

    The surface is spanned by landmarks, rows drawn at random, where there are more rows than
    `n_landmarks`; the others are placed by their distances to these.

    Parameters
    ----------
    n_components : int, default=2
        At most as many as there are rows.
    n_neighbors : int, default=10
        Neighbours that a step along the surface may lead to.
    n_landmarks : int, default=1000
    random_state : int, RandomState or None, default=None
        Draws the landmarks.

    Attributes
    ----------
    embedding_ : ndarray of float32, shape (n, n_components)
    n_features_in_ : int

    References
    ----------
    J. B. Tenenbaum, V. de Silva, J. C. Langford, "A global geometric framework for nonlinear
    dimensionality reduction", Science 290, 2000.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.reduce.manifold import LandmarkIsomap
    >>> angle = np.linspace(0, 5, 60)
    >>> spiral = np.c_[angle * np.cos(angle), angle * np.sin(angle)]
    >>> along = LandmarkIsomap(1, n_neighbors=2).fit_transform(spiral).ravel()
    >>> bool((np.diff(along) > 0).all() or (np.diff(along) < 0).all())
    True
    """

    def __init__(
        self,
        n_components: int = 2,
        *,
        n_neighbors: int = 10,
        n_landmarks: int = 1000,
        random_state: Any = None,
    ) -> None:
        self.n_components = n_components
        self.n_neighbors = n_neighbors
        self.n_landmarks = n_landmarks
        self.random_state = random_state

    def _check_components(self, n_rows: int) -> None:
        super()._check_components(n_rows)
        most = min(n_rows, self.n_landmarks)
        if self.n_components > most:
            raise ParameterError(
                f"n_components is {self.n_components} for {most} landmarks",
                hint=f"give at most {most}",
            )

    def _embed(self, projected: Floats32, seed: int) -> NDArray[Any]:
        from sklearn.manifold import Isomap

        drawn = np.random.default_rng(seed).permutation(len(projected))[: self.n_landmarks]
        landmarks = projected[np.sort(drawn)]
        self._isomap = Isomap(
            n_neighbors=min(self.n_neighbors, len(landmarks) - 1),
            n_components=self.n_components,
            eigen_solver="dense",
        ).fit(landmarks)
        return self._place(projected)

    def _place(self, projected: Floats32) -> NDArray[Any]:
        blocks = [projected[i : i + _BLOCK] for i in range(0, len(projected), _BLOCK)]
        return np.concatenate([self._isomap.transform(block) for block in blocks])


class UmapEmbedding(Embedding):
    """UMAP, by umap-learn, begun at the principal components; one thread, so reproducible.

    Parameters
    ----------
    n_components : int, default=2
    n_neighbors : int, default=15
        More show the whole, fewer the details.
    min_dist : float, default=0.1
        How close rows may lie.
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    embedding_ : ndarray of float32, shape (n, n_components)
    n_features_in_ : int

    References
    ----------
    L. McInnes, J. Healy, J. Melville, "UMAP: uniform manifold approximation and projection
    for dimension reduction", arXiv:1802.03426, 2018.
    """

    def __init__(
        self,
        n_components: int = 2,
        *,
        n_neighbors: int = 15,
        min_dist: float = 0.1,
        random_state: Any = None,
    ) -> None:
        self.n_components = n_components
        self.n_neighbors = n_neighbors
        self.min_dist = min_dist
        self.random_state = random_state

    def _embed(self, projected: Floats32, seed: int) -> NDArray[Any]:
        umap = require("umap", "maps", "UMAP")
        self._umap = umap.UMAP(
            n_components=self.n_components,
            n_neighbors=min(self.n_neighbors, len(projected) - 1),
            min_dist=self.min_dist,
            init=self._start(projected, 1.0),
            n_jobs=1,
            random_state=seed,
        ).fit(projected)
        return np.asarray(self._umap.embedding_)

    def _place(self, projected: Floats32) -> NDArray[Any]:
        return np.asarray(self._umap.transform(projected))


class TsneEmbedding(Embedding):
    """t-SNE, by openTSNE, begun at the principal components; one thread, so reproducible.

    Parameters
    ----------
    n_components : {1, 2}, default=2
    perplexity : float, default=30
        Roughly how many neighbours count; at most a third of the rows.
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    embedding_ : ndarray of float32, shape (n, n_components)
    n_features_in_ : int

    References
    ----------
    P. G. Poličar, M. Stražar, B. Zupan, "openTSNE: a modular Python library for t-SNE
    dimensionality reduction and embedding", JSS 109(3), 2024.
    """

    def __init__(
        self, n_components: int = 2, *, perplexity: float = 30, random_state: Any = None
    ) -> None:
        self.n_components = n_components
        self.perplexity = perplexity
        self.random_state = random_state

    def _check_components(self, n_rows: int) -> None:
        super()._check_components(n_rows)
        if self.n_components > 2:
            raise ParameterError(
                f"n_components is {self.n_components}", hint="t-SNE gives 1 or 2 dimensions"
            )

    def _embed(self, projected: Floats32, seed: int) -> NDArray[Any]:
        opentsne = require("openTSNE", "maps", "t-SNE")
        self._tsne = opentsne.TSNE(
            n_components=self.n_components,
            perplexity=min(self.perplexity, (len(projected) - 1) / 3),
            initialization=self._start(projected, 1e-4).astype(np.float64),
            n_jobs=1,
            random_state=seed,
        ).fit(projected)
        return np.asarray(self._tsne)

    def _place(self, projected: Floats32) -> NDArray[Any]:
        return np.asarray(self._tsne.transform(projected))


class PacmapEmbedding(Embedding):
    """PaCMAP, by the package of its authors.

    Parameters
    ----------
    n_components : int, default=2
    n_neighbors : int, default=10
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    embedding_ : ndarray of float32, shape (n, n_components)
    n_features_in_ : int

    References
    ----------
    Y. Wang, H. Huang, C. Rudin, Y. Shaposhnik, "Understanding how dimension reduction tools
    work", JMLR 22, 2021.
    """

    def __init__(
        self, n_components: int = 2, *, n_neighbors: int = 10, random_state: Any = None
    ) -> None:
        self.n_components = n_components
        self.n_neighbors = n_neighbors
        self.random_state = random_state

    def _embed(self, projected: Floats32, seed: int) -> NDArray[Any]:
        pacmap = require("pacmap", "maps", "PaCMAP")
        self._pacmap = pacmap.PaCMAP(
            n_components=self.n_components,
            n_neighbors=self.n_neighbors,
            apply_pca=False,
            random_state=seed,
        )
        self._rows = projected
        return np.asarray(self._pacmap.fit_transform(projected, init=self._start(projected, 1.0)))

    def _place(self, projected: Floats32) -> NDArray[Any]:
        return np.asarray(self._pacmap.transform(projected, basis=self._rows))


def _digest(rows: NDArray[Any]) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(rows).data, digest_size=16).digest()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep from the user what the libraries say of themselves; one thread, the same result."""
    logger = logging.getLogger("pacmap")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
