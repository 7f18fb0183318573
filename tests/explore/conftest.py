"""A small project with two runs, made once; and clients that talk to copies of it."""

import shutil
import time
from dataclasses import dataclass

import numpy as np
import pytest
from starlette.testclient import TestClient

from inkmeans.explore.app import make_app
from inkmeans.explore.protocol import to_bitset
from inkmeans.explore.security import Door
from inkmeans.explore.workspace import Workspace

DOOR = Door("127.0.0.1", 8317, "the-token-of-the-tests")


def wait_until(condition, seconds=60.0):
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
    return found


def copy_project(project, folder):
    """Copy a project that is closed, with the files beside it."""
    target = folder / project.name
    shutil.copy(project, target)
    shutil.copytree(f"{project}-files", f"{target}-files")
    return target


@pytest.fixture(scope="session")
def finished_project(tmp_path_factory):
    """A project of scikit-learn's digits after its first start: two runs, two maps."""
    project = tmp_path_factory.mktemp("project") / "small.inkmeans"
    workspace = Workspace(project, "name:digits")
    workspace.start()
    try:
        wait_until(lambda: workspace.status != "starting")
        assert workspace.error is None
        wait_until(lambda: len(workspace.jobs.infos()) == 3)
        wait_until(
            lambda: not {job.status for job in workspace.jobs.infos()} & {"queued", "running"}
        )
        assert [job.error for job in workspace.jobs.infos()] == [None] * 3
    finally:
        workspace.close()
    return project


@dataclass
class Session:
    """A client with the token, and the workspace behind it."""

    client: TestClient
    workspace: Workspace

    def get(self, address, status=200):
        answer = self.client.get(address)
        assert answer.status_code == status, answer.text[:300]
        return answer

    def post(self, address, status=200, **kwargs):
        answer = self.client.post(address, **kwargs)
        assert answer.status_code == status, answer.text[:300]
        return answer

    def json(self, address):
        return self.get(address).json()

    def array(self, address, dtype):
        return np.frombuffer(self.get(address).content, dtype)

    @property
    def state(self):
        return self.json("/api/state")

    def labels(self):
        return self.array("/api/fields/label", np.uint8)

    def bitset(self, images):
        members = np.zeros(self.state["dataset"]["n"], bool)
        members[list(images)] = True
        return to_bitset(members)

    def clusters(self, run=1):
        return self.json(f"/api/runs/{run}/clusters")["clusters"]

    def fit(self, **settings):
        """Cluster with settings of one's own, and give the number of the run."""
        asked = {"kind": "cluster", "settings": settings}
        over = self.job(self.post("/api/jobs", json=asked, status=202).json()["id"])
        assert over["status"] == "done", over["error"]
        return over["result"]["run"]

    def job(self, number):
        """Wait until a job is over."""

        def over():
            info = self.json(f"/api/jobs/{number}")
            return info if info["status"] in ("done", "failed", "cancelled") else None

        return wait_until(over)


def open_session(project, source=None):
    workspace = Workspace(project, source)
    app = make_app(workspace, DOOR)
    client = TestClient(app, base_url="http://127.0.0.1:8317", raise_server_exceptions=False)
    client.cookies.set(DOOR.cookie, DOOR.token)
    return client, workspace


@pytest.fixture(scope="module")
def shared(finished_project, tmp_path_factory):
    """A session that all tests of a file share: none may rely on labels that it did not set."""
    project = copy_project(finished_project, tmp_path_factory.mktemp("shared"))
    client, workspace = open_session(project)
    with client:
        wait_until(lambda: workspace.status == "ready")
        yield Session(client, workspace)


@pytest.fixture
def session(finished_project, tmp_path):
    """A session with a project of its own."""
    client, workspace = open_session(copy_project(finished_project, tmp_path))
    with client:
        wait_until(lambda: workspace.status == "ready")
        yield Session(client, workspace)
