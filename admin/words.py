"""Every sentence that people read, in Vietnamese and in English.

The sentences stand in ``locales/vi.toml`` and ``locales/en.toml``, those of a larger part of the
program in files of the same names in a folder beside them (``locales/chat``), under the same
keys. What happened and what to do about it is said here; the details of an error are English,
and their Vietnamese stands in `admin/details.py`.
"""

import os
import tomllib
from functools import cache
from importlib import resources
from typing import Final, Literal

Language = Literal["vi", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")


class MissingWords(LookupError):
    """The catalogue of the language has no sentence under this key."""


def language() -> Language:
    """The language of the person at the terminal: Vietnamese where the locale says so."""
    names = ("PHIEUKIN_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((value for name in names if (value := os.environ.get(name))), "")
    return "vi" if chosen.lower().startswith("vi") else "en"


def words(key: str, lang: Language | None = None, /, **params: object) -> str:
    """The sentence under a dotted key, its placeholders filled.

    Raises:
        MissingWords: no such sentence, or a placeholder without a value.
    """
    sentence = catalogue(lang or language()).get(key)
    if sentence is None:
        raise MissingWords(key)
    try:
        return sentence.format(**params)
    except KeyError as error:
        raise MissingWords(f"{key}: {error.args[0]}") from None


def dated(day: str) -> str:
    """A day (YYYY-MM-DD) or a year as people write it: 07/12/2028."""
    return "/".join(reversed(day.split("-")))


@cache
def catalogue(lang: Language) -> dict[str, str]:
    """All sentences of a language by dotted key."""
    folder = resources.files("admin") / "locales"
    parts = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    files = [folder / f"{lang}.toml", *(folder / part / f"{lang}.toml" for part in parts)]
    texts = [file.read_text(encoding="utf-8") for file in files]
    return dict(sentence for text in texts for sentence in _flat("", tomllib.loads(text)))


def _flat(prefix: str, table: dict[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found += _flat(f"{prefix}{key}.", value)
        else:
            found.append((prefix + key, str(value)))
    return found
