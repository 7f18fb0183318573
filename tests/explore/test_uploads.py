"""Dropped images: every form is taken, the limits hold, and what is broken is told."""

import gzip
import io
import zipfile

import numpy as np
import pytest
from PIL import Image

import inkmeans
from inkmeans.datasets import Digits
from inkmeans.explore import uploads

from .conftest import wait_until

IMAGES = inkmeans.load("digits").images


def png(image):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def archive(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


def send(shared, name, content, status=201):
    return shared.post(f"/api/uploads?name={name}", content=content, status=status).json()


def test_a_zip_of_folders_gives_labels_and_parts(shared):
    members = {
        f"set/{part}/{label}/img{i}.png": png(IMAGES[i])
        for i, (part, label) in enumerate(
            [("test", "b"), ("train", "a"), ("train", "b"), ("train", "a")]
        )
    }
    members |= {"__MACOSX/set/x.png": b"junk", "set/notes.txt": b"hello"}
    upload = send(shared, "mine.zip", archive(members))
    assert (upload["n"], upload["n_train"], upload["classes"]) == (4, 3, ["a", "b"])
    assert upload["sizes"] == [[8, 8, 4]]
    assert upload["name"] == "mine"
    after = shared.get(f"/api/uploads/{upload['id']}/after?size=8&invert=no").content
    assert np.frombuffer(after, np.uint8).reshape(4, 8, 8)[0].tolist() == IMAGES[1].tolist()


def test_files_one_by_one_make_one_upload(shared):
    upload = shared.post("/api/uploads", status=201).json()
    address = f"/api/uploads/{upload['id']}"
    assert not upload["ready"]
    for i in range(3):
        shared.post(f"{address}/files?path=digits/{i}/x.png", content=png(IMAGES[i]))
    shared.post(f"{address}/use", status=400)
    found = shared.post(f"{address}/finish").json()
    assert (found["n"], found["files"], found["classes"]) == (3, 3, ["0", "1", "2"])
    shared.post(f"{address}/files?path=late.png", content=png(IMAGES[0]), status=400)
    shared.post(f"{address}/discard")
    shared.get(address, status=404)


def test_arrays_and_idx_files_are_taken(shared):
    buffer = io.BytesIO()
    np.savez(buffer, x_train=IMAGES[:5], y_train=np.arange(5))
    assert send(shared, "a.npz", buffer.getvalue())["classes"] == list("01234")
    buffer = io.BytesIO()
    np.save(buffer, IMAGES[:4])
    assert send(shared, "a.npy", buffer.getvalue())["n"] == 4
    idx = b"\x00\x00\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (3, 8, 8))
    idx += IMAGES[:3].tobytes()
    assert send(shared, "a-idx3-ubyte.gz", gzip.compress(idx))["n"] == 3


def test_duplicates_and_blanks_are_counted(shared):
    stack = np.concatenate([IMAGES[:3], IMAGES[:1], np.zeros((2, 8, 8), np.uint8)])
    buffer = io.BytesIO()
    np.save(buffer, stack)
    upload = send(shared, "a.npy", buffer.getvalue())
    assert (upload["blanks"], upload["duplicates"]) == (2, 2)


def test_previews_show_what_would_be_done(shared):
    page = np.full((60, 40), 255, np.uint8)
    page[10:50, 5:9] = 0
    upload = send(shared, "a.zip", archive({"x.png": png(page), "y.png": png(page[:50])}))
    address = f"/api/uploads/{upload['id']}"
    assert upload["suggested"]["crop"]
    before = shared.array(f"{address}/before", np.uint8).reshape(2, 64, 64)
    assert before[0].max() == 255
    as_is = shared.array(f"{address}/after?invert=no", np.uint8).reshape(2, 28, 28)
    turned = shared.array(f"{address}/after?invert=yes", np.uint8).reshape(2, 28, 28)
    guessed = shared.array(f"{address}/after?invert=auto", np.uint8).reshape(2, 28, 28)
    assert (turned == guessed).all()
    assert (np.abs(turned.astype(int) - (255 - as_is)) <= 1).all()
    cropped = shared.array(f"{address}/after?crop=1", np.uint8).reshape(2, 28, 28)
    ys, xs = np.nonzero(cropped[0] > 128)
    assert np.ptp(ys) + 1 == 20  # the box that MNIST's digits fit
    assert abs(ys.mean() - 14) < 1
    assert abs(xs.mean() - 14) < 1
    centered = shared.array(f"{address}/after?center=1", np.uint8).reshape(2, 28, 28)
    assert abs(np.nonzero(centered[0] > 128)[1].mean() - 14) < 1.1
    for wrong in ("size=2", "size=100000", "invert=perhaps", "crop=2", "count=0"):
        shared.get(f"{address}/after?{wrong}", status=400)


def test_an_upload_is_opened_clustered_and_labelled(session):
    first = session.state["dataset"]["id"]
    session.post("/api/actions/label?label=3&image=5")
    members = {f"{'ab'[i % 2]}/img{i}.png": png(IMAGES[i]) for i in range(60)}
    upload = send(session, "two letters.zip", archive(members))
    state = session.post(f"/api/uploads/{upload['id']}/use?size=8&invert=no").json()
    assert state["dataset"]["name"] == "two letters"
    assert state["dataset"]["n"] == 60
    assert state["classes"] == ["a", "b"]
    assert state["labels"]["labelled"] == 0
    wait_until(lambda: session.state["status"] == "ready")
    session.post("/api/actions/label?label=1&run=3&cluster=0")
    assert session.state["labels"]["labelled"] > 0
    # Back to the first images: their labels are still there.
    job = session.post("/api/data/open", json={"name": "digits"}, status=202).json()
    assert session.job(job["id"])["result"] == {"data": first}
    assert session.labels()[5] == 3
    assert isinstance(session.workspace.opened().digits, Digits)


def test_only_names_of_the_list_are_opened(shared):
    for name in ("../x", "/etc/passwd", "nothing", ""):
        shared.post("/api/data/open", json={"name": name}, status=400)


BROKEN = {
    "truncated.png": png(IMAGES[0])[:60],
    "empty.png": b"",
    "truncated.zip": archive({"a.png": png(IMAGES[0]), "b.png": png(IMAGES[1])})[:-30],
    "none.zip": archive({"readme.txt": b"hello"}),
    "broken inside.zip": archive({"a.png": b"no picture"}),
    "truncated.npz": b"PK\x03\x04" + bytes(50),
    "cut.npy": b"\x93NUMPY\x01\x00\x46\x00{'descr': '|u1', 'fortran_order': False}\n",
    "cut-idx3-ubyte": b"\x00\x00\x08\x03" + bytes([0, 0, 0, 9]) * 3 + bytes(5),
    "cut.gz": gzip.compress(bytes(10_000))[:-12],
}


@pytest.mark.parametrize(("name", "content"), BROKEN.items(), ids=BROKEN)
def test_what_is_broken_is_told_without_a_path_of_this_machine(shared, name, content):
    answer = send(shared, name, content, status=400)
    assert answer["message"]
    assert "Traceback" not in answer["message"]
    assert "inkmeans-upload" not in answer["message"]


def test_a_bomb_is_refused_before_it_goes_off(shared, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UNPACKED", 2**20)
    bombs = {
        "bomb.zip": archive({f"{i}.png": bytes(2**18) for i in range(5)}),
        "bomb.npz": archive({"x_train.npy": bytes(2**21)}),
        "bomb.gz": gzip.compress(bytes(2**21)),
    }
    for name, content in bombs.items():
        assert len(content) < 2**14
        assert "unpacks to" in send(shared, name, content, status=400)["message"]


def test_too_many_files_and_too_large_ones_are_refused(shared, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_FILES", 2)
    send(shared, "many.zip", archive({f"{i}.png": b"" for i in range(3)}), status=400)
    upload = shared.post("/api/uploads", status=201).json()
    address = f"/api/uploads/{upload['id']}/files"
    for i in range(2):
        shared.post(f"{address}?path={i}.png", content=b"x")
    shared.post(f"{address}?path=3.png", content=b"x", status=400)
    monkeypatch.setattr("inkmeans.explore.routes.data.MAX_FILE", 1000)
    shared.post("/api/uploads?name=large.png", content=bytes(1001), status=413)


def test_old_uploads_make_room(shared):
    first = shared.post("/api/uploads", status=201).json()["id"]
    folder = shared.client.app.state.uploads.get(first).folder
    for _ in range(uploads.MAX_UPLOADS):
        shared.post("/api/uploads", status=201)
    shared.get(f"/api/uploads/{first}", status=404)
    assert not folder.exists()
