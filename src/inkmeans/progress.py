"""What long work tells about itself: one event type, one callback, one way to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Callback", "Event", "Stop", "silent"]


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a piece of work.

    Attributes
    ----------
    stage : str
        What is being done: ``"load"``, ``"seed"``, ``"cluster"``, ``"figures"`` ...
    message : str
        Which one of several, in words for people (the name of a run, of a file).
    step, of : int or None
        How far the stage is, and how many steps it has at the most.
    inertia : float or None
        Inertia of the assignment that this step made, in the units of the rows.
    changed : int or None
        Rows whose cluster changed in this step.
    seconds : float or None
        Seconds since the stage began.
    centroids : ndarray of shape (n_clusters, n_features) or None
        The centroids after this step. Copy them to keep them.

    Examples
    --------
    >>> from inkmeans.progress import Event
    >>> Event("cluster", step=3, of=300, inertia=39.5).step
    3
    """

    stage: str
    message: str = ""
    step: int | None = None
    of: int | None = None
    inertia: float | None = None
    changed: int | None = None
    seconds: float | None = None
    centroids: NDArray[Any] | None = field(default=None, repr=False, compare=False)


Callback = Callable[[Event], None]
"""What long work calls with an `Event`; it raises `Stop` to end the work in order."""


class Stop(Exception):  # noqa: N818 - a request, not an error
    """Raised inside a callback, ends the work after this step and keeps the best so far."""


def silent(event: Event) -> None:
    """Take an event and do nothing with it."""
