"""Who may talk to the server: only pages that it served itself, to whom it was opened."""

from __future__ import annotations

import hmac
import ipaddress
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkmeans.explore.protocol import ErrorInfo, to_json

__all__ = ["Door", "Guard", "error_response", "is_loopback", "new_token"]

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SAFE = ("GET", "HEAD")


def new_token() -> str:
    """Make a token that nobody guesses."""
    return secrets.token_urlsafe(32)


def is_loopback(host: str) -> bool:
    """Say whether an address is reached from this machine alone.

    Examples
    --------
    >>> from inkmeans.explore.security import is_loopback
    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0"), is_loopback("localhost")
    (True, False, True)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Door:
    """Where the server listens, and the token that opens it.

    Attributes
    ----------
    host : str
        What was bound.
    port : int
    token : str

    Examples
    --------
    >>> from inkmeans.explore.security import Door
    >>> door = Door("127.0.0.1", 8000, "secret")
    >>> door.knows("localhost:8000"), door.knows("evil.example:8000"), door.knows("127.0.0.1:80")
    (True, False, False)
    """

    host: str
    port: int
    token: str

    @property
    def cookie(self) -> str:
        """The name of the cookie: cookies do not tell ports apart."""
        return f"inkmeans-{self.port}"

    @property
    def address(self) -> str:
        """What a browser opens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.host in ("0.0.0.0", "::"):
            host = "127.0.0.1"
        return f"http://{host}:{self.port}/explore?token={self.token}"

    def knows(self, authority: str) -> bool:
        """Say whether a Host header, or the rest of an Origin, means this server.

        A name of the DNS never does, but the one that was bound: whoever owns a name can let it
        point here. Other addresses of this machine do only where it listens on all of them.
        """
        name, port = _split_authority(authority)
        if port != self.port:
            return False
        name = name.lower()
        if name in ("localhost", self.host.lower()):
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not is_loopback(self.host)

    def opens(self, token: str | None) -> bool:
        """Say whether this is the token."""
        return token is not None and hmac.compare_digest(token.encode(), self.token.encode())


def _split_authority(authority: str) -> tuple[str, int]:
    """Part host and port; 80 where there is none, -1 where it is no number."""
    if authority.startswith("["):
        name, _, rest = authority[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        name, _, port = authority.partition(":")
    if not port:
        return name, 80
    return name, int(port) if port.isascii() and port.isdigit() and len(port) < 6 else -1


def error_response(status: int, message: str, hint: str = "") -> Response:
    """Make the answer to what went wrong: JSON with message and hint."""
    body = json.dumps(to_json(ErrorInfo(message, hint)), ensure_ascii=False)
    return Response(
        body, status, {"Cache-Control": "no-store"}, media_type="application/json; charset=utf-8"
    )


class Guard:
    """ASGI middleware: checks Host, Origin and token, and adds the headers that browsers heed.

    Parameters
    ----------
    app : ASGI application
    door : Door
    """

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refuse(scope)
        await (refusal or self.app)(scope, receive, send_with_headers)

    def _refuse(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.door.knows(hosts[0]):
            return error_response(
                403, "this server does not go by that name", "open the address that it printed"
            )
        origin = headers.get("origin")
        if origin is not None and not self._is_own(origin):
            return error_response(403, "a page of another site asked for this")
        site = headers.get("sec-fetch-site", "none")
        if scope["method"] not in _SAFE and site in ("cross-site", "same-site"):
            return error_response(403, "a page of another site asked for this")
        return self._check_token(scope, headers)

    def _is_own(self, origin: str) -> bool:
        scheme, _, authority = origin.partition("://")
        return scheme == "http" and self.door.knows(authority)

    def _check_token(self, scope: Scope, headers: Headers) -> Response | None:
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in query if name == "token"]
        if given and scope["method"] in _SAFE:
            if not self.door.opens(given[-1]):
                return _locked()
            return self._let_in(scope, [pair for pair in query if pair[0] != "token"])
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.door.opens(bearer.strip()):
            return None
        cookies = cookie_parser(headers.get("cookie", ""))
        if self.door.opens(cookies.get(self.door.cookie)):
            return None
        return _locked()

    def _let_in(self, scope: Scope, query: list[tuple[str, Any]]) -> Response:
        """Set the cookie and lead to the same address without the token."""
        # One slash only: two would lead to another host.
        path = "/" + scope["raw_path"].decode("latin-1").partition("?")[0].lstrip("/\\")
        target = f"{path}?{urlencode(query)}" if query else path
        response = RedirectResponse(target, 303, {"Cache-Control": "no-store"})
        response.set_cookie(
            self.door.cookie, self.door.token, httponly=True, samesite="strict", path="/"
        )
        return response


def _locked() -> Response:
    return error_response(
        401,
        "this page needs the token of the server",
        "open the address that `inkmeans explore` printed in the terminal",
    )
