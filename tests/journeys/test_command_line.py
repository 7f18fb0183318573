"""Journeys on the command line: what a person types, sees, and finds afterwards."""

import gzip
import json
import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
QUICK = ("run", "--dataset", "digits", "--clusters", "10", "--features", "pixels")
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals or limits")


def inkmeans(*arguments, cwd, command=(sys.executable, "-m", "inkmeans"), **environment):
    return subprocess.run(
        [*command, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def idx(array, magic=None):
    head = struct.pack(">BBBB", 0, 0, 8, array.ndim) if magic is None else magic
    return head + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (40, 8, 8), dtype=np.uint8)


# --- bad input -----------------------------------------------------------------------------


def missing_file(folder, images):
    return ("run", "--dataset", "absent.npz"), "absent.npz"


def wrong_magic(folder, images):
    (folder / "images.idx").write_bytes(idx(images, magic=b"\x07\x00\x08\x03"))
    return ("run", "--dataset", "images.idx"), "images.idx"


def truncated_idx(folder, images):
    (folder / "train-images-idx3-ubyte").write_bytes(idx(images)[:-5])
    return ("run", "--dataset", "train-images-idx3-ubyte"), "train-images-idx3-ubyte"


def truncated_gz(folder, images):
    (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images))[:-300])
    return ("run", "--dataset", "train-images-idx3-ubyte.gz"), "train-images-idx3-ubyte.gz"


def different_lengths(folder, images):
    labels = np.zeros(39, np.uint8)
    np.savez(folder / "d.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    return ("run", "--dataset", "d.npz"), "d.npz"


def empty_folder(folder, images):
    (folder / "digits-of-mine").mkdir()
    return ("run", "--dataset", "digits-of-mine"), "digits-of-mine"


def no_clusters(folder, images):
    return ("run", "--clusters", "10,0"), "0"


def fewer_than_no_clusters(folder, images):
    return ("run", "--clusters", "-4"), "-4"


def more_clusters_than_images(folder, images):
    return ("run", "--dataset", "digits", "--clusters", "1798"), "1798"


def clusters_in_words(folder, images):
    return ("run", "--clusters", "ten"), "ten"


def negative_seed(folder, images):
    return ("run", "--seed", "-1"), "-1"


def seed_in_words(folder, images):
    return ("run", "--seed", "seven"), "seven"


def unknown_algorithm(folder, images):
    return ("run", "--algorithm", "minibatch-kmean"), "minibatch-kmeans"


def unknown_features(folder, images):
    return ("run", "--features", "deskew"), "deskewed"


def unknown_reducer(folder, images):
    return ("run", "--reduce", "pac:3"), "pca"


def unknown_dataset(folder, images):
    return ("run", "--dataset", "mnits"), "mnist"


def unknown_option(folder, images):
    return ("run", "--cluster-count", "3"), "--cluster-count"


def unknown_command(folder, images):
    return ("rum",), "rum"


def output_in_the_way(folder, images):
    (folder / "results").write_text("a file")
    return ("run",), "results"


def output_below_a_file(folder, images):
    (folder / "notes").write_text("a file")
    return ("run", "--out", "notes/results"), "notes"


def model_that_is_none(folder, images):
    (folder / "model.safetensors").write_bytes(b"not a model" * 100)
    return ("evaluate", "model.safetensors", "digits"), "model.safetensors"


def model_that_is_missing(folder, images):
    return ("predict", "absent.safetensors", "image.png"), "absent.safetensors"


BAD_INPUT = [
    missing_file,
    wrong_magic,
    truncated_idx,
    truncated_gz,
    different_lengths,
    empty_folder,
    no_clusters,
    fewer_than_no_clusters,
    more_clusters_than_images,
    clusters_in_words,
    negative_seed,
    seed_in_words,
    unknown_algorithm,
    unknown_features,
    unknown_reducer,
    unknown_dataset,
    unknown_option,
    unknown_command,
    output_in_the_way,
    output_below_a_file,
    model_that_is_none,
    model_that_is_missing,
]


@pytest.mark.parametrize("make", BAD_INPUT, ids=lambda make: make.__name__)
def test_bad_input_gets_one_line_and_a_hint_and_leaves_nothing(make, tmp_path, images):
    arguments, named = make(tmp_path, images)
    before = snapshot(tmp_path)
    begin = time.monotonic()
    done = inkmeans(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    error, *hints = [line for line in done.stderr.splitlines() if not line.startswith("[")]
    assert error.startswith("error: ")
    assert [line.startswith("hint: ") for line in hints] == [True]
    assert named in error + hints[0]
    assert done.stdout == ""
    assert snapshot(tmp_path) == before
    assert time.monotonic() - begin < 20  # noticed before the work, not after it


def snapshot(folder):
    return {
        path.relative_to(folder): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@posix
def test_a_full_disk_leaves_no_run_folder(tmp_path):
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000));"
        "from inkmeans.cli.main import main; main(sys.argv[1:])"
    )
    done = inkmeans(*QUICK, cwd=tmp_path, command=(sys.executable, "-c", limited))
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "results" in errors[0]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@posix
def test_ctrl_c_stops_in_order_and_leaves_nothing(tmp_path, start_interruptible):
    command = [sys.executable, "-m", "inkmeans", "run", "--json", "--out", "results"]
    with start_interruptible(command, cwd=tmp_path) as process:
        seen = ""
        for line in process.stderr:
            seen += line
            if '"stage": "cluster"' in line:
                process.send_signal(signal.SIGINT)
                break
        output, rest = process.communicate(timeout=300)
    assert process.returncode == 1
    assert output == ""
    assert "Traceback" not in seen + rest
    assert "error: stopped" in rest
    assert snapshot(tmp_path) == {}


# --- good input ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    done = inkmeans(*QUICK, "--reduce", "pca:16", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_json_is_the_result_on_standard_output_and_events_on_standard_error(finished):
    folder, done = finished
    result = json.loads(done.stdout)
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert {event["event"] for event in events} == {"progress"}
    assert {"load", "prepare", "reduce", "cluster"} <= {event["stage"] for event in events}
    assert [score["run"] for score in result["scores"]] == [
        "pixels-minibatch-kmeans-10",
        "pixels-pca16-minibatch-kmeans-10",
        "recognizer-fast-10",
    ]
    assert (folder / result["report"]).is_file()


def test_the_model_of_a_run_evaluates_and_predicts(finished, tmp_path):
    folder, done = finished
    run = folder / json.loads(done.stdout)["folder"]
    model = run / "model.safetensors"
    evaluated = inkmeans("evaluate", model, "digits", "--json", cwd=tmp_path)
    assert evaluated.returncode == 0, evaluated.stderr
    scores = json.loads(evaluated.stdout)["scores"][0]
    expected = json.loads((run / "metrics.json").read_text())["scores"][0]
    assert scores["majority_accuracy"] == pytest.approx(expected["majority_accuracy"], abs=0.002)

    np.save(tmp_path / "three.npy", np.zeros((3, 8, 8), np.uint8))
    predicted = inkmeans("predict", model, "three.npy", cwd=tmp_path)
    assert predicted.returncode == 0, predicted.stderr
    lines = [line.split("\t") for line in predicted.stdout.splitlines()]
    assert [line[0] for line in lines] == ["three.npy[0]", "three.npy[1]", "three.npy[2]"]
    assert all(line[1].isdigit() and len(line) == 3 for line in lines)


def test_the_script_gives_the_same_scores_and_quietly_prints_the_folder_alone(finished, tmp_path):
    script = ROOT / "handwritten_digit_recognition.py"
    arguments = (*QUICK[1:], "--reduce", "pca:16", "--quiet")
    done = inkmeans(*arguments, cwd=tmp_path, command=(sys.executable, script))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    folder = tmp_path / done.stdout.rstrip("\n")
    assert (folder / "report.html").is_file()
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert without_seconds(metrics) == without_seconds(json.loads(finished[1].stdout))


def without_seconds(result):
    return [{**score, "seconds": None} for score in result["scores"]]


def test_piped_output_is_plain_text(tmp_path):
    done = inkmeans(*QUICK, cwd=tmp_path, FORCE_COLOR="", NO_COLOR="1")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "Majority-vote accuracy" in done.stdout
    assert "Report: results" in done.stdout
    assert "cluster" in done.stderr


def test_the_version_names_the_engine(tmp_path):
    done = inkmeans("--version", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("inkmeans ")
    assert "engine: " in done.stdout


@pytest.mark.parametrize("command", [(), ("run",), ("datasets",), ("evaluate",), ("predict",)])
def test_help_is_on_standard_output_and_loads_nothing_heavy(command, tmp_path):
    probe = (
        "import sys\n"
        "from inkmeans.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(*{'numpy', 'scipy', 'sklearn', 'matplotlib', 'rich'} & set(sys.modules),"
        " file=sys.stderr)"
    )
    done = inkmeans(*command, "--help", cwd=tmp_path, command=(sys.executable, "-c", probe))
    assert done.returncode == 0
    assert "Usage: inkmeans" in done.stdout
    assert done.stderr.strip() == ""


@pytest.mark.parametrize(
    "option",
    ["--clusters", "--seed", "--algorithm", "--features", "--reduce"],
)
def test_a_wrong_option_is_refused_before_anything_heavy_is_loaded(option, tmp_path):
    probe = (
        "import sys\n"
        "from inkmeans.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(*{'scipy', 'sklearn', 'matplotlib'} & set(sys.modules))"
    )
    done = inkmeans("run", option, "what", cwd=tmp_path, command=(sys.executable, "-c", probe))
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stdout.strip() == ""


def test_without_a_command_help_is_shown_as_an_error(tmp_path):
    done = inkmeans(cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Commands:" in done.stderr


def test_the_script_without_the_package_says_what_to_run(tmp_path):
    script = ROOT / "handwritten_digit_recognition.py"
    done = inkmeans(cwd=tmp_path, command=(sys.executable, "-S", "-E", script))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "pip install ." in line
