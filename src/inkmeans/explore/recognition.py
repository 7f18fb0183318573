"""A drawn or dropped digit, recognised by the current run: what it is, and why."""

from __future__ import annotations

import base64
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.errors import DataError, InkmeansError
from inkmeans.explore.models import find_model
from inkmeans.explore.opened import Geometry, OpenData
from inkmeans.explore.protocol import NO_LABEL
from inkmeans.explore.straighten import straighten

__all__ = ["N_NEIGHBORS", "Taken", "read_upload", "recognize", "take"]

N_CLUSTERS = 5  # nearest ones that are told
N_NEIGHBORS = 8
N_PLACE = 5  # neighbours whose mean place on the map is that of the image


@dataclass(frozen=True, eq=False)
class Taken:
    """An image as the model sees it, and what was done to it.

    Attributes
    ----------
    image : uint8 ndarray of shape (height, width)
    done : str
        In words.
    blank : bool
        Whether no ink was found.
    """

    image: NDArray[np.uint8]
    done: str
    blank: bool


def take(data: OpenData, grey: NDArray[np.uint8]) -> Taken:
    """Bring grey levels to the size and the look of the open images."""
    from inkmeans.prepare import take_in

    shape: tuple[int, int] = (data.images.shape[1], data.images.shape[2])
    image, intake = take_in(grey, shape)
    return Taken(image, str(intake), not image.any())


def read_upload(content: bytes) -> NDArray[np.uint8]:
    """Read the bytes of a picture file as grey levels, within the limits of `read_image`."""
    from inkmeans.prepare import read_image

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "the picture"
        path.write_bytes(content)
        try:
            return read_image(path)
        except InkmeansError as error:
            if "DecompressionBomb" in error.message:
                raise DataError(
                    "the picture has far too many pixels", hint="make it smaller"
                ) from None
            message = error.message.replace(str(path), "the picture")
            raise type(error)(message, hint=error.hint) from None


def recognize(
    data: OpenData, run: int, taken: Taken, n_neighbors: int = N_NEIGHBORS
) -> dict[str, Any]:
    """Recognise one image by a run as merged, split and named so far.

    Parameters
    ----------
    data : OpenData
    run : int
    taken : Taken
    n_neighbors : int, default=8
        Nearest training images that are told; 0 leaves the place on the map out too, and is
        several times as quick.

    Returns
    -------
    dict
        See the protocol.
    """
    height, width = taken.image.shape
    answer: dict[str, Any] = {
        "run": run,
        "seen": base64.b64encode(taken.image.tobytes()).decode(),
        "height": height,
        "width": width,
        "done": taken.done,
        "blank": taken.blank,
        "cluster": None,
        "label": None,
        "confidence": None,
        "classes": [],
        "clusters": [],
        "neighbors": [],
        "point": None,
    }
    if taken.blank:
        return answer
    row = straighten(taken.image[None])
    found = data.geometry(run)
    squared = _squared(row, found.means)
    judged = _judge(data, run, taken.image, squared, found)
    place, shares = judged.place, judged.shares
    names = data.run_state(run).names
    order = np.argsort(-shares, kind="stable")[:N_CLUSTERS]
    answer["cluster"] = int(found.numbers[place])
    answer["clusters"] = [
        {
            "cluster": int(found.numbers[i]),
            "label": names.get(int(found.numbers[i])),
            "distance": float(np.sqrt(squared[i]) / 255),
            "share": float(shares[i]),
        }
        for i in order
    ]
    label = names.get(answer["cluster"])
    classes = _classes(shares, found, names)
    example = _nearest_example(data, row, float(squared.min()))
    if example is not None:
        label = example
        classes = {key: value / 2 for key, value in classes.items()}
        classes[label] = classes.get(label, 0.0) + 1 - sum(classes.values())
    answer["label"] = label
    ranked = sorted(classes.items(), key=lambda item: (item[0] != label, -item[1]))
    answer["classes"] = [{"label": key, "share": share} for key, share in ranked]
    answer["confidence"] = float(
        classes.get(label, shares[place]) if label is not None else shares[place]
    )
    if n_neighbors:
        near, answer["point"] = _neighbors(data, row, judged.images)
        answer["neighbors"] = near[:n_neighbors]
    return answer


def _squared(row: NDArray[np.uint8], means: NDArray[np.float32]) -> NDArray[np.float64]:
    from inkmeans.engine import squared_distances

    squared: NDArray[np.float64] = squared_distances(row, means.astype(np.float64))[0]
    return squared


@dataclass(frozen=True, eq=False)
class _Judged:
    """What the model of a run says of an image.

    Attributes
    ----------
    place : int
        Of the cluster among those that have images.
    shares : float64 ndarray
        Of each of those.
    images : int64 ndarray or None
        The training images that a recogniser finds it most alike to.
    """

    place: int
    shares: NDArray[np.float64]
    images: NDArray[np.int64] | None = None


def _judge(
    data: OpenData,
    run: int,
    image: NDArray[np.uint8],
    squared: NDArray[np.float64],
    found: Geometry,
) -> _Judged:
    """Ask the model that the run has kept; without one, the nearest mean."""
    from inkmeans.recognise import ClusterModel

    model = find_model(data, run)
    heirs = data.run_state(run).heirs
    where = {number: place for place, number in enumerate(found.numbers.tolist())}

    def place_of(fitted: int) -> int:
        """Find the heir of a cluster that is the nearest of all its heirs."""
        places = [where[heir] for heir in heirs.get(fitted, ()) if heir in where]
        return min(places, key=lambda place: squared[place], default=int(squared.argmin()))

    if model is None or isinstance(model, ClusterModel):
        place = int(squared.argmin() if model is None else place_of(model.assign(image[None])[0]))
        return _Judged(place, _shares(squared, place, _margin(data, run, found)))
    reasons = model.explain(image[None], max(model.n_clusters, N_NEIGHBORS))[0]
    shares = np.zeros(len(found.numbers))
    for fitted, chance in zip(reasons.clusters, reasons.probabilities, strict=True):
        shares[place_of(fitted)] += chance
    return _Judged(int(shares.argmax()), shares, reasons.images)


def _margin(data: OpenData, run: int, found: Geometry) -> float:
    """Return the median by which images are nearer to their own mean than to the next, squared."""
    sample = slice(None, None, max(1, data.n // 5000))
    own = np.square(found.distance[sample].astype(np.float64)) * 255**2
    confidence = found.confidence[sample]
    if data.base(run).told:  # by a recogniser, whose model is lost: that is not of means
        from inkmeans.explore.measuring import measure

        places = np.searchsorted(found.numbers, data.run_state(run).assigned[sample])
        rows = np.ascontiguousarray(data.straightened()[sample])
        numbers = np.arange(len(found.numbers))
        confidence = measure(rows, places.astype(np.uint16), found.means, numbers).confidence
    return float(np.median(own / np.maximum(1 - confidence, 1e-6) - own))


def _shares(squared: NDArray[np.float64], place: int, margin: float) -> NDArray[np.float64]:
    """Share one image out among the clusters: the nearer, the more.

    Softmax of the squared distances, in units of half the margin.
    """
    unit = max(margin / 2, 1.0)
    weights = np.exp(-(squared - squared.min()) / unit)
    shares: NDArray[np.float64] = weights / weights.sum()
    best = int(shares.argmax())
    shares[[place, best]] = shares[[best, place]]  # where the model knows better than the means
    return shares


def _classes(shares: NDArray[np.float64], found: Geometry, names: Any) -> dict[int, float]:
    classes: dict[int, float] = defaultdict(float)
    for place, cluster in enumerate(found.numbers.tolist()):
        if cluster in names:
            classes[names[cluster]] += float(shares[place])
    return dict(classes)


def _nearest_example(data: OpenData, row: NDArray[np.uint8], nearest: float) -> int | None:
    """Return the label of an example that is nearer than every cluster."""
    examples = data.state.examples
    if not examples:
        return None
    shape = data.images.shape[1:]
    images = np.stack([np.frombuffer(e.image, np.uint8).reshape(shape) for e in examples])
    squared = _squared(row, straighten(images).astype(np.float32))
    best = int(squared.argmin())
    return examples[best].label if squared[best] < nearest else None


def _neighbors(
    data: OpenData, row: NDArray[np.uint8], images: NDArray[np.int64] | None
) -> tuple[list[dict[str, Any]], list[float] | None]:
    """Tell of training images, the nearest where the model names none; and the place by them."""
    squared: NDArray[Any]
    if images is None:
        near = data.distances_to(row[0])[: data.digits.n_train]
        count = min(N_NEIGHBORS, len(near))
        images = np.argpartition(near, count - 1)[:count]
        images = images[np.argsort(near[images], kind="stable")]
        squared = near[images]
    else:
        images = images[:N_NEIGHBORS]
        squared = _squared(row, straighten(data.images[images]).astype(np.float32))
    labels = data.state.labels
    found = [
        {
            "image": int(image),
            "distance": float(np.sqrt(far) / 255),
            "label": None if labels[image] == NO_LABEL else int(labels[image]),
        }
        for image, far in zip(images, squared, strict=True)
    ]
    current = data.current_map()
    if current is None:
        return found, None
    place = data.points(current)[images[:N_PLACE]].mean(axis=0)
    return found, [float(place[0]), float(place[1])]
