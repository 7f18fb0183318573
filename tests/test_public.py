"""The public names: what `__all__` promises is there, and the front page is lazy."""

import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import inkmeans

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(inkmeans.__path__, "inkmeans.")
    if not module.name.rpartition(".")[2].startswith("_")
    # Where nothing was compiled, this one cannot be imported.
    and module.name not in ("inkmeans.engine.native", "inkmeans.engine.directions")
)


def test_what_all_promises_is_there_once_and_documented():
    wrong = []
    for name in ["inkmeans", *MODULES]:
        module = importlib.import_module(name)
        public = getattr(module, "__all__", ())
        if not module.__doc__ or len(set(public)) != len(public):
            wrong.append(name)
        for each in public:
            found = getattr(module, each)  # fails where a promise is empty
            ours = getattr(found, "__module__", "").startswith("inkmeans")
            if ours and not inspect.getdoc(found):
                wrong.append(f"{name}.{each}")
    assert not wrong


def test_the_front_page_names_all_that_it_loads_lazily():
    assert set(inkmeans._HOME) == set(inkmeans.__all__) - {"__version__"}
    assert set(inkmeans.__all__) <= set(dir(inkmeans))


@pytest.mark.parametrize("name", [n for n in inkmeans.__all__ if n != "__version__"])
def test_a_public_name_is_the_one_of_its_home(name):
    home = importlib.import_module(inkmeans._HOME[name])
    assert getattr(inkmeans, name) is getattr(home, name)
    assert name in home.__all__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'KMedoids'"):
        inkmeans.KMedoids  # noqa: B018


def test_importing_everything_from_the_front_page_works():
    code = "from inkmeans import *; print(KMeans.__name__, load.__name__, Digits.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["KMeans", "load", "Digits"]


def test_the_version_is_that_of_the_installed_package():
    from importlib.metadata import PackageNotFoundError, version

    try:
        installed = version("inkmeans")
    except PackageNotFoundError:
        pytest.skip("inkmeans runs from its source tree here")
    assert inkmeans.__version__ == installed
