"""Which package may import which, and what a quick start may load: the arrows of the design."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import inkmeans

PACKAGE = Path(inkmeans.__file__).parent
FOUNDATION = {"errors", "progress", "registry"}  # these know of nothing above them

# Every part of inkmeans, and what it may import besides FOUNDATION and itself.
ARROWS = {
    "errors": set(),
    "progress": set(),
    "registry": {"errors"},
    "datasets": set(),
    "engine": set(),
    "evaluate": set(),
    "prepare": {"engine"},
    "features": {"prepare", "engine", "datasets", "cluster"},
    "reduce": {"engine"},
    "cluster": {"engine", "neighbors"},
    "neighbors": {"engine"},
    "recognise": {"cluster", "engine", "features", "prepare", "reduce", "neighbors"},
    "figures": {"evaluate"},
    "report": {"datasets", "evaluate", "figures", "recognise", "reduce"},
    "experiment": {
        "cluster", "datasets", "engine", "evaluate", "features", "neighbors", "prepare",
        "recognise", "reduce", "report",
    },
    "explore": {
        "cluster", "datasets", "engine", "evaluate", "experiment", "features", "prepare",
        "recognise", "reduce",
    },
    "cli": {"datasets", "engine", "evaluate", "experiment", "explore", "recognise", "report"},
    "__main__": {"cli"},
}  # fmt: skip

FILES = sorted(PACKAGE.rglob("*.py"))


def module_name(file):
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file) for file in FILES}
TREES = {module_name(file): ast.parse(file.read_text(encoding="utf-8")) for file in FILES}


def part_of(module):
    """Give the part of inkmeans that a module belongs to; '' for inkmeans itself."""
    return [*module.split("."), ""][1]


def imports(tree):
    """Yield (module, name or None) for each import of something of ours."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            if (node.module or "").split(".")[0] == "inkmeans":
                yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (
                (alias.name, None) for alias in node.names if alias.name.split(".")[0] == "inkmeans"
            )


def target(module, name):
    """Give the module that an import loads: `from inkmeans import engine` loads inkmeans.engine."""
    return f"{module}.{name}" if f"{module}.{name}" in MODULES else module


def test_each_module_imports_only_what_its_part_may():
    wrong = []
    for module, tree in TREES.items():
        part = part_of(module)
        if not part:  # the front page of public names
            continue
        assert part in ARROWS, f"say in ARROWS what inkmeans.{part} may import"
        allowed = ARROWS[part] | FOUNDATION | {part, ""}
        wrong += [
            f"{module} -> {imported}"
            for imported, name in imports(tree)
            if part_of(target(imported, name)) not in allowed
        ]
    assert not wrong


def test_the_foundation_knows_of_nothing_above_it():
    for part in FOUNDATION:
        assert ARROWS[part] <= FOUNDATION


def test_the_arrows_have_no_circle():
    assert list(TopologicalSorter(ARROWS).static_order())


def test_modules_that_load_each_other_at_once_make_no_circle():
    graph = {}
    for module, tree in TREES.items():
        # What functions import, or types need, is loaded later and may point back.
        now = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        graph[module] = {target(*pair) for pair in imports(ast.Module(now, []))} - {module}
    assert list(TopologicalSorter(graph).static_order())


def test_no_module_uses_private_names_of_another_part():
    wrong = [f"{module}: {name}" for module in MODULES for name in foreign_private_names(module)]
    assert not wrong


def foreign_private_names(module):
    tree, foreign = TREES[module], set()
    for imported, name in imports(tree):
        if part_of(target(imported, name)) == part_of(module):
            continue
        if any(map(is_private, f"{imported}.{name or ''}".split("."))):
            yield f"{imported}.{name}"
        foreign.add(name or imported)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if owner in foreign:
                yield ast.unparse(node)


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


HEAVY = ("numpy", "scipy", "sklearn", "matplotlib", "pyarrow", "PIL", "pooch", "jinja2", "rich")


@pytest.mark.parametrize(
    "start", ["import inkmeans", "from inkmeans.cli.main import main; main(['run', '--help'])"]
)
def test_a_start_loads_nothing_heavy(start):
    code = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print('LOADED', *sorted({{*sys.modules}} & {{*{HEAVY}}})))\n"
        f"{start}"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "LOADED"
