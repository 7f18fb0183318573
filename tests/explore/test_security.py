"""Who is let in: only the one with the token, by its own name, from its own pages."""

import zlib

import pytest
from starlette.testclient import TestClient

from inkmeans.explore.pages import PAGES, make_routes
from inkmeans.explore.security import Door

BASE = "http://127.0.0.1:8317"
TOKEN = "the-token-of-the-tests"


@pytest.fixture
def stranger(shared):
    """A client without cookie, on the same server."""
    return TestClient(shared.client.app, base_url=BASE, follow_redirects=False)


ADDRESSES = [
    "/",
    *(f"/{page}" for page in PAGES),
    "/api/state",
    "/api/events",
    "/api/runs/1/clusters",
    "/api/fields/label",
    "/web/app.js",
    "/api/export/labels.csv",
    "/nothing",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_told_without_the_token(stranger, address):
    for headers in ({}, {"cookie": "inkmeans-8317=wrong"}, {"authorization": "Bearer wrong"}):
        answer = stranger.get(address, headers=headers)
        assert answer.status_code == 401
        assert set(answer.json()) == {"message", "hint"}
    assert stranger.get(f"{address}?token=wrong").status_code == 401


def test_the_token_sets_a_cookie_and_leaves_the_address(stranger):
    answer = stranger.get(f"/label?run=2&token={TOKEN}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/label?run=2"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert stranger.get("/api/state").status_code == 200  # with the cookie now


def test_the_token_leads_to_no_other_site(stranger):
    for address in ("//evil.example/x", "/\\evil.example", "/%2F/evil.example"):
        answer = stranger.get(f"{BASE}{address}?token={TOKEN}")
        assert answer.status_code == 303
        location = answer.headers["location"]
        assert location.startswith("/")
        assert location[1:2] not in ("/", "\\")


def test_programs_may_send_the_token_in_a_header(stranger):
    answer = stranger.get("/api/state", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8317", "127.0.0.1", "127.0.0.1:80", "192.168.1.7:8317",
     "localhost.evil.example:8317", "", "[::1", "127.0.0.1:8317.evil.example"],
)  # fmt: skip
def test_a_foreign_host_is_refused_even_with_the_token(shared, host):
    answer = shared.client.get("/api/state", headers={"host": host})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8317", "localhost:8317", "LOCALHOST:8317", "[::1]:8317"]
)
def test_the_own_names_are_known(shared, host):
    assert shared.client.get("/api/state", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "https://127.0.0.1:8317", "http://127.0.0.1:9999", "null", "file://"],
)
def test_a_page_of_another_site_changes_nothing(shared, origin):
    before = shared.state["revision"]
    address = "/api/actions/label?label=3&image=5"
    answer = shared.client.post(address, headers={"origin": origin})
    assert answer.status_code == 403
    assert shared.client.get("/api/state", headers={"origin": origin}).status_code == 403
    assert shared.state["revision"] == before


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_that_the_browser_calls_foreign_is_refused(shared, site):
    headers = {"sec-fetch-site": site}
    address = "/api/actions/label?label=3&image=5"
    assert shared.client.post(address, headers=headers).status_code == 403


def test_the_own_page_may_change_something(session):
    headers = {"origin": BASE, "sec-fetch-site": "same-origin"}
    answer = session.client.post("/api/actions/label?label=3&image=5", headers=headers)
    assert answer.status_code == 200


def test_every_answer_has_the_headers_that_browsers_heed(shared, stranger):
    for answer in (shared.get("/api/state"), shared.client.get("/nothing"), stranger.get("/label")):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'self'")
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "path",
    ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "..%5capp.py", "lib/../../app.py",
     "/etc/passwd", "%2fetc%2fpasswd", "....//app.py", "lib/", "", "app.js%00.png", "C:/x.js"],
)  # fmt: skip
def test_no_path_leaves_the_folder_of_the_pages(shared, path):
    answer = shared.client.get(f"{BASE}/web/{path}", follow_redirects=False)
    assert answer.status_code == 404
    assert b"root:" not in answer.content
    assert b"def make_app" not in answer.content


def test_only_files_of_the_list_are_served(tmp_path):
    (tmp_path / "index.html").write_text("<p>")
    (tmp_path / "secret.py").write_text("x")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.js").write_text("1")
    outside = tmp_path.parent / "outside.js"
    outside.write_text("2")
    try:
        (tmp_path / "link.js").symlink_to(outside)
    except OSError:
        pytest.skip("no links on this system")
    from starlette.applications import Starlette

    client = TestClient(Starlette(routes=make_routes(tmp_path)))
    assert client.get("/web/lib/a.js").text == "1"
    assert client.get("/label").text == "<p>"
    assert client.get("/web/secret.py").status_code == 404
    assert client.get("/web/link.js").status_code == 404
    (tmp_path / "lib" / "new.js").write_text("3")
    assert client.get("/web/lib/new.js").status_code == 404


def test_a_page_is_sent_again_only_if_it_changed(shared):
    answer = shared.get("/explore")
    assert answer.headers["content-type"].startswith("text/html")
    again = shared.client.get("/explore", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "address",
    ["/api/uploads?name=../../x.png", "/api/uploads?name=/etc/passwd", "/api/uploads?name=a:b.png",
     "/api/uploads?name=..%5C..%5Cx.png", "/api/uploads?name=x%00.png"],
)  # fmt: skip
def test_no_upload_names_a_place(shared, address):
    shared.post(address, content=b"x", status=400)


def test_a_picture_that_declares_too_much_is_refused(shared):
    for address in ("/api/recognize/file", "/api/uploads?name=huge.png"):
        answer = shared.post(address, content=png_header(100_000, 100_000), status=400)
        assert "pixels" in answer.json()["message"]


def png_header(width, height):
    def chunk(kind, data):
        crc = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + crc

    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + b"\x08\x00\x00\x00\x00")
    return head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def test_a_server_on_all_addresses_is_reached_by_them_but_not_by_names():
    door = Door("0.0.0.0", 8000, "t")
    assert door.knows("192.168.1.7:8000")
    assert door.knows("localhost:8000")
    assert not door.knows("evil.example:8000")
    assert door.address.startswith("http://127.0.0.1:8000/")
    assert Door("::1", 8000, "t").address.startswith("http://[::1]:8000/")
