"""Write the pages of docs/reference that follow from the code.

Run: python tasks.py docs [--check]
With --check nothing is written; the exit code says whether a page would change.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parent / "reference"
NOTE = "<!-- Written by `python tasks.py docs` from the code: change it there. -->\n\n"

LIBRARY = (  # the packages that users import from, in the order in which data walks
    "inkmeans",
    "inkmeans.datasets",
    "inkmeans.prepare",
    "inkmeans.features",
    "inkmeans.reduce",
    "inkmeans.cluster",
    "inkmeans.neighbors",
    "inkmeans.evaluate",
    "inkmeans.figures",
    "inkmeans.recognise",
    "inkmeans.experiment",
    "inkmeans.engine",
    "inkmeans.progress",
    "inkmeans.errors",
)


def main() -> None:
    """Write the pages, or say which would change."""
    checking = "--check" in sys.argv[1:]
    REFERENCE.mkdir(exist_ok=True)
    stale = []
    for name, text in pages().items():
        path = REFERENCE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not checking:
                path.write_text(text, encoding="utf-8", newline="\n")
    print("stale:" if checking else "written:", ", ".join(stale) or "none")
    sys.exit(bool(stale and checking))


def pages() -> dict[str, str]:
    """Make all generated pages.

    Returns
    -------
    dict of str to str
        File name and text.
    """
    return {
        "commands.md": page("Commands", commands()),
        "names.md": page("Names", names()),
        "scores.md": page("Scores", scores()),
        "errors.md": page("Errors", errors()),
        "library.md": page("Library", library()),
    }


def page(title: str, parts: Iterable[str]) -> str:
    """Put a title over paragraphs."""
    return NOTE + "\n\n".join((f"# {title}", *parts)) + "\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """Lay out a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell(c) for c in line)} |" for line in lines)


def cell(value: object) -> str:
    """Write a value so that it does not break its table."""
    return " ".join(str(value).split()).replace("|", "\\|") if value is not None else "-"


# --- commands ------------------------------------------------------------------------------


def commands() -> Iterator[str]:
    """Describe each command with its arguments and options."""
    import typer.main

    from inkmeans.cli.main import app

    yield (
        "`inkmeans COMMAND --help` prints the same. Data go to standard output, everything else "
        "to standard error. Exit codes and environment variables: [environment](environment.md)."
    )
    for path, command in walk(typer.main.get_command(app), "inkmeans"):
        yield f"## `{path}`"
        yield str(command.help)
        parameters = [parameter(p) for p in command.params]
        if parameters:
            yield table(("argument or option", "default", "what it does"), parameters)


def walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield a command and those below it, with what is typed to get there."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from walk(below, f"{path} {name}")


def parameter(found: Any) -> tuple[str, str, str]:
    """Describe one argument or option."""
    option = found.opts[0].startswith("-")
    text, _, default = str(found.help).partition("  [default: ")
    default = default.rstrip("]")
    if not option:
        return f"`{found.metavar}`", "required" if found.required else default, text
    if not found.is_flag and not default:
        default = str(found.default)
    value = f" {found.metavar}" if found.metavar else ""
    return ", ".join(f"`{name}{value}`" for name in found.opts), default or "off", text


# --- names ---------------------------------------------------------------------------------


def names() -> Iterator[str]:
    """Describe the entries of every registry."""
    from inkmeans.cluster import ALGORITHMS
    from inkmeans.datasets import DATASETS
    from inkmeans.features import FEATURES
    from inkmeans.figures import FIGURES
    from inkmeans.reduce import REDUCERS

    yield (
        "Everything that can be asked for by name. "
        "[CONTRIBUTING](../../CONTRIBUTING.md#adding-things) says how to add to each list."
    )
    yield "## Algorithms"
    yield "For `--algorithm NAME` and `inkmeans.cluster.get_algorithm`."
    yield table(
        ("name", "what it is", "takes uint8", "predicts new images", "most images", "extra"),
        (
            (
                f"`{a.name}`",
                a.summary,
                yes(a.accepts_uint8),
                yes(a.predicts),
                f"{a.landmarks:,}, others follow" if a.landmarks else a.max_images,
                a.extra,
            )
            for a in ALGORITHMS.values()
        ),
    )
    yield (
        "*Others follow*: of more images so many are drawn at random and clustered, and each of "
        "the others is assigned after those nearest to it; the report says so."
    )
    yield "## Features"
    yield "For `--features NAME,...` and `inkmeans.features.get_feature`."
    yield table(("name", "what it is"), summaries(FEATURES))
    yield "## Reducers"
    yield "For `--reduce NAME:D` and `inkmeans.reduce.get_reducer`; D is the number of dimensions."
    yield table(("name", "what it is"), summaries(REDUCERS))
    yield "## Data sets"
    yield (
        "For `--dataset NAME` and `inkmeans.load`. A path to a file or folder goes "
        "wherever a name does: see [your own images](../how-to/own-images.md)."
    )
    yield table(
        ("name", "what it is", "comes from", "to fetch", "licence"),
        (
            (f"`{d.name}`", d.summary, d.origin, size(d.size), f"[{d.licence}]({d.address})")
            for d in DATASETS.values()
        ),
    )
    yield "## Figures"
    yield "In a run's folder under `figures/`, and as classes in `inkmeans.figures`."
    yield table(
        ("name", "class", "what it shows"),
        ((f"`{f.name}`", f"`{f.display.__name__}`", f.summary) for f in FIGURES.values()),
    )


def summaries(registry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give name and summary of each record."""
    return [(f"`{record.name}`", record.summary) for record in registry.values()]


def yes(value: bool) -> str:
    """Word a truth value."""
    return "yes" if value else "no"


def size(n_bytes: int) -> str:
    """Word a size, a dash for nothing."""
    return f"{n_bytes / 2**20:.0f} MB" if n_bytes else "-"


# --- scores, errors, library ---------------------------------------------------------------


def scores() -> Iterator[str]:
    """Explain each score."""
    from inkmeans.evaluate import Scores
    from inkmeans.report.wording import SCORES

    yield (
        "What `metrics.json`, the report and `inkmeans.evaluate.Scores` hold. A score that does "
        "not apply, for want of labels or of a test part, is null."
    )
    yield table(
        ("key", "better", "labels"),
        ((f"`{s.key}`", s.better, Scores.LABEL_USE[s.key]) for s in SCORES.values()),
    )
    for score in SCORES.values():
        yield f"## {score.heading}"
        yield f"`{score.key}`: {score.label_use}."
        yield score.meaning


def errors() -> Iterator[str]:
    """Describe the errors as their module draws them."""
    from inkmeans import errors as module

    tree = inspect.cleandoc(str(module.__doc__)).partition("::\n\n")[2]
    yield (
        "All are `InkmeansError`, so `ValueError`: they have a `message` (what is wrong, and "
        "where) and a `hint` (what to do). The command line prints both and exits with 2, or "
        "with 1 for a `DownloadError`."
    )
    yield f"```text\n{inspect.cleandoc(tree)}\n```"
    yield table(
        ("class", "raised when"),
        ((f"`{name}`", first_line(getattr(module, name))) for name in module.__all__),
    )


def library() -> Iterator[str]:
    """List the public names of each package."""
    yield (
        "The public names, by package. Each has a docstring with parameters, costs and an "
        "example: `help(inkmeans.KMeans)`. Names that are not listed may change at any time."
    )
    for package in LIBRARY:
        module = importlib.import_module(package)
        public = [name for name in module.__all__ if not name.startswith("__")]
        yield f"## `{package}`"
        yield first_line(module)
        yield table(("name", "what it is"), ((f"`{n}`", describe(module, n)) for n in public))


def describe(module: Any, name: str) -> str:
    """Give the first line on a public name, or what a constant is."""
    found = getattr(module, name)
    if getattr(found, "__module__", "").startswith("inkmeans"):
        return first_line(found)
    if isinstance(found, Mapping):
        return f"The registry: {', '.join(f'`{key}`' for key in found)}."
    if isinstance(found, tuple):
        return f"One of {', '.join(f'`{value}`' for value in found)}."
    return "A type, for annotations."


def first_line(documented: Any) -> str:
    """Give the first paragraph of a docstring."""
    text = (inspect.getdoc(documented) or "").strip()
    assert text, f"{documented} has no docstring"
    return text.partition("\n\n")[0]


if __name__ == "__main__":
    main()
