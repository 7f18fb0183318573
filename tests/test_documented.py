"""Whatever can be asked for is documented, and no link of the documentation is dead."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from inkmeans import errors
from inkmeans.cli.main import app
from inkmeans.cluster import ALGORITHMS
from inkmeans.datasets import DATASETS
from inkmeans.evaluate import Scores
from inkmeans.experiment import RunOptions, run_and_write
from inkmeans.features import FEATURES
from inkmeans.figures import FIGURES
from inkmeans.reduce import REDUCERS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "benchmarks" / "README.md"])


def generator():
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(name):
    return (REFERENCE / name).read_text(encoding="utf-8")


def test_the_generated_pages_are_those_of_the_code():
    stale = [name for name, text in generator().pages().items() if read(name) != text]
    assert not stale, "run: python tasks.py docs"


# The pages are compared with the registries too, in case the generator forgets one.
@pytest.mark.parametrize(
    "registry",
    [ALGORITHMS, FEATURES, REDUCERS, DATASETS, FIGURES],
    ids=["algorithms", "features", "reducers", "datasets", "figures"],
)
def test_every_entry_of_a_registry_is_documented(registry):
    text = read("names.md")
    assert [name for name in registry if f"| `{name}` |" not in text] == []
    for name, record in registry.items():
        assert record.name == name
        assert record.summary.endswith("."), f"{name}: a sentence"


def commands(command, path):
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, f"{path} {name}")


@pytest.mark.parametrize(
    ("path", "command"),
    list(commands(typer.main.get_command(app), "inkmeans")),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_command_and_option_is_documented(path, command):
    section = read("commands.md").partition(f"## `{path}`\n")[2].partition("\n## ")[0]
    assert section, f"{path} is not in commands.md"
    assert command.help
    for parameter in command.params:
        shown = parameter.metavar if parameter.param_type_name == "argument" else None
        for name in [shown] if shown else parameter.opts:
            assert name in section, f"{path}: {name}"
        assert parameter.help, f"{path}: {parameter.name} says nothing of itself"


def test_every_error_is_documented():
    text = read("errors.md")
    assert [name for name in errors.__all__ if f"| `{name}` |" not in text] == []


def test_every_score_is_documented():
    text = read("scores.md")
    single = {name for name in Scores(1, 1).to_dict() if not name.startswith("n_")}
    assert [name for name in single if f"| `{name}` |" not in text] == []


def test_every_environment_variable_is_documented():
    used = set()
    sources = [*(ROOT / "src").rglob("*.py"), ROOT / "pyproject.toml", ROOT / "CMakeLists.txt"]
    for file in sources:
        used |= set(
            re.findall(
                r"""environ(?:\.get\(|\[|\.pop\()\s*["']([A-Z_]+)["']|env\.(INKMEANS\w+)""",
                file.read_text(encoding="utf-8"),
            )
        )
    names = {name for pair in used for name in pair if name}
    assert {"INKMEANS_ENGINE", "INKMEANS_NO_NATIVE"} <= names, "the search has gone blind"
    text = read("environment.md")
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def test_every_file_and_key_of_a_run_folder_is_documented(tmp_path):
    import json

    folder, _ = run_and_write(
        RunOptions("digits", clusters=(10,), features=("pixels",), out=tmp_path)
    )
    text = read("run-folder.md")
    assert [path.name for path in folder.iterdir() if f"`{path.name}" not in text] == []
    record = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["scores"][0]
    assert [key for key in record if f"`{key}`" not in text] == []


def test_every_task_is_documented():
    listed = subprocess.run(
        [sys.executable, ROOT / "tasks.py"], capture_output=True, text=True, check=True, timeout=60
    )
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    tasks = [line.split()[0] for line in listed.stdout.splitlines()]
    assert len(tasks) > 5
    assert [task for task in tasks if f"python tasks.py {task}" not in text] == []


def test_every_page_is_reached_from_the_index():
    reached = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "index.md")}
    lost = [page for page in DOCS.rglob("*.md") if page.resolve() not in reached]
    assert [page.name for page in lost if page.name != "index.md"] == []


def links(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(page):
    for heading in re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_link_inside_the_project_is_dead(page):
    dead = []
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []
