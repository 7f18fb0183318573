"""What pages see of a run: clusters, fields, orders, the queue, the audit, comparisons."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.errors import ParameterError
from inkmeans.explore.opened import OpenData
from inkmeans.explore.protocol import (
    NO_CLUSTER,
    NO_LABEL,
    ClusterInfo,
    as_float32,
    as_uint16,
)

__all__ = [
    "ORDERS",
    "audit_report",
    "cluster_infos",
    "cluster_pictures",
    "disagreement",
    "field_bytes",
    "images_in_order",
    "queue",
]

ORDERS = ("typical", "outlier", "borderline", "index", "near")
N_MEMBERS = 24
N_BORDERLINE = 200


def cluster_infos(data: OpenData, run: int) -> list[ClusterInfo]:
    """Describe the clusters of a run that have images, in ascending order of their numbers."""
    state, found = data.run_state(run), data.geometry(run)
    size = state.next_cluster
    assigned = np.where(state.assigned == NO_CLUSTER, size, state.assigned).astype(np.int64)

    def mean_of(values: NDArray[np.float32]) -> NDArray[np.float64]:
        sums = np.bincount(assigned, weights=values, minlength=size + 1)[found.numbers]
        means: NDArray[np.float64] = sums / found.sizes
        return means

    overall = float(found.distance.mean()) or 1.0
    tightness, confidence = mean_of(found.distance) / overall, mean_of(found.confidence)
    excluded = np.bincount(assigned[data.state.excluded], minlength=size + 1)[found.numbers]
    truth = _most_frequent(data, assigned, size)
    return [
        ClusterInfo(
            cluster=int(cluster),
            size=int(found.sizes[place]),
            label=state.names.get(int(cluster)),
            medoid=int(found.medoids[place]),
            tightness=float(tightness[place]),
            confidence=float(confidence[place]),
            purity=None if truth is None else float(truth[1][cluster] / found.sizes[place]),
            truth=None if truth is None else int(truth[0][cluster]),
            excluded=int(excluded[place]),
        )
        for place, cluster in enumerate(found.numbers)
    ]


def _most_frequent(
    data: OpenData, assigned: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Return the most frequent true class of each cluster and its count."""
    if data.digits.labels is None:
        return None
    k = data.digits.n_classes
    cells = np.bincount(assigned * k + data.digits.labels, minlength=(size + 1) * k)
    table = cells.reshape(-1, k)
    return table.argmax(axis=1), table.max(axis=1)


def cluster_pictures(data: OpenData, run: int) -> bytes:
    """Return the mean images of the clusters, in the order of `cluster_infos`."""
    return data.geometry(run).pictures.tobytes()


def field_bytes(data: OpenData, run: int, name: str) -> bytes:
    """Return one number an image, laid out as the protocol says.

    Raises
    ------
    LookupError
        If there is no such field.
    """
    if name == "cluster":
        return as_uint16(data.run_state(run).assigned)
    if name == "second":
        return as_uint16(data.geometry(run).second)
    if name == "distance":
        return as_float32(data.geometry(run).distance)
    if name == "confidence":
        return as_float32(data.geometry(run).confidence)
    if name == "disagreement":
        return as_float32(disagreement(data, run))
    raise LookupError(f"no such field: {name}")


def disagreement(data: OpenData, run: int) -> NDArray[np.float32]:
    """Say how many of the other runs place each image elsewhere: a share from 0 to 1.

    Each cluster of another run stands for the cluster of this run with which it has the most
    images in common.
    """
    own = data.run_state(run)
    differs = np.zeros(data.n, np.float32)
    others = [number for number in data.runs if number != run]
    for number in others:
        other = data.run_state(number)
        cells = np.bincount(
            other.assigned.astype(np.int64) * own.next_cluster
            + np.minimum(own.assigned, own.next_cluster - 1),
            minlength=other.next_cluster * own.next_cluster,
        )
        meaning = cells.reshape(-1, own.next_cluster).argmax(axis=1)
        differs += meaning[other.assigned] != own.assigned
    return differs / np.float32(max(1, len(others)))


def images_in_order(
    data: OpenData,
    run: int,
    by: str,
    *,
    cluster: int | None = None,
    among: NDArray[np.bool_] | None = None,
    image: int | None = None,
    count: int | None = None,
) -> NDArray[np.int64]:
    """List images, sorted.

    Parameters
    ----------
    data : OpenData
    run : int
    by : str
        One of `ORDERS`.
    cluster : int or None
        Only images of this cluster.
    among : bool ndarray of shape (n,), or None
        Only these images.
    image : int or None
        Near to which, for ``near``.
    count : int or None
        The first so many.

    Returns
    -------
    int64 ndarray
    """
    if by not in ORDERS:
        raise ParameterError(f"order {by[:40]!r}", hint=f"choose one of {', '.join(ORDERS)}")
    keep = np.ones(data.n, np.bool_) if among is None else among
    if cluster is not None:
        keep = keep & (data.run_state(run).assigned == cluster)
    members = np.flatnonzero(keep)
    if by == "near":
        return _near(data, members, image, min(count or 1000, 5000))
    if by != "index":
        found = data.geometry(run)
        keys = {
            "typical": found.distance,
            "outlier": -found.distance,
            "borderline": found.confidence,
        }[by]
        members = members[np.argsort(keys[members], kind="stable")]
    return members[:count]


def _near(
    data: OpenData, members: NDArray[np.int64], image: int | None, count: int
) -> NDArray[np.int64]:
    if image is None or not 0 <= image < data.n:
        raise ParameterError("near to no image", hint="add &image= and its index")
    near = data.distances_to(data.straightened()[image])
    near[image] = -1.0
    if len(members) > count:
        members = members[np.argpartition(near[members], count - 1)[:count]]
    order: NDArray[np.int64] = members[np.argsort(near[members], kind="stable")]
    return order


def queue(data: OpenData, run: int) -> dict[str, Any]:
    """List what to label next: clusters, those without a name first, then doubtful images."""
    found, state = data.geometry(run), data.run_state(run)
    items = []
    for info in cluster_infos(data, run):
        members = images_in_order(data, run, "typical", cluster=info.cluster)
        places = np.unique(np.linspace(0, len(members) - 1, min(N_MEMBERS, len(members))).round())
        items.append(
            {
                "cluster": info.cluster,
                "size": info.size,
                "label": info.label,
                "medoid": info.medoid,
                "members": members[places.astype(np.int64)].tolist(),
                "confidence": info.confidence,
            }
        )
    items.sort(key=lambda item: (item["label"] is not None, -item["size"]))
    open_ones = (data.state.sources != 2) & ~data.state.excluded & (state.assigned != NO_CLUSTER)
    doubtful = np.flatnonzero(open_ones)
    doubtful = doubtful[np.argsort(found.confidence[doubtful], kind="stable")][:N_BORDERLINE]
    return {"items": items, "borderline": doubtful.tolist()}


def audit_report(data: OpenData, size: int) -> dict[str, Any]:
    """Tell how right the labels are on a random sample that a person checks.

    Parameters
    ----------
    data : OpenData
    size : int
        Images to draw; a larger sample holds the smaller one.

    Returns
    -------
    dict
        See the protocol; the interval is Wilson's at 95 %.
    """
    seed = int(data.id, 16) % 2**32
    drawn = np.random.default_rng(seed).permutation(data.n)[:size]
    labels, said = data.state.labels, data.state.audit
    sample, right, checked = [], 0, 0
    for image in drawn.tolist():
        label = None if labels[image] == NO_LABEL else int(labels[image])
        answer = said.get(image)
        sample.append({"image": image, "label": label, "checked": answer})
        if answer is not None and answer != NO_LABEL and label is not None:
            checked += 1
            right += answer == label
    low, high = _wilson(right, checked)
    return {
        "sample": sample,
        "checked": checked,
        "right": right,
        "accuracy": right / checked if checked else None,
        "low": low,
        "high": high,
    }


def _wilson(right: int, checked: int) -> tuple[float | None, float | None]:
    if not checked:
        return None, None
    z = 1.959964
    share = right / checked
    middle = share + z * z / (2 * checked)
    spread = z * math.sqrt(share * (1 - share) / checked + z * z / (4 * checked * checked))
    scale = 1 + z * z / checked
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
