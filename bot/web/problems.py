"""Every refusal as a problem document (RFC 9457) in the reader's language.

A document says what happened and what to do, from the catalogues. The English detail of an
error stays inside: it may quote what somebody sent.
"""

from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from admin.words import LANGUAGES, Language, catalogue, words
from bot import logs
from bot.sides.problem import Problem
from bot.web.page import lost
from crypto.errors import (
    BackendsDisagree,
    BadCode,
    FaultyTrustee,
    Incomplete,
    Malformed,
    ProtocolError,
    RecoveryTaken,
    Refused,
    Rejected,
    RepeatedCiphertext,
    SecondBallot,
    TokenAlreadyIssued,
    UnknownSession,
    WrongState,
)
from storage.errors import CodeTaken, PaperIssued, StorageVersion

MEDIA_TYPE: Final = "application/problem+json"

# The first kind that fits decides.
_STATUS: Final[tuple[tuple[type[ProtocolError], int], ...]] = (
    (Malformed, 400),
    (SecondBallot, 409),
    (RepeatedCiphertext, 409),
    (Rejected, 422),
    (FaultyTrustee, 422),
    (BackendsDisagree, 500),
    (Incomplete, 409),
    (WrongState, 409),
    (TokenAlreadyIssued, 409),
    (PaperIssued, 409),
    (RecoveryTaken, 409),
    (CodeTaken, 409),
    (BadCode, 401),
    (UnknownSession, 404),
    (StorageVersion, 503),
    (Refused, 403),
)
_NOT_FOUND: Final = 404
_OF_HTTP: Final = {405: "method_not_allowed"}


class Document(BaseModel):
    """A problem document (RFC 9457).

    Attributes:
        place: in the line, of whoever is told to come back and keeps it; else absent.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    place: int | None = None


def document(
    scope: Scope,
    status: int,
    code: str,
    headers: Mapping[str, str] | None = None,
    place: int | None = None,
) -> JSONResponse:
    """The answer that tells of a problem."""
    language = reader(scope)
    section = "http" if f"http.{code}.title" in catalogue(language) else "errors"
    hint = words(f"{section}.{code}.hint", language, command="phieukin")
    content = Document(
        type=f"urn:phieukin:problem:{code}",
        title=words(f"{section}.{code}.title", language),
        status=status,
        code=code,
        detail=hint,
        place=place,
    )
    also = {"Content-Language": language, "Vary": "Accept-Language", **(headers or {})}
    return JSONResponse(content.model_dump(exclude_none=True), status, also, MEDIA_TYPE)


def reader(scope: Scope) -> Language:
    """The language that the request asks for; Vietnamese where it asks for neither."""
    accepted = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    best: tuple[float, Language] = (0.0, LANGUAGES[0])
    for part in accepted.decode("latin-1").lower().split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = next((spoken for spoken in LANGUAGES if tag.split("-")[0] == spoken), None)
        if language is not None and _weight(weight) > best[0]:
            best = (_weight(weight), language)
    return best[1]


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def status_of(error: ProtocolError) -> int:
    """The HTTP status that an error of the protocol becomes."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def install(app: FastAPI) -> None:
    """Makes the app answer every error with a problem document."""
    app.add_exception_handler(ProtocolError, _of_protocol)
    app.add_exception_handler(Problem, _of_http)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(RequestValidationError, _of_address)
    app.add_exception_handler(Exception, _of_anything)


def _of_protocol(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ProtocolError):
        raise TypeError
    status = status_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, BadCode) else {}
    return document(request.scope, status, error.code, headers)


def _of_http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Problem):
        raise TypeError
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return document(request.scope, error.status, error.code, headers, error.place)


def _of_framework(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError
    if error.status_code == _NOT_FOUND:
        return _of_address(request, error)
    code = _OF_HTTP.get(error.status_code, "bad_request")
    allow = (error.headers or {}).get("Allow")
    return document(request.scope, error.status_code, code, {"Allow": allow} if allow else {})


def _of_address(request: Request, _: Exception) -> Response:
    """Only parts of addresses are left to the framework to judge."""
    page = None if request.url.path.startswith("/api/") else lost(request)
    return page or document(request.scope, _NOT_FOUND, "not_found")


def _of_anything(request: Request, error: Exception) -> JSONResponse:
    """The text of an unexpected exception may hold anything, even a secret: it is not used."""
    logs.failure("request", error)
    if isinstance(error, OSError):  # disk full and the like; the same request may succeed later
        return document(request.scope, 503, "storage_unavailable", {"Retry-After": "5"})
    return document(request.scope, 500, "internal_error")
