"""What every Display shares: it is made, then plotted, and keeps its axes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Self

from inkmeans.figures.theme import Frame, start, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Display"]


class Display(ABC):
    """A figure in scikit-learn's manner.

    A subclass stores what it shows in its constructor, says how much room it needs, and
    draws on the axes that it is given.

    Parameters
    ----------
    subtitle : str, default=""
        What the figure was made from: data set, features, number of clusters, split.

    Attributes
    ----------
    title : str
        Of the figure, when it is plotted on a figure of its own.
    label_use : str
        Whether labels were used for it, and for what.
    ax_ : matplotlib Axes
        The axes that it was plotted on.
    figure_ : matplotlib Figure
        The figure that holds them.
    """

    title: ClassVar[str]
    label_use: str = "No labels used."
    ax_: Axes
    figure_: Figure

    def __init__(self, *, subtitle: str = "") -> None:
        self.subtitle = subtitle

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the figure.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure of the right size, without pyplot.

        Returns
        -------
        Display
            Itself; `ax_`, `figure_` and the artists are set.
        """
        with styled():
            headings = (self.heading, self.subtitle, self.label_use)
            self.figure_, self.ax_ = start(ax, self._frame(), headings)
            self._draw(self.ax_)
        return self

    @property
    def heading(self) -> str:
        """The title as it is printed; some figures say more than their kind."""
        return self.title

    @abstractmethod
    def _frame(self) -> Frame:
        """Return the room that the drawing needs."""

    @abstractmethod
    def _draw(self, ax: Axes) -> None:
        """Draw, and keep the artists in attributes that end in an underscore."""
