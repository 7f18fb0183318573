"""The explorer as a process of its own, on a small data set."""

import os
import re
import signal
import subprocess
import sys

import pytest

PAGES = ("explore", "label", "recognize", "cluster", "compare", "data", "learn")


def launch(folder, *arguments):
    """Start the explorer; give its process and the address that it prints."""
    command = [sys.executable, "-m", "inkmeans", "explore", *arguments, "--port", "0", "--no-open"]
    process = subprocess.Popen(
        [*command, "--project", str(folder / "journey.inkmeans")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    address = process.stdout.readline().strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/explore\?token=\S+", address)
    return process, address


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    process, address = launch(tmp_path_factory.mktemp("explorer"), "digits")
    yield address
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    process.stdout.close()
