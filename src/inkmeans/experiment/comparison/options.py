"""What a comparison was asked for, checked in one place, and the cells that follow from it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import product
from pathlib import Path
from typing import Any

from inkmeans.cluster.registry import get_algorithm
from inkmeans.errors import ParameterError
from inkmeans.experiment.options import parse_number, parse_numbers
from inkmeans.features.registry import get_feature
from inkmeans.reduce.registry import parse_reducer

__all__ = ["Cell", "CompareOptions", "Configuration", "parse_reducers", "parse_seeds"]

_SEEDS = 2**32  # scikit-learn takes seeds below this
_MOST_SEEDS = 1000


@dataclass(frozen=True)
class Configuration:
    """What is compared: one way to cluster, to be repeated with several seeds.

    Attributes
    ----------
    features : str
    reducer : str or None
        For example ``"pca:64"``.
    algorithm : str
    n_clusters : int

    Examples
    --------
    >>> from inkmeans.experiment.comparison.options import Configuration
    >>> Configuration("pixels", "pca:64", "kmeans", 10).name
    'pixels-pca64-kmeans-10'
    """

    features: str
    reducer: str | None
    algorithm: str
    n_clusters: int

    @property
    def space(self) -> str:
        """What is clustered, for people: ``"pixels, pca:64"``."""
        return self.features if self.reducer is None else f"{self.features}, {self.reducer}"

    @property
    def name(self) -> str:
        """The configuration in one word, which can name a file."""
        parts = [self.features, self.reducer, self.algorithm, str(self.n_clusters)]
        return "-".join(_word(part) for part in parts if part is not None)


@dataclass(frozen=True)
class Cell:
    """One clustering of a comparison.

    Attributes
    ----------
    configuration : Configuration
    seed : int
    """

    configuration: Configuration
    seed: int

    @property
    def name(self) -> str:
        """The cell in one word: ``"pixels-pca64-kmeans-10-seed0"``."""
        return f"{self.configuration.name}-seed{self.seed}"


@dataclass(frozen=True)
class CompareOptions:
    """What to compare, and where to keep the results.

    Parameters
    ----------
    dataset : str, path, ndarray or pair of pairs, default="mnist"
        Whatever `inkmeans.load` takes.
    algorithms : tuple of str, default=("minibatch-kmeans", "kmeans")
        Names in `inkmeans.cluster.registry.ALGORITHMS`.
    features : tuple of str, default=("pixels", "deskewed")
        Names in `inkmeans.features.FEATURES`.
    reduce : tuple of str or None, default=(None,)
        ``NAME:D``, or None for no reduction.
    clusters : tuple of int, default=(10,)
        Numbers of clusters. An algorithm that finds the number itself runs with the first alone.
    seeds : tuple of int, default=(0, 1, 2)
        Each decides everything that is random in a cell, the order of the images included.
    out : Path, default=Path("comparison")
        The folder of the comparison; cells that are in it already are not computed again.
    contingency : tuple of two str or None, default=None
        Names of two configurations, or of two cells, whose clusters are held against each
        other; None takes the first two of the order without labels.

    Raises
    ------
    ParameterError
        If a value makes no sense, whatever the data are.

    Examples
    --------
    >>> from inkmeans.experiment import CompareOptions
    >>> options = CompareOptions(algorithms=("kmeans",), features=("pixels",), clusters=(10, 64))
    >>> len(options.cells), options.cells[0].name
    (6, 'pixels-kmeans-10-seed0')
    """

    dataset: Any = field(default="mnist", compare=False)
    algorithms: tuple[str, ...] = ("minibatch-kmeans", "kmeans")
    features: tuple[str, ...] = ("pixels", "deskewed")
    reduce: tuple[str | None, ...] = (None,)
    clusters: tuple[int, ...] = (10,)
    seeds: tuple[int, ...] = (0, 1, 2)
    out: Path = Path("comparison")
    contingency: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        for values, what, example in (
            (self.algorithms, "algorithm", "kmeans"),
            (self.features, "features", "pixels"),
            (self.reduce, "reducer", "none"),
            (self.clusters, "number of clusters", "10,64"),
            (self.seeds, "seed", "0,1,2"),
        ):
            if not values:
                raise ParameterError(f"no {what} was given", hint=f"for example {example}")
        for name in self.algorithms:
            get_algorithm(name)
        for name in self.features:
            get_feature(name)
        for reducer in self.reduce:
            if reducer is not None:
                parse_reducer(reducer)
        for n_clusters in self.clusters:
            if n_clusters < 1:
                raise ParameterError(
                    f"n_clusters is {n_clusters}", hint="give numbers of at least 1"
                )
        for seed in self.seeds:
            if not 0 <= seed < _SEEDS:
                raise ParameterError(
                    f"a seed is {seed}", hint=f"give whole numbers from 0 to {_SEEDS - 1}"
                )
        for name in self.contingency or ():
            self.find(name)

    @property
    def configurations(self) -> tuple[Configuration, ...]:
        """All that is compared, in the order in which it was asked for.

        An algorithm that finds the number of clusters itself stands there once, with the first.
        """
        asked = (
            Configuration(features, reducer, algorithm, n_clusters)
            for features, reducer, algorithm in product(self.features, self.reduce, self.algorithms)
            for n_clusters in self._numbers(algorithm)
        )
        return tuple(dict.fromkeys(asked))

    def _numbers(self, algorithm: str) -> tuple[int, ...]:
        return self.clusters[:1] if get_algorithm(algorithm).finds_number else self.clusters

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, seed by seed: soon there is one of each configuration."""
        seeds = dict.fromkeys(self.seeds)
        return tuple(Cell(one, seed) for seed in seeds for one in self.configurations)

    def find(self, name: str) -> Cell:
        """Find a cell by its name, or that of its configuration.

        Parameters
        ----------
        name : str
            ``"pixels-kmeans-10"`` stands for the cell of the first seed.

        Returns
        -------
        Cell

        Raises
        ------
        ParameterError
            If there is none of that name; the hint has the nearest one.

        Examples
        --------
        >>> from inkmeans.experiment import CompareOptions
        >>> CompareOptions().find("pixels-kmeans-10").seed
        0
        """
        known: dict[str, Cell] = {}
        for cell in self.cells:
            known.setdefault(cell.configuration.name, cell)
            known[cell.name] = cell
        if name in known:
            return known[name]
        near = get_close_matches(name, known, n=1) or [next(iter(known))]
        raise ParameterError(
            f"no run of this comparison is named {name!r}", hint=f"did you mean {near[0]!r}?"
        )


def parse_seeds(text: str, option: str) -> tuple[int, ...]:
    """Read seeds: some with commas between them, or how many.

    Parameters
    ----------
    text : str
        ``"5"`` stands for 0 to 4; ``"7,8"`` for these two, ``"7,"`` for 7 alone.
    option : str
        Name of the option, for the error message.

    Returns
    -------
    tuple of int

    Raises
    ------
    ParameterError
        If something in it is no whole number, or their number makes no sense.

    Examples
    --------
    >>> from inkmeans.experiment.comparison.options import parse_seeds
    >>> parse_seeds("3", "--seeds"), parse_seeds("7,", "--seeds")
    ((0, 1, 2), (7,))
    """
    if "," in text:
        return parse_numbers(text.rstrip().removesuffix(","), option)
    n_seeds = parse_number(text, option)
    if not 1 <= n_seeds <= _MOST_SEEDS:
        raise ParameterError(
            f"{option}: {n_seeds} seeds", hint=f"give from 1 to {_MOST_SEEDS}, or a list: 7,8"
        )
    return tuple(range(n_seeds))


def parse_reducers(text: str) -> tuple[str | None, ...]:
    """Read reducers with commas between them; ``none`` is none.

    Parameters
    ----------
    text : str
        For example ``"pca:64,none"``.

    Returns
    -------
    tuple of str or None

    Raises
    ------
    ParameterError
        If one of them is unknown.

    Examples
    --------
    >>> from inkmeans.experiment.comparison.options import parse_reducers
    >>> parse_reducers("pca:64, none")
    ('pca:64', None)
    """
    found: list[str | None] = []
    for part in (part.strip() for part in text.split(",")):
        if part == "none":
            found.append(None)
        else:
            reducer, n_components = parse_reducer(part)
            found.append(f"{reducer.name}:{n_components}")
    return tuple(dict.fromkeys(found))


def _word(part: str) -> str:
    """Keep what every file system takes in a name; names of plugins may hold anything."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", part.replace(":", ""))
