"""The recogniser within the main job: fitted without labels, named and measured with them."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from inkmeans.datasets import Digits
from inkmeans.evaluate import ClusterNames, Scores, learn_names, score_clusters
from inkmeans.progress import Callback, Event, silent
from inkmeans.recognise import Recognizer
from inkmeans.report.contents import Recognition

__all__ = ["RECOGNIZER_CLUSTERS", "recognise_digits"]

RECOGNIZER_CLUSTERS = 10  # one a digit; how many classes the labels have is not asked


def recognise_digits(
    digits: Digits, preset: str, *, seed: int = 0, progress: Callback | None = None
) -> Recognition:
    """Fit the recogniser on the training images, and measure it on both parts.

    Parameters
    ----------
    digits : Digits
        Labels, where there are any, only name and measure the clusters.
    preset : str
        One of `inkmeans.recognise.PRESETS`.
    seed : int, default=0
    progress : callable, optional
        Told about each step of stage ``"recognise"``.

    Returns
    -------
    Recognition
        Clusters are named one to one on the training images, or by majority where there are
        more or fewer classes than clusters.

    Raises
    ------
    DataError, ParameterError
        If the images are not what the recogniser takes: too few, or all the same.

    Examples
    --------
    >>> import inkmeans
    >>> from inkmeans.experiment.recognition import recognise_digits
    >>> recognition = recognise_digits(inkmeans.load("digits"), "fast")
    >>> recognition.name, recognition.train.matched_accuracy > 0.8
    ('recognizer-fast-10', True)
    """
    tell = progress or silent
    train, test = digits.split()

    def inside(event: Event) -> None:
        tell(Event("recognise", f"{preset}, {event.stage}", step=event.step, of=event.of))

    begin = time.perf_counter()
    recognizer = Recognizer(RECOGNIZER_CLUSTERS, preset=preset, random_state=seed)
    recognizer.fit(train.images, callback=inside)
    seconds = time.perf_counter() - begin
    assigned = recognizer.labels_
    names = None
    if train.labels is not None:
        names = learn_names(assigned, train.labels, RECOGNIZER_CLUSTERS, digits.n_classes)
    mapping = _mapping(names)
    if mapping is not None:
        named = {c: digits.names[i] for c, i in enumerate(mapping.tolist()) if i >= 0}
        recognizer.name_clusters(named)

    def score(part: Digits, clusters: NDArray[np.int32]) -> Scores:
        return score_clusters(
            clusters,
            n_clusters=RECOGNIZER_CLUSTERS,
            labels=part.labels,
            names=digits.names,
            mapping=names,
        )

    test_assigned = None if test is None else recognizer.assign(test.images)
    return Recognition(
        name=f"recognizer-{preset}-{RECOGNIZER_CLUSTERS}",
        dataset=digits.source.name,
        preset=preset,
        n_clusters=RECOGNIZER_CLUSTERS,
        seed=seed,
        train_assignments=assigned,
        test_assignments=test_assigned,
        mapping=mapping,
        train=score(train, assigned),
        test=None if test is None or test_assigned is None else score(test, test_assigned),
        seconds=seconds,
        stages=tuple(recognizer.stages()),
        recognizer=recognizer,
    )


def _mapping(names: ClusterNames | None) -> NDArray[np.int64] | None:
    if names is None:
        return None
    return names.majority if names.matched is None else names.matched
