"""The files beside a project: what can be computed again, and images that were dropped in.

``PROJECT-files/`` holds ``runs/KEY.npz`` (and ``KEY.safetensors``, the model), ``maps/KEY.npy`` and
``data/ID.npz``. Keys are hashes of images and settings. Nothing of it is shipped with the package.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.errors import OutputError

__all__ = ["ProjectFiles", "RunArrays"]


@dataclass(frozen=True, eq=False, slots=True)
class RunArrays:
    """What is known of each image and each cluster of a run as it was fitted.

    Attributes
    ----------
    assigned, second : uint16 ndarrays of shape (n,)
        The cluster of each image, and the next one: the nearest other, or the likeliest.
    distance, confidence : float32 ndarrays of shape (n,)
        To the own mean, in grey levels over 255; and 0 (between two clusters) to 1.
    means : float32 ndarray of shape (n_clusters, height * width)
        Means of the straightened images, in grey levels.
    pictures : uint8 ndarray of shape (n_clusters, height, width)
        Means of the images as they are.
    told : bool ndarray of shape ()
        Whether second and confidence are what a recogniser said, and not measured from means.
    """

    assigned: NDArray[np.uint16]
    second: NDArray[np.uint16]
    distance: NDArray[np.float32]
    confidence: NDArray[np.float32]
    means: NDArray[np.float32]
    pictures: NDArray[np.uint8]
    told: NDArray[np.bool_]


class ProjectFiles:
    """The folder beside a project file.

    Parameters
    ----------
    project : Path
        The project file; the folder is made when something is written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from inkmeans.explore.files import ProjectFiles
    >>> ProjectFiles(Path("mine.inkmeans")).folder.name
    'mine.inkmeans-files'
    """

    def __init__(self, project: Path) -> None:
        self.folder = project.with_name(f"{project.name}-files")

    def model(self, key: str) -> Path:
        """Say where the model of a run is, or would be."""
        return self.folder / "runs" / f"{key}.safetensors"

    def data(self, dataset: str) -> Path:
        """Say where images that were dropped in are, or would be."""
        return self.folder / "data" / f"{dataset}.npz"

    def save_run(self, key: str, arrays: RunArrays) -> None:
        """Keep a run."""
        named = {field.name: getattr(arrays, field.name) for field in fields(arrays)}
        self.write(self._run(key), lambda file: np.savez(file, **named))

    def load_run(self, key: str) -> RunArrays | None:
        """Return a run; None where it is not there, or not readable: it can be made again."""
        found = _read(self._run(key))
        if not isinstance(found, dict):
            return None
        with contextlib.suppress(KeyError):
            return RunArrays(**{field.name: found[field.name] for field in fields(RunArrays)})
        return None

    def save_map(self, key: str, points: NDArray[np.float32]) -> None:
        """Keep a map."""
        self.write(self._map(key), lambda file: np.save(file, points))

    def load_map(self, key: str) -> NDArray[np.float32] | None:
        """Return a map; None where it is not there, or not readable."""
        found = _read(self._map(key))
        return None if found is None or isinstance(found, dict) else found

    def write(self, path: Path, fill: Callable[[IO[bytes]], Any]) -> None:
        """Write a file whole or not at all.

        Parameters
        ----------
        path : Path
            In this folder.
        fill : callable
            Writes the content into an open file.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with partial.open("xb") as file:
                    fill(file)
                os.replace(partial, path)  # noqa: PTH105 - over a file that may be there
            finally:
                partial.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                f"{path} cannot be written ({error.strerror or error})",
                hint="check the folder of the project and the space on the disk",
            ) from None

    def _run(self, key: str) -> Path:
        return self.folder / "runs" / f"{key}.npz"

    def _map(self, key: str) -> Path:
        return self.folder / "maps" / f"{key}.npy"


def _read(path: Path) -> Any:
    """Read an array or a dictionary of arrays; None where that fails in any way."""
    try:
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            return found
        with found:
            return {name: found[name] for name in found.files}
    except Exception:  # whatever is wrong with it, it is made again
        return None
