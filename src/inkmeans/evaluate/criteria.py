"""Criteria for the number of clusters, and what they suggest together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Criterion", "Suggestion", "suggest_from"]

_NEAR = 0.15  # of k: choices that are no farther apart count as one


@dataclass(frozen=True)
class Criterion:
    """One criterion without labels, for several numbers of clusters.

    Attributes
    ----------
    name : str
        ``"elbow"``, ``"silhouette"``, ``"gap"``, ``"stability"`` or ``"eigengap"``.
    title : str
        What its curve shows, in few words.
    rule : str
        How its choice follows from the curve: "the highest".
    n_clusters : tuple of int
        Ascending.
    values : tuple of float or None
        One for each; None where it does not apply.
    choice : int or None
        The number that it chooses; None where its rule finds none.
    errors : tuple of float
        Standard errors of the values; empty where there are none.
    why_none : str
        Why there is no choice.
    """

    name: str
    title: str
    rule: str
    n_clusters: tuple[int, ...]
    values: tuple[float | None, ...]
    choice: int | None
    errors: tuple[float, ...] = ()
    why_none: str = ""

    @property
    def at_edge(self) -> bool:
        """Whether the choice is the first or the last number that was tried."""
        return self.choice in (self.n_clusters[0], self.n_clusters[-1])

    @property
    def sentence(self) -> str:
        """What it says, in words."""
        if self.choice is None:
            return f"{self.name}: no choice ({self.why_none or self.rule})"
        edge = ", at the edge of what was tried" if self.at_edge else ""
        return f"{self.name}: {self.choice} ({self.rule}{edge})"


@dataclass(frozen=True)
class Suggestion:
    """The number of clusters that most criteria are for.

    Attributes
    ----------
    n_clusters : int or None
        None where no criterion chooses any.
    supporters : tuple of str
        Names of the criteria whose choice is this number or near it.
    reason : str
        Why, in a sentence or two.
    """

    n_clusters: int | None
    supporters: tuple[str, ...]
    reason: str


def suggest_from(criteria: Sequence[Criterion]) -> Suggestion:
    """Suggest a number of clusters from what the criteria choose.

    Parameters
    ----------
    criteria : sequence of Criterion

    Returns
    -------
    Suggestion

    Notes
    -----
    Choices that differ by at most 15 % (or by one) support each other. A choice at the edge of
    what was tried is no support: beyond the edge there may be a better one; such choices count
    only where there are no others. The choice with the most supporters wins; among equals the
    one nearest to the median of all choices, then the smaller.

    Examples
    --------
    >>> from inkmeans.evaluate import Criterion, suggest_from
    >>> tried = (2, 5, 10, 20)
    >>> choices = {"elbow": 10, "gap": 10, "silhouette": 2}
    >>> found = suggest_from([Criterion(n, "", "", tried, (), k) for n, k in choices.items()])
    >>> found.n_clusters, found.supporters
    (10, ('elbow', 'gap'))
    """
    chosen = [one for one in criteria if one.choice is not None]
    inside = [one for one in chosen if not one.at_edge] or chosen
    if not inside:
        return Suggestion(None, (), "No criterion chooses a number: nothing is suggested.")
    choices = sorted(one.choice for one in inside if one.choice is not None)
    median = choices[(len(choices) - 1) // 2]

    def support(k: int) -> list[Criterion]:
        return [one for one in inside if one.choice is not None and _near(one.choice, k)]

    best = max(choices, key=lambda k: (len(support(k)), -abs(k - median), -k))
    supporters = tuple(one.name for one in support(best))
    return Suggestion(best, supporters, _reason(best, supporters, chosen, inside))


def _near(one: int, other: int) -> bool:
    return abs(one - other) <= max(1, _NEAR * max(one, other))


def _reason(
    best: int, supporters: tuple[str, ...], chosen: list[Criterion], inside: list[Criterion]
) -> str:
    edge = [one for one in chosen if one.at_edge]
    if len(supporters) == 1:
        text = (
            f"No two criteria agree. {best} lies in the middle of what they choose"
            if len(inside) > 1
            else f"{best} is the choice of {supporters[0]} alone"
        )
    else:
        named = f"{', '.join(supporters[:-1])} and {supporters[-1]}"
        exact = {one.choice for one in inside if one.name in supporters}
        about = "" if len(exact) == 1 else "about "
        text = f"{named} agree on {about}{best}, {len(supporters)} of {len(chosen)} criteria"
    if edge and len(inside) < len(chosen):
        names = " and ".join(f"{one.name} ({one.choice})" for one in edge)
        text += (
            f"; {names} not counted, as the edge of what was tried may only be "
            "the best of too short a range"
        )
    return f"{text}."
