"""What can be chosen from: read from the library's registries, which are the only source."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from inkmeans.explore.settings import PRESETS

__all__ = ["menu"]

# What an extra brings, to say whether it is there without importing it.
_EXTRAS = {
    "keras": ("keras",),
    "maps": ("umap", "openTSNE", "pacmap"),
    "graphs": ("igraph", "leidenalg", "genieclust"),
    "onnx": ("onnx",),
    "deep": ("torch",),
}


def menu() -> dict[str, list[dict[str, Any]]]:
    """List data sets, features, reducers, algorithms, maps and presets.

    Returns
    -------
    dict of str to list of dict
        Each has ``name``, ``summary`` and ``available``, and a ``hint`` where it is not.

    Examples
    --------
    >>> from inkmeans.explore.menu import menu
    >>> [entry["name"] for entry in menu()["datasets"]][:2]
    ['mnist', 'digits']
    """
    from inkmeans.cluster import ALGORITHMS
    from inkmeans.datasets import DATASETS, is_here
    from inkmeans.explore.pipeline import list_maps
    from inkmeans.features import FEATURES
    from inkmeans.reduce import REDUCERS

    return {
        "datasets": [
            {**_entry(record), "here": is_here(record.name), "bytes": record.size}
            for record in DATASETS.values()
        ],
        "features": [_entry(record) for record in FEATURES.values()],
        "reducers": [_entry(record) for record in REDUCERS.values()],
        "algorithms": [
            {**_entry(record), "max_images": record.max_images} for record in ALGORITHMS.values()
        ],
        "maps": [
            _entry(REDUCERS[name])
            if name in REDUCERS
            else {"name": name, "summary": summary, "available": True}
            for name, summary in list_maps().items()
        ],
        "presets": [
            {
                "name": name,
                "summary": preset.summary,
                "available": True,
                "settings": {"preset": name},
            }
            for name, preset in PRESETS.items()
        ],
    }


def _entry(record: Any) -> dict[str, Any]:
    entry = {"name": record.name, "summary": record.summary, "available": True}
    extra = getattr(record, "extra", None)
    if extra and not all(find_spec(module) for module in _EXTRAS.get(extra, ())):
        entry["available"] = False
        entry["hint"] = f"run: python -m pip install 'inkmeans[{extra}]'"
    return entry
