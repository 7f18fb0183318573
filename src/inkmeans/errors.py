"""The errors that inkmeans raises.

::

    InkmeansError (a ValueError)
    ├── DataError            a file or an array is not what it should be
    │   ├── DownloadError    a data set could not be fetched
    │   └── ModelFileError   a model file is damaged, foreign or too new
    ├── ParameterError       a value that was asked for makes no sense
    ├── OutputError          a result cannot be written
    ├── MissingExtraError    a library of an optional extra is not installed
    └── NotNamedError        clusters have no names yet
"""

__all__ = [
    "DataError",
    "DownloadError",
    "InkmeansError",
    "MissingExtraError",
    "ModelFileError",
    "NotNamedError",
    "OutputError",
    "ParameterError",
]


class InkmeansError(ValueError):
    """Any error that inkmeans raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong, and where: one line that names the file or the value.
    hint : str, default=""
        What to do about it: one line.

    Examples
    --------
    >>> from inkmeans.errors import ParameterError
    >>> error = ParameterError("n_clusters is 0", hint="give a number of at least 1")
    >>> print(error)
    n_clusters is 0; give a number of at least 1
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.hint)


def _rebuild(kind: type[InkmeansError], message: str, hint: str) -> InkmeansError:
    return kind(message, hint=hint)


class DataError(InkmeansError):
    """A file or an array is not what it should be."""


class DownloadError(DataError):
    """A data set could not be fetched."""


class ModelFileError(DataError):
    """A model file is damaged, is something else, or comes from a newer version."""


class ParameterError(InkmeansError):
    """A value that was asked for makes no sense here."""


class OutputError(InkmeansError):
    """A result cannot be written."""


class MissingExtraError(InkmeansError):
    """A library that belongs to an optional extra is not installed."""


class NotNamedError(InkmeansError):
    """The clusters have no names yet, so no name can be predicted."""
