import gzip
import hashlib
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import inkmeans
from inkmeans.datasets import DATASETS, cache_folder, fetch, is_here, where
from inkmeans.datasets.catalogue import Dataset, RemoteFile, get_dataset
from inkmeans.datasets.fetching import Patience, fetch_files
from inkmeans.errors import DataError, DownloadError, OutputError, ParameterError
from inkmeans.progress import Stop

from .conftest import md5

HASTE = Patience(connect=1, silence=0.4, window=0.3, slowest=2000)
CONTENT = np.random.default_rng(0).bytes(300_000)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("INKMEANS_DATA", str(folder))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return folder


@pytest.fixture
def offer(mirrors):
    """Make a data set of one file whose mirrors behave as told, in this order."""

    def make(*behaviours, content=CONTENT):
        mirrors.files["a.bin"] = content
        addresses = tuple(
            behaviour if "://" in behaviour else mirrors.address(behaviour, "a.bin")
            for behaviour in behaviours
        )
        file = RemoteFile("a.bin", md5(content), len(content), addresses)
        page = "https://example.org/toy"
        return Dataset("toy", "A toy.", "none", page, "download", lambda paths: None, (file,))

    return make


DEAD = "http://127.0.0.1:9/a.bin"  # nothing listens on the discard port


def test_a_good_mirror_is_enough(offer, cache, mirrors):
    events = []
    (path,) = fetch_files(offer("good", "wrong"), cache / "toy", progress=events.append)
    assert path == cache / "toy" / "a.bin"
    assert path.read_bytes() == CONTENT
    assert len(mirrors.asked) == 1
    assert (events[-1].stage, events[-1].message) == ("fetch", "a.bin")
    assert events[-1].step == events[-1].of == len(CONTENT)


def test_what_is_there_is_not_fetched_again(offer, cache, mirrors):
    fetch_files(offer("good"), cache)
    fetch_files(offer("good"), cache)
    assert len(mirrors.asked) == 1


@pytest.mark.parametrize(
    "bad",
    [
        "wrong", "truncated", "truncated_silently", "missing", "silent", "slow", "endless", DEAD,
    ],
)  # fmt: skip
def test_a_bad_mirror_is_passed_over(offer, cache, mirrors, bad):
    (path,) = fetch_files(offer(bad, "good"), cache, patience=HASTE)
    assert path.read_bytes() == CONTENT
    assert mirrors.asked[-1] == "/good/a.bin"
    assert [entry.name for entry in cache.iterdir()] == ["a.bin"]


def test_a_gz_file_is_not_unpacked_on_the_way(offer, cache):
    packed = gzip.compress(b"hello" * 100)
    (path,) = fetch_files(offer("labelled_gzip", content=packed), cache)
    assert path.read_bytes() == packed


def test_when_all_mirrors_fail_the_error_says_what_to_put_where(offer, cache):
    record = offer("wrong", "truncated", "missing", "silent", "slow", DEAD)
    with pytest.raises(DownloadError) as caught:
        fetch_files(record, cache / "toy", patience=HASTE)
    message, hint = caught.value.message, caught.value.hint
    assert message.startswith("toy: a.bin could not be fetched")
    for reason in ("not the right content", "broke off", "answers 404", "no answer in time",
                   "too slow", "no connection"):  # fmt: skip
        assert reason in message
    assert "a.bin" in hint
    assert str(cache / "toy") in hint
    assert "https://example.org/toy" in hint
    assert list((cache / "toy").iterdir()) == []


def test_a_file_that_was_put_there_by_hand_is_taken(offer, cache):
    record = offer(DEAD)
    (cache / "toy").mkdir(parents=True)
    (cache / "toy" / "a.bin").write_bytes(CONTENT)
    assert fetch_files(record, cache / "toy") == (cache / "toy" / "a.bin",)


def test_a_damaged_file_in_the_cache_is_fetched_again_or_told(offer, cache):
    cache.mkdir()
    (cache / "a.bin").write_bytes(CONTENT[:-1])
    with pytest.raises(DownloadError, match="is damaged or another file"):
        fetch_files(offer(DEAD), cache)
    assert (cache / "a.bin").read_bytes() == CONTENT[:-1]
    fetch_files(offer("good"), cache)
    assert (cache / "a.bin").read_bytes() == CONTENT


def test_a_folder_that_cannot_be_made_is_an_output_error(offer, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"a\.bin cannot be written") as caught:
        fetch_files(offer("good"), tmp_path / "file" / "toy")
    assert "INKMEANS_DATA" in caught.value.hint


def test_stop_in_the_callback_leaves_nothing_half_written(offer, cache):
    def stop(event):
        raise Stop

    with pytest.raises(Stop):
        fetch_files(offer("good"), cache, progress=stop)
    assert list(cache.iterdir()) == []


def test_nothing_is_printed(offer, cache, capfd):
    logger = logging.getLogger("pooch")
    before = logger.level
    fetch_files(offer("wrong", "good"), cache)
    assert capfd.readouterr() == ("", "")
    assert logger.level == before


def test_the_cache_folder_can_be_chosen(cache, monkeypatch):
    assert cache_folder() == cache
    monkeypatch.delenv("INKMEANS_DATA")
    assert "inkmeans" in cache_folder().parts


@pytest.mark.parametrize("name", list(DATASETS))
def test_every_data_set_says_where_it_is(name, cache):
    assert where(name).is_absolute()
    if DATASETS[name].origin in ("built in", "scikit-learn"):
        assert is_here(name)
        assert fetch(name) == ()
        assert where(name).is_file()
    elif name not in ("fashion-mnist", "keras:mnist", "keras:fashion_mnist"):
        assert not is_here(name)
        assert where(name) == cache / name


def test_an_unknown_name_has_the_nearest_one_as_hint():
    with pytest.raises(ParameterError, match="unknown data set") as caught:
        where("fashion-mist")
    assert "fashion-mnist" in caught.value.hint


@pytest.mark.parametrize("name", [n for n, r in DATASETS.items() if r.origin == "download"])
def test_the_records_are_complete(name):
    record = get_dataset(name)
    assert record.size == sum(file.size for file in record.files) > 0
    for file in record.files:
        algorithm, digest = file.hash.split(":")
        assert len(digest) == 2 * hashlib.new(algorithm).digest_size
        assert len(file.mirrors) >= 3
        assert len({Path(address).name for address in file.mirrors} - {file.name}) == 0
    assert record.licence
    assert record.summary.endswith(".")
    assert len(record.names) == 10


@pytest.fixture
def served_quartet(write_quartet, mirrors, monkeypatch):
    """Let "kmnist" be a small data set that the local server has."""
    folder = write_quartet("served")
    files = []
    for old in DATASETS["kmnist"].files:
        content = (folder / old.name).read_bytes()
        mirrors.files[old.name] = content
        addresses = (DEAD, mirrors.address("good", old.name))
        files.append(RemoteFile(old.name, md5(content), len(content), addresses))
    record = replace(DATASETS["kmnist"], files=tuple(files))
    monkeypatch.setitem(DATASETS, "kmnist", record)
    return folder, record


def test_load_fetches_once_and_then_works_offline(served_quartet, cache, mirrors):
    events = []
    digits = inkmeans.load("kmnist", progress=events.append)
    assert (len(digits), digits.n_train) == (40, 30)
    assert digits.names[:3] == ("o", "ki", "su")
    assert digits.source.licence == "CC BY-SA 4.0"
    assert {event.stage for event in events} == {"load", "fetch"}
    assert is_here("kmnist")
    assert len(fetch("kmnist")) == 4
    mirrors.close()
    again = inkmeans.load("kmnist")
    assert again.source.sha256 == digits.source.sha256


def test_load_offline_names_the_files_and_putting_them_there_works(
    served_quartet, cache, monkeypatch
):
    folder, record = served_quartet
    files = tuple(replace(file, mirrors=(DEAD,)) for file in record.files)
    monkeypatch.setitem(DATASETS, "kmnist", replace(record, files=files))
    with pytest.raises(DownloadError) as caught:
        inkmeans.load("kmnist")
    for path in folder.iterdir():
        assert path.name in caught.value.hint
        (cache / "kmnist").mkdir(parents=True, exist_ok=True)
        (cache / "kmnist" / path.name).write_bytes(path.read_bytes())
    assert len(inkmeans.load("kmnist")) == 40


def test_a_system_folder_is_used_only_if_its_content_is_right(
    served_quartet, cache, monkeypatch, caplog
):
    folder, record = served_quartet
    record = replace(record, system_folder=str(folder))
    monkeypatch.setitem(DATASETS, "kmnist", record)
    assert where("kmnist") == folder
    assert {path.parent for path in fetch("kmnist")} == {folder}
    fetched = inkmeans.load("kmnist")  # no fingerprint is known: not used
    assert "not used" in caplog.text
    assert where("kmnist") == cache / "kmnist"
    for path in (cache / "kmnist").iterdir():
        path.unlink()
    monkeypatch.setitem(DATASETS, "kmnist", replace(record, sha256=fetched.source.sha256))
    assert len(inkmeans.load("kmnist")) == 40
    assert list((cache / "kmnist").iterdir()) == []


def test_a_fetched_file_that_is_no_data_is_a_data_error(served_quartet, mirrors, monkeypatch):
    _, record = served_quartet
    files = list(record.files)
    mirrors.files[files[0].name] = b"<html>not here</html>"
    files[0] = replace(files[0], hash=md5(b"<html>not here</html>"))
    monkeypatch.setitem(DATASETS, "kmnist", replace(record, files=tuple(files)))
    with pytest.raises(DataError, match="not an IDX file"):
        inkmeans.load("kmnist")
