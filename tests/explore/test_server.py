"""The command: what it prints, how it ends, and that no acknowledged label is ever lost."""

import contextlib
import itertools
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import numpy as np
import pytest

import inkmeans

from .conftest import copy_project, wait_until

COMMAND = [sys.executable, "-m", "inkmeans", "explore", "--no-open"]


class Server:
    """A running ``inkmeans explore`` and a client with its cookie."""

    def __init__(self, *arguments, port="0"):
        self.process = subprocess.Popen(
            [*COMMAND, "--port", port, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.line = self.process.stdout.readline().strip()
        self.base = self.line.partition("/explore")[0]
        self.client = httpx.Client(base_url=self.base, timeout=30)
        if self.line:
            self.client.get(self.line)

    @property
    def state(self):
        return self.client.get("/api/state").json()

    def ready(self):
        wait_until(lambda: self.state["status"] == "ready")
        return self

    def end(self, sig=signal.SIGTERM):
        began = time.monotonic()
        self.process.send_signal(sig)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err, time.monotonic() - began

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.client.close()
        self.process.kill()
        self.process.communicate()


def run(*arguments):
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT], ids=["terminate", "ctrl-c"])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_it_says_where_it_is_and_ends_in_order(finished_project, tmp_path, sig):
    with Server("--project", copy_project(finished_project, tmp_path)) as server:
        assert server.line.startswith("http://127.0.0.1:")
        assert len(server.line.partition("token=")[2]) > 30
        assert server.ready().state["dataset"]["name"] == "digits"  # as it was open last
        assert server.client.get("/label").status_code == 200
        with server.client.stream("GET", "/api/events") as events:
            assert next(events.iter_lines()) == "event: hello"
            code, out, err, seconds = server.end(sig)
        assert code == 0, err
        assert out == ""
        assert seconds < 2
        assert err == ""


def test_two_tabs_are_told_of_each_other(finished_project, tmp_path):
    with Server("--project", copy_project(finished_project, tmp_path)) as server:
        server.ready()
        with server.client.stream("GET", "/api/events") as events:
            lines = events.iter_lines()
            assert next(lines) == "event: hello"
            answer = server.client.post("/api/actions/label?label=3&run=1&cluster=2")
            assert answer.status_code == 200
            text = "\n".join(itertools.islice(lines, 4))
        assert "event: change" in text
        assert '"reason": "label"' in text
        assert '"clusters": [2]' in text


def test_a_port_in_use_is_told(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = run("--port", other.getsockname()[1], "--project", tmp_path / "p")
    assert done.returncode == 2
    assert "cannot listen" in done.stderr
    assert "hint:" in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--project", "{file}"], "no project"),
        (["--project", "{folder}"], "a folder"),
        (["nosuchdata", "--project", "{new}"], "unknown data set"),
        (["no/such/file.npz", "--project", "{new}"], "no such file"),
        (["--host", "no such host", "--project", "{new}"], "unknown host"),
        (["--port", "99999"], "65535"),
    ],
    ids=["text", "folder", "name", "path", "host", "port"],
)
def test_what_makes_no_sense_is_told_and_nothing_is_touched(tmp_path, arguments, what):
    file = tmp_path / "note.txt"
    file.write_text("buy milk")
    places = {"file": file, "folder": tmp_path, "new": tmp_path / "new.inkmeans"}
    done = run(*(argument.format(**places) for argument in arguments))
    assert done.returncode == 2, done.stderr
    assert what in done.stderr
    assert done.stdout == ""
    assert file.read_text() == "buy milk"
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_data_that_cannot_be_read_are_told_on_the_page(tmp_path):
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"PK\x03\x04 nothing")
    with Server(broken, "--project", tmp_path / "p") as server:
        wait_until(lambda: server.state["status"] == "failed")
        assert "broken.npz" in server.state["error"]["message"]
        assert server.client.get("/api/runs/1/clusters").status_code == 409


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks at processes by /proc")
def test_a_killed_server_takes_its_worker_along(tmp_path):
    with Server("mnist", "--project", tmp_path / "p") as server:
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")

        def workers():
            tasks = children.parent.parent.glob("*/children")
            return [pid for task in tasks for pid in task.read_text().split()]

        (worker,) = wait_until(workers)
        server.process.kill()
        server.process.wait()
        began = time.monotonic()
        wait_until(lambda: not is_alive(worker), seconds=5)
        assert time.monotonic() - began < 2


def is_alive(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.slow
def test_no_acknowledged_label_is_lost_in_fifty_kills(finished_project, tmp_path):
    failures = []
    projects = []
    for place in range(2):
        folder = tmp_path / str(place)
        folder.mkdir()
        projects.append(copy_project(finished_project, folder))
    digits = inkmeans.load("digits")
    data = tmp_path / "digits.npz"  # loads quicker, and is the same to the project
    np.savez(data, images=digits.images, labels=digits.labels)
    threads = [
        threading.Thread(target=kill_again_and_again, args=(data, project, 25, seed, failures))
        for seed, project in enumerate(projects)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def kill_again_and_again(data, project, times, seed, failures):
    try:
        acknowledged = {}
        generator = random.Random(seed)
        for _ in range(times):
            with Server(data, "--project", project) as server:
                wait_until(lambda server=server: server.state["dataset"])
                labels = np.frombuffer(server.client.get("/api/fields/label").content, np.uint8)
                lost = {i: (v, labels[i]) for i, v in acknowledged.items() if labels[i] != v}
                if lost:
                    failures.append(lost)
                label_until_killed(server, generator, acknowledged)
        assert len(acknowledged) > times
    except BaseException as error:
        failures.append(error)
        raise


def label_until_killed(server, generator, acknowledged):
    """Label image after image until the server is gone; note what was acknowledged."""
    delay = generator.uniform(0.02, 0.25)
    killer = threading.Timer(delay, server.process.kill)
    killer.start()
    pending = None
    while True:
        image, label = generator.randrange(1797), generator.randrange(10)
        try:
            pending = image
            answer = server.client.post(f"/api/actions/label?label={label}&image={image}")
        except httpx.TransportError:
            break
        if answer.status_code == 200:
            acknowledged[image] = label
    # What was under way may or may not have been written: it is not known.
    acknowledged.pop(pending, None)
    killer.join()
