"""The words of the levels: their spelling, and that none reads like another's."""

import unicodedata
from importlib import resources

import pytest

from admin.rules import labels, regime
from crypto.errors import Malformed

SOURCE = (resources.files("admin.rules") / "nq96-2023" / "regime.toml").read_text("utf-8")
OWN = SOURCE.replace("nq96-2023", "own-2026")


def own(*changes: tuple[str, str]) -> str:
    text = OWN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def load(text: str, path: str = "own.toml") -> regime.Regime:
    """As a draft reads rules of one's own."""
    rules = regime.decode(text.encode(), path)
    regime.check_own(rules, path)
    return rules


WORDS = {"high": "Rất tín nhiệm", "medium": "Tương đối tín nhiệm", "low": "Chưa tín nhiệm"}


def test_a_body_may_have_words_of_its_own():
    rules = load(
        own(
            ("Tín nhiệm cao", WORDS["high"]),
            ('vi = "Tín nhiệm"', f'vi = "{WORDS["medium"]}"'),
            ('vi = "Tín nhiệm thấp"', f'vi = "{WORDS["low"]}"'),
        )
    )

    assert rules.labels_in("vi") == tuple(WORDS.values())
    assert rules.label_of("low", "vi") == WORDS["low"]
    assert rules.label_of("low", "en") == "Low confidence"


def test_the_words_of_the_built_in_regimes_may_be_kept():
    assert load(OWN).labels_in("vi") == ("Tín nhiệm cao", "Tín nhiệm", "Tín nhiệm thấp")


@pytest.mark.parametrize("name", regime.builtin_ids())
def test_our_own_words_are_spelled_so_and_apart(name: str):
    rules = regime.load(name)

    regime.check_own(rules, name)
    for label in (*rules.labels_in("vi"), *rules.labels_in("en")):
        assert labels.spelled(label) == label


SPELLINGS = {
    "Cyrillic с": "Tín nhiệm \u0441ao",
    "Greek ο": "Tín nhiệm ca\u03bf",
    "dotless ı": "T\u0131n nhiệm cao",
    "wide letters": "Tín nhiệm \uff43ao",
    "NFD": unicodedata.normalize("NFD", "Tín nhiệm cao"),
    "another mark": "Tín nhiệm caö",
    "a mark alone": "\u0301Tín nhiệm cao",
    "two blanks": "Tín nhiệm  cao",
    "a blank before": " Tín nhiệm cao",
    "a blank behind": "Tín nhiệm cao ",
    "a no-break space": "Tín nhiệm\u00a0cao",
    "a thin space": "Tín nhiệm\u2009cao",
    "an invisible letter": "Tín nhiệm\u200b cao",
    "a line": "Tín nhiệm\ncao",
    "empty": "",
    "blank": " ",
    "too long": "c" * (labels.LONGEST + 1),
}


@pytest.mark.parametrize("label", SPELLINGS.values(), ids=SPELLINGS)
def test_another_spelling_is_refused(label: str):
    with pytest.raises(ValueError, match="a label has"):
        labels.spelled(label)


@pytest.mark.parametrize(
    ("label", "alike"),
    [
        ("Tín nhiệm", "TÍN NHIỆM"),
        ("Tín nhiệm", "Tin nhiem"),
        ("Tín nhiệm", "T1n nhlệm"),
        ("Tín nhiệm", "Tín-nhiệm"),
        ("Tín nhiệm thấp", "Tín nhiệm thập"),
        ("Không đạt", "Khong dat"),
        ("Kém", "Kérn"),
    ],
)
def test_labels_that_read_alike_are_not_apart(label: str, alike: str):
    labels.check_apart([label])
    with pytest.raises(ValueError, match="reads like"):
        labels.check_apart([label, alike])


DECEIVING = {
    "crossed": (
        [
            ("Tín nhiệm cao", "Tín nhiệm x"),
            ('vi = "Tín nhiệm thấp"', 'vi = "Tín nhiệm cao"'),
            ("Tín nhiệm x", "Tín nhiệm thấp"),
        ],
        "levels.0.label.vi: “Tín nhiệm thấp” of high reads like “Tín nhiệm thấp” of low",
    ),
    "of another level": ([("Tín nhiệm cao", "Tin nhiem thap")], "reads like"),
    "in another case": (
        [("Tín nhiệm cao", "Tín nhiệm CAO")],
        "“Tín nhiệm CAO” of high reads like “Tín nhiệm cao” of high",
    ),
    "crossed in English": (
        [("High confidence", "X"), ("Low confidence", "High confidence")],
        "levels.2.label.en: “High confidence” of low reads like “High confidence” of high",
    ),
    "twice": ([('vi = "Tín nhiệm thấp"', 'vi = "Tín nhiệm cao"')], "reads like “Tín nhiệm cao”"),
    "missing": ([(', en = "High confidence"', "")], "levels.0.label.en: Field required"),
    "other letters": ([("Tín nhiệm cao", "Tín nhiệm \u0441ao")], "levels.0.label.vi: .*U[+]0441"),
}


@pytest.mark.parametrize("name", DECEIVING)
def test_deceiving_words_are_refused_with_file_and_key(name: str):
    changes, message = DECEIVING[name]

    with pytest.raises(Malformed, match=message) as caught:
        load(own(*changes))
    assert str(caught.value).startswith("own.toml: ")
