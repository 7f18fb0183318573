"""Reading compressed files of unknown origin within limits."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from inkmeans.errors import DataError

__all__ = ["MAX_UNPACKED", "check_size", "expect_end", "open_packed", "read_exactly"]

MAX_UNPACKED = 4 * 2**30
"""The most bytes that a compressed file may unpack to; EMNIST needs 0.2 GB."""

_MAX_RATIO = 200_000  # of xz; that of gzip is 1032
_OPENERS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}


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
    try:
        with path.open("rb") as raw:
            start = raw.read(6)
            raw.seek(0)
            for magic, opener in _OPENERS.items():
                if start.startswith(magic):
                    with opener(raw) as stream:
                        yield cast("IO[bytes]", stream), True
                    return
            yield raw, False
    except FileNotFoundError:
        raise DataError(f"{path}: no such file", hint="check the name") from None
    except EOFError:
        raise DataError(
            f"{path}: the compressed file ends too early", hint="copy or download it again"
        ) from None
    except (zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise DataError(
            f"{path}: the compressed file is damaged ({error})", hint="copy or download it again"
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(f"{path}: cannot be read ({reason})", hint="check the file") from None


def check_size(path: Path, wanted: int, room: int, *, packed: bool) -> None:
    """Refuse a size that a file declares but cannot hold, before memory is taken for it.

    Parameters
    ----------
    path : Path
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
    """
    if packed and wanted > MAX_UNPACKED:
        raise DataError(
            f"{path}: declares {wanted} bytes of data; the limit is {MAX_UNPACKED}",
            hint="unpack it, or split it into smaller files",
        )
    if wanted > (_MAX_RATIO * room + 4096 if packed else room):
        raise DataError(
            f"{path}: truncated: it declares {wanted} bytes of data but only {room} "
            f"{'compressed ' if packed else ''}bytes are there",
            hint="copy or download it again",
        )


def read_exactly(stream: IO[bytes], n_bytes: int, path: Path) -> bytes:
    """Read so many bytes, or say that the file is too short.

    Parameters
    ----------
    stream : binary file
    n_bytes : int
    path : Path
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
            f"{path}: truncated: {n_bytes} bytes expected, {len(data)} found",
            hint="copy or download it again",
        )
    return data


def expect_end(stream: IO[bytes], path: Path) -> None:
    """Make sure that nothing follows; for gzip this also checks the checksum.

    Parameters
    ----------
    stream : binary file
    path : Path
        The file, for the error message.

    Raises
    ------
    DataError
        If more data follow.
    """
    if stream.read(1):
        raise DataError(
            f"{path}: more data than its header declares", hint="copy or download it again"
        )
