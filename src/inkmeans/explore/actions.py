"""Label actions as pages ask for them, checked against what there is and put into words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.errors import ParameterError
from inkmeans.explore.history import REDO, UNDO
from inkmeans.explore.labelling import Action, pack
from inkmeans.explore.opened import OpenData
from inkmeans.explore.protocol import NO_LABEL, from_bitset, to_bitset

__all__ = [
    "audit",
    "example",
    "exclude",
    "label_images",
    "merge",
    "name_cluster",
    "redo",
    "split",
    "undo",
]

MAX_PARTS = 20


def name_cluster(data: OpenData, run: int, cluster: int, label: int) -> Action:
    """Name a cluster, or take its name away."""
    _check_cluster(data, run, cluster)
    word = _word(data, label)
    text = (
        f"take the name of cluster {cluster}"
        if label == NO_LABEL
        else f"cluster {cluster} is {word}"
    )
    return Action("name", {"run": run, "cluster": cluster, "label": label}, text=text)


def label_images(data: OpenData, chosen: bytes | int, label: int) -> Action:
    """Label images by hand, given as a bitset or as one index."""
    word = _word(data, label)
    verb = "take the label of" if label == NO_LABEL else "label"
    to = "" if label == NO_LABEL else f" as {word}"
    details, packed, count = _selection(data, chosen)
    return Action("label", {**details, "label": label}, packed, f"{verb} {_images(count)}{to}")


def exclude(data: OpenData, chosen: bytes | int | tuple[int, int], value: bool) -> Action:
    """Exclude images (bitset, index, or run and cluster), or take them in again."""
    if isinstance(chosen, tuple):
        run, cluster = chosen
        _check_cluster(data, run, cluster)
        details: dict[str, Any] = {"run": run, "cluster": cluster}
        packed, what = b"", f"cluster {cluster}"
    else:
        details, packed, count = _selection(data, chosen)
        what = _images(count)
    text = f"{'exclude' if value else 'take in'} {what}"
    return Action("exclude", {**details, "value": value}, packed, text)


def merge(data: OpenData, run: int, source: int, target: int) -> Action:
    """Make one cluster part of another."""
    _check_cluster(data, run, source)
    _check_cluster(data, run, target)
    if source == target:
        raise ParameterError(f"cluster {source} with itself", hint="choose two clusters")
    text = f"merge cluster {source} into {target}"
    return Action("merge", {"run": run, "source": source, "target": target}, text=text)


def split(data: OpenData, run: int, cluster: int, parts: int) -> Action:
    """Cluster the images of one cluster again."""
    from inkmeans.explore.pipeline import split_cluster

    _check_cluster(data, run, cluster)
    if not 2 <= parts <= MAX_PARTS:
        raise ParameterError(f"{parts} parts", hint=f"give a number from 2 to {MAX_PARTS}")
    state = data.run_state(run)
    first = state.next_cluster
    found = split_cluster(
        data.straightened()[state.assigned == cluster],
        parts,
        lambda rank: cluster if rank == 0 else first + rank - 1,
    )
    text = f"split cluster {cluster} into {len(np.unique(found))}"
    return Action("split", {"run": run, "cluster": cluster}, pack(found.astype("<u2")), text)


def audit(data: OpenData, image: int, label: int) -> Action:
    """Note what a person says of an image of the audit sample."""
    _check_image(data, image)
    word = "not to be told" if label == NO_LABEL else _word(data, label)
    return Action("audit", {"image": image, "label": label}, text=f"check: image {image} is {word}")


def example(data: OpenData, image: NDArray[np.uint8], label: int) -> Action:
    """Keep an image from outside with its label."""
    if label == NO_LABEL:
        raise ParameterError("an example without a label", hint="say what it is")
    return Action("example", {"label": label}, pack(image), f"example of {_word(data, label)}")


def undo(data: OpenData) -> Action:
    """Take back the last action."""
    done = data.timeline.done
    return Action(UNDO, {}, text=done[-1].action.text if done else "")


def redo(data: OpenData) -> Action:
    """Do the action again that was taken back last."""
    undone = data.timeline.undone
    return Action(REDO, {}, text=undone[-1].action.text if undone else "")


def _selection(data: OpenData, chosen: bytes | int) -> tuple[dict[str, Any], bytes, int]:
    """Give details, data and number of images of a selection."""
    if isinstance(chosen, int):
        _check_image(data, chosen)
        return {"image": chosen}, b"", 1
    members = from_bitset(chosen, data.n)
    count = int(np.count_nonzero(members))
    if count == 0:
        raise ParameterError("no image is selected", hint="select at least one")
    if count == 1:
        return {"image": int(members.argmax())}, b"", 1
    raw = to_bitset(members)
    return {"packed": True}, pack(np.frombuffer(raw, np.uint8)), count


def _check_cluster(data: OpenData, run: int, cluster: int) -> None:
    if not (data.run_state(run).assigned == cluster).any():
        raise LookupError(f"no such cluster: {cluster} of run {run}")


def _check_image(data: OpenData, image: int) -> None:
    if not 0 <= image < data.n:
        raise LookupError(f"no such image: {image} of {data.n}")


def _word(data: OpenData, label: int) -> str:
    if label == NO_LABEL:
        return ""
    if not 0 <= label < len(data.classes):
        raise ParameterError(
            f"label {label}", hint=f"give 0 to {len(data.classes) - 1}, or {NO_LABEL} for none"
        )
    return data.classes[label]


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"
