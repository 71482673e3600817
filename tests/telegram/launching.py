"""Opening a Mini App: what Telegram signs, and the address that a phone opens with it.

https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
"""

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any, Final
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.telegram.cloud import Cloud

VERSION: Final = "9.0"
_THEME: Final = {"bg_color": "#ffffff", "text_color": "#000000", "button_color": "#2481cc"}
_QUERY_BYTES: Final = 9


def fields(cloud: Cloud, user: dict[str, Any], start_param: str | None) -> dict[str, str]:
    """What is signed: who opens it, when, and how.

    Args:
        cloud: whose bot it is, and what time.
        user: the account.
        start_param: what stood in a link that was followed; None after a tap on a button.
    """
    account = {name: user[name] for name in user if name != "is_bot"}
    always = {"user": _json({**account, "allows_write_to_pm": True}), "auth_date": str(cloud.now)}
    if start_param is None:
        return {**always, "query_id": "AA" + secrets.token_urlsafe(_QUERY_BYTES)}
    instance = {"chat_instance": str(cloud.bot_id), "chat_type": "sender"}
    return {**always, **instance, "start_param": start_param}


def signed(token: str, key: Ed25519PrivateKey, fields: dict[str, str]) -> str:
    """Both signatures put to any fields, so that a test can have false ones signed."""
    own = f"{token.partition(':')[0]}:WebAppData\n{_lines(fields)}"
    signature = base64.urlsafe_b64encode(key.sign(own.encode())).decode().rstrip("=")
    everything = {**fields, "signature": signature}
    secret = hmac.digest(b"WebAppData", token.encode(), hashlib.sha256)
    mark = hmac.digest(secret, _lines(everything).encode(), hashlib.sha256).hex()
    return _form({**everything, "hash": mark})


def address(url: str, data: str) -> str:
    """Where the phone's web view goes: the parameters are in the fragment."""
    parameters = {
        "tgWebAppData": data,
        "tgWebAppVersion": VERSION,
        "tgWebAppPlatform": "android",
        "tgWebAppThemeParams": _json(_THEME),
    }
    return f"{url}#{_form(parameters)}"


def _lines(fields: dict[str, str]) -> str:
    return "\n".join(sorted(f"{name}={value}" for name, value in fields.items()))


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")


def _form(fields: dict[str, str]) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
