"""For the operator: alive, ready, and numbers that tell nothing about anybody.

The registrar's requests are counted by route and status. Of the box only totals are given that
`/api/v1/sessions` publishes anyway.
"""

from collections import Counter
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from bot.sides.box import BoxSide
from bot.sides.problem import Problem
from bot.sides.registrar import RegistrarSide
from crypto.errors import UnknownSession
from crypto.lifecycle import BEFORE_OPENING
from storage.rows import SessionRow

_COUNTED: Final = ("/api/v1/registrar/", "/api/v1/committee/")
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter(tags=["operation"])


class Requests:
    """Counts the answers of the registrar's routes, by route and status."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, int]] = Counter()

    def answered(self, route: str, status: int) -> None:
        if route.startswith(_COUNTED):
            self._counts[route, status] += 1

    def lines(self) -> list[str]:
        return [
            f'phieukin_requests_total{{route="{route}",status="{status}"}} {count}'
            for (route, status), count in sorted(self._counts.items())
        ]


@router.get("/healthz", response_class=PlainTextResponse)
async def healthz() -> str:
    """The process answers."""
    return "ok\n"


@router.get("/readyz", response_class=PlainTextResponse)
async def readyz(request: Request) -> str:
    """The databases answer and ballots can be checked."""
    registrar, box = request.app.state.registrar, request.app.state.box
    try:
        if isinstance(registrar, RegistrarSide):
            await registrar.book.sessions()
        if isinstance(box, BoxSide):
            await _reached(box)
    except OSError:
        raise Problem(503, "not_ready", 1) from None
    if isinstance(box, BoxSide) and not await box.checker.ready():
        raise Problem(503, "not_ready", 1)
    return "ok\n"


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> PlainTextResponse:
    """Prometheus text format."""
    state = request.app.state
    lines = ["# TYPE phieukin_requests_total counter", *state.requests.lines()]
    if isinstance(state.registrar, RegistrarSide):
        lines.append("# TYPE phieukin_wrong_codes_total counter")
        lines.append(f"phieukin_wrong_codes_total {state.registrar.attempts.total}")
        lines += await _totals(state.registrar, state.box)
    if isinstance(state.box, BoxSide):
        lines += ["# TYPE phieukin_workers gauge", f"phieukin_workers {state.box.checker.workers}"]
    return PlainTextResponse("\n".join([*lines, ""]), media_type=_TEXT)


async def _totals(registrar: RegistrarSide, box: object) -> list[str]:
    lines = ["# TYPE phieukin_session_total gauge"]
    for row in await registrar.book.sessions():
        counts = {"issued": sum((await registrar.book.issued(row.uuid)).values())}
        if isinstance(box, BoxSide):
            counts |= await _box_totals(box, row)
        lines += [
            f'phieukin_session_total{{uuid="{row.uuid}",of="{name}"}} {count}'
            for name, count in counts.items()
        ]
    return lines


async def _box_totals(box: BoxSide, row: SessionRow) -> dict[str, int]:
    """The box's numbers, as far as bot/sides/board.py publishes them."""
    totals = await box.book.counts(row.uuid)
    return {of: n for of, n in totals.items() if of == "cast" or row.state not in BEFORE_OPENING}


async def _reached(box: BoxSide) -> None:
    try:
        await box.book.session("")
    except UnknownSession:
        return
