"""run.json says how a run came about, and not whose machine it was."""

from __future__ import annotations

import getpass
import json
import platform
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import sklearn

import inkmeans
from inkmeans.report.provenance import describe_run, write_run

NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


def test_it_has_all_that_is_needed_to_repeat_the_run(contents):
    described = describe_run(contents, NOW)
    assert described["created"] == "2026-11-24T10:15:00+00:00"
    assert described["seed"] == contents.seed == 3
    assert described["config"]["clusters"] == [10, 24]
    assert described["dataset"]["sha256"] == contents.digits.source.sha256
    assert described["dataset"]["n_train"] + described["dataset"]["n_test"] == 1500
    assert described["dataset"]["classes"] == list("0123456789")
    assert described["versions"]["numpy"] == np.__version__
    assert described["versions"]["scikit-learn"] == sklearn.__version__
    assert described["versions"]["inkmeans"] == inkmeans.__version__
    assert described["stages"].keys() >= {"load", "cluster"}


def test_it_survives_json(contents, tmp_path):
    described = describe_run(contents, NOW)
    write_run(described, tmp_path / "run.json")
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8")) == described


def test_data_without_labels_have_no_classes(unlabelled):
    dataset = describe_run(unlabelled, NOW)["dataset"]
    assert dataset["classes"] is None
    assert dataset["n_test"] == 0


def test_it_names_neither_host_nor_home(contents):
    home = Path.home()
    source = replace(contents.digits.source, address=str(home / "scans" / "a.npz"))
    digits = replace(contents.digits, source=source)
    config = {"dataset": home / "scans" / "a.npz", "paths": [str(home)]}
    text = json.dumps(describe_run(replace(contents, digits=digits, config=config), NOW))
    assert json.dumps(str(home))[1:-1] not in text
    assert "scans" in text
    host, user = platform.node(), getpass.getuser()
    assert not host or host not in text
    assert user == "root" or f"/{user}/" not in text
