"""The command line in one process: exit codes, and how errors are worded."""

import json
import warnings

import pytest

from inkmeans.cli import main as command_line
from inkmeans.cli.main import main
from inkmeans.errors import DownloadError, InkmeansError
from inkmeans.progress import Stop


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return caught.value.code, *capsys.readouterr()


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (InkmeansError("no\nway", hint="the other"), 2, "error: no way\nhint: the other\n"),
        (InkmeansError("no way"), 2, "error: no way\n"),
        (DownloadError("offline", hint="later"), 1, "error: offline\nhint: later\n"),
        (ModuleNotFoundError("no", name="numpy"), 2, "error: numpy is not installed\n"),
        (MemoryError(), 1, "error: out of memory\n"),
        (KeyboardInterrupt(), 1, "error: stopped before the end\n"),
        (Stop(), 1, "error: stopped before the end\n"),
        (ZeroDivisionError("x / 0"), 1, "error: ZeroDivisionError: x / 0 (not foreseen"),
    ],
)
def test_every_error_has_its_exit_code_and_two_lines(error, code, told, capsys, monkeypatch):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(command_line, "app", fail)
    found, output, errors = run(capsys, "run")
    assert found == code
    assert output == ""
    assert errors.startswith(told)
    assert "Traceback" not in errors
    assert len(errors.splitlines()) <= 2


def test_the_traceback_of_a_bug_is_shown_when_asked_for(capsys, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(command_line, "app", fail)
    monkeypatch.setenv("INKMEANS_TRACEBACK", "1")
    assert "Traceback" in run(capsys, "run")[2]


def test_datasets_are_listed_with_or_without_saying_list(capsys):
    assert run(capsys, "datasets") == run(capsys, "datasets", "list")
    code, output, errors = run(capsys, "datasets", "list", "--json")
    assert (code, errors) == (0, "")
    assert {"name", "here", "licence"} <= set(json.loads(output)[0])


def test_where_prints_a_path_and_nothing_else(capsys):
    code, output, errors = run(capsys, "datasets", "where", "mnist")
    assert (code, errors) == (0, "")
    assert output.endswith("mnist.npz\n")
    code, output, _ = run(capsys, "datasets", "where", "mnist", "--json")
    assert json.loads(output)["here"] is True


def test_an_unknown_data_set_is_told_with_the_nearest_name(capsys):
    code, output, errors = run(capsys, "datasets", "where", "kmnits")
    assert (code, output) == (2, "")
    assert "kmnist" in errors


def test_a_warning_is_one_line_on_standard_error(capsys, monkeypatch):
    def warn(*_, **__):
        warnings.warn("mind\nthat", UserWarning, stacklevel=1)

    monkeypatch.setattr(command_line, "app", warn)
    code, output, errors = run(capsys, "run")
    assert (code, output, errors) == (0, "", "warning: mind that\n")
