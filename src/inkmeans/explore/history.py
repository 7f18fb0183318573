"""The log of label actions in memory: what is done, what is undone, and the state they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from inkmeans.errors import ParameterError
from inkmeans.explore.labelling import Action, Labelling, RunState, apply

__all__ = ["REDO", "UNDO", "Entry", "Timeline"]

UNDO, REDO = "undo", "redo"

_STRIDE = 32  # actions between two states that are kept, so that an undo is at most so many
_KEPT_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the log: an action, or that the last one was undone or done again."""

    id: int
    action: Action


class Timeline:
    """What a log of actions amounts to.

    Parameters
    ----------
    n : int
        Number of images.
    base_run : callable
        Gives the `RunState` of a run as it was fitted, by its number.

    Examples
    --------
    >>> from inkmeans.explore.history import Entry, Timeline
    >>> from inkmeans.explore.labelling import Action
    >>> timeline = Timeline(2, base_run=lambda run: None)
    >>> timeline.take(Entry(1, Action("label", {"label": 3, "image": 1})))
    >>> timeline.state.labels.tolist()
    [255, 3]
    >>> timeline.take(Entry(2, Action("undo", {})))
    >>> timeline.state.labels.tolist(), len(timeline.undone)
    ([255, 255], 1)
    """

    def __init__(self, n: int, base_run: Callable[[int], RunState]) -> None:
        self._base_run = base_run
        self._empty = Labelling.empty(n)
        self._kept: dict[int, Labelling] = {}  # after so many done actions
        self._most_kept = max(4, _KEPT_BYTES // (5 * n))
        self.state = self._empty
        self.done: list[Entry] = []
        self.undone: list[Entry] = []
        self.last_id = 0

    def preview(self, action: Action) -> Labelling:
        """Return the state that an action would lead to, or refuse one that makes no sense."""
        if action.kind == UNDO:
            return self._at(len(self.done) - 1)
        if action.kind == REDO:
            return self._apply(self.state, self.undone[-1].action)
        return self._apply(self.state, action)

    def check(self, action: Action) -> None:
        """Refuse to undo or redo where there is nothing."""
        if action.kind == UNDO and not self.done:
            raise ParameterError("there is nothing to undo")
        if action.kind == REDO and not self.undone:
            raise ParameterError("there is nothing to do again")

    def take(self, entry: Entry, state: Labelling | None = None) -> None:
        """Go on by one row of the log.

        Parameters
        ----------
        entry : Entry
        state : Labelling or None, default=None
            What `preview` gave for it, if that is known.
        """
        if entry.action.kind == UNDO and self.done:
            state = state or self.preview(entry.action)
            self._kept.pop(len(self.done), None)
            self.undone.append(self.done.pop())
        elif entry.action.kind == REDO and self.undone:
            state = state or self.preview(entry.action)
            self._push(self.undone.pop(), state)
        elif entry.action.kind not in (UNDO, REDO):
            state = state or self.preview(entry.action)
            self.undone.clear()
            self._push(entry, state)
        self.state = state or self.state
        self.last_id = entry.id

    def replay(self, entries: Iterable[Entry]) -> None:
        """Go on by many rows; those that are undone in the end cost nothing."""
        done, undone = list(self.done), list(self.undone)
        for entry in entries:
            if entry.action.kind == UNDO:
                if done:
                    undone.append(done.pop())
            elif entry.action.kind == REDO:
                if undone:
                    done.append(undone.pop())
            else:
                undone.clear()
                done.append(entry)
            self.last_id = entry.id
        common = 0
        while common < min(len(done), len(self.done)) and done[common] is self.done[common]:
            common += 1
        self._kept = {count: state for count, state in self._kept.items() if count <= common}
        state = self._at(common)
        self.done = self.done[:common]
        for entry in done[common:]:
            state = self._apply(state, entry.action)
            self._push(entry, state)
        self.state, self.undone = state, undone

    def run(self, run: int) -> RunState:
        """Return a run as it is now, touched by an action or not."""
        return self.state.runs.get(run) or self._base_run(run)

    def _push(self, entry: Entry, state: Labelling) -> None:
        self.done.append(entry)
        count = len(self.done)
        if count % _STRIDE == 0:
            self._kept[count] = state
            if len(self._kept) > self._most_kept:
                del self._kept[min(self._kept)]

    def _at(self, count: int) -> Labelling:
        """Return the state after the first `count` of the done actions."""
        if count == len(self.done):
            return self.state
        near = max((kept for kept in self._kept if kept <= count), default=0)
        state = self._kept.get(near, self._empty)
        for entry in self.done[near:count]:
            state = self._apply(state, entry.action)
        return state

    def _apply(self, state: Labelling, action: Action) -> Labelling:
        run = action.details.get("run")
        if run is not None and run not in state.runs:
            state = replace(state, runs={**state.runs, run: self._base_run(run)})
        return apply(state, action)
