"""report.html: one page that holds everything and asks for nothing."""

from __future__ import annotations

import base64
import struct
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from inkmeans.report import page_tables as tables
from inkmeans.report.contents import Contents
from inkmeans.report.highlights import Highlights
from inkmeans.report.plan import Picture
from inkmeans.report.summary import headline, key_facts, missing_parts, remarks
from inkmeans.report.wording import SCORES, as_seconds, class_word, space_words

__all__ = ["render_page", "write_page"]

_DOTS_A_PIXEL = 1.5  # of a screen of ordinary density; figures have 150 dots an inch


@dataclass(frozen=True)
class EmbeddedPicture:
    """A picture as the template takes it."""

    stem: str
    uri: str
    width: int
    height: int
    caption: str
    alt: str
    run: str | None
    folded: bool


def write_page(
    contents: Contents,
    highlights: Highlights,
    pictures: Sequence[Picture],
    described: Mapping[str, Any],
    folder: Path,
) -> None:
    """Write ``report.html`` into a folder that has the figures already.

    Parameters
    ----------
    contents : Contents
    highlights : Highlights
    pictures : sequence of Picture
        With their PNG files in ``figures``.
    described : mapping
        What run.json says.
    folder : Path
    """
    embedded: dict[str, list[EmbeddedPicture]] = {}
    for picture in pictures:
        embedded.setdefault(picture.section, []).append(_embed(picture, folder / "figures"))
    page = render_page(contents, highlights, embedded, described)
    (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")


def render_page(
    contents: Contents,
    highlights: Highlights,
    pictures: Mapping[str, Sequence[EmbeddedPicture]],
    described: Mapping[str, Any],
) -> str:
    """Lay the page out.

    Parameters
    ----------
    contents : Contents
    highlights : Highlights
    pictures : mapping of str to sequence of EmbeddedPicture
        By the section that they stand in.
    described : mapping
        What run.json says.

    Returns
    -------
    str
        HTML.
    """
    result, explanation = headline(contents, highlights)
    names = contents.digits.names
    environment = _environment()
    return environment.get_template("report.html.j2").render(
        dataset=contents.digits.source.name,
        created=datetime.fromisoformat(described["created"]),
        result=result,
        explanation=explanation,
        facts=key_facts(contents, highlights),
        missing=missing_parts(contents) + remarks(contents),
        pictures=defaultdict(list, pictures),
        score_tables=[
            table
            for split in ("test", "train")
            if (table := tables.scores_table(contents, split, highlights.best)) is not None
        ],
        reduction_table=tables.reduction_table(highlights),
        recognition=contents.recognition,
        recognition_table=tables.recognition_table(contents),
        classes_table=tables.classes_table(highlights),
        cluster_tables=_cluster_tables(contents, highlights, pictures.get("characteristics", ())),
        stability_table=tables.stability_table(contents),
        best=highlights.best,
        best_words=f"{highlights.best.n_clusters} clusters, {space_words(highlights.best)}",
        split=highlights.part.split,
        pairs=highlights.pairs,
        scores=SCORES.values(),
        word=class_word(names),
        described=described,
        how_tables=_how_tables(described),
    )


def _cluster_tables(
    contents: Contents, highlights: Highlights, pictures: Sequence[EmbeddedPicture]
) -> list[tuple[str, EmbeddedPicture | None, tables.Table]]:
    of_run = {picture.run: picture for picture in pictures}
    return [
        (
            f"{run.n_clusters} clusters, {space_words(run)}",
            of_run.get(run.name),
            tables.clusters_table(run, contents.digits.names),
        )
        for run in highlights.shown
        if run.characteristics
    ]


def _how_tables(described: Mapping[str, Any]) -> list[tables.Table]:
    machine = {key.replace("_", " "): value for key, value in described["machine"].items()}
    versions = dict(described["versions"])
    if described["engine"] is not None:
        versions["inkmeans engine"] = described["engine"]
    stages = {name: as_seconds(seconds) for name, seconds in described["stages"].items()}
    return [
        tables.pairs_table("Data set", ("What", "Value"), _dataset_texts(described["dataset"])),
        tables.pairs_table("What was asked for", ("Option", "Value"), _texts(described["config"])),
        tables.pairs_table("What took how long", ("Stage", "Took"), stages),
        tables.pairs_table("Software", ("Name", "Version"), _texts(versions)),
        tables.pairs_table("Machine", ("What", "Value"), _texts(machine)),
    ]


def _dataset_texts(dataset: Mapping[str, Any]) -> dict[str, str]:
    n_test = f" and {dataset['n_test']:,} test" if dataset["n_test"] else ""
    return {
        "name": dataset["name"],
        "images": f"{dataset['n_train']:,} training{n_test}",
        "size": f"{dataset['height']} × {dataset['width']} pixels",
        "classes": _as_text(dataset["classes"]),
        "licence": dataset["licence"] or "not known",
        "source": dataset["address"] or "not known",
        "SHA-256": dataset["sha256"] or "not known",
    }


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: _as_text(value) for name, value in values.items()}


def _as_text(value: Any) -> str:
    if value is None or value in ([], ()):
        return "none"
    if isinstance(value, list | tuple):
        return ", ".join(_as_text(item) for item in value)
    return str(value)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("inkmeans.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    assert environment.loader is not None
    css, _, _ = environment.loader.get_source(environment, "report.css")
    environment.globals["css"] = Markup(css)  # not escaped: it is a file of this package
    return environment


def _embed(picture: Picture, figures: Path) -> EmbeddedPicture:
    png = (figures / f"{picture.stem}.png").read_bytes()
    svg = (figures / f"{picture.stem}.svg").read_bytes()
    width, height = struct.unpack(">II", png[16:24])  # the header chunk comes first
    # An SVG stays sharp on paper and under two fingers; with thousands of points it is too heavy.
    kind, content = ("svg+xml", svg) if len(svg) < 2 * len(png) else ("png", png)
    return EmbeddedPicture(
        stem=picture.stem,
        uri=f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}",
        width=round(width / _DOTS_A_PIXEL),
        height=round(height / _DOTS_A_PIXEL),
        caption=picture.caption,
        alt=picture.alt,
        run=picture.run,
        folded=picture.folded,
    )
