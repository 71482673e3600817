"""The pages for phones, hall and committee, as they were built; the server puts nothing into them.

They are there in every role: which host of one origin serves them makes no difference. What
protects their readers from a server that gives some of them another page is only that the
hashes are in the record, and at an address of their own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as Folder
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response

from admin.documents import qr as drawing
from admin.session import page
from bot.sides.problem import Problem
from crypto.encoding import sha256

_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}
_UNKNOWN: Final = "application/octet-stream"

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors "
)
_TELEGRAM: Final = "https://web.telegram.org https://*.telegram.org"
# Telegram's web client shows the voter's page in a frame. X-Frame-Options knows no list.
_FRAMED: Final = {"Content-Security-Policy": _POLICY + _TELEGRAM}
_ALONE: Final = {"Content-Security-Policy": _POLICY + "'none'", "X-Frame-Options": "DENY"}
_OWN_POLICY: Final = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)"')
_ASKING: Final = re.compile("connect-src [^;]*")
_NOTHING: Final = "default-src 'none'"
_ASK_AGAIN: Final = {"Cache-Control": "no-cache"}
# The name of an asset changes with its content.
_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}

# The page itself tells whether there is such a session.
Uuid = Annotated[str, Path(pattern="^[1-9A-HJ-NP-Za-km-z]{14,32}$")]


@dataclass(frozen=True, slots=True)
class File:
    """One file, ready to be sent.

    Attributes:
        packed: None if that makes it no smaller.
        tag: tells contents apart; the same for both forms.
    """

    body: bytes
    packed: bytes | None
    kind: str
    tag: str

    @classmethod
    def of(cls, body: bytes, suffix: str) -> "File":
        packed = page.packed(body)
        kind = _KINDS.get(suffix, _UNKNOWN)
        return cls(body, packed if len(packed) < len(body) else None, kind, f'"{sha256(body)}"')

    def answer(self, request: Request, headers: Mapping[str, str]) -> Response:
        answer_headers = {"ETag": f"W/{self.tag}", "Vary": "Accept-Encoding", **headers}
        if self.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=answer_headers)
        if self.packed is not None and _takes_gzip(request):
            answer_headers["Content-Encoding"] = "gzip"
            return Response(self.packed, headers=answer_headers, media_type=self.kind)
        return Response(self.body, headers=answer_headers, media_type=self.kind)


@dataclass(frozen=True, slots=True)
class Pages:
    """All that is served; the addresses in it are under `public_url`.

    Attributes:
        committee_policy: what the committee's page allows itself: the scripts inside it, by hash.
    """

    files: Mapping[str, File]
    sums: File
    public_url: str
    committee_policy: str


def load(folder: Folder | None, public_url: str) -> Pages | None:
    """The pages in memory; None if they are not built.

    Raises:
        OSError: a file cannot be read.
    """
    built = page.read(folder)
    if built is None:
        return None
    files = {name: File.of(body, Folder(name).suffix) for name, body in built.files.items()}
    policy = _OWN_POLICY.search(built.files[page.COMMITTEE].decode())
    return Pages(files, File.of(built.sums, ".txt"), public_url, policy[1] if policy else _NOTHING)


def _pages(request: Request) -> Pages:
    pages = request.app.state.pages
    if not isinstance(pages, Pages):
        raise Problem(503, "page_not_built")
    return pages


def lost(request: Request) -> Response | None:
    """For a browser at an address where nothing is: the way in; None for a program."""
    pages = request.app.state.pages
    if not isinstance(pages, Pages) or "text/html" not in request.headers.get("accept", ""):
        return None
    file = pages.files[page.HOME]
    return Response(file.body, 404, {"Vary": "Accept", **_ALONE}, file.kind)


BuiltPages = Annotated[Pages, Depends(_pages)]
_Described = dict[int | str, dict[str, Any]]
_HTML: Final[_Described] = {200: {"content": {"text/html": {}}}}
_ANY: Final[_Described] = {200: {"content": {"*/*": {}}}}
_SVG: Final[_Described] = {200: {"content": {"image/svg+xml": {}}}}
_TEXT: Final[_Described] = {200: {"content": {"text/plain": {}}}}

router = APIRouter(tags=["pages"], default_response_class=Response)


@router.get("/", responses=_HTML)
async def home(request: Request, pages: BuiltPages) -> Response:
    """What this server is, and where its sessions are found."""
    return pages.files[page.HOME].answer(request, _ALONE | _ASK_AGAIN)


@router.get("/s/{uuid}", responses=_HTML)
async def session(uuid: Uuid, request: Request, pages: BuiltPages) -> Response:  # noqa: ARG001  checked
    """The same page about one session."""
    return await home(request, pages)


@router.get("/v/{uuid}", responses=_HTML)
async def voter(uuid: Uuid, request: Request, pages: BuiltPages) -> Response:  # noqa: ARG001  checked
    """The voter's page. The code is in the fragment, which no server gets."""
    return pages.files[page.VOTER].answer(request, _FRAMED | _ASK_AGAIN)


@router.get("/hall/{uuid}", responses=_HTML)
async def hall(uuid: Uuid, request: Request, pages: BuiltPages) -> Response:  # noqa: ARG001  checked
    """The screen in the hall."""
    return pages.files[page.HALL].answer(request, _ALONE | _ASK_AGAIN)


@router.get("/committee", responses=_HTML)
async def committee(request: Request, pages: BuiltPages) -> Response:
    """The committee's and the auditors' page, which is one file and works without a server."""
    # Who has the page from a server asks that server; only a file is told of one.
    asking = _ASKING.sub("connect-src 'self'", pages.committee_policy)
    policy = f"{asking}; frame-ancestors 'none'"
    headers = _ALONE | _ASK_AGAIN | {"Content-Security-Policy": policy}
    return pages.files[page.COMMITTEE].answer(request, headers)


@router.get("/hall/{uuid}/qr.svg", responses=_SVG)
async def qr(uuid: Uuid, request: Request, pages: BuiltPages) -> Response:
    """The address of the voter's page as a QR code."""
    return _qr(f"{pages.public_url}/v/{uuid}").answer(request, _ALONE | _ASK_AGAIN)


@router.get("/assets/{name}", responses=_ANY)
async def asset(name: str, request: Request, pages: BuiltPages) -> Response:
    """A part of a page."""
    file = pages.files.get(f"{page.ASSETS}/{name}")
    if file is None:
        raise Problem(404, "not_found")
    # A worker obeys the policy that its own script came with.
    return file.answer(request, _ALONE | _FOR_EVER)


@router.get(page.SUMS, responses=_TEXT)
async def sums(request: Request, pages: BuiltPages) -> Response:
    """The SHA-256 of every page and part, in the format of sha256sum."""
    return pages.sums.answer(request, _ALONE | _ASK_AGAIN)


@lru_cache(maxsize=64)
def _qr(url: str) -> File:
    return File.of(drawing.svg(url).encode(), ".svg")


def _takes_gzip(request: Request) -> bool:
    for part in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";q=")
        if name == "gzip":
            return not weight or weight.strip("0.") != ""
    return False
