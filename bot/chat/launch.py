"""The Mini App: where it is offered, and in which words where it is not.

Telegram opens pages over HTTPS only, and only from private chats.
"""

from collections.abc import Sequence
from typing import Final

from telegram import (
    InlineKeyboardButton,
    MenuButton,
    MenuButtonDefault,
    MenuButtonWebApp,
    WebAppInfo,
)
from telegram.error import BadRequest, Forbidden

from bot.chat.desk import VOTER, Desk, Sitting
from bot.chat.pages import Row, Voice, language_of
from crypto.lifecycle import UNDER_WAY

MINIAPP: Final = "miniapp"
# From check-in until the result the page has something to do: after the close it checks.


def address(desk: Desk, sitting: Sitting) -> str | None:
    """The page of a session as Telegram may open it."""
    url = desk.datadir.settings.public_url
    policy = sitting.parameters.policy if sitting.parameters else None
    if policy is None or MINIAPP not in policy.channels or not url.startswith("https://"):
        return None
    return f"{url}/v/{sitting.uuid}"


def rows(desk: Desk, sitting: Sitting, voice: Voice) -> Sequence[Row]:
    """The button that opens the page; none where it cannot be opened, or has nothing to do."""
    url = address(desk, sitting)
    if url is None or sitting.state not in UNDER_WAY:
        return []
    return [[InlineKeyboardButton(voice("buttons.app"), web_app=WebAppInfo(url))]]


def key(desk: Desk, sitting: Sitting, name: str) -> str:
    """A sentence of those who vote by buttons, by the Mini App, or in neither way."""
    if sitting.by_chat or sitting.parameters is None:
        return name
    return f"{name}_elsewhere" if address(desk, sitting) is None else f"{name}_app"


# --- The button beside the field for text ---------------------------------------------------


async def show(desk: Desk, account: int) -> None:
    """Makes it open the account's only running session, or what it opens by itself.

    Raises:
        TelegramError: Telegram cannot be reached.
    """
    button = await _button(desk, account)
    if button is None:
        return
    try:
        await desk.bot.set_chat_menu_button(account, button)
    except (BadRequest, Forbidden):
        return


async def _button(desk: Desk, account: int) -> MenuButton | None:
    """None where no session of the account ever had a Mini App: nothing is to be undone."""
    buttons: list[MenuButton] = []
    ours = False
    for chat in await desk.chats(account, VOTER):
        sitting = await desk.standing(chat.uuid)
        url = address(desk, sitting)
        ours |= url is not None
        if url is not None and sitting.state in UNDER_WAY:
            text = sitting.voice(language_of(chat.language))("buttons.app")
            buttons.append(MenuButtonWebApp(text, WebAppInfo(url)))
    if len(buttons) == 1:
        return buttons[0]
    return MenuButtonDefault() if ours else None
