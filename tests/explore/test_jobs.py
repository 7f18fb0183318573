"""Jobs: they tell how far they are, can be cancelled, and fail with a reason."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from inkmeans.explore.jobs import Jobs, Listener
from inkmeans.explore.workspace import Workspace

from .conftest import wait_until


@pytest.fixture
def jobs():
    told, found = [], []
    jobs = Jobs(Listener(told.append, lambda frame: None, lambda *result: found.append(result)))
    jobs.told, jobs.found = told, found
    yield jobs
    jobs.close()


def order(tmp_path, **settings):
    return {"settings": settings, "source": "name:mnist", "project": str(tmp_path / "p")}


def process_of(jobs, number):
    return wait_until(lambda: jobs._jobs[number].process)


def test_a_cancelled_job_ends_its_process_and_the_next_one_begins(jobs, tmp_path):
    first = jobs.start("cluster", "long", order(tmp_path, n_clusters=500))
    second = jobs.start("cluster", "waits", order(tmp_path, n_clusters=500))
    third = jobs.start("cluster", "wrong", order(tmp_path, n_clusters=0))
    process = process_of(jobs, first.id)
    assert jobs.info(second.id).status == "queued"
    assert jobs.cancel(second.id).status == "cancelled"
    assert jobs.cancel(first.id).status == "cancelled"
    assert process.wait(5) != 0
    wait_until(lambda: jobs.info(third.id).status == "failed")
    assert "n_clusters is 0" in jobs.info(third.id).error.message
    assert jobs.cancel(first.id).status == "cancelled"
    assert not any(tmp_path.glob("p-files/runs/*.npz"))


def test_a_job_that_nobody_waits_for_makes_way_and_begins_anew(jobs, tmp_path):
    patient = jobs.start("cluster", "better", order(tmp_path, n_clusters=500), yields=True)
    process = process_of(jobs, patient.id)
    other = jobs.start("cluster", "better still", order(tmp_path, n_clusters=0), yields=True)
    asked = jobs.start("cluster", "asked for", order(tmp_path, n_clusters=0))
    assert process.wait(5) != 0
    wait_until(lambda: jobs.info(other.id).status == "failed")
    ran = [told.id for told in jobs.told if told.status == "failed"]
    assert ran == [asked.id, other.id]  # though the other was there first
    again = process_of(jobs, patient.id)
    assert again.pid != process.pid
    wait_until(lambda: jobs.info(patient.id).stage)
    assert jobs.info(patient.id).status == "running"
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, again.pid) == min(own + 10, 19)
    assert jobs.cancel(patient.id).status == "cancelled"
    assert again.wait(5) != 0


def test_a_process_that_dies_is_told(jobs, tmp_path):
    job = jobs.start("cluster", "dies", order(tmp_path, n_clusters=500))
    process_of(jobs, job.id).kill()
    wait_until(lambda: jobs.info(job.id).status == "failed")
    assert "ended by itself" in jobs.info(job.id).error.message
    assert jobs.info(job.id).error.hint


def test_a_call_does_not_wait_for_the_queue(jobs, tmp_path):
    jobs.start("cluster", "long", order(tmp_path, n_clusters=500))
    go = threading.Event()

    def call():
        go.wait(10)
        return {"answer": 42}

    job = jobs.start("open", "quick", {}, call)
    wait_until(lambda: jobs.info(job.id).status == "running")
    go.set()
    wait_until(lambda: jobs.info(job.id).status == "done")
    assert jobs.info(job.id).result == {"answer": 42}


def test_a_worker_ends_with_its_server():
    worker = subprocess.Popen(
        [sys.executable, "-m", "inkmeans.explore.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    line = b'{"kind": "cluster", "source": "name:mnist", "project": "nowhere", '
    line += b'"settings": {"n_clusters": 1000, "algorithm": "kmeans"}}\n'
    worker.stdin.write(line)
    worker.stdin.flush()
    assert worker.stdout.readline()  # it is at work
    worker.stdin.close()  # what the end of the server does
    assert worker.wait(2) == 1
    worker.stdout.close()


def test_clusters_can_be_asked_for_with_settings_of_ones_own(session):
    settings = {"features": "centered", "algorithm": "bisecting-kmeans", "n_clusters": 5, "seed": 3}
    asked = {"kind": "cluster", "settings": settings}
    job = session.post("/api/jobs", json=asked, status=202).json()
    assert job["status"] in ("queued", "running")
    over = session.job(job["id"])
    assert over["status"] == "done", over["error"]
    run = over["result"]["run"]
    assert len(session.clusters(run)) == 5
    info = next(each for each in session.state["runs"] if each["id"] == run)
    assert info["settings"]["algorithm"] == "bisecting-kmeans"
    assert info["scores"]["nmi"] > 0.3
    again = session.post("/api/jobs", json=asked, status=202).json()
    assert session.job(again["id"])["result"]["run"] == run  # the same settings are the same run


def test_a_comparison_and_a_suggestion_use_several_seeds(session):
    asked = {"features": ["pixels"], "algorithms": ["minibatch-kmeans"], "seeds": 2}
    compare = session.post("/api/jobs", json={"kind": "compare", "settings": asked}, status=202)
    asked = {"ks": [3, 6, 10], "seeds": 2, "reduce": "pca:8"}
    suggest = session.post("/api/jobs", json={"kind": "suggest-k", "settings": asked}, status=202)
    over = session.job(compare.json()["id"])
    assert over["status"] == "done", over["error"]
    assert len(over["result"]["runs"]) == 2
    row = session.json("/api/compare")["rows"][-1]
    assert row["seeds"] == 2
    score = row["scores"]["nmi"]
    assert score["low"] <= score["mean"] <= score["high"]
    over = session.job(suggest.json()["id"])
    assert over["status"] == "done", over["error"]
    rows = over["result"]["rows"]
    assert [each["k"] for each in rows] == [3, 6, 10]
    assert rows[0]["inertia"] > rows[1]["inertia"] > rows[2]["inertia"]
    assert over["result"]["suggested"] in (3, 6, 10, None)
    assert over["result"]["reason"]
    assert "no labels used" in over["result"]["words"][0]


def test_a_failing_job_says_why(session):
    asked = {"kind": "cluster", "settings": {"n_clusters": 1000, "reduce": "pca:900"}}
    over = session.job(session.post("/api/jobs", json=asked, status=202).json()["id"])
    assert over["status"] == "failed"
    assert "900 components" in over["error"]["message"]
    assert over["error"]["hint"]
    wrong = {"kind": "cluster", "settings": {"algorithm": "magic"}}
    session.post("/api/jobs", json=wrong, status=400)  # what is known at once is told at once
    session.post("/api/jobs", json={"kind": "cluster", "settings": {"x": 1}}, status=400)
    session.get("/api/jobs/999", status=400)


@pytest.mark.parametrize(
    "images",
    [
        np.repeat(np.eye(8, dtype=np.uint8)[None] * 255, 30, axis=0),  # all alike
        np.random.default_rng(0).integers(0, 256, (40, 3, 3), dtype=np.uint8),
        np.random.default_rng(0).integers(0, 256, (4, 16, 16), dtype=np.uint8),
    ],
    ids=["alike", "tiny", "few"],
)
def test_a_first_look_takes_any_images(images, tmp_path):
    np.savez(tmp_path / "some.npz", x=images)
    workspace = Workspace(tmp_path / "p.inkmeans", f"path:{tmp_path / 'some.npz'}")
    workspace.start()
    try:
        wait_until(lambda: workspace.status != "starting")
        assert workspace.error is None
        assert workspace.opened().current_run() is not None
    finally:
        workspace.close()
