"""tests/telegram/formatting.py: Telegram's HTML, and what it marks by itself."""

import pytest

from tests.telegram import formatting
from tests.telegram.refusal import Refusal

READ = [
    ("<b>a</b>", "a", [("bold", 0, 1)]),
    ("<u>a</u>", "a", [("underline", 0, 1)]),
    ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
    ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
    ("<blockquote>a</blockquote>", "a", [("blockquote", 0, 1)]),
    ("😀<b>ế</b>", "😀ế", [("bold", 2, 1)]),
    ("1 &lt; 2 &amp;&amp; 3 &gt; 2 &quot;&#39;&#x27;", "1 < 2 && 3 > 2 \"''", []),
    ("a > b & c &nbsp;", "a > b & c &nbsp;", []),
    ("  <b> a </b>\n", "a", [("bold", 0, 1)]),
    ("<b></b>a", "a", []),
    ("<B>a</b>", "a", [("bold", 0, 1)]),
    ("<b>a</>", "a", [("bold", 0, 1)]),
    ("<code>/start</code> /start", "/start /start", [("code", 0, 6), ("bot_command", 7, 6)]),
]

BROKEN = [
    ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
    ("a</b>", "Unexpected end tag at byte offset 1"),
    ("ế</b>", "Unexpected end tag at byte offset 3"),
    ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
    ("<h1>a</h1>", 'Unsupported start tag "h1" at byte offset 0'),
    ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
    ("1 < 2", "Unclosed start tag at byte offset 2"),
    ("<b>a</b", "Unclosed end tag at byte offset 4"),
    ("<script>alert(1)</script>", 'Unsupported start tag "script" at byte offset 0'),
]


@pytest.mark.parametrize(("source", "text", "marks"), READ)
def test_html_is_read(source: str, text: str, marks: list[tuple[str, int, int]]):
    """Tags become marks with offsets in UTF-16, and only the text is left."""
    parsed = formatting.formatted(source, "HTML")

    assert parsed.text == text
    assert [(e["type"], e["offset"], e["length"]) for e in parsed.entities] == marks


@pytest.mark.parametrize(("source", "refusal"), BROKEN)
def test_html_that_telegram_cannot_read_is_refused(source: str, refusal: str):
    """A tag that is unknown, unclosed or crossed is refused; as plain text it may stand."""
    with pytest.raises(Refusal) as refused:
        formatting.formatted(source, "HTML")

    assert refused.value.description == f"Bad Request: can't parse entities: {refusal}"
    assert formatting.formatted(source, "").text == source


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("/start K7", [("bot_command", "/start")]),
        ("mời /vote@phieukin_demo_bot", [("bot_command", "/vote@phieukin_demo_bot")]),
        ("😀 /start", [("bot_command", "/start")]),
        ("1/2 và a/b", []),
        ("/ start", []),
    ],
)
def test_telegram_marks_by_itself(text: str, marks: list[tuple[str, str]]):
    """Commands are marked, in UTF-16; fractions are no commands."""
    units = text.encode("utf-16-le")

    assert marks == [
        (e["type"], units[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le"))
        for e in formatting.formatted(text, "").entities
    ]
