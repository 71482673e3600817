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
_COMMAND: Final = re.compile(r"[a-z0-9_]+")
_COMMAND_LENGTH: Final = 32
_LANGUAGE: Final = re.compile(r"([a-z]{2})?")
_SCOPES: Final = {
    "default": {"type"},
    "all_private_chats": {"type"},
    "all_group_chats": {"type"},
    "chat": {"type", "chat_id"},
}


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
    scope = call.mapping("scope", "bot command scope") or {"type": "default"}
    kind = scope.get("type")
    if kind not in _SCOPES:
        raise bad("can't parse BotCommandScope: unsupported type specified")
    if set(scope) != _SCOPES[kind]:
        raise bad("can't parse BotCommandScope: other fields are expected")
    if "chat_id" in scope:
        cloud.chat(Parameters(scope).integer("chat_id"))
    return "commands", *(f"{name}={scope[name]}" for name in sorted(scope)), _language(call)


def _command(wire: Any) -> Wire:
    if not isinstance(wire, dict) or not {"command", "description"} <= set(wire):
        raise bad("can't parse list of bot commands: expected Objects of type BotCommand")
    command, description = wire["command"], wire["description"]
    if not isinstance(command, str) or not isinstance(description, str):
        raise bad("can't parse list of bot commands: expected Strings")
    for refused, refusal in (
        (set(wire) - {"command", "description"}, "can't parse list of bot commands: unknown field"),
        (not command, "command must be non-empty"),
        (len(command) > _COMMAND_LENGTH, "command length must not exceed 32"),
        (not _COMMAND.fullmatch(command), "BOT_COMMAND_INVALID"),
        (not description.strip(), "command description must be non-empty"),
        (len(description) > DESCRIPTION, "command description length must not exceed 256"),
    ):
        if refused:
            raise bad(refusal)
    return wire


def set_my_commands(cloud: Cloud, call: Parameters) -> Any:
    """All of them at once, for some people and a language."""
    wires = call.sequence("commands")
    if wires is None:
        raise bad("can't parse list of bot commands: expected an Array of BotCommand")
    if len(wires) > COMMANDS:
        raise bad("too many commands specified")
    commands = [_command(wire) for wire in wires]
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


def _menu(cloud: Cloud, call: Parameters) -> tuple[str, str]:
    number = call.integer("chat_id")
    if number is not None and not cloud.chat(number).private:
        raise bad("chat_id must be a private chat")
    return "menu", str(number or "")


def set_chat_menu_button(cloud: Cloud, call: Parameters) -> Any:
    """In one private chat, or where nothing else is set."""
    button = call.mapping("menu_button", "menu button") or {"type": "default"}
    kind = button.get("type")
    if kind == "web_app":
        if set(button) != {"type", "text", "web_app"} or not isinstance(button["web_app"], dict):
            raise bad("can't parse menu button: expected text and web_app")
        if not isinstance(button["text"], str) or not button["text"].strip():
            raise bad("menu button text must be non-empty")
        if set(button["web_app"]) != {"url"}:
            raise bad("can't parse menu button: can't parse Web App")
        markup.check_app(button["web_app"]["url"], http_apps=cloud.http_apps, what="menu button")
    elif kind != "default" or set(button) != {"type"}:
        raise bad("can't parse menu button: unsupported type specified")
    cloud.settings[_menu(cloud, call)] = button
    return True


METHODS: Final = {
    "getMe": get_me,
    "setChatMenuButton": set_chat_menu_button,
    "setMyCommands": set_my_commands,
    "setMyDescription": _text("description", ABOUT),  # in a chat that has not begun
    "setMyShortDescription": _text("short_description", SHORT),  # on the bot's page
}
