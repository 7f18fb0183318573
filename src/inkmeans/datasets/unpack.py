"""Reading compressed files of unknown origin within limits."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from inkmeans.errors import DataError

__all__ = [
    "MAX_UNPACKED",
    "check_size",
    "expect_end",
    "open_member",
    "open_packed",
    "read_errors",
    "read_exactly",
]

MAX_UNPACKED = 4 * 2**30
"""The most bytes that a compressed file may unpack to; EMNIST's digits need 0.2 GB."""

_MAX_RATIO = 200_000  # of xz; that of gzip is 1032
_OPENERS: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}
_AGAIN = "copy or download it again"


@contextmanager
def read_errors(where: str) -> Iterator[None]:
    """Turn what goes wrong while a file is read into a `DataError` that names it.

    Parameters
    ----------
    where : str
        The file.

    Raises
    ------
    DataError
        If the file is missing, cannot be read, or is damaged inside the ``with`` block.

    Examples
    --------
    >>> from inkmeans.datasets.unpack import read_errors
    >>> with read_errors("seven.gz"):
    ...     raise EOFError
    Traceback (most recent call last):
    ...
    inkmeans.errors.DataError: seven.gz: the compressed file ends too early; copy or \
download it again
    """
    try:
        yield
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"{where}: no such file", hint="check the name") from None
    except EOFError:
        raise DataError(f"{where}: the compressed file ends too early", hint=_AGAIN) from None
    except (
        zlib.error,
        lzma.LZMAError,
        gzip.BadGzipFile,
        zipfile.BadZipFile,
        NotImplementedError,  # of zipfile: an unknown compression
        RuntimeError,  # of zipfile: an encrypted member
        ValueError,  # of zipfile: wrong offsets
        KeyError,
        IndexError,
        OverflowError,
        struct.error,
    ) as error:
        raise DataError(f"{where}: the compressed file is damaged ({error})", hint=_AGAIN) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(f"{where}: cannot be read ({reason})", hint="check the file") from None


@contextmanager
def open_packed(path: Path) -> Iterator[tuple[IO[bytes], bool]]:
    """Open a file that may be compressed by gzip, bzip2 or xz: its first bytes tell.

    Parameters
    ----------
    path : Path

    Yields
    ------
    stream : binary file
        What the file unpacks to.
    packed : bool
        Whether it is compressed.

    Raises
    ------
    DataError
        If it cannot be read, or its compression turns out to be damaged inside
        the ``with`` block.
    """
    with read_errors(str(path)), path.open("rb") as raw:
        start = raw.read(6)
        raw.seek(0)
        opener = next((open_ for magic, open_ in _OPENERS.items() if start.startswith(magic)), None)
        if opener is None:
            yield raw, False
        else:
            with opener(raw) as stream:
                yield stream, True


@contextmanager
def open_member(path: Path, member: str) -> Iterator[tuple[Any, int]]:
    """Open a gzip-compressed member of a zip archive, as EMNIST comes.

    Parameters
    ----------
    path : Path
        The archive.
    member : str
        Name of the member.

    Yields
    ------
    stream : binary file
        What the member unpacks to.
    room : int
        Bytes that the member has in the archive.

    Raises
    ------
    DataError
        If there is no such member, or something is damaged.
    """
    with read_errors(f"{path}: {member}"), zipfile.ZipFile(path) as archive:
        if member not in archive.namelist():
            raise DataError(f"{path}: holds no {member}", hint=_AGAIN)
        with archive.open(member) as packed, gzip.open(packed) as stream:
            yield stream, archive.getinfo(member).compress_size


def check_size(where: str, wanted: int, room: int, *, packed: bool) -> None:
    """Refuse a size that a file declares but cannot hold, before memory is taken for it.

    Parameters
    ----------
    where : str
        The file, for the error message.
    wanted : int
        Bytes that the header declares.
    room : int
        Bytes that there are, compressed or not.
    packed : bool
        Whether they are compressed.

    Raises
    ------
    DataError
        If more is declared than `room`, or than it can unpack to, or `MAX_UNPACKED`.

    Examples
    --------
    >>> from inkmeans.datasets.unpack import check_size
    >>> check_size("seven", 100, 96, packed=False)
    Traceback (most recent call last):
    ...
    inkmeans.errors.DataError: seven: truncated: it declares 100 bytes of data but only \
96 bytes are there; copy or download it again
    """
    if packed and wanted > MAX_UNPACKED:
        raise DataError(
            f"{where}: declares {wanted} bytes of data; the limit is {MAX_UNPACKED}",
            hint="unpack it, or split it into smaller files",
        )
    if wanted > (_MAX_RATIO * room + 4096 if packed else room):
        raise DataError(
            f"{where}: truncated: it declares {wanted} bytes of data but only {room} "
            f"{'compressed ' if packed else ''}bytes are there",
            hint=_AGAIN,
        )


def read_exactly(stream: IO[bytes], n_bytes: int, where: str) -> bytes:
    """Read so many bytes, or say that the file is too short.

    Parameters
    ----------
    stream : binary file
    n_bytes : int
    where : str
        The file, for the error message.

    Returns
    -------
    bytes

    Raises
    ------
    DataError
        If there are fewer.
    """
    data = stream.read(n_bytes)
    if len(data) != n_bytes:
        raise DataError(
            f"{where}: truncated: {n_bytes} bytes expected, {len(data)} found", hint=_AGAIN
        )
    return data


def expect_end(stream: IO[bytes], where: str) -> None:
    """Make sure that nothing follows; for gzip this also checks the checksum.

    Parameters
    ----------
    stream : binary file
    where : str
        The file, for the error message.

    Raises
    ------
    DataError
        If more data follow.
    """
    if stream.read(1):
        raise DataError(f"{where}: more data than its header declares", hint=_AGAIN)
