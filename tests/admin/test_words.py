"""The catalogues of words are complete, in both languages."""

import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from admin.rules.regime import builtin_ids, load
from admin.words import MissingWords, catalogue, language, words
from crypto import errors
from crypto.lifecycle import State

TOP = Path(__file__).parents[2]
PAGE = TOP / "bot" / "miniapp" / "locales"
GLOSSARY_ROW = re.compile(r"^\| ([^|]+) \| [^|]+ \| [^|]* \| ([^|]*) \|$", re.MULTILINE)
NOT_FOR_DELEGATES = ("φ", "dấu phát phiếu")


def placeholders(sentence: str) -> set[str]:
    found = {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
    return found - {"member", "Member", "chair", "Chair"}  # how a body calls its people


def codes(kind: type[errors.ProtocolError] = errors.ProtocolError) -> Iterator[str]:
    yield kind.code
    for child in kind.__subclasses__():
        yield from codes(child)


def test_both_languages_have_the_same_keys():
    assert list(catalogue("vi")) == list(catalogue("en"))


def test_both_languages_have_the_same_placeholders():
    english = catalogue("en")
    for key, sentence in catalogue("vi").items():
        assert placeholders(sentence) == placeholders(english[key]), key


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_sentence_is_empty_or_spills_over(lang):
    for key, sentence in catalogue(lang).items():
        assert sentence.strip(), key
        assert not sentence.startswith(" "), key


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_error_says_what_happened_and_what_to_do(lang):
    for code in sorted(set(codes())):
        assert words(f"errors.{code}.title", lang), code
        assert words(f"errors.{code}.hint", lang), code


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_state_level_and_finding_has_a_name(lang):
    for state in State:
        assert words(f"states.{state}", lang)
    for regime in map(load, builtin_ids()):
        for level in (*regime.level_keys, "blank"):
            assert regime.label_of(level, lang)
    for code in ("low_over_half", "low_two_thirds", "no_confidence_over_half"):
        assert words(f"findings.{code}", lang)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_alerts_fit_what_telegram_shows(lang):
    """The answer to a tap has at most 200 letters (Bot API, answerCallbackQuery)."""
    shown = ("chat.alerts.", "chat.chair.not_chair", "chat.chair.reminded")
    alerts = [said for key, said in catalogue(lang).items() if key.startswith(shown)]
    assert len(alerts) > 5
    assert max(len(said) for said in alerts) <= 200


def test_the_middle_level_is_never_called_average():
    assert load("nq96-2023").label_of("medium", "vi") == "Tín nhiệm"
    assert "trung bình" not in " ".join(catalogue("vi").values()).lower()


def flat(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, entry in tree.items():
        if isinstance(entry, str):
            yield prefix + name, entry
        else:
            yield from flat(entry, f"{prefix}{name}.")


def vietnamese() -> dict[str, str]:
    """Everything that people read in Vietnamese, by where it stands."""
    details = tomllib.loads((TOP / "admin" / "details.toml").read_text("utf-8"))
    texts = {f"details: {key}": text for key, text in flat(details)}
    for file in (PAGE / "vi.toml", PAGE / "voter" / "vi.toml"):
        page = tomllib.loads(file.read_text("utf-8"))
        texts |= {f"page: {file.parent.name}: {key}": text for key, text in flat(page)}
    committee = tomllib.loads((PAGE / "committee" / "vi.toml").read_text("utf-8"))
    texts |= {f"committee's page: {key}": text for key, text in flat(committee)}
    texts |= dict(catalogue("vi"))
    books = (*(TOP / "docs" / "guides").glob("*.vi.md"), TOP / "docs" / "chat-vi.md")
    return texts | {file.name: file.read_text("utf-8") for file in books}


def has(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def test_one_word_for_each_thing():
    """The words that docs/words.md gives up are nowhere."""
    rows = GLOSSARY_ROW.findall((TOP / "docs" / "words.md").read_text("utf-8"))
    given_up = {
        word.strip(): wanted
        for wanted, cell in rows[1:]
        for word in cell.split(",")
        if word.strip()
    }
    assert {"mã theo dõi", "bấm", "phiếu bầu", "quý đại biểu", "giấy mời"} <= set(given_up)
    assert has("bấm", "Đề nghị Bấm nút.")
    assert not has("bấm", "bấmx")
    assert [
        (where, word, wanted)
        for where, text in vietnamese().items()
        for word, wanted in given_up.items()
        if has(word, text)
    ] == []


def test_delegates_read_nothing_of_the_protocol():
    theirs = [
        (where, word)
        for where, text in vietnamese().items()
        if where.startswith(("page: ", "chat.", "letter.", "delegate.", "chat-vi"))
        for word in NOT_FOR_DELEGATES
        if word in text
    ]
    assert theirs == []


def test_a_missing_sentence_or_value_is_an_error():
    with pytest.raises(MissingWords, match=r"no[.]such"):
        words("no.such", "vi")
    with pytest.raises(MissingWords, match="detail"):
        words("cli.warning", "vi")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "vi_VN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "C", "LC_ALL": "vi"}, "vi"),
        ({"LANG": "C", "LC_ALL": "C", "PHIEUKIN_LANG": "vi"}, "vi"),
        ({"LANG": "vi_VN", "PHIEUKIN_LANG": "en"}, "en"),
        ({"LANG": "vi_VN", "LC_ALL": ""}, "vi"),
    ],
)
def test_the_language_is_the_readers(monkeypatch, environment, expected):
    for name in ("PHIEUKIN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language() == expected
