"""Suggest a number of clusters: prepare a sample, ask every criterion, say what they say."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.datasets import Digits, load
from inkmeans.errors import DataError, OutputError, ParameterError
from inkmeans.evaluate import Criterion, Suggestion, suggest_from
from inkmeans.experiment.options import check_output_folder
from inkmeans.experiment.suggestion.criteria import CRITERIA, Trial
from inkmeans.experiment.suggestion.options import DEFAULT_REDUCER, SuggestOptions
from inkmeans.features.registry import get_feature
from inkmeans.progress import Callback, Event, silent
from inkmeans.reduce.registry import parse_reducer
from inkmeans.report.figure_files import draw_figure

__all__ = ["KSuggestion", "suggest_k"]

CHOICE = (
    "The number of clusters is a choice: the criteria look at shapes, not at what the clusters "
    "are for. Fewer show the main groups, more the ways of writing within them."
)


@dataclass(frozen=True)
class KSuggestion:
    """What the criteria say of the number of clusters.

    Attributes
    ----------
    dataset : str
    space : str
        What was clustered: ``"deskewed, pca:32"``.
    n_sample, n_train : int
        Images that were looked at, of so many.
    criteria : tuple of Criterion
    suggestion : Suggestion
    words : tuple of str
        All of it in sentences.
    files : tuple of Path
        suggest-k.json and the picture as PNG and SVG.
    """

    dataset: str
    space: str
    n_sample: int
    n_train: int
    criteria: tuple[Criterion, ...]
    suggestion: Suggestion
    words: tuple[str, ...]
    files: tuple[Path, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return what suggest-k.json holds."""
        return {
            "dataset": self.dataset,
            "space": self.space,
            "n_sample": self.n_sample,
            "n_train": self.n_train,
            "labels": "no labels used",
            "suggestion": asdict(self.suggestion),
            "criteria": [asdict(one) for one in self.criteria],
            "words": list(self.words),
        }


def suggest_k(options: SuggestOptions, *, progress: Callback | None = None) -> KSuggestion:
    """Ask several criteria, none of which uses a label, how many clusters there are.

    Parameters
    ----------
    options : SuggestOptions
    progress : callable, optional
        Told about every step; what it raises ends the work.

    Returns
    -------
    KSuggestion
        Its `files` are in ``options.out``.

    Raises
    ------
    InkmeansError
        If the data, the options or the folder are wrong.

    Notes
    -----
    ``len(clusters) * (1 + n_references + n_repeats)`` fits of k-means on the sample,
    each the best of three starts: for MNIST and the default options half a minute of one core.

    Examples
    --------
    >>> from pathlib import Path
    >>> from inkmeans.experiment import SuggestOptions, suggest_k
    >>> options = SuggestOptions("digits", clusters=(5, 10, 20), reduce="pca:8", sample=300,
    ...                          n_references=2, n_repeats=2, out=Path("k"))
    >>> found = suggest_k(options)
    >>> found.space, found.n_sample, found.files[0].name
    ('deskewed, pca:8', 300, 'suggest-k.json')
    """
    check_output_folder(options.out)
    progress = progress or silent
    progress(Event("load", str(options.dataset) if isinstance(options.dataset, str) else ""))
    digits = load(options.dataset, progress=progress)
    if options.clusters[-1] >= digits.n_train:
        raise ParameterError(
            f"n_clusters is {options.clusters[-1]}, but there are only {digits.n_train:,} "
            "training images",
            hint=f"give numbers below {digits.n_train}",
        )
    rows, space = _rows(options, digits, progress)
    if np.ptp(rows, axis=0).max() == 0:
        raise DataError(
            f"{digits.source.name}: all images are the same", hint="give images that differ"
        )
    trial = Trial(
        rows, options.clusters, options.seed, options.n_references, options.n_repeats, progress
    )
    criteria = tuple(criterion(trial) for criterion in CRITERIA.values())
    found = KSuggestion(
        dataset=digits.source.name,
        space=space,
        n_sample=len(rows),
        n_train=digits.n_train,
        criteria=criteria,
        suggestion=suggest_from(criteria),
        words=(),
    )
    found = replace(found, words=_words(found))
    progress(Event("figures"))
    return replace(found, files=_write(found, options.out))


def _rows(
    options: SuggestOptions, digits: Digits, progress: Callback
) -> tuple[NDArray[np.float32], str]:
    """Prepare a sample of the training images, and name what it is."""
    images = digits.images[: digits.n_train]
    drawn = np.random.default_rng(options.seed).permutation(len(images))[: options.sample]
    feature = get_feature(options.features)
    progress(Event("prepare", feature.name))
    rows = feature.scaled(feature.make().fit_transform(images[np.sort(drawn)]))
    if options.reduce is None:
        return rows, feature.name
    reducer, n_components = parse_reducer(options.reduce)
    if options.reduce == DEFAULT_REDUCER:  # the default has to suit small images too
        n_components = max(1, min(n_components, rows.shape[1] // 2, len(rows)))
    name = f"{reducer.name}:{n_components}"
    progress(Event("reduce", name))
    reducer, n_components = parse_reducer(name, rows.shape[1], len(rows))
    reduced = reducer.make(n_components, options.seed).fit_transform(rows)
    return np.ascontiguousarray(reduced, dtype=np.float32), f"{feature.name}, {name}"


def _words(found: KSuggestion) -> tuple[str, ...]:
    tried = found.criteria[0].n_clusters
    whole = len(range(tried[0], tried[-1] + 1)) == len(tried)
    numbers = f"{tried[0]} to {tried[-1]}" if whole else ", ".join(map(str, tried))
    sample = (
        f"all {found.n_train:,} training images"
        if found.n_sample == found.n_train
        else f"{found.n_sample:,} of {found.n_train:,} training images, drawn at random"
    )
    k = found.suggestion.n_clusters
    return (
        f"{found.dataset}, {found.space}: {numbers} clusters tried on {sample}; no labels used.",
        *(f"{one.sentence[0].upper()}{one.sentence[1:]}." for one in found.criteria),
        f"Suggested: {'none' if k is None else k}. {found.suggestion.reason}",
        CHOICE,
    )


def _write(found: KSuggestion, folder: Path) -> tuple[Path, ...]:
    text = json.dumps(found.to_dict(), indent=2, ensure_ascii=False) + "\n"
    path = folder / "suggest-k.json"
    temporary = path.with_name(f".{path.name}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or error})",
            hint="choose another folder with --out, or make room or rights for this one",
        ) from error
    sample = f"{found.n_sample:,} of {found.n_train:,}"
    pictures = draw_figure(
        "suggest-k",
        folder / "suggest-k",
        criteria=found.criteria,
        suggestion=found.suggestion,
        subtitle=f"{found.dataset}, {found.space}; {sample} training images",
    )
    return (path, *pictures)
