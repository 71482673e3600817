"""What the bot is called, can and offers: https://core.telegram.org/bots/api#setmycommands."""

import re
from typing import Any, Final

from tests.telegram import markup
from tests.telegram.cloud import Cloud, Wire
from tests.telegram.parameters import Given
from tests.telegram.refusal import bad

COMMANDS: Final = 100
DESCRIPTION: Final = 256  # characters of a command's
NAME: Final = 64
ABOUT: Final = 512
SHORT: Final = 120
_COMMAND: Final = re.compile(r"[a-z0-9_]+")
_COMMAND_LENGTH: Final = 32
_LANGUAGE: Final = re.compile(r"([a-z]{2})?")
_SCOPES: Final = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


def get_me(cloud: Cloud, _given: Given) -> Any:
    """The bot itself."""
    return {
        **cloud.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def _language(given: Given) -> str:
    language = given.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad("invalid language code specified")
    return language


# ---- commands


def _scope(cloud: Cloud, given: Given) -> tuple[str, ...]:
    """For whom, as a key."""
    said = given.mapping("scope", "bot command scope") or {"type": "default"}
    kind = said.get("type")
    if kind not in _SCOPES:
        raise bad("can't parse BotCommandScope: unsupported type specified")
    if set(said) != {"type", *_SCOPES[kind]}:
        raise bad("can't parse BotCommandScope: other fields are expected")
    if "chat_id" in said:
        chat = cloud.chat(Given(said).integer("chat_id"))
        if chat.private and kind != "chat":
            raise bad("can't use specified scope in private chats")
    if "user_id" in said and Given(said).integer("user_id") not in cloud.people:
        raise bad("user not found")
    return "commands", *(f"{name}={said[name]}" for name in sorted(said)), _language(given)


def _command(wire: Any) -> Wire:
    if not isinstance(wire, dict) or not {"command", "description"} <= set(wire):
        raise bad("can't parse list of bot commands: expected Objects of type BotCommand")
    command, description = wire["command"], wire["description"]
    if set(wire) - {"command", "description", "is_ephemeral"}:
        raise bad("can't parse list of bot commands: unknown field")
    if not isinstance(command, str) or not command:
        raise bad("command must be non-empty")
    if len(command) > _COMMAND_LENGTH:
        raise bad("command length must not exceed 32")
    if not _COMMAND.fullmatch(command):
        raise bad("BOT_COMMAND_INVALID")
    if not isinstance(description, str) or not description.strip():
        raise bad("command description must be non-empty")
    if len(description) > DESCRIPTION:
        raise bad("command description length must not exceed 256")
    return wire


def set_my_commands(cloud: Cloud, given: Given) -> Any:
    """All of them at once, for some people and a language."""
    said = given.sequence("commands")
    if said is None:
        raise bad("can't parse list of bot commands: expected an Array of BotCommand")
    if len(said) > COMMANDS:
        raise bad("too many commands specified")
    commands = [_command(wire) for wire in said]
    if len({wire["command"] for wire in commands}) != len(commands):
        raise bad("can't parse list of bot commands: a command stands twice")
    cloud.settings[_scope(cloud, given)] = commands
    return True


def get_my_commands(cloud: Cloud, given: Given) -> Any:
    """As they were set for just these people and this language."""
    return cloud.settings.get(_scope(cloud, given), [])


def delete_my_commands(cloud: Cloud, given: Given) -> Any:
    """For these people and this language others hold again."""
    cloud.settings.pop(_scope(cloud, given), None)
    return True


# ---- texts


def _set(cloud: Cloud, given: Given, name: str, most: int, refusal: str) -> bool:
    said = given.text(name).strip()
    if len(said) > most:
        raise bad(refusal)
    if said:
        cloud.settings[name, _language(given)] = said
    else:
        cloud.settings.pop((name, _language(given)), None)
    return True


def _get(cloud: Cloud, given: Given, name: str, otherwise: str = "") -> Wire:
    """In the language, else in none."""
    general = cloud.settings.get((name, ""), otherwise)
    return {name: cloud.settings.get((name, _language(given)), general)}


def set_my_name(cloud: Cloud, given: Given) -> Any:
    """Empty takes it back."""
    return _set(cloud, given, "name", NAME, "BOT_TITLE_INVALID")


def get_my_name(cloud: Cloud, given: Given) -> Any:
    """In the language."""
    return _get(cloud, given, "name", cloud.bot["first_name"])


def set_my_description(cloud: Cloud, given: Given) -> Any:
    """What stands in a chat that has not begun."""
    return _set(cloud, given, "description", ABOUT, "description is too long")


def get_my_description(cloud: Cloud, given: Given) -> Any:
    """In the language."""
    return _get(cloud, given, "description")


def set_my_short_description(cloud: Cloud, given: Given) -> Any:
    """What stands on the bot's page."""
    return _set(cloud, given, "short_description", SHORT, "short description is too long")


def get_my_short_description(cloud: Cloud, given: Given) -> Any:
    """In the language."""
    return _get(cloud, given, "short_description")


# ---- menu button


def _menu(cloud: Cloud, given: Given) -> tuple[str, str]:
    number = given.integer("chat_id")
    if number is not None and not cloud.chat(number).private:
        raise bad("chat_id must be a private chat")
    return "menu", str(number or "")


def set_chat_menu_button(cloud: Cloud, given: Given) -> Any:
    """In one private chat, or where nothing else is set."""
    said = given.mapping("menu_button", "menu button") or {"type": "default"}
    kind = said.get("type")
    if kind == "web_app":
        if set(said) != {"type", "text", "web_app"} or not isinstance(said["web_app"], dict):
            raise bad("can't parse menu button: expected text and web_app")
        if not isinstance(said["text"], str) or not said["text"].strip():
            raise bad("menu button text must be non-empty")
        if set(said["web_app"]) != {"url"}:
            raise bad("can't parse menu button: can't parse Web App")
        markup.check_app(said["web_app"]["url"], http_apps=cloud.http_apps, what="menu button")
    elif kind not in {"commands", "default"} or set(said) != {"type"}:
        raise bad("can't parse menu button: unsupported type specified")
    cloud.settings[_menu(cloud, given)] = said
    return True


def get_chat_menu_button(cloud: Cloud, given: Given) -> Any:
    """What is shown, not what was set."""
    general = cloud.settings.get(("menu", ""), {"type": "commands"})
    found = cloud.settings.get(_menu(cloud, given), {"type": "default"})
    return general if found["type"] == "default" else found


METHODS: Final = {
    "deleteMyCommands": delete_my_commands,
    "getChatMenuButton": get_chat_menu_button,
    "getMe": get_me,
    "getMyCommands": get_my_commands,
    "getMyDescription": get_my_description,
    "getMyName": get_my_name,
    "getMyShortDescription": get_my_short_description,
    "setChatMenuButton": set_chat_menu_button,
    "setMyCommands": set_my_commands,
    "setMyDescription": set_my_description,
    "setMyName": set_my_name,
    "setMyShortDescription": set_my_short_description,
}
