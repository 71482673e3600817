"""What the bot is called, can and offers: https://core.telegram.org/bots/api#setmycommands."""

import re
from collections.abc import Callable
from typing import Any, Final

from tests.telegram import markup
from tests.telegram.cloud import Cloud, Wire
from tests.telegram.parameters import Parameters
from tests.telegram.refusal import bad

COMMANDS: Final = 100
DESCRIPTION: Final = 256  # characters of a command's
ABOUT: Final = 512
SHORT: Final = 120
_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE: Final = re.compile(r"([a-z]{2})?")
_SCOPES: Final = frozenset({"default", "all_private_chats", "all_group_chats", "chat"})


def get_me(cloud: Cloud, _call: Parameters) -> Any:
    """The bot itself."""
    return {
        **cloud.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def _language(call: Parameters) -> str:
    language = call.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad("invalid language code specified")
    return language


# ---- commands


def _scope(cloud: Cloud, call: Parameters) -> tuple[str, ...]:
    """For whom, as a key."""
    scope = call.structure("scope", dict) or {"type": "default"}
    if scope["type"] not in _SCOPES:
        raise bad("can't parse BotCommandScope: unsupported type specified")
    if "chat_id" in scope:
        cloud.chat(int(scope["chat_id"]))
    return "commands", *(f"{name}={scope[name]}" for name in sorted(scope)), _language(call)


def set_my_commands(cloud: Cloud, call: Parameters) -> Any:
    """All of them at once, for some people and a language."""
    commands: list[Wire] = call.structure("commands", list) or []
    if len(commands) > COMMANDS:
        raise bad("too many commands specified")
    for wire in commands:
        if not _COMMAND.fullmatch(wire["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(wire["description"].strip()) <= DESCRIPTION:
            raise bad("command description must be non-empty and not exceed 256")
    if len({wire["command"] for wire in commands}) != len(commands):
        raise bad("can't parse list of bot commands: a command stands twice")
    cloud.settings[_scope(cloud, call)] = commands
    return True


# ---- texts


def _text(name: str, most: int) -> Callable[[Cloud, Parameters], Any]:
    """The method that sets a text of the bot in a language, of so many characters."""

    def keep(cloud: Cloud, call: Parameters) -> Any:
        text = call.text(name).strip()
        if len(text) > most:
            raise bad(f"{name.replace('_', ' ')} is too long")
        cloud.settings[name, _language(call)] = text
        return True

    return keep


# ---- menu button


def set_chat_menu_button(cloud: Cloud, call: Parameters) -> Any:
    """In one private chat, or where nothing else is set."""
    button = call.structure("menu_button", dict) or {"type": "default"}
    if button["type"] == "web_app":
        if not button["text"].strip():
            raise bad("menu button text must be non-empty")
        markup.check_app(button["web_app"]["url"], http_apps=cloud.http_apps, what="menu button")
    elif button["type"] != "default":
        raise bad("can't parse menu button: unsupported type specified")
    number = call.integer("chat_id")
    if number is not None and not cloud.chat(number).private:
        raise bad("chat_id must be a private chat")
    cloud.settings["menu", str(number or "")] = button
    return True


METHODS: Final = {
    "getMe": get_me,
    "setChatMenuButton": set_chat_menu_button,
    "setMyCommands": set_my_commands,
    "setMyDescription": _text("description", ABOUT),  # in a chat that has not begun
    "setMyShortDescription": _text("short_description", SHORT),  # on the bot's page
}
