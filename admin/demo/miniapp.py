"""Delegates whom Telegram's Mini App checks in: what it signs, then the same client as over HTTP.

The page itself is not run here; tests/browser does that. Telegram is the stand-in of the bot.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

from admin.client import session_view
from admin.demo.chat import Hall
from admin.demo.scenario import Scenario
from admin.demo.session import MINIAPP, Guest, Sealed, Stage, play_sealed, seal_session
from admin.record.pool import Workers
from admin.voting import codes

_DELEGATES = 2001  # Telegram's number of the first


def play(scenario: Scenario, folder: Path, hall: Hall, workers: Workers, stage: Stage) -> Path:
    """Plays the session; leaves the archive and the bundle in `folder`.

    Returns:
        The bundle.
    """
    channels = (MINIAPP, session_view.CHANNEL)
    session = seal_session(scenario, hall.running.secretary, channels, stage)
    guests = hall.exchange.begin(_opened(hall, session)).result()
    return play_sealed(replace(session, guests=guests), folder, workers, workers, stage)


async def _opened(hall: Hall, session: Sealed) -> list[Guest]:
    """Everybody follows the letter's link to the bot, and opens the Mini App."""
    opening = (_open(hall, number, guest) for number, guest in enumerate(session.guests))
    return list(await asyncio.gather(*opening))


async def _open(hall: Hall, number: int, guest: Guest) -> Guest:
    phone = hall.phone(_DELEGATES + number, f"Đại biểu {number + 1}")
    await phone.enter(guest.uuid, codes.parse(guest.code, guest.uuid))
    signed = hall.exchange.telegram.init_data(phone.person, start_param=guest.uuid)
    return replace(guest, init_data=signed)
