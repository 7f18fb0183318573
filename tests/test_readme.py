"""Every command and every block of Python in the documentation runs."""

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    if re.search(r"^```(sh|python)$", page.read_text(encoding="utf-8"), re.MULTILINE)
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What makes an environment is not run here: the one that runs the tests stands in for it.
# .ci/run runs the README's commands word for word in a new one.
SET_UP = ("python3 -m venv", ".venv/bin/pip install", "uv ", "git clone", "python tasks.py")
# The documentation may take its time to measure; tests may not. The explorer goes on until it is
# told to stop: its journeys start it.
LONG = ("python benchmarks/", "inkmeans explore")


def blocks(page):
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def commands(script):
    """Yield the commands of a shell block; a backslash goes on in the next line."""
    for line in script.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()


@pytest.fixture
def sandbox(tmp_path, monkeypatch):
    """Work in an empty copy of what the documentation reads, with `inkmeans` on the path."""
    shutil.copy(ROOT / "handwritten_digit_recognition.py", tmp_path)
    (tmp_path / "docs").mkdir()
    shutil.copytree(ROOT / "docs" / "images", tmp_path / "docs" / "images")
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, arguments in {"python": "", "inkmeans": "-m inkmeans"}.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONUTF8", "1")
    return tmp_path


def run_shell(script):
    for command in commands(script):
        if command.startswith((*SET_UP, *LONG)):
            continue
        done = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"


def run_python(code, names, promised, capsys, where):
    """Run a block; where one of text follows, its lines are what the block must have printed."""
    if ">>>" in code:
        test = doctest.DocTestParser().get_doctest(code, names, where, where, 0)
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        runner.run(test, clear_globs=False)
        assert not runner.failures, capsys.readouterr().out
        names.update(test.globs)
        return
    capsys.readouterr()
    exec(compile(code, where, "exec"), names)
    if promised is not None:
        assert capsys.readouterr().out == promised


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_shows_runs(page, sandbox, capsys):
    names = {"__name__": page.stem}
    found = blocks(page)
    for (language, text), (next_language, next_text) in zip(
        found, [*found[1:], ("", "")], strict=True
    ):
        if language == "sh" and shutil.which("bash") and sys.platform != "win32":
            run_shell(text)
        elif language == "python":
            promised = next_text if next_language == "text" else None
            run_python(text, names, promised, capsys, f"{page.name}: {text[:30]!r}")


def test_the_readme_begins_with_the_two_commands():
    shells = [text for language, text in blocks(ROOT / "README.md") if language == "sh"]
    assert shells[0].strip() == (
        "python3 -m venv .venv && .venv/bin/pip install . && "
        ".venv/bin/python handwritten_digit_recognition.py"
    )
    assert shells[1].strip() == ".venv/bin/pip install '.[test]' && .venv/bin/pytest"


def test_the_script_without_its_requirements_says_the_first_command():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    done = subprocess.run(
        # -S and -I: neither installed packages nor the environment are seen
        [sys.executable, "-S", "-I", ROOT / "handwritten_digit_recognition.py"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    said = done.stderr.strip()
    assert len(said.splitlines()) == 1
    assert said.partition("run: ")[2] in readme.replace("\\", "\\")


def test_every_picture_of_the_documentation_is_small_and_there():
    wrong = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for name in re.findall(r'<img src="([^"]+)"', page.read_text(encoding="utf-8")):
            picture = page.parent / name
            if not picture.is_file() or picture.stat().st_size > 300_000:
                wrong.append(f"{page.name}: {name}")
    assert not wrong
