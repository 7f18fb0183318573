"""What a clustering or a map in the explorer is made with: checked, named, and hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from inkmeans.errors import ParameterError
from inkmeans.registry import lookup

__all__ = [
    "MAX_CLUSTERS",
    "PRESETS",
    "RECOGNIZER",
    "MapSettings",
    "Preset",
    "RunSettings",
    "parse_whole",
]

RECOGNIZER = "recogniser"
"""The algorithm of presets that are `inkmeans.recognise.PRESETS` of the same name."""

MAX_CLUSTERS = 1024
_SEEDS = 2**32
_SETTLED = 100  # steps of the map that is drawn in the background, whose name needs none


@dataclass(frozen=True, slots=True)
class Preset:
    """A way to cluster that needs no further choice.

    Attributes
    ----------
    name, summary : str
    features, algorithm : str
    reduce : str or None
        What it is made of; an algorithm of `RECOGNIZER` is that preset of the recogniser.
    title : str
        What runs are named after.
    """

    name: str
    summary: str
    title: str
    features: str
    algorithm: str
    reduce: str | None = None


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "fast",
            "Sorts digits by the directions of their strokes: seconds.",
            "fast (recogniser)",
            "hog",
            RECOGNIZER,
        ),
        Preset(
            "balanced",
            "Sees finer patterns of strokes too, and bends digits to compare them: minutes.",
            "balanced (recogniser)",
            "scattering",
            RECOGNIZER,
        ),
        Preset(
            "best",
            "As balanced, and looks at digits both as written and straightened: the longest.",
            "best (recogniser)",
            "scattering",
            RECOGNIZER,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How to cluster.

    Attributes
    ----------
    preset : str or None
        One of `PRESETS`; the next three are its parts then.
    features : str
        One of `inkmeans.features.FEATURES`.
    reduce : str or None
        ``NAME:D``.
    algorithm : str
        One of `inkmeans.cluster.ALGORITHMS`, or `RECOGNIZER`.
    n_clusters, seed : int

    Examples
    --------
    >>> from inkmeans.explore.settings import RunSettings
    >>> RunSettings.read({"preset": "fast", "n_clusters": 12}).name
    'fast (recogniser), k=12'
    >>> RunSettings.read({"algorithm": "kmean"})
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: unknown algorithm 'kmean'; did you mean 'kmeans'?
    """

    preset: str | None
    features: str
    reduce: str | None
    algorithm: str
    n_clusters: int
    seed: int

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Check what a page, or the project file, asks for.

        Parameters
        ----------
        given : mapping
            JSON. What is missing gets its default.

        Returns
        -------
        RunSettings

        Raises
        ------
        ParameterError
            If a name is unknown or a number makes no sense.
        """
        _check_keys(given, ("preset", "features", "reduce", "algorithm", "n_clusters", "seed"))
        n_clusters = parse_whole(given, "n_clusters", 10, 1, MAX_CLUSTERS)
        seed = parse_whole(given, "seed", 0, 0, _SEEDS - 1)
        chosen = given.get("preset")
        if chosen is not None:
            preset = lookup(PRESETS, str(chosen), "preset")
            return cls(
                preset.name, preset.features, preset.reduce, preset.algorithm, n_clusters, seed
            )
        return cls(None, *read_space(given), n_clusters, seed)

    @property
    def name(self) -> str:
        """The run in words."""
        k = f"k={self.n_clusters}" + (f", seed {self.seed}" if self.seed else "")
        if self.preset:
            return f"{PRESETS[self.preset].title}, {k}"
        parts = [self.features, *([self.reduce] if self.reduce else []), self.algorithm]
        return f"{' / '.join(parts)}, {k}"

    def to_json(self) -> dict[str, Any]:
        """Return what `read` takes, so that the run can be repeated."""
        if self.preset:
            return {"preset": self.preset, "n_clusters": self.n_clusters, "seed": self.seed}
        values = asdict(self)
        del values["preset"]
        return values

    def key(self, dataset: str) -> str:
        """Name the files that hold the run of these settings on a data set."""
        return _hash("run", dataset, asdict(self))


@dataclass(frozen=True, slots=True)
class MapSettings:
    """How to draw a map.

    Attributes
    ----------
    method : str
        One of the menu of maps.
    seed : int
    n_iter : int
        Steps in which images settle among their neighbours, see `inkmeans.reduce.DigitMap`.
    """

    method: str
    seed: int = 0
    n_iter: int = 15

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Check what a page asks for; the method is looked up where the maps are made."""
        _check_keys(given, ("method", "seed", "n_iter"))
        return cls(
            str(given.get("method", "")),
            parse_whole(given, "seed", 0, 0, _SEEDS - 1),
            parse_whole(given, "n_iter", 15, 0, 1000),
        )

    @property
    def name(self) -> str:
        """The map in words.

        Examples
        --------
        >>> from inkmeans.explore.settings import MapSettings
        >>> [MapSettings("neighbors", n_iter=steps).name for steps in (0, 15, 100)]
        ['neighbors (quick)', 'neighbors, 15 steps', 'neighbors']
        """
        seed = f", seed {self.seed}" if self.seed else ""
        steps = ""
        if self.method == "neighbors":
            steps = {0: " (quick)", _SETTLED: ""}.get(self.n_iter, f", {self.n_iter} steps")
        return f"{self.method}{steps}{seed}"

    def key(self, dataset: str) -> str:
        """Name the file that holds the map of these settings of a data set."""
        return _hash("map", dataset, asdict(self))


def read_space(given: Mapping[str, Any]) -> tuple[str, str | None, str]:
    """Check features, reducer and algorithm.

    Parameters
    ----------
    given : mapping
        JSON with ``features``, ``reduce`` and ``algorithm``, each with a default.

    Returns
    -------
    features : str
    reduce : str or None
    algorithm : str

    Raises
    ------
    ParameterError
        If a name is unknown.
    """
    from inkmeans.cluster.registry import get_algorithm
    from inkmeans.features.registry import get_feature
    from inkmeans.reduce.registry import parse_reducer

    features = str(given.get("features", "deskewed"))
    reduce = given.get("reduce") or None
    algorithm = str(given.get("algorithm", "kmeans"))
    get_feature(features)
    get_algorithm(algorithm)
    if reduce is not None:
        parse_reducer(str(reduce))
    return features, None if reduce is None else str(reduce), algorithm


def parse_whole(
    given: Mapping[str, Any], name: str, default: int | None, lowest: int, highest: int
) -> int:
    """Read a whole number from JSON or from the query of an address.

    Parameters
    ----------
    given : mapping
    name : str
    default : int or None
        None: it must be given.
    lowest, highest : int
        Both allowed.

    Returns
    -------
    int

    Raises
    ------
    ParameterError
        If it is missing, no whole number, or too small or large.

    Examples
    --------
    >>> from inkmeans.explore.settings import parse_whole
    >>> parse_whole({"n": "300"}, "n", 100, 1, 1000)
    300
    """
    value = given.get(name, default)
    if value is None:
        raise ParameterError(f"{name} is missing", hint=f"give a number from {lowest} to {highest}")
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        shown = str(value)[:40]
        raise ParameterError(
            f"{name} is {shown}", hint=f"give a whole number from {lowest} to {highest}"
        )
    return value


def _check_keys(given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = [str(key)[:40] for key in given if key not in known]
    if unknown:
        raise ParameterError(
            f"unknown setting {unknown[0]!r}", hint=f"known are {', '.join(known)}"
        )


def _hash(kind: str, dataset: str, values: Mapping[str, Any]) -> str:
    text = json.dumps([kind, 1, dataset, values], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
