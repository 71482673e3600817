"""What goes into Typst is data, and what comes out is the same everywhere."""

import re
from importlib import resources
from pathlib import Path

import pytest
import typst

from admin.documents import typeset
from crypto.encoding import Json
from tests.admin.documents.pictures import size

TEMPLATES = resources.files("admin.documents") / "templates"
EMPTY: dict[str, Json] = {
    "lang": "vi",
    "banner": None,
    "body": "",
    "title": "",
    "date": "",
    "legend": [],
    "unknown": "",
    "denominator": "",
    "code": None,
}
PAGE: Json = {"note": None, "officials": []}


def test_every_page_is_a_picture():
    """One page and several pages both come as a list of PNG files."""
    for pages in (1, 2, 3):
        pictures = typeset.png("chart", {**EMPTY, "pages": [PAGE] * pages}, ppi=72)
        assert [size(picture)[0] for picture in pictures] == [480] * pages


def test_pixels_follow_the_resolution():
    (low,) = typeset.png("chart", {**EMPTY, "pages": [PAGE]}, ppi=72)
    (high,) = typeset.png("chart", {**EMPTY, "pages": [PAGE]}, ppi=144)
    assert size(high)[0] == 2 * size(low)[0]


def test_a_drawing_is_one_svg():
    svg = typeset.svg("chart", {**EMPTY, "pages": [PAGE]})
    assert svg.startswith(b"<svg ")
    assert svg.rstrip().endswith(b"</svg>")


def test_a_document_knows_no_clock():
    """Where a template says nothing about its date, the date is always the same."""
    pdf = typeset.pdf("chart", {**EMPTY, "pages": [PAGE] * 3})

    assert re.findall(rb"/Count (\d+)", pdf) == [b"3"]
    assert re.findall(rb"CreationDate ?\(D:(\d{4})", pdf) == [b"1970"]


def test_a_template_that_does_not_find_its_data_is_an_error():
    """No paper comes out half filled."""
    with pytest.raises(typst.TypstError, match="pages"):
        typeset.svg("chart", EMPTY)


def test_templates_fetch_nothing_and_name_only_fonts_that_come_along():
    """A template imports no package, and its fonts come with the program or with Typst."""
    own = Path(str(resources.files("admin.documents"))) / "fonts"
    embedded = set(typst.Fonts(include_system_fonts=False, font_paths=[own]).families())
    assert {"Tinos", "DejaVu Sans Mono"} <= embedded
    for file in TEMPLATES.iterdir():
        source = file.read_text("utf-8")
        assert not re.search(r"@\w+/|https?:", source), file.name
        fonts = re.findall(r'font: "([^"]+)"', source)
        assert fonts or "sys.inputs" not in source, file.name  # what only others import
        assert set(fonts) <= embedded, file.name
