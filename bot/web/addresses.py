"""Addresses as people and programs write them: a slash too many, capitals, HEAD.

A monitor asks with HEAD; a chat program adds a slash or doubles one; whoever types writes /V/;
some programs quote the # of a letter's link. Each is led to the page that is meant.
"""

import re
from typing import Final
from urllib.parse import quote

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_API: Final = "/api/"
_PAGE: Final = re.compile(r"/(v|s|hall|committee)(/[^/]*)?", re.IGNORECASE)
_IN_FRAGMENT: Final = "=&-"  # what of a letter's link a browser leaves as it is


class Addresses:
    """Around the app, within the guard."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", _API)
        if path.startswith(_API):
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # the server of HTTP sends no body to it
            scope = {**scope, "method": "GET"}
        meant = corrected(path)
        if scope["method"] == "GET" and ("#" in path or meant != path):
            location = _location(meant, scope["query_string"].decode("latin-1"))
            await RedirectResponse(location, status_code=308)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _location(path: str, query: str) -> str:
    plain, mark, fragment = path.partition("#")
    return quote(plain) + (f"?{query}" if query else "") + mark + quote(fragment, _IN_FRAGMENT)


def corrected(path: str) -> str:
    """The path that is meant; a quoted fragment keeps its #."""
    plain, mark, fragment = path.partition("#")
    plain = re.sub("/{2,}", "/", plain)
    plain = plain.rstrip("/") or "/"
    if match := _PAGE.fullmatch(plain):
        plain = f"/{match[1].lower()}{match[2] or ''}"
    return plain + mark + fragment
