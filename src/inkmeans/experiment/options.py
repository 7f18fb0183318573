"""What a run was asked to do, checked in one place; and the plan that follows from the data."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inkmeans.cluster.registry import get_algorithm
from inkmeans.errors import OutputError, ParameterError
from inkmeans.features.registry import get_feature
from inkmeans.reduce.registry import parse_reducer

__all__ = [
    "DEFAULT_CLUSTERS",
    "DEFAULT_FEATURES",
    "DEFAULT_PRESET",
    "DEFAULT_REDUCER",
    "NO_PRESET",
    "Plan",
    "RunOptions",
    "check_output_folder",
    "check_seed",
    "parse_number",
    "parse_numbers",
]

DEFAULT_CLUSTERS = (10, 16, 36, 64, 144, 256)
DEFAULT_FEATURES = ("pixels", "deskewed")
DEFAULT_REDUCER = "pca:64"
DEFAULT_PRESET = "fast"  # of the recogniser; "balanced" would take a run beyond 45 seconds
NO_PRESET = "none"

_SEEDS = 2**32  # scikit-learn takes seeds below this
_LONGEST = 18  # digits of a number: what no option needs, and int() still reads


@dataclass(frozen=True)
class Plan:
    """What is clustered: every number of clusters in every space.

    Attributes
    ----------
    clusters : tuple of int
        Numbers of clusters, ascending.
    spaces : tuple of (str, str or None)
        Names of features, each with a reducer (``"pca:64"``) or without one.
    pages : tuple of int
        The numbers of clusters whose clusters are drawn one by one.
    """

    clusters: tuple[int, ...]
    spaces: tuple[tuple[str, str | None], ...]
    pages: tuple[int, ...]


@dataclass(frozen=True)
class RunOptions:
    """What to run, and where to leave the results.

    Parameters
    ----------
    dataset : str, path, ndarray or pair of pairs, default="mnist"
        Whatever `inkmeans.load` takes.
    clusters : tuple of int or None, default=None
        Numbers of clusters; None stands for `DEFAULT_CLUSTERS`, without those that the data
        set is too small for.
    algorithm : str, default="minibatch-kmeans"
        A name in `inkmeans.cluster.registry.ALGORITHMS`.
    features : tuple of str or None, default=None
        Names in `inkmeans.features.FEATURES`; None stands for `DEFAULT_FEATURES`.
    reduce : str or None, default=None
        ``NAME:D``; the same is then clustered without it too, so that they can be compared.
        None stands for `DEFAULT_REDUCER` where no features were asked for either, with fewer
        components if the images are small, and for no reduction otherwise.
    seed : int, default=0
        Decides everything that is random.
    out : Path, default=Path("results")
        The folder that gets the folder of this run.
    pages : tuple of int, default=()
        Numbers of clusters whose clusters are drawn one by one; the smallest if empty.
    preset : str, default="fast"
        How much work the recogniser does: one of `inkmeans.recognise.PRESETS`, or ``"none"``
        to leave it out.

    Raises
    ------
    ParameterError
        If a value makes no sense, whatever the data are.

    Examples
    --------
    >>> from inkmeans.experiment import RunOptions
    >>> RunOptions(clusters=(0,))
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: n_clusters is 0; give numbers of at least 1
    """

    dataset: Any = "mnist"
    clusters: tuple[int, ...] | None = None
    algorithm: str = "minibatch-kmeans"
    features: tuple[str, ...] | None = None
    reduce: str | None = None
    seed: int = 0
    out: Path = Path("results")
    pages: tuple[int, ...] = ()
    preset: str = DEFAULT_PRESET

    def __post_init__(self) -> None:
        if self.clusters is not None and not self.clusters:
            raise ParameterError("no number of clusters was given", hint="for example 10,64")
        for n_clusters in self.clusters or ():
            if n_clusters < 1:
                raise ParameterError(
                    f"n_clusters is {n_clusters}", hint="give numbers of at least 1"
                )
        check_seed(self.seed)
        get_algorithm(self.algorithm)
        for name in self.features or ():
            get_feature(name)
        if self.reduce is not None:
            parse_reducer(self.reduce)
        _check_preset(self.preset)
        for page in self.pages:
            if page not in (self.clusters or DEFAULT_CLUSTERS):
                raise ParameterError(
                    f"pages of {page} clusters were asked for, but no run has so many",
                    hint=f"choose from {_listed(self.clusters or DEFAULT_CLUSTERS)}",
                )

    def plan(self, n_images: int, n_pixels: int) -> Plan:
        """Fit what was asked for to the size of the data.

        Parameters
        ----------
        n_images, n_pixels : int
            Training images, and pixels in each.

        Returns
        -------
        Plan

        Raises
        ------
        ParameterError
            If there are more clusters than images, or more components than pixels or images.

        Examples
        --------
        >>> from inkmeans.experiment import RunOptions
        >>> RunOptions().plan(n_images=50, n_pixels=64).clusters
        (10, 16, 36)
        """
        clusters = self.clusters or tuple(k for k in DEFAULT_CLUSTERS if k <= n_images)
        largest = max(clusters, default=DEFAULT_CLUSTERS[0])
        if largest > n_images:
            raise ParameterError(
                f"n_clusters is {largest}, but there are only {n_images:,} training images",
                hint=f"give at most {n_images} clusters, for example --clusters {n_images}",
            )
        clusters = tuple(sorted(set(clusters)))
        reducers = (None, *self._reducers(n_images, n_pixels))
        features = dict.fromkeys(self.features or DEFAULT_FEATURES)
        spaces = tuple((name, reducer) for name in features for reducer in reducers)
        pages = tuple(page for page in self.pages if page in clusters) or clusters[:1]
        return Plan(clusters, spaces, tuple(sorted(set(pages))))

    def to_dict(self, plan: Plan, dataset: str) -> dict[str, Any]:
        """Return what was run, the defaults filled in, as JSON can hold it.

        Parameters
        ----------
        plan : Plan
        dataset : str
            Name of the data set.

        Returns
        -------
        dict
        """
        return {
            "dataset": dataset,
            "clusters": list(plan.clusters),
            "algorithm": self.algorithm,
            "features": list(dict.fromkeys(name for name, _ in plan.spaces)),
            "reducers": list(dict.fromkeys(reducer for _, reducer in plan.spaces)),
            "seed": self.seed,
            "pages": list(plan.pages),
            "preset": self.preset,
        }

    def _reducers(self, n_images: int, n_pixels: int) -> tuple[str, ...]:
        if self.reduce is None and (self.features is not None or n_images == 1):
            return ()
        reducer, n_components = parse_reducer(self.reduce or DEFAULT_REDUCER)
        if self.reduce is None:  # the default has to suit small images too
            n_components = max(1, min(n_components, n_pixels // 2, n_images))
        most = min(n_images, n_pixels)
        if n_components > most:
            raise ParameterError(
                f"reducer {self.reduce!r} asks for {n_components} components of {n_images:,} "
                f"images with {n_pixels} pixels",
                hint=f"give at most {most}",
            )
        return (f"{reducer.name}:{n_components}",)


def _check_preset(name: str) -> None:
    if name in {DEFAULT_PRESET, NO_PRESET}:  # without loading what a recogniser needs
        return
    from inkmeans.recognise.presets import PRESETS

    if name not in PRESETS:
        raise ParameterError(
            f"unknown preset {name!r}", hint=f"choose from {', '.join((*PRESETS, NO_PRESET))}"
        )


def check_seed(seed: int) -> None:
    """Raise unless scikit-learn takes a seed.

    Examples
    --------
    >>> from inkmeans.experiment.options import check_seed
    >>> check_seed(-1)
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: seed is -1; give a whole number from 0 to 4294967295
    """
    if not 0 <= seed < _SEEDS:
        raise ParameterError(f"seed is {seed}", hint=f"give a whole number from 0 to {_SEEDS - 1}")


def parse_numbers(text: str, option: str) -> tuple[int, ...]:
    """Read whole numbers with commas between them.

    Parameters
    ----------
    text : str
        For example ``"10,16,36"``.
    option : str
        Name of the option, for the error message.

    Returns
    -------
    tuple of int

    Raises
    ------
    ParameterError
        If something in it is no whole number.

    Examples
    --------
    >>> from inkmeans.experiment import parse_numbers
    >>> parse_numbers("10, 64", "--clusters")
    (10, 64)
    """
    return tuple(parse_number(part, option) for part in text.split(","))


def parse_number(text: str, option: str) -> int:
    """Read one whole number.

    Parameters
    ----------
    text : str
        For example ``"10"``.
    option : str
        Name of the option, for the error message.

    Returns
    -------
    int

    Raises
    ------
    ParameterError
        If it is no whole number, or one with more than 18 digits.

    Examples
    --------
    >>> from inkmeans.experiment import parse_number
    >>> parse_number("10", "--seed")
    10
    """
    number = text.strip()
    if number.isascii() and number.removeprefix("-").isdigit() and len(number) <= _LONGEST:
        return int(number)
    shown = number if len(number) <= _LONGEST else f"{number[:_LONGEST]}..."
    raise ParameterError(f"{option}: {shown!r} is no whole number", hint=f"for example {option} 10")


def check_output_folder(folder: Path) -> None:
    """Make sure, before any work is done, that results can be written; leave no trace.

    Parameters
    ----------
    folder : Path
        It need not exist yet.

    Raises
    ------
    OutputError
        If it cannot be made, or nothing can be written in it.
    """
    made = []
    try:
        for parent in (folder, *folder.parents):
            if parent.exists():
                break
            made.append(parent)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        if isinstance(error, FileExistsError | NotADirectoryError):
            reason = "there is a file of that name in the way"
        raise OutputError(
            f"output folder {folder}: cannot be written ({reason})",
            hint="choose another with --out, or make room or rights for this one",
        ) from error
    finally:
        for parent in made:  # innermost first
            if parent.is_dir() and not os.listdir(parent):  # noqa: PTH208 - emptiness only
                parent.rmdir()


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(str(number) for number in numbers)
