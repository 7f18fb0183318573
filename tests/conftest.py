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


@pytest.fixture(scope="session")
def missing():
    """Skips for want of something that tests of pages need; fails where that was promised."""

    def missing(what):
        if os.environ.get("INKMEANS_NEEDS_BROWSER"):
            pytest.fail(f"{what} was promised, and is not here")
        pytest.skip(f"no {what} here")

    return missing


@pytest.fixture(scope="module")
def browser(missing):
    """Chromium, for the tests that look at pages; skipped where there is none, but not in CI."""
    try:
        from playwright import sync_api as playwright
    except ImportError:
        missing("playwright")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        missing(f"Chromium (one of {', '.join(BROWSERS)})")
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
