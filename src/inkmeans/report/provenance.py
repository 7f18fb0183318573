"""How a run came about: what was asked for, on which data, with which software and machine."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import inkmeans
from inkmeans.report.contents import Contents

__all__ = ["describe_run", "write_run"]

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "matplotlib", "pillow", "pyarrow", "safetensors")


def describe_run(contents: Contents, created: datetime) -> dict[str, Any]:
    """Collect what somebody needs who wants to repeat a run.

    Parameters
    ----------
    contents : Contents
    created : datetime
        Local time with its offset.

    Returns
    -------
    dict
        As JSON can hold it. It names no user and no host: the home folder is written ``~``.
    """
    digits = contents.digits
    _, height, width = digits.images.shape
    described = {
        "created": created.isoformat(timespec="seconds"),
        "config": dict(contents.config),
        "seed": contents.seed,
        "dataset": {
            "name": digits.source.name,
            "sha256": digits.source.sha256,
            "licence": digits.source.licence or None,
            "address": digits.source.address or None,
            "n_train": digits.n_train,
            "n_test": len(digits) - digits.n_train,
            "height": height,
            "width": width,
            "classes": list(digits.names) if digits.labels is not None else None,
        },
        "versions": _versions(),
        "engine": _engine_level(),
        "machine": {
            "system": platform.system(),
            "release": platform.release(),
            "architecture": platform.machine(),
            "processor": _processor(),
            "cpu_count": os.cpu_count(),
        },
        "stages": {name: round(seconds, 3) for name, seconds in contents.stages.items()},
    }
    return {key: _impersonal(value) for key, value in described.items()}


def write_run(described: Mapping[str, Any], path: Path) -> None:
    """Write what `describe_run` collected.

    Parameters
    ----------
    described : mapping
    path : Path
        ``run.json``.
    """
    text = json.dumps(described, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _versions() -> dict[str, str]:
    versions = {"inkmeans": inkmeans.__version__, "python": platform.python_version()}
    for library in _LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:  # pyarrow is optional
            continue
    return versions


def _engine_level() -> str | None:
    # Only a run that used the engine has loaded it.
    engine = sys.modules.get("inkmeans.engine")
    return None if engine is None else str(engine.level())


def _processor() -> str | None:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        return platform.processor() or None
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or None)


def _impersonal(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _impersonal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_impersonal(item) for item in value]
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if isinstance(value, str):
        home = str(Path.home())
        inside = value.startswith((home + os.sep, home + "/")) and len(home) > 1
        return "~" + value[len(home) :] if value == home or inside else value
    return value
