"""The examples in the docstrings give what they say."""

import doctest
import importlib
import pkgutil

import pytest

import inkmeans

MODULES = [
    module.name
    for module in pkgutil.walk_packages(inkmeans.__path__, "inkmeans.")
    if not module.name.rpartition(".")[2].startswith("_")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name, request, tmp_path, monkeypatch, capsys):
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        if "_native" not in str(error):
            raise
        pytest.skip("the native engine was not compiled")
    monkeypatch.chdir(tmp_path)
    # Examples that write files ask for a folder as pytest's own doctests do.
    fixtures = {"getfixture": request.getfixturevalue}
    if doctest.testmod(module, extraglobs=fixtures).failed:
        pytest.fail(capsys.readouterr().out)


def test_most_modules_have_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    n_examples = 0
    for name in MODULES:
        if name not in ("inkmeans.engine.native", "inkmeans.engine.directions"):
            found = finder.find(importlib.import_module(name))
            n_examples += sum(bool(test.examples) for test in found)
    assert n_examples > 100  # otherwise the search has gone blind
