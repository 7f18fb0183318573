"""Which engine computes, and how one is forced."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from inkmeans import engine
from inkmeans.errors import ParameterError


def run(code, **variables):
    import os

    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, **variables},
        check=False,
    )


def test_the_environment_forces_an_engine():
    for name in engine.available_levels():
        done = run("from inkmeans import engine; print(engine.level())", INKMEANS_ENGINE=name)
        assert done.stdout.strip() == name, done.stderr
        assert "Warning" not in done.stderr


def test_an_engine_that_is_not_there_is_named_with_those_that_are():
    done = run("import inkmeans.engine", INKMEANS_ENGINE="abacus")
    assert done.returncode != 0
    assert "ParameterError: there is no engine 'abacus' here" in done.stderr
    assert "reference" in done.stderr.splitlines()[-1]


def test_without_a_native_part_numpy_computes_and_says_so_once():
    code = (
        "import sys; sys.modules['inkmeans.engine._native'] = None\n"
        "from inkmeans import KMeans, engine\n"
        "print(engine.level(), KMeans(1).fit([[0.0], [2.0]]).inertia_)"
    )
    done = run(code, INKMEANS_ENGINE="")
    assert done.stdout.split() == ["reference", "2.0"], done.stderr
    assert done.stderr.count("RuntimeWarning") == 1


def test_another_engine_can_be_used_for_a_while():
    before = engine.level()
    with engine.using("reference"):
        assert engine.level() == "reference"
    assert engine.level() == before
    with pytest.raises(ParameterError, match="abacus"), engine.using("abacus"):
        pass
    assert engine.level() == before


def test_sparse_rows_run_whatever_the_engine():
    rows = sp.csr_array(np.eye(3))
    assert engine.assign(rows, np.eye(3)).tolist() == [0, 1, 2]


def test_threads_obey_the_limits_of_openmp(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert engine.effective_threads() >= 1  # loads the OpenMP that is then limited
    with threadpool_limits(limits=1, user_api="openmp"):
        assert engine.effective_threads() == 1
        assert engine.effective_threads(5) == 5
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert engine.effective_threads() == 1
    assert engine.effective_threads(-1) == 1


def test_threads_do_not_multiply_inside_joblib_workers():
    from joblib import Parallel, delayed, parallel_config

    with parallel_config("loky", n_jobs=2, inner_max_num_threads=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert Parallel()(delayed(engine.effective_threads)() for _ in range(2)) == [1, 1]
