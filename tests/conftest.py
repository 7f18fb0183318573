"""What all tests share."""

import os
import shutil
import signal
import subprocess

import pytest

# Small data gain nothing from threads that wait for one another in a loop, and tests that run side
# by side lose half of their time to them. To be set before NumPy and OpenMP are loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="module")
def browser():
    """Chromium, for the tests that look at pages; skipped where there is none, but not in CI."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        assert not os.environ.get("INKMEANS_NEEDS_BROWSER"), "a browser was promised"
        pytest.skip(f"no Chromium here: none of {', '.join(BROWSERS)}")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def start_interruptible():
    """Starts a process that Ctrl-C ends, even if the tests run in the background, where it is off.

    A child inherits an ignored signal, but never a handler.
    """

    def start(command, **options):
        before = signal.signal(signal.SIGINT, signal.SIG_DFL)
        try:
            return subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
            )
        finally:
            signal.signal(signal.SIGINT, before)

    return start


def pytest_make_parametrize_id(config, val, argname):
    """Name bytes by their length: what gzip packs holds the time, and names must not change.

    Parallel runs refuse tests whose names differ from one process to the next.
    """
    return f"{argname}-of-{len(val)}-bytes" if isinstance(val, bytes) else None
