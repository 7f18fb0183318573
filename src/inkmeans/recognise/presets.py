"""The pipelines of the recogniser: what each preset does, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from inkmeans.recognise.self_training import SelfTraining
from inkmeans.registry import lookup

if TYPE_CHECKING:
    from inkmeans.recognise.image_rows import ImageRows

__all__ = ["PRESETS", "Preset", "get_preset", "make_view"]

_FEW = 2000  # images that the classifier can compare with at little cost
_SCATTERING_SCALES = 3
_N_COMPONENTS = {"hog": 128, "scattering": 300}


@dataclass(frozen=True)
class Preset:
    """One pipeline.

    Attributes
    ----------
    name, summary : str
    views : tuple of str
        What the classifier sees: ``ALIGN+FEATURES``, or ``ALIGN+FEATURES+FEATURES`` for both side
        by side.
    n_graph_components : int
        Of the first features of the first view, half-whitened: the graph is made of them.
    n_graph_images : int
        The most images that a graph is made of; a random sample of more.
    shortlist : int
        Neighbours of each image that the image deformation distance ranks anew; 0 for none.
    training : SelfTraining
    """

    name: str
    summary: str
    views: tuple[str, ...]
    n_graph_components: int = 128
    n_graph_images: int = 70_000
    shortlist: int = 0
    training: SelfTraining = field(default_factory=SelfTraining)

    def training_of(self, n_images: int) -> SelfTraining:
        """Return how so many images are trained on: few of them are all landmarks."""
        if self.training.n_landmarks < n_images <= _FEW:
            return replace(self.training, n_landmarks=n_images)
        return self.training


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "fast",
            "Gradients of straightened images, a graph of 10,000 of them; a few seconds.",
            ("deskewed+hog",),
            n_graph_components=96,
            n_graph_images=10_000,
            training=SelfTraining(n_landmarks=1000, vote=0.0),
        ),
        Preset(
            "balanced",
            "Scattering, neighbours by the image deformation distance, self-training.",
            ("deskewed+scattering+hog",),
            shortlist=50,
            training=SelfTraining(n_landmarks=2200),
        ),
        Preset(
            "best",
            "As balanced, and a second view of images that are centred but not straightened.",
            ("deskewed+scattering+hog", "centered+scattering+hog"),
            shortlist=80,
            training=SelfTraining(n_landmarks=3000),
        ),
    )
}


def get_preset(name: str) -> Preset:
    """Find a preset by its name.

    Raises
    ------
    ParameterError
        If there is none of that name.

    Examples
    --------
    >>> from inkmeans.recognise.presets import get_preset
    >>> get_preset("fast").views
    ('deskewed+hog',)
    """
    return lookup(PRESETS, name, "preset")


def make_view(name: str, random_state: int | None, side: int) -> Any:
    """Make the transformer of one view.

    Parameters
    ----------
    name : str
        ``ALIGN+FEATURES`` or ``ALIGN+FEATURES+FEATURES``.
    random_state : int or None
    side : int
        The shorter side of the images, which limits the scales of wavelets.

    Returns
    -------
    ImageRows or FeatureUnion
        The union of several features' rows.
    """
    from sklearn.pipeline import FeatureUnion

    align, *features = name.split("+")
    parts = [(feature, _make_rows(align, feature, random_state, side)) for feature in features]
    return parts[0][1] if len(parts) == 1 else FeatureUnion(parts)


def _make_rows(align: str, features: str, random_state: int | None, side: int) -> ImageRows:
    from inkmeans.features import HOG, Scattering
    from inkmeans.prepare import CenterByMass, Deskew
    from inkmeans.recognise.image_rows import ImageRows

    straight = {"deskewed": Deskew, "centered": CenterByMass}[align]()
    n_components = _N_COMPONENTS[features]
    if features == "hog":
        return ImageRows(straight, HOG(), n_components, group=0, random_state=random_state)
    scales = max(1, min(_SCATTERING_SCALES, side.bit_length() - 1))
    group = _group(side, scales)
    return ImageRows(
        straight, Scattering(scales), n_components, group=group, random_state=random_state
    )


def _group(side: int, scales: int) -> int:
    """Positions of a path, where the images are square; else columns stand alone."""
    from inkmeans.engine.scattering import padded_shape

    rows, columns = (length >> scales for length in padded_shape(side, side, scales))
    return rows * columns
