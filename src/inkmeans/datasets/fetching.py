"""Fetching data sets: mirrors in turn, a hash for every file, a cache folder."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import pooch
import requests
import urllib3

from inkmeans.datasets.catalogue import Dataset, RemoteFile, get_dataset
from inkmeans.errors import DownloadError, OutputError
from inkmeans.progress import Callback, Event, silent

__all__ = ["Patience", "cache_folder", "fetch", "fetch_files", "folder_of", "is_here", "where"]

_LOG = logging.getLogger("inkmeans")


@dataclass(frozen=True)
class Patience:
    """How long a mirror is waited for.

    Attributes
    ----------
    connect, silence : float
        Seconds until it must answer, and between two pieces of a file.
    window : float
        Seconds over which the speed is measured.
    slowest : int
        Bytes a second; a mirror that is slower over a whole window is given up.

    Examples
    --------
    >>> from inkmeans.datasets.fetching import Patience
    >>> Patience().slowest
    4096
    """

    connect: float = 10.0
    silence: float = 30.0
    window: float = 20.0
    slowest: int = 4096


def cache_folder() -> Path:
    """Tell the folder that fetched files are kept in.

    Returns
    -------
    Path
        The environment variable ``INKMEANS_DATA``, or else the system's folder for
        caches of inkmeans. It need not exist yet.

    Examples
    --------
    >>> from inkmeans.datasets.fetching import cache_folder
    >>> cache_folder().is_absolute()
    True
    """
    chosen = os.environ.get("INKMEANS_DATA")
    return Path(chosen).expanduser().absolute() if chosen else Path(pooch.os_cache("inkmeans"))


def where(name: str) -> Path:
    """Tell where a data set is on this machine, or would be.

    Parameters
    ----------
    name : str
        Of the data set.

    Returns
    -------
    Path
        A file for ``mnist``, ``digits`` and ``keras:mnist``, otherwise a folder.

    Examples
    --------
    >>> from inkmeans.datasets.fetching import where
    >>> where("mnist").name
    'mnist.npz'
    """
    record = get_dataset(name)
    if record.origin == "built in":
        from inkmeans.datasets.builtin import MNIST_FILE

        return MNIST_FILE
    if record.origin == "scikit-learn":
        import sklearn

        return Path(sklearn.__file__).parent / "datasets" / "data" / "digits.csv.gz"
    if record.origin == "keras":
        from inkmeans.datasets.keras_source import keras_cache

        return keras_cache(name.removeprefix("keras:"))
    return folder_of(record)


def folder_of(record: Dataset) -> Path:
    """Tell which folder has, or would have, the files of a data set.

    Parameters
    ----------
    record : Dataset

    Returns
    -------
    Path
        Its folder in the cache, or the system's where only that has all files.
    """
    cache, system = cache_folder() / record.name, Path(record.system_folder)
    if record.system_folder and _all_in(system, record) and not _all_in(cache, record):
        return system
    return cache


def is_here(name: str) -> bool:
    """Tell whether a data set can be loaded without the network.

    Parameters
    ----------
    name : str
        Of the data set.

    Returns
    -------
    bool
        Files are looked for but not checked.

    Examples
    --------
    >>> from inkmeans.datasets.fetching import is_here
    >>> is_here("mnist")
    True
    """
    record = get_dataset(name)
    if record.origin == "download":
        return _all_in(where(name), record)
    return where(name).exists()


def fetch(name: str, *, progress: Callback | None = None) -> tuple[Path, ...]:
    """Bring a data set to this machine, unless it is here already.

    Parameters
    ----------
    name : str
        Of the data set.
    progress : callable, optional
        Told how many bytes of each file have arrived.

    Returns
    -------
    tuple of Path
        Its files, checked (those that a Linux distribution has installed are checked by
        their content when they are loaded); empty for a data set that is not fetched.

    Raises
    ------
    DownloadError
        If no mirror delivers; the hint names the files, and the folder to put them into.
    OutputError
        If the cache folder cannot be written.

    Examples
    --------
    >>> from inkmeans.datasets import fetch
    >>> fetch("mnist")  # part of the package: nothing to fetch
    ()
    """
    record = get_dataset(name)
    folder = folder_of(record)
    if folder != cache_folder() / record.name:
        return tuple(folder / file.name for file in record.files)
    return fetch_files(record, folder, progress=progress)


def fetch_files(
    record: Dataset,
    folder: Path,
    *,
    progress: Callback | None = None,
    patience: Patience | None = None,
) -> tuple[Path, ...]:
    """Bring the files of a data set into a folder, those that are not in it.

    Parameters
    ----------
    record : Dataset
    folder : Path
        Made if missing.
    progress : callable, optional
        Told how many bytes of each file have arrived.
    patience : Patience, optional

    Returns
    -------
    tuple of Path
        One for each file of the record, in its order; the hash of each is right.

    Raises
    ------
    DownloadError
        If no mirror delivers one of them.
    OutputError
        If the folder cannot be written.
    """
    for file in record.files:
        if not _is_right(folder / file.name, file):
            _fetch_one(record, file, folder, _Downloader(file, progress or silent, patience))
    return tuple(folder / file.name for file in record.files)


def _fetch_one(record: Dataset, file: RemoteFile, folder: Path, downloader: _Downloader) -> None:
    failures = []
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")  # it would print each address on standard error
    try:
        for address in file.mirrors:
            try:
                pooch.retrieve(address, file.hash, file.name, folder, downloader=downloader)
            except (
                requests.RequestException,
                urllib3.exceptions.HTTPError,
                _RefusedError,
            ) as error:
                failures.append(f"{urlsplit(address).netloc}: {_reason(error)}")
            except OSError as error:
                raise OutputError(
                    f"{folder}: {file.name} cannot be written ({error.strerror or error})",
                    hint="free some space, or set INKMEANS_DATA to another folder",
                ) from error
            except ValueError:  # pooch's word for a wrong hash
                failures.append(f"{urlsplit(address).netloc}: not the right content")
            else:
                return
            _LOG.info("%s: %s", file.name, failures[-1])
    finally:
        logger.setLevel(level)
    if (folder / file.name).is_file():
        failures.insert(0, f"the one in {folder} is damaged or another file")
    missing = [other.name for other in record.files if not _is_right(folder / other.name, other)]
    raise DownloadError(
        f"{record.name}: {file.name} could not be fetched ({'; '.join(failures)})",
        hint=f"try again later, or get {', '.join(missing)} from {record.address} "
        f"by other means and put them into {folder}",
    )


class _RefusedError(Exception):
    """A mirror sends too slowly, or too much."""


_MIRROR_ERRORS = (requests.RequestException, urllib3.exceptions.HTTPError, _RefusedError)


class _Downloader:
    """What pooch calls to stream one address into a file, with limits on time and size."""

    def __init__(self, file: RemoteFile, report: Callback, patience: Patience | None) -> None:
        self.file = file
        self.report = report
        self.patience = patience or Patience()

    def __call__(self, url: str, output_file: str | IO[bytes], pooch: Any) -> None:
        times = (self.patience.connect, self.patience.silence)
        # A server that meets "gzip" here may unpack the file on the way.
        headers = {"Accept-Encoding": "identity", "User-Agent": "inkmeans"}
        with requests.get(url, stream=True, timeout=times, headers=headers) as response:
            response.raise_for_status()
            if isinstance(output_file, str | os.PathLike):
                with Path(output_file).open("wb") as out:
                    self._copy(response, out)
            else:
                self._copy(response, output_file)

    def _copy(self, response: requests.Response, out: IO[bytes]) -> None:
        expected = int(response.headers.get("content-length") or self.file.size)
        limit = 2 * self.file.size + 2**20
        start = window_start = last_report = time.monotonic()
        received = window_received = 0
        # read1 hands over what has arrived; read would wait for a whole block of a trickle.
        read = getattr(response.raw, "read1", response.raw.read)
        while block := read(1 << 16, decode_content=False):
            out.write(block)
            received += len(block)
            window_received += len(block)
            if received > limit:
                raise _RefusedError(f"sends more than {limit} bytes")
            now = time.monotonic()
            if now - window_start >= self.patience.window:
                if window_received < self.patience.slowest * (now - window_start):
                    raise _RefusedError("too slow")
                window_start, window_received = now, 0
            if now - last_report >= 0.1:
                last_report = now
                self.report(Event("fetch", self.file.name, received, expected, seconds=now - start))
        seconds = time.monotonic() - start
        self.report(Event("fetch", self.file.name, received, received, seconds=seconds))


def _reason(error: Exception) -> str:
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answers {error.response.status_code}"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "no answer in time"
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return "the connection broke off"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return str(error)


def _all_in(folder: Path, record: Dataset) -> bool:
    return bool(record.files) and all((folder / file.name).is_file() for file in record.files)


def _is_right(path: Path, file: RemoteFile) -> bool:
    algorithm, _, expected = file.hash.partition(":")
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, algorithm).hexdigest() == expected
    except OSError:
        return False
